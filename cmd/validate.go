package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/ops"
)

type validateOptions struct {
	f      *factory
	source sourceFlags
}

func newValidateCmd(f *factory) *cobra.Command {
	o := &validateOptions{f: f}
	cmd := &cobra.Command{
		Use:     "validate",
		Short:   "Check the configuration and its app packages, without a tenant",
		Long:    "Check files, types, references and app packages. Nothing is read from a tenant.\n\nThis has nothing to do with a rollout stage that is called \"validate\".",
		Example: "  teamsform validate",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runValidate(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	return cmd
}

func runValidate(ctx context.Context, o *validateOptions) error {
	op := &ops.Validate{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	fmt.Fprintf(o.f.io.Out, "The configuration is valid (%d blocks).\n", res.Blocks)
	return nil
}
