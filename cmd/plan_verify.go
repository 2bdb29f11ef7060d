package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type planVerifyOptions struct {
	f      *factory
	file   string
	vars   []string
	maxAge time.Duration
	shown  showFlags
}

func newPlanVerifyCmd(f *factory) *cobra.Command {
	o := &planVerifyOptions{f: f}
	cmd := &cobra.Command{
		Use:   "verify PLANFILE",
		Short: "Compare a saved plan with one made now",
		Long: `Make the plan of PLANFILE again and compare what the two would do in the tenant.
Times, serials of the state and names that are only shown do not count. Exit code
0 says that an apply of PLANFILE does what a plan made now says; 5 says that it
would be refused, or would do something else, and why.`,
		Example: "  teamsform plan verify plan.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return f.showing(o.shown, "plan verify", func(r view.Run) error { return runPlanVerify(cmd.Context(), o, r) })
		},
	}
	cmd.Flags().StringArrayVar(&o.vars, "var", nil, "value of a sensitive variable, as NAME=VALUE; may be repeated")
	cmd.Flags().DurationVar(&o.maxAge, "max-plan-age", ops.DefaultPlanAge, "how old the plan may be")
	o.shown.add(cmd.Flags())
	return cmd
}

func runPlanVerify(ctx context.Context, o *planVerifyOptions, show view.Run) error {
	if o.maxAge <= 0 {
		return errors.New("--max-plan-age must be more than nothing, such as 12h")
	}
	op := &ops.VerifyPlan{Runtime: o.f.runtime(), Source: ops.Source{Dir: o.f.global.chdir, Vars: o.vars}, File: o.file, MaxPlanAge: o.maxAge}
	res := op.Run(ctx)
	if err := show.Diagnostics(res.Diags, res.Files); err != nil {
		return err
	}
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	text := "The plan holds: one made now would do the same."
	if res.Moved {
		text += " The state was written since, but that does not matter."
	}
	return show.Say(text)
}
