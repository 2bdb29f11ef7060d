package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/seed"
)

type seedOptions struct {
	f      *factory
	tenant tenantFlags
	seed.Options
	from string
	json bool
}

func newEmulateSeedCmd(f *factory) *cobra.Command {
	o := &seedOptions{f: f}
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Replace the people of the emulated tenant by invented ones",
		Long: `Fill the directory of the emulated tenant with invented people and groups, or
with those of a file. The same numbers give the same names, ids and memberships
every time and everywhere. Members are user0000001@contoso.example and so on, one
in fifty is a guest, one in a hundred has a disabled account; groups differ
much in size, and one in ten holds two others.

Whoever was in the directory goes, with their assignments; apps and policies
stay. The people file of the configuration comes back when it changes, or with
"teamsform emulate reset".`,
		Example: "  teamsform emulate seed --users 10000 --groups 200 --seed 1\n" +
			"  teamsform emulate seed --users 1000000 --groups 5000 --members 100 --seed 7\n  teamsform emulate seed --from people.json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runEmulateSeed(cmd.Context(), o) },
	}
	o.tenant.add(cmd)
	flags := cmd.Flags()
	flags.IntVar(&o.Users, "users", 0, "number of people, guests included")
	flags.IntVar(&o.Groups, "groups", 0, "number of groups")
	flags.IntVar(&o.Members, "members", 0, fmt.Sprintf("people of a group on average (default %d)", seed.DefaultMembers))
	flags.Uint64Var(&o.Seed, "seed", 1, "number that decides names, ids and memberships")
	flags.StringVar(&o.from, "from", "", "people file to take instead")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	for _, number := range []string{"users", "groups", "members", "seed"} {
		cmd.MarkFlagsMutuallyExclusive("from", number)
	}
	cmd.MarkFlagsOneRequired("users", "from")
	return cmd
}

// seeded is what --json prints.
type seeded struct {
	Tenant string `json:"tenant"`
	Users  int    `json:"users"`
	Groups int    `json:"groups"`
}

func runEmulateSeed(ctx context.Context, o *seedOptions) error {
	want, err := o.tenant.options(ctx, o.f)
	if err != nil {
		return err
	}
	var data []byte
	if o.from != "" {
		if data, err = os.ReadFile(o.from); err != nil {
			return fmt.Errorf("people to take: %w", err)
		}
	}
	tenant, err := emulator.Open(ctx, want)
	if err != nil {
		return err
	}
	out := seeded{Tenant: tenant.Info().ID, Users: o.Users, Groups: o.Groups}
	if o.from != "" {
		out.Users, out.Groups, err = tenant.ReplaceFrom(ctx, data, o.f.meter("Writing people"))
	} else {
		err = o.invent(ctx, tenant)
	}
	if err := errors.Join(err, tenant.Close()); err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(o.f.io.Out).Encode(out)
	}
	_, err = fmt.Fprintf(o.f.io.Out, "The tenant %s has %s and %s now.\n", out.Tenant, many(out.Users, "user"), many(out.Groups, "group"))
	return err
}

func (o *seedOptions) invent(ctx context.Context, tenant *emulator.Tenant) error {
	d, err := seed.Make(o.Options)
	if err != nil {
		return err
	}
	return tenant.Replace(ctx, d, o.f.meter("Writing people"))
}
