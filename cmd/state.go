package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/teams"
)

// stateOptions are what the state commands share.
type stateOptions struct {
	f           *factory
	source      sourceFlags
	json        bool
	dryRun      bool
	lockTimeout time.Duration
	force       bool
	id          string
}

func newStateCmd(f *factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Look at the state, or change what it remembers",
		Long: `Look at the state, or change what it remembers. None of these commands asks or
changes the tenant.`,
		Example: "  teamsform state list\n  teamsform state show setup_policy.pilot\n  teamsform state mv setup_policy.pilot setup_policy.testers",
		Args:    noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newStateListCmd(f), newStateShowCmd(f), newStateMvCmd(f), newStateRmCmd(f), newStatePullCmd(f), newStatePushCmd(f), newStateRestoreCmd(f))
	return cmd
}

// reading adds the flags of a command that only reads.
func (o *stateOptions) reading(cmd *cobra.Command) *cobra.Command {
	o.source.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// writing adds the flags of a command that writes the state.
func (o *stateOptions) writing(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().DurationVar(&o.lockTimeout, "lock-timeout", 0, "how long to wait for another run, such as 30s")
	return o.reading(cmd)
}

func newStateListCmd(f *factory) *cobra.Command {
	o := &stateOptions{f: f}
	cmd := &cobra.Command{
		Use:   "list [PATTERN...]",
		Short: "List what the state knows",
		Long: `List the addresses that the state knows, one a line: objects, and blocks that
assign policies to people. A pattern is an address, a block for all its keys, or
has "*" for any run of characters.`,
		Example: "  teamsform state list\n  teamsform state list 'setup_policy.*'\n  teamsform state list --id 7f1c0b6e-6d1f-4d5e-8a59-3f7b8f0a5a11",
		RunE:    func(cmd *cobra.Command, args []string) error { return runStateList(cmd.Context(), o, args) },
	}
	cmd.Flags().StringVar(&o.id, "id", "", "only the object with this id in the tenant")
	return o.reading(cmd)
}

func runStateList(ctx context.Context, o *stateOptions, patterns []string) error {
	op := &ops.StateSelect{Runtime: o.f.runtime(), Source: o.source.source(o.f), Patterns: patterns, ID: o.id}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.StateListJSON(o.f.io.Out, res)
	}
	if len(res.Objects)+len(res.Blocks) == 0 {
		fmt.Fprintln(o.f.io.Err, "The state has nothing of that kind.")
	}
	return view.StateList(o.f.io.Out, res)
}

func newStateShowCmd(f *factory) *cobra.Command {
	o := &stateOptions{f: f}
	return o.reading(&cobra.Command{
		Use:   "show ADDR...",
		Short: "Show all that the state knows of some addresses",
		Long: `Show all that the state knows of some addresses: values as last applied, which
attributes are managed, what was found when an object was taken over.`,
		Example: "  teamsform state show setup_policy.pilot\n  teamsform state show --json 'policy_assignment.*'",
		Args:    some("Say which: teamsform state show ADDR [ADDR ...]"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runStateShow(cmd.Context(), o, args) },
	})
}

func runStateShow(ctx context.Context, o *stateOptions, patterns []string) error {
	op := &ops.StateSelect{Runtime: o.f.runtime(), Source: o.source.source(o.f), Patterns: patterns, Must: true}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.StateShowJSON(o.f.io.Out, res)
	}
	return view.StateShow(o.f.io.Out, o.f.style(o.f.io.OutTTY), res, teams.Kinds())
}

func newStateMvCmd(f *factory) *cobra.Command {
	o := &stateOptions{f: f}
	cmd := &cobra.Command{
		Use:   "mv FROM TO [FROM TO ...]",
		Short: "Give what the state knows other addresses",
		Long: `Give what the state knows other addresses, after blocks were renamed. A block
moves with all its keys and with the people it assigns. All moves of one call
happen at once, so that two addresses can be exchanged. A moved block in the
configuration does the same for everybody who applies it.`,
		Example: "  teamsform state mv setup_policy.pilot setup_policy.testers\n  teamsform state mv 'app.bot[\"a\"]' 'app.bot[\"b\"]' --dry-run",
		RunE:    func(cmd *cobra.Command, args []string) error { return runStateMv(cmd.Context(), o, args) },
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would happen and write nothing")
	return o.writing(cmd)
}

func runStateMv(ctx context.Context, o *stateOptions, addrs []string) error {
	op := &ops.StateMove{Runtime: o.f.runtime(), Source: o.source.source(o.f), Addrs: addrs, DryRun: o.dryRun, LockTimeout: o.lockTimeout}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.StateMovedJSON(o.f.io.Out, res, o.dryRun)
	}
	return view.StateMoved(o.f.io.Out, res, o.dryRun)
}

func newStateRmCmd(f *factory) *cobra.Command {
	o := &stateOptions{f: f}
	cmd := &cobra.Command{
		Use:   "rm ADDR...",
		Short: "Forget addresses; the tenant is left alone",
		Long: `Forget addresses: the state no longer knows them, the tenant is left alone. A
pattern is an address, a block for all its keys, or has "*" for any run of
characters. A removed block in the configuration does the same for everybody who
applies it.`,
		Example: "  teamsform state rm app.helpdesk\n  teamsform state rm 'policy_assignment.*' --dry-run",
		RunE:    func(cmd *cobra.Command, args []string) error { return runStateRm(cmd.Context(), o, args) },
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would happen and write nothing")
	return o.writing(cmd)
}

func runStateRm(ctx context.Context, o *stateOptions, patterns []string) error {
	op := &ops.StateRemove{Runtime: o.f.runtime(), Source: o.source.source(o.f), Patterns: patterns, DryRun: o.dryRun, LockTimeout: o.lockTimeout}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.StateRemovedJSON(o.f.io.Out, res, o.dryRun)
	}
	return view.StateRemoved(o.f.io.Out, res, o.dryRun)
}

func newStatePullCmd(f *factory) *cobra.Command {
	o := &stateOptions{f: f}
	cmd := &cobra.Command{
		Use:     "pull",
		Short:   "Print the state as it lies in its backend",
		Long:    "Print the state document, byte for byte as it lies in its backend, also when it\nis damaged.",
		Example: "  teamsform state pull > state.json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runStatePull(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	return cmd
}

func runStatePull(ctx context.Context, o *stateOptions) error {
	op := &ops.StatePull{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	_, err := o.f.io.Out.Write(res.Document)
	return err
}

func newStatePushCmd(f *factory) *cobra.Command {
	o := &stateOptions{f: f}
	cmd := &cobra.Command{
		Use:   "push FILE",
		Short: "Put a document in the place of the state",
		Long: `Put a document in the place of the state, "-" for standard input. A document
that was edited by hand gets a new digest. Refused are a document of another
lineage, of another tenant or of a newer format, and one whose serial is not
higher while it says something else. --force overrides lineage and serial only.`,
		Example: "  teamsform state pull > state.json   # edit it, raise \"serial\"\n  teamsform state push state.json",
		Args:    exactly(1, "Say which: teamsform state push FILE, or - for standard input"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runStatePush(cmd.Context(), o, args[0]) },
	}
	cmd.Flags().BoolVar(&o.force, "force", false, "also when the lineage differs or the serial is not higher")
	return o.writing(cmd)
}

func runStatePush(ctx context.Context, o *stateOptions, name string) error {
	document, err := o.document(name)
	if err != nil {
		return err
	}
	op := &ops.StatePush{
		Runtime: o.f.runtime(), Source: o.source.source(o.f), Document: document, Name: name, Force: o.force, LockTimeout: o.lockTimeout,
	}
	return o.replaced(op.Run(ctx))
}

func (o *stateOptions) document(name string) ([]byte, error) {
	if name == "-" {
		document, err := io.ReadAll(o.f.io.In)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return document, nil
	}
	document, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s. Paths are relative to the working folder, not to --chdir", name)
	}
	return document, err
}

func newStateRestoreCmd(f *factory) *cobra.Command {
	o := &stateOptions{f: f}
	return o.writing(&cobra.Command{
		Use:   "restore",
		Short: "Put the backup in the place of the state",
		Long: `Put the backup, which is the state before the last run that wrote it, in the
place of the state. What it replaces becomes the backup, so that restoring twice
undoes it. The tenant stays as it is: the next plan shows what the older state
does not know.`,
		Example: "  teamsform state restore",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			op := &ops.StateRestore{Runtime: o.f.runtime(), Source: o.source.source(o.f), LockTimeout: o.lockTimeout}
			return o.replaced(op.Run(cmd.Context()))
		},
	})
}

// replaced reports a push or a restore.
func (o *stateOptions) replaced(res *ops.Edited) error {
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.StateReplacedJSON(o.f.io.Out, res)
	}
	return view.StateReplaced(o.f.io.Out, res)
}

// some refuses a command line without arguments, with the way out.
func some(hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New(hint)
		}
		return nil
	}
}

// exactly refuses any other number of arguments, with the way out.
func exactly(n int, hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return errors.New(hint)
		}
		return nil
	}
}
