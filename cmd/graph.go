package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type graphOptions struct {
	f      *factory
	source sourceFlags
	format string
	json   bool
}

func newGraphCmd(f *factory) *cobra.Command {
	o := &graphOptions{f: f}
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Draw the blocks of a configuration and what they need",
		Long: `Draw the blocks of a configuration and the references between them, without a
tenant. An arrow leads from a block to what it needs; a broken one stands for
depends_on. A block with for_each is one box, with the number of its instances.`,
		Example: "  teamsform graph\n  teamsform graph --format dot | dot -Tsvg > graph.svg",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runGraph(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().StringVar(&o.format, "format", "mermaid", "mermaid or dot")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runGraph(ctx context.Context, o *graphOptions) error {
	if o.format != "mermaid" && o.format != "dot" {
		return fmt.Errorf("--format is mermaid or dot, not %q", o.format)
	}
	op := &ops.Graph{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	switch {
	case o.json:
		return view.GraphJSON(o.f.io.Out, res)
	case o.format == "dot":
		return view.GraphDOT(o.f.io.Out, res)
	}
	return view.GraphMermaid(o.f.io.Out, res)
}
