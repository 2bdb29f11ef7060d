package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type outputOptions struct {
	f      *factory
	source sourceFlags
	name   string
	json   bool
	raw    bool
}

func newOutputCmd(f *factory) *cobra.Command {
	o := &outputOptions{f: f}
	cmd := &cobra.Command{
		Use:   "output [NAME]",
		Short: "Print outputs of the last apply",
		Long: `Print outputs as the last apply recorded them. The tenant is not asked.
Sensitive outputs are not kept in the state and cannot be printed here.`,
		Example: "  teamsform output\n  teamsform output --raw helpdesk_app_id\n  teamsform output --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.name = args[0]
			}
			return runOutput(cmd.Context(), o)
		},
	}
	o.source.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.raw, "raw", false, "print one text, number or truth value as it is, without quotes and line end")
	return cmd
}

func runOutput(ctx context.Context, o *outputOptions) error {
	switch {
	case o.raw && o.json:
		return errors.New("--raw and --json exclude each other")
	case o.raw && o.name == "":
		return errors.New("--raw prints one output: teamsform output --raw NAME")
	}
	op := &ops.Output{Runtime: o.f.runtime(), Source: o.source.source(o.f), Name: o.name}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	switch {
	case o.json:
		return view.OutputsJSON(o.f.io.Out, res.Values)
	case o.raw:
		return view.OutputRaw(o.f.io.Out, res.Values[0])
	case o.name != "":
		return view.Output(o.f.io.Out, res.Values[0])
	}
	if len(res.Values) == 0 {
		fmt.Fprintln(o.f.io.Err, "There are no outputs. Declare them with output blocks, and apply.")
	}
	return view.Outputs(o.f.io.Out, res.Values)
}
