package cmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type driftOptions struct {
	f      *factory
	source sourceFlags
	shown  showFlags
}

func newDriftCmd(f *factory) *cobra.Command {
	o := &driftOptions{f: f}
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Show what someone else has changed since the last apply",
		Long: `Compare the state with the tenant and show what was changed by another hand since
the last apply. What the files say by now does not matter. Nothing is written;
"apply" changes it back, "apply --refresh-only" records it.

Exits with 0 when nothing differs and with 3 when something does.`,
		Example: "  teamsform drift\n  teamsform drift --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.showing(o.shown, "drift", func(r view.Run) error { return runDrift(cmd.Context(), o, r) })
		},
	}
	o.source.add(cmd.Flags())
	o.shown.add(cmd.Flags())
	return cmd
}

func runDrift(ctx context.Context, o *driftOptions, show view.Run) error {
	op := &ops.Plan{Runtime: o.f.runtime(), Source: o.source.source(o.f), Choice: ops.Choice{RefreshOnly: true}}
	res := op.Run(ctx)
	if err := show.Diagnostics(res.Diags, res.Files); err != nil {
		return err
	}
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if err := show.Plan(res.Plan, view.PlanOptions{Drift: true}); err != nil {
		return err
	}
	drifted := res.Plan.Drifted()
	return ending{diags: res.Diags, detailed: true, differs: drifted, driftOnly: drifted}.err()
}
