package cmd

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

// longestLine is how long a line of a console may be, in bytes.
const longestLine = 1 << 20

type consoleOptions struct {
	f      *factory
	source sourceFlags
	exprs  []string
}

func newConsoleCmd(f *factory) *cobra.Command {
	o := &consoleOptions{f: f}
	cmd := &cobra.Command{
		Use:   "console",
		Short: "Evaluate expressions over a configuration",
		Long: `Evaluate expressions over a configuration: one from each --expr, or one from each
line of standard input. They may read var, local, tenant, every block by its
name, the outputs of modules, and call every function. Neither the tenant nor the
state is read: what the service makes is "(known after apply)".

A mistake does not end it. When no terminal is there to correct it, the exit code
tells in the end that there was one. On a terminal, the end of input (Ctrl-D) or
"exit" leaves.`,
		Example: "  teamsform console\n  teamsform console --expr 'keys(setup_policy.team)'\n  echo 'length(local.names)' | teamsform console",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runConsole(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().StringArrayVar(&o.exprs, "expr", nil, "expression to evaluate in place of standard input; may be repeated")
	return cmd
}

func runConsole(ctx context.Context, o *consoleOptions) error {
	op := &ops.Console{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	calc := op.Run(ctx)
	o.f.diagnostics(calc.Diags, calc.Files)
	if err := withDiagnostics(calc.Diags); err != nil {
		return err
	}
	if o.exprs != nil {
		wrong := false
		for _, expr := range o.exprs {
			fine, err := o.answer(calc, expr)
			if err != nil {
				return err
			}
			wrong = wrong || !fine
		}
		return wrongIf(wrong)
	}
	return o.converse(ctx, calc)
}

// converse answers line by line. Reading goes on in a goroutine of its own,
// because an interrupt cannot end a read.
func (o *consoleOptions) converse(ctx context.Context, calc *ops.Calculator) error {
	ask := o.f.mayAsk() && o.f.io.OutTTY
	lines, failed := make(chan string), make(chan error, 1)
	go func() {
		defer close(lines)
		defer close(failed)
		scanner := bufio.NewScanner(o.f.io.In)
		scanner.Buffer(nil, longestLine)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-o.f.interrupts.stop:
				return
			case <-ctx.Done():
				return
			}
		}
		failed <- scanner.Err()
	}()
	for wrong := false; ; {
		if ask {
			fmt.Fprint(o.f.io.Out, "> ")
		}
		select {
		case <-o.f.interrupts.stop:
			return exitError{ExitInterrupted}
		case <-ctx.Done():
			return ctx.Err()
		case line, more := <-lines:
			line = strings.TrimSpace(line)
			switch {
			case !more:
				if ask {
					fmt.Fprintln(o.f.io.Out)
				}
				if err := <-failed; err != nil {
					return fmt.Errorf("read standard input: %w", err)
				}
				return wrongIf(wrong && !ask)
			case line == "exit" || line == "quit":
				return wrongIf(wrong && !ask)
			case line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//"):
				continue
			}
			fine, err := o.answer(calc, line)
			if err != nil {
				return err
			}
			wrong = wrong || !fine
		}
	}
}

// answer prints the value of one expression, or what is wrong with it.
func (o *consoleOptions) answer(calc *ops.Calculator, expr string) (fine bool, err error) {
	got := calc.Evaluate(expr)
	o.f.diagnostics(got.Diags, got.Files)
	if got.Diags.HasErrors() {
		return false, nil
	}
	return true, view.Value(o.f.io.Out, got.Value)
}

func wrongIf(wrong bool) error {
	if wrong {
		return exitError{ExitError}
	}
	return nil
}
