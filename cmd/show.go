package cmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type showOptions struct {
	f      *factory
	source sourceFlags
	json   bool
}

func newShowCmd(f *factory) *cobra.Command {
	o := &showOptions{f: f}
	cmd := &cobra.Command{
		Use:   "show [PLANFILE]",
		Short: "Show what is managed, from the state; or a saved plan",
		Long: `Show the objects and assignments that the state holds. With PLANFILE, show the
plan that "teamsform plan --out PLANFILE" has saved. The tenant is not asked.`,
		Example: "  teamsform show\n  teamsform show --json\n  teamsform show plan.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return runShowPlan(o, args[0])
			}
			return runShow(cmd.Context(), o)
		},
	}
	o.source.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runShow(ctx context.Context, o *showOptions) error {
	op := &ops.Show{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.StateJSON(o.f.io.Out, res.State)
	}
	return view.State(o.f.io.Out, o.f.style(o.f.io.OutTTY), res.State, res.Kinds)
}

// runShowPlan prints a saved plan as plan printed it.
func runShowPlan(o *showOptions, path string) error {
	op := &ops.ShowPlan{File: path}
	if o.json {
		op.JSON = o.f.io.Out
	}
	f, diags := op.Run()
	o.f.diagnostics(diags, nil)
	if err := withDiagnostics(diags); err != nil || o.json {
		return err
	}
	o.f.diagnostics(f.Plan.Diags, nil)
	return view.Plan(o.f.io.Out, o.f.style(o.f.io.OutTTY), f.Plan, view.PlanOptions{})
}
