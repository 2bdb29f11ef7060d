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

	planFile string // "" for a plan made now
	noConfig bool
	maxAge   time.Duration
}

func newApplyCmd(f *factory) *cobra.Command {
	o := &applyOptions{f: f}
	cmd := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Change the tenant to what the configuration says",
		Long: `Plan, ask, and change the tenant. Restrictions are made before permissions, each
step is announced in a journal before it is sent, and read back afterwards. An
apply that is interrupted or killed is taken up by the next one.

With PLANFILE, which "teamsform plan --out PLANFILE" has saved, the plan is
carried out as it was saved, without a question. It is refused when the
configuration, the state or the tenant is not what it was made from.`,
		Example: "  teamsform apply\n  teamsform -C examples/quickstart apply --auto-approve\n  teamsform apply plan.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.saved(cmd, args); err != nil {
				return err
			}
			return f.showing(o.shown, "apply", func(r view.Run) error { return runApply(cmd.Context(), o, r) })
		},
	}
	o.add(cmd)
	o.choice.addForward(cmd.Flags())
	cmd.Flags().BoolVar(&o.noConfig, "no-config", false, "with PLANFILE: do without the configuration that the plan was made from")
	cmd.Flags().DurationVar(&o.maxAge, "max-plan-age", ops.DefaultPlanAge, "with PLANFILE: how old the plan may be")
	return cmd
}

// saved takes over the name of a plan file, and refuses options that belong to
// making a plan.
func (o *applyOptions) saved(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		for _, name := range []string{"no-config", "max-plan-age"} {
			if cmd.Flags().Changed(name) {
				return fmt.Errorf("--%s is about a saved plan: name its file", name)
			}
		}
		return nil
	}
	o.planFile = args[0]
	for _, name := range []string{"target", "exclude", "replace", "adopt", "refresh", "refresh-only", "membership-only", "emulated", "var-file"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s belongs to making a plan, and %s is made already: give it to \"teamsform plan --out %s\"", name, o.planFile, o.planFile)
		}
	}
	if o.maxAge <= 0 {
		return errors.New("--max-plan-age must be more than nothing, such as 12h")
	}
	return nil
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
		PlanFile: o.planFile, NoConfig: o.noConfig, MaxPlanAge: o.maxAge,
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
	refused := o.planFile != "" && res.Diags.HasErrors() // show tells what is in the file
	if res.Plan != nil && !asked && !refused {
		if err := show.Plan(res.Plan, view.PlanOptions{}); err != nil {
			return err
		}
	}
	if res.Declined {
		return show.Say("\nNothing was changed.")
	}
	if res.Outcome != nil {
		return show.Outcome(res.Plan, res.Outcome, res.Plan.Header.Destroy)
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
	if o.autoApprove || o.planFile != "" {
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
