package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/faults"
)

type faultsOptions struct {
	f      *factory
	tenant tenantFlags
	add    []string
	clear  bool
	json   bool
}

func newEmulateFaultsCmd(f *factory) *cobra.Command {
	o := &faultsOptions{f: f}
	cmd := &cobra.Command{
		Use:   "faults",
		Short: "Choose what goes wrong in the emulated tenant",
		Long: `List what is to go wrong in the emulated tenant, or change it. Nothing goes wrong
unless it is asked for. A fault holds for every command and program that uses the
tenant, also for a server that runs, until it is cleared or has struck as often
as times= says.

A fault is NAME, or NAME:KEY=VALUE,KEY=VALUE. The names:

` + faultNames() + `
The keys, for all of them:

  on=PART+PART       only for these parts of the tenant: ` + strings.Join(emulator.FaultParts(), ",\n                     ") + `
  method=, path=     only for requests of this method, or whose path begins so
  times=N            for N requests in all
  every=N            for every nth of the requests that fit
  percent=N, seed=N  for so many in a hundred, the same ones each time

A single request asks for a fault with the header ` + emulator.FaultHeader + `.`,
		Example: "  teamsform emulate faults --add lag:on=setup_policy,for=2m\n  teamsform emulate faults --add throttle:retry-after=2,every=3 --add lost-answer:times=1\n" +
			"  teamsform emulate faults --clear",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runEmulateFaults(cmd.Context(), o) },
	}
	o.tenant.add(cmd)
	cmd.Flags().StringArrayVar(&o.add, "add", nil, "switch a fault on; may be repeated")
	cmd.Flags().BoolVar(&o.clear, "clear", false, "switch all faults off, before --add")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func faultNames() string {
	var b strings.Builder
	for _, d := range emulator.FaultDocs() {
		fmt.Fprintf(&b, "  %-14s %s\n", d.Name, d.Text)
	}
	return b.String()
}

// parseFaults reads faults of the command line.
func parseFaults(list []string) ([]faults.Fault, error) {
	var out []faults.Fault
	for _, text := range list {
		f, err := emulator.ParseFault(text)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func runEmulateFaults(ctx context.Context, o *faultsOptions) error {
	add, err := parseFaults(o.add)
	if err != nil {
		return err
	}
	want, err := o.tenant.options(ctx, o.f)
	if err != nil {
		return err
	}
	tenant, err := emulator.Open(ctx, want)
	if err != nil {
		return err
	}
	if o.clear {
		err = tenant.ClearFaults(ctx)
	}
	if err == nil && len(add) > 0 {
		err = tenant.AddFaults(ctx, add...)
	}
	list, listErr := tenant.StandingFaults(ctx)
	if err := errors.Join(err, listErr, tenant.Close()); err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(o.f.io.Out).Encode(emulator.States(list))
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(o.f.io.Out, "Nothing goes wrong in this tenant.")
		return err
	}
	for _, s := range emulator.States(list) {
		struck := ""
		if s.Struck > 0 {
			struck = fmt.Sprintf("  (struck %s)", many(s.Struck, "time"))
		}
		fmt.Fprintf(o.f.io.Out, "%s%s\n", s.Fault, struck)
	}
	return nil
}
