package cmd

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/emulator"
)

type dumpOptions struct {
	f      *factory
	tenant tenantFlags
	people bool
}

func newEmulateDumpCmd(f *factory) *cobra.Command {
	o := &dumpOptions{f: f}
	cmd := &cobra.Command{
		Use:   "dump",
		Short: "Print what is in the emulated tenant as JSON",
		Long: `Print apps, policies, assignments and settings of the emulated tenant as JSON.
Equal tenants give equal bytes: times, revisions and opaque ids are left out.
A snapshot ("teamsform snapshot") is what another tenant can be made from.`,
		Example: "  teamsform emulate dump\n  teamsform emulate dump --with-people > tenant.json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runEmulateDump(cmd.Context(), o) },
	}
	o.tenant.add(cmd)
	cmd.Flags().BoolVar(&o.people, "with-people", false, "users, groups and members too")
	cmd.Flags().Bool("json", true, "print JSON, as always")
	return cmd
}

func runEmulateDump(ctx context.Context, o *dumpOptions) error {
	want, err := o.tenant.options(ctx, o.f)
	if err != nil {
		return err
	}
	tenant, err := emulator.Open(ctx, want)
	if err != nil {
		return err
	}
	out, err := tenant.Dump(ctx)
	if err == nil && o.people {
		out, err = withPeople(ctx, tenant, out)
	}
	if err := errors.Join(err, tenant.Close()); err != nil {
		return err
	}
	_, err = o.f.io.Out.Write(append(out, '\n'))
	return err
}

// withPeople puts the directory in front of the other parts of a dump.
func withPeople(ctx context.Context, tenant *emulator.Tenant, rest []byte) ([]byte, error) {
	people, err := tenant.DumpPeople(ctx)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(struct {
		Directory json.RawMessage `json:"directory"`
		Tenant    json.RawMessage `json:"objects"`
	}{people, rest}, "", " ")
}
