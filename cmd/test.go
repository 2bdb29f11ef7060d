package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/serving"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type testOptions struct {
	f        *factory
	source   sourceFlags
	snapshot string
	junit    string
	json     bool
}

func newTestCmd(f *factory) *cobra.Command {
	o := &testOptions{f: f}
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Hold the expect blocks against what an apply would lead to",
		Long: `Plan, and hold every expect block of the configuration against the planned result.
Nothing is changed. "plan" and "apply" do the same on their way; this command shows
all of them and nothing else.

With --snapshot the tenant is taken from a file that "teamsform snapshot" wrote, and
nothing is reached over the network.`,
		Example: "  teamsform test\n  teamsform test --snapshot snapshot.json --junit report.xml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTest(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().StringVar(&o.snapshot, "snapshot", "", "take the tenant from a snapshot file")
	cmd.Flags().StringVar(&o.junit, "junit", "", "also write a JUnit report into this file")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runTest(ctx context.Context, o *testOptions) error {
	rt, source := o.f.runtime(), o.source.source(o.f)
	if o.snapshot != "" {
		done, err := serving.Offline(rt, &source, o.snapshot)
		if err != nil {
			return err
		}
		defer done()
	}
	op := &ops.Test{Runtime: rt, Source: source}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.junit != "" {
		if err := view.JUnitFile(o.junit, res.Expects); err != nil {
			return fmt.Errorf("--junit: %w", err)
		}
	}
	if err := view.Expectations(o.f.io.Out, o.f.style(o.f.io.OutTTY), res.Expects, o.json); err != nil {
		return err
	}
	for _, e := range res.Expects {
		if !e.OK() {
			return exitError{ExitError}
		}
	}
	return nil
}
