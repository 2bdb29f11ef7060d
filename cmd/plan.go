package cmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/ops"
)

type planOptions struct {
	f        *factory
	source   sourceFlags
	choice   choiceFlags
	detailed bool
}

func newPlanCmd(f *factory) *cobra.Command {
	o := &planOptions{f: f}
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what an apply would change in the tenant",
		Long: `Compare the configuration with the tenant and show what an apply would change.
A plan never writes and never locks.`,
		Example: "  teamsform plan\n  teamsform plan --detailed-exitcode   # 0 no changes, 2 changes, 3 drift only\n  teamsform plan --emulated",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runPlan(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	o.choice.add(cmd.Flags())
	o.choice.addForward(cmd.Flags())
	cmd.Flags().BoolVar(&o.choice.choice.Destroy, "destroy", false, "plan to remove everything that this configuration manages")
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when there are changes, with 3 when all of them only undo drift")
	return cmd
}

func runPlan(ctx context.Context, o *planOptions) error {
	op := &ops.Plan{Runtime: o.f.runtime(), Source: o.source.source(o.f), Choice: o.choice.get()}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if err := view.Plan(o.f.io.Out, o.f.style(o.f.io.OutTTY), res.Plan, view.PlanOptions{NextStep: true}); err != nil {
		return err
	}
	if o.detailed {
		return detailed(res.Plan)
	}
	return nil
}

// detailed is the exit code that says whether there are changes.
func detailed(p *engine.Plan) error {
	switch {
	case p.DriftOnly(), p.Drifted():
		return exitError{ExitDrift}
	case !p.Empty():
		return exitError{ExitChanges}
	}
	return nil
}
