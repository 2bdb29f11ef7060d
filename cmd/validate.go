package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view/stream"
	"github.com/teamsform/teamsform/internal/ops"
)

type validateOptions struct {
	f      *factory
	source sourceFlags
	json   bool
}

func newValidateCmd(f *factory) *cobra.Command {
	o := &validateOptions{f: f}
	cmd := &cobra.Command{
		Use:     "validate",
		Short:   "Check the configuration and its app packages, without a tenant",
		Long:    "Check files, types, references and app packages. Nothing is read from a tenant.\n\nThis has nothing to do with a rollout stage that is called \"validate\".",
		Example: "  teamsform validate\n  teamsform validate --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runValidate(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runValidate(ctx context.Context, o *validateOptions) error {
	op := &ops.Validate{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	res := op.Run(ctx)
	if o.json {
		if err := stream.Validated(o.f.io.Out, res.Blocks, res.Diags, res.Files); err != nil {
			return err
		}
		return withDiagnostics(res.Diags)
	}
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	fmt.Fprintf(o.f.io.Out, "The configuration is valid (%d blocks).\n", res.Blocks)
	return nil
}
