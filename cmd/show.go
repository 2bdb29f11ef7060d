package cmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type showOptions struct {
	f      *factory
	source sourceFlags
	json   bool
}

func newShowCmd(f *factory) *cobra.Command {
	o := &showOptions{f: f}
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Show what is managed, from the state",
		Long:    "Show the objects and assignments that the state holds. The tenant is not asked.",
		Example: "  teamsform show\n  teamsform show --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runShow(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runShow(ctx context.Context, o *showOptions) error {
	op := &ops.Show{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.StateJSON(o.f.io.Out, res.State)
	}
	return view.State(o.f.io.Out, o.f.style(o.f.io.OutTTY), res.State, res.Kinds)
}
