package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type applyOptions struct {
	f           *factory
	source      sourceFlags
	choice      choiceFlags
	autoApprove bool
	parallelism int
	stopOnError bool
	lockTimeout time.Duration
	detailed    bool
}

func newApplyCmd(f *factory) *cobra.Command {
	o := &applyOptions{f: f}
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Change the tenant to what the configuration says",
		Long: `Plan, ask, and change the tenant. Restrictions are made before permissions, each
step is announced in a journal before it is sent, and read back afterwards. An
apply that is interrupted or killed is taken up by the next one.`,
		Example: "  teamsform apply\n  teamsform -C examples/quickstart apply --auto-approve",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runApply(cmd.Context(), o) },
	}
	o.add(cmd)
	o.choice.addForward(cmd.Flags())
	return cmd
}

func newDestroyCmd(f *factory) *cobra.Command {
	o := &applyOptions{f: f}
	o.choice.choice.Destroy = true
	cmd := &cobra.Command{
		Use:   "destroy",
		Short: "Remove everything that this configuration created",
		Long: `Remove from the tenant what this configuration created. What it took under
management (Global policies, org-wide settings, imports) is let go as it stands.`,
		Example: "  teamsform destroy\n  teamsform -C examples/quickstart destroy --auto-approve",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runApply(cmd.Context(), o) },
	}
	o.add(cmd)
	return cmd
}

func (o *applyOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	o.source.add(flags)
	o.choice.add(flags)
	flags.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask; allows no guard")
	flags.IntVar(&o.parallelism, "parallelism", 4, "most batches under way at once")
	flags.BoolVar(&o.stopOnError, "stop-on-error", false, "start nothing new after the first failure")
	flags.DurationVar(&o.lockTimeout, "lock-timeout", 0, "how long to wait for another run, such as 30s")
	flags.BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when changes were made, with 3 when all of them only undid drift")
}

func runApply(ctx context.Context, o *applyOptions) error {
	if o.parallelism < 1 {
		return errors.New("--parallelism must be at least 1")
	}
	progress := view.NewProgress(o.f.io.Out, o.f.style(o.f.io.OutTTY))
	op := &ops.Apply{
		Runtime: o.f.runtime(), Source: o.source.source(o.f), Choice: o.choice.get(),
		Parallelism: o.parallelism, StopOnError: o.stopOnError, LockTimeout: o.lockTimeout, Sink: progress,
	}
	shown := false
	op.Confirm = func(p *ops.Planned) (bool, error) {
		shown = true
		return o.confirm(p)
	}
	res := op.Run(ctx)
	progress.Close()
	if !shown {
		o.f.diagnostics(res.Diags, res.Files)
	} else {
		o.f.diagnostics(onlyErrors(res.Diags), res.Files)
	}
	if res.Plan != nil && !shown {
		if err := view.Plan(o.f.io.Out, o.f.style(o.f.io.OutTTY), res.Plan, view.PlanOptions{}); err != nil {
			return err
		}
	}
	if res.Declined {
		fmt.Fprintln(o.f.io.Out, "\nNothing was changed.")
		return nil
	}
	if res.Outcome != nil {
		if err := view.Outcome(o.f.io.Out, o.f.style(o.f.io.OutTTY), res.Plan, res.Outcome, o.choice.choice.Destroy); err != nil {
			return err
		}
	}
	return o.result(res)
}

// result decides the exit code, by the precedence of exit.go.
func (o *applyOptions) result(res *ops.Applied) error {
	out := res.Outcome
	if out != nil && out.Interrupted {
		return exitError{ExitInterrupted}
	}
	err := withDiagnostics(res.Diags)
	var coded exitError
	if errors.As(err, &coded) && coded.code != ExitRefused {
		return err
	}
	if out != nil && out.Failed+out.Held > 0 {
		return exitError{ExitPartial}
	}
	if err != nil {
		return err
	}
	if o.detailed && res.Plan != nil {
		return detailed(res.Plan)
	}
	return nil
}

// confirm shows the plan and asks. Without a terminal nobody can answer, so
// the plan is not carried out.
func (o *applyOptions) confirm(p *ops.Planned) (bool, error) {
	o.f.diagnostics(p.Diags, p.Files)
	if err := view.Plan(o.f.io.Out, o.f.style(o.f.io.OutTTY), p.Plan, view.PlanOptions{}); err != nil {
		return false, err
	}
	if o.autoApprove {
		fmt.Fprintln(o.f.io.Out)
		return true, nil
	}
	if !o.f.global.input || !o.f.io.InputTTY {
		return false, errors.New("nobody can be asked here: add --auto-approve to go on without a question")
	}
	question := "\nDo you want to make these changes? Only \"yes\" is accepted: "
	if o.choice.choice.Destroy {
		question = "\nDo you want to remove all of this? There is no undo. Only \"yes\" is accepted: "
	}
	fmt.Fprint(o.f.io.Out, question)
	line, err := bufio.NewReader(o.f.io.In).ReadString('\n')
	if err != nil && line == "" {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	fmt.Fprintln(o.f.io.Out)
	return strings.TrimSpace(line) == "yes", nil
}
