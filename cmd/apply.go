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
	shown       showFlags
	autoApprove bool
	parallelism int
	stopOnError bool
	lockTimeout time.Duration
	wait        waitFlag
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
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.showing(o.shown, "apply", func(r view.Run) error { return runApply(cmd.Context(), o, r) })
		},
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
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.showing(o.shown, "destroy", func(r view.Run) error { return runApply(cmd.Context(), o, r) })
		},
	}
	o.add(cmd)
	return cmd
}

func (o *applyOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	o.source.add(flags)
	o.choice.add(flags)
	o.shown.add(flags)
	flags.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask; allows no guard")
	flags.IntVar(&o.parallelism, "parallelism", 4, "most batches under way at once")
	flags.BoolVar(&o.stopOnError, "stop-on-error", false, "start nothing new after the first failure")
	flags.DurationVar(&o.lockTimeout, "lock-timeout", 0, "how long to wait for another run, such as 30s")
	flags.Var(&o.wait, "wait", "end only when everything accepted is to be seen, at most after this time (such as 30m) or, without one, when it is late")
	flags.Lookup("wait").NoOptDefVal = waitToTheEnd
	flags.BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when changes were made, with 3 when all of them only undid drift")
}

func runApply(ctx context.Context, o *applyOptions, show view.Run) error {
	if o.parallelism < 1 {
		return errors.New("--parallelism must be at least 1")
	}
	op := &ops.Apply{
		Runtime: o.f.runtime(), Source: o.source.source(o.f), Choice: o.choice.get(),
		Parallelism: o.parallelism, StopOnError: o.stopOnError, LockTimeout: o.lockTimeout, Sink: show,
		Wait: o.wait.on, WaitFor: o.wait.most,
	}
	asked := false
	op.Confirm = func(p *ops.Planned) (bool, error) {
		asked = true
		return o.confirm(ctx, p, show)
	}
	res := op.Run(ctx)
	if err := show.Applied(); err != nil {
		return err
	}
	if err := o.showResult(res, asked, show); err != nil {
		return err
	}
	if res.Unsaved != nil {
		fmt.Fprintf(o.f.io.Err, "----- state document begins below this line\n%s----- state document ends above this line\n", res.Unsaved)
	}
	out := res.Outcome
	return ending{
		interrupted: out != nil && out.Interrupted, diags: res.Diags, partial: out != nil && out.Partly(), detailed: o.detailed && !res.Declined,
	}.planned(res.Plan).err()
}

// showResult shows what was not shown with the question.
func (o *applyOptions) showResult(res *ops.Applied, asked bool, show view.Run) error {
	diags := res.Diags
	if asked {
		diags = onlyErrors(diags)
	}
	if err := show.Diagnostics(diags, res.Files); err != nil {
		return err
	}
	if res.Plan != nil && !asked {
		if err := show.Plan(res.Plan, view.PlanOptions{}); err != nil {
			return err
		}
	}
	if res.Declined {
		return show.Say("\nNothing was changed.")
	}
	if res.Outcome != nil {
		return show.Outcome(res.Plan, res.Outcome, o.choice.choice.Destroy)
	}
	return nil
}

// confirm shows the plan and asks. Without a terminal nobody can answer, so
// the plan is not carried out.
func (o *applyOptions) confirm(ctx context.Context, p *ops.Planned, show view.Run) (bool, error) {
	if err := show.Diagnostics(p.Diags, p.Files); err != nil {
		return false, err
	}
	if err := show.Plan(p.Plan, view.PlanOptions{}); err != nil {
		return false, err
	}
	if o.autoApprove {
		return true, show.Say("")
	}
	if !o.f.mayAsk() || o.shown.json {
		return false, errors.New("nobody can be asked here: add --auto-approve to go on without a question")
	}
	question := "\nDo you want to make these changes? Only \"yes\" is accepted: "
	if o.choice.choice.Destroy {
		question = "\nDo you want to remove all of this? There is no undo. Only \"yes\" is accepted: "
	}
	fmt.Fprint(o.f.io.Out, question)
	line, err := o.f.answer(ctx)
	if errors.Is(err, context.Canceled) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	fmt.Fprintln(o.f.io.Out)
	return line == "yes", nil
}

// answer reads a line. Reading goes on in a goroutine of its own, because an
// interrupt cannot end a read.
func (f *factory) answer(ctx context.Context) (string, error) {
	type read struct {
		line string
		err  error
	}
	got := make(chan read, 1)
	go func() {
		line, err := bufio.NewReader(f.io.In).ReadString('\n')
		if line != "" {
			err = nil
		}
		got <- read{strings.TrimSpace(line), err}
	}()
	select {
	case r := <-got:
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
