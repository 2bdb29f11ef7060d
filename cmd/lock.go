package cmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type lockOptions struct {
	f      *factory
	source sourceFlags
	json   bool
}

func (o *lockOptions) add(cmd *cobra.Command) *cobra.Command {
	o.source.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func newLockCmd(f *factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "lock",
		Short:   "Look at the lock of the state",
		Long:    "Look at the lock of the state. Commands that write take it by themselves.",
		Example: "  teamsform lock show",
		Args:    noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	o := &lockOptions{f: f}
	cmd.AddCommand(o.add(&cobra.Command{
		Use:   "show",
		Short: "Show who holds the lock",
		Long: `Show who holds the lock, since when, for what, and in which pipeline run. The
lock of the operating system decides; a note that a killed run left holds nothing
back. Exits with 0 whether it is locked or not.`,
		Example: "  teamsform lock show\n  teamsform lock show --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLockShow(cmd.Context(), o) },
	}))
	return cmd
}

func runLockShow(ctx context.Context, o *lockOptions) error {
	op := &ops.LockShow{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.LockJSON(o.f.io.Out, res)
	}
	return view.Lock(o.f.io.Out, o.f.style(o.f.io.OutTTY), res)
}

func newUnlockCmd(f *factory) *cobra.Command {
	o := &lockOptions{f: f}
	return o.add(&cobra.Command{
		Use:   "unlock [ID]",
		Short: "Clean up the lock of a run that has gone",
		Long: `Clean up the lock of a run that has gone. A state in a local file needs this
hardly ever: its lock ends with the process that holds it, however that ends, and
only a note stays behind. The lock of a living run is not broken, because two
runs would then write at once. With an id, only that lock is meant.`,
		Example: "  teamsform lock show\n  teamsform unlock",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id := ""
			if len(args) == 1 {
				id = args[0]
			}
			return runUnlock(cmd.Context(), o, id)
		},
	})
}

func runUnlock(ctx context.Context, o *lockOptions, id string) error {
	op := &ops.Unlock{Runtime: o.f.runtime(), Source: o.source.source(o.f), ID: id}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.LockJSON(o.f.io.Out, res)
	}
	return view.Unlocked(o.f.io.Out, res)
}
