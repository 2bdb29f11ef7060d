package cmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/assess"
)

type checkOptions struct {
	look       accessOptions
	json       bool
	reportOnly bool
}

func newCheckCmd(f *factory) *cobra.Command {
	o := &checkOptions{look: accessOptions{f: f}}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the tenant against rules that auditors ask for",
		Long: `Check how the tenant handles apps against CIS Microsoft 365 Foundations 8.4.1, the
rules on Teams apps of CISA's SCuBA baseline (MS.TEAMS.5), and a rule of our own.
Each is given in plain words with what was found. The tenant is only read.

What the tenant does not tell is not judged; it counts neither as passed nor as
failed. With a failed check the command ends with 1.`,
		Example: "  teamsform check\n  teamsform check --planned\n  teamsform check --json --report-only",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), o) },
	}
	o.look.add(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.reportOnly, "report-only", false, "end with 0 also when a check fails")
	return cmd
}

func runCheck(ctx context.Context, o *checkOptions) error {
	res, err := o.look.look(ctx, false)
	if err != nil {
		return err
	}
	checks := res.View.Check()
	f := o.look.f
	if err := view.Checks(f.io.Out, f.style(f.io.OutTTY), res.Tenant.ID, checks, o.json); err != nil {
		return err
	}
	for _, c := range checks {
		if c.Status == assess.Fail && !o.reportOnly {
			return exitError{ExitError}
		}
	}
	return nil
}
