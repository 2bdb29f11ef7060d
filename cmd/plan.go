package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/assess"
	"github.com/teamsform/teamsform/internal/ops"
)

type planOptions struct {
	f        *factory
	source   sourceFlags
	choice   choiceFlags
	shown    showFlags
	detailed bool
	out      string
	impact   string
	revert   string
}

func newPlanCmd(f *factory) *cobra.Command {
	o := &planOptions{f: f}
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what an apply would change in the tenant",
		Long: `Compare the configuration with the tenant and show what an apply would change.
A plan never writes to the tenant or the state, and never locks.

With --out the plan is saved to a file, which "teamsform apply FILE" carries out
as it is, "teamsform show FILE" prints, and "teamsform plan verify FILE" compares
with a plan made anew. The file holds names of people and values of the
configuration; only its owner may read it.`,
		Example: "  teamsform plan\n  teamsform plan --detailed-exitcode   # 0 no changes, 2 changes, 3 drift only\n  teamsform plan --emulated\n  teamsform plan --json-into plan.jsonl\n  teamsform plan --out plan.json",
		Args:    noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.showing(o.shown, "plan", func(r view.Run) error { return runPlan(cmd.Context(), o, r) })
		},
	}
	o.source.add(cmd.Flags())
	o.choice.add(cmd.Flags())
	o.choice.addForward(cmd.Flags())
	o.shown.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.choice.choice.Destroy, "destroy", false, "plan to remove everything that this configuration manages")
	cmd.Flags().StringVar(&o.revert, "revert", "", "plan to take back what this plan file did when it was applied")
	cmd.Flags().StringVar(&o.out, "out", "", "save the plan to this file")
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when there are changes, with 3 when all of them only undo drift")
	cmd.AddCommand(newPlanVerifyCmd(f))
	cmd.Flags().StringVar(&o.impact, "impact-into", "", "write everybody who gains or loses anything into this file (.csv or .jsonl)")
	return cmd
}

func runPlan(ctx context.Context, o *planOptions, show view.Run) error {
	if c := o.choice.get(); o.revert != "" && (c.Destroy || c.Adopt || c.RefreshOnly || c.MembershipOnly || c.NoRefresh || len(c.Targets)+len(c.Excludes)+len(c.Replace) > 0) {
		return errors.New("--revert takes a whole plan back: it goes with no option that chooses what to plan")
	}
	var list assess.ListFormat
	if o.impact != "" {
		var err error
		if list, err = assess.FormatOf(o.impact); err != nil { // before the tenant is read
			return fmt.Errorf("--impact-into %w", err)
		}
	}
	op := &ops.Plan{Runtime: o.f.runtime(), Source: o.source.source(o.f), Choice: o.choice.get(), Out: o.out, Revert: o.revert}
	res := op.Run(ctx)
	if err := show.Diagnostics(res.Diags, res.Files); err != nil {
		return err
	}
	if res.Plan == nil {
		return withDiagnostics(res.Diags)
	}
	if err := show.Plan(res.Plan, view.PlanOptions{NextStep: true, SavedTo: o.out}); err != nil {
		return err
	}
	if list != nil {
		if err := res.People.WriteFile(o.impact, list); err != nil {
			return err
		}
	}
	return ending{diags: res.Diags, detailed: o.detailed}.planned(res.Plan).err()
}
