package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/folder"
	"github.com/teamsform/teamsform/internal/ops"
)

type initOptions struct {
	f       *factory
	source  sourceFlags
	example string
}

func newInitCmd(f *factory) *cobra.Command {
	o := &initOptions{f: f}
	cmd := &cobra.Command{
		Use:     "init",
		Short:   "Prepare a configuration: reach its tenant and start its state",
		Long:    "Read the configuration, reach its tenant and bind a new state to it. Nothing is\ndownloaded, and running it again changes nothing. plan and apply do not need it.",
		Example: "  teamsform init\n  teamsform -C first init --example quickstart",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runInit(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().StringVar(&o.example, "example", "", "write an example into the folder first: "+strings.Join(folder.Examples(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("example", cobra.FixedCompletions(folder.Examples(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runInit(ctx context.Context, o *initOptions) error {
	if o.example != "" {
		written, err := folder.WriteExample(o.example, o.f.global.chdir)
		if err != nil {
			return err
		}
		fmt.Fprintf(o.f.io.Out, "Wrote the example %q: %s\n", o.example, strings.Join(written, ", "))
	}
	op := &ops.Init{Runtime: o.f.runtime(), Source: o.source.source(o.f)}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	verb := "A new state was started"
	if res.Existing {
		verb = "The state was there already"
	}
	fmt.Fprintf(o.f.io.Out, "Tenant %s is reachable.\n%s: %s (lineage %s).\n\nNext: teamsform plan\n", res.Tenant, verb, res.StateAt, res.Lineage)
	return nil
}
