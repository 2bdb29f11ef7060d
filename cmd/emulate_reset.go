package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/emulator"
)

type resetOptions struct {
	f      *factory
	tenant tenantFlags
	yes    bool
	json   bool
}

func newEmulateResetCmd(f *factory) *cobra.Command {
	o := &resetOptions{f: f}
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Make the emulated tenant a fresh one",
		Long: `Remove every app, policy, assignment and setting from the emulated tenant and
start again with Microsoft's defaults and the people file of the configuration.
It happens in one step. The state of the configuration stays as it is: the next
plan shows what has to be made again.`,
		Example: "  teamsform emulate reset\n  teamsform emulate reset --yes",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runEmulateReset(cmd.Context(), o) },
	}
	o.tenant.add(cmd)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runEmulateReset(ctx context.Context, o *resetOptions) error {
	want, err := o.tenant.options(ctx, o.f)
	if err != nil {
		return err
	}
	// Opened as it is: a tenant id that has changed is no reason to refuse.
	tenant, err := emulator.Open(ctx, emulator.Options{Path: want.Path, Clock: want.Clock, NewID: want.NewID, Holder: want.Holder})
	if err != nil {
		return err
	}
	err = o.reset(ctx, tenant, want)
	counts, countErr := tenant.Counts(ctx)
	id := tenant.Info().ID
	if err := errors.Join(err, countErr, tenant.Close()); err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(o.f.io.Out).Encode(struct {
			Tenant string `json:"tenant"`
			emulator.Counts
		}{id, counts})
	}
	_, err = fmt.Fprintf(o.f.io.Out, "The tenant %s is a fresh one now, with %s.\n", id, describe(counts))
	return err
}

func (o *resetOptions) reset(ctx context.Context, tenant *emulator.Tenant, want emulator.Options) error {
	counts, err := tenant.Counts(ctx)
	if err != nil {
		return err
	}
	before := tenant.Info().ID
	if !o.yes {
		question := fmt.Sprintf("The tenant %s with %s will be emptied. There is no undo.", before, describe(counts))
		if err := o.f.sure(ctx, question); err != nil {
			return err
		}
	}
	after, err := want.Fresh()
	if err != nil {
		return err
	}
	// A server goes on for the tenant that it was started with.
	if s, err := servedBy(ctx, want.Path); err == nil && after.ID != before {
		return fmt.Errorf("process %d serves this tenant, at %s, and a reset would give it the id %s: stop the server first", s.Health.PID, s.URL, after.ID)
	}
	return tenant.Reset(ctx, want)
}
