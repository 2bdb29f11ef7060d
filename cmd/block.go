package cmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops/blocking"
)

type blockOptions struct {
	f      *factory
	source sourceFlags
	all    bool
	reason string
	dryRun bool
	json   bool
}

func (o *blockOptions) add(cmd *cobra.Command) *cobra.Command {
	flags := cmd.Flags()
	o.source.add(flags)
	flags.BoolVar(&o.all, "all-custom-apps", false, "every custom app, by the org-wide switch")
	flags.BoolVar(&o.dryRun, "dry-run", false, "say what would happen and change nothing")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func newBlockCmd(f *factory) *cobra.Command {
	o := &blockOptions{f: f}
	cmd := o.add(&cobra.Command{
		Use:   "block [ADDR] --reason TEXT",
		Short: "Take an app away from everybody, now",
		Long: `Take an app away from everybody, now. It needs no plan, no approval and no lock,
and works beside an apply that is running and with files that have mistakes. The
app is taken out of every permission policy, also of those that are not managed
here; on a tenant with app-centric management the app itself is blocked. It is
never deleted. What is held stays so whatever the files say, every plan shows it,
and no apply gives it back, until teamsform unblock.

--all-custom-apps turns off the org-wide switch for custom apps: it is the
fastest way, and hits every custom app.`,
		Example: "  teamsform block app.helpdesk --reason \"leaks tickets, INC-4711\"\n  teamsform block --all-custom-apps --reason \"INC-4711\" --dry-run",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runBlock(cmd.Context(), o, first(args))
		},
	})
	cmd.Flags().StringVar(&o.reason, "reason", "", "why, for everybody who reads a plan")
	return cmd
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func runBlock(ctx context.Context, o *blockOptions, app string) error {
	op := &blocking.Block{Runtime: o.f.runtime(), Source: o.source.source(o.f), App: app, All: o.all, Reason: o.reason, DryRun: o.dryRun}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if res.Recorded || res.DryRun && len(res.Holds) > 0 {
		print := view.Blocked
		if o.json {
			print = view.BlockedJSON
		}
		if err := print(o.f.io.Out, res); err != nil {
			return err
		}
	}
	return withDiagnostics(res.Diags)
}

func newUnblockCmd(f *factory) *cobra.Command {
	o := &blockOptions{f: f}
	return o.add(&cobra.Command{
		Use:   "unblock [ADDR]",
		Short: "End what teamsform block began",
		Long: `End what teamsform block began. Policies that are not managed here get back at
once what was taken from them, and nothing else; what the files describe is
restored by the next apply, as the plan then wants it.`,
		Example: "  teamsform unblock app.helpdesk\n  teamsform unblock --all-custom-apps --dry-run",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runUnblock(cmd.Context(), o, first(args))
		},
	})
}

func runUnblock(ctx context.Context, o *blockOptions, app string) error {
	op := &blocking.Unblock{Runtime: o.f.runtime(), Source: o.source.source(o.f), App: app, All: o.all, DryRun: o.dryRun}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if res.Removed || len(res.Failed) > 0 || res.DryRun && len(res.Holds) > 0 {
		print := view.Unblocked
		if o.json {
			print = view.UnblockedJSON
		}
		if err := print(o.f.io.Out, res); err != nil {
			return err
		}
	}
	return withDiagnostics(res.Diags)
}
