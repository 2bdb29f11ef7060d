package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type exportOptions struct {
	f           *factory
	source      sourceFlags
	into        string
	adopt       bool
	json        bool
	lockTimeout time.Duration
}

func newExportCmd(f *factory) *cobra.Command {
	o := &exportOptions{f: f}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write what a tenant has today as a configuration",
		Long: `Read a whole tenant and write it down as a configuration, with import blocks, so
that its first plan says "No changes" and its first apply takes everything under
management. Nothing is sent to the tenant.

The tenant is the one that the configuration in --chdir names; the rest of that
configuration plays no part. Without a configuration there it is an emulated
tenant in that folder. The new configuration goes into --into, which must hold
none. An emulated tenant is copied along, since a configuration cannot reach out
of its folder.

What is left out is listed: attributes that have Microsoft's default, built-in
policies, objects of other configurations, and what cannot be expressed.`,
		Example: "  teamsform export\n  teamsform -C tenant-only export --into teams\n  teamsform -C tenant-only export --into teams --adopt",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runExport(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().StringVar(&o.into, "into", "", "folder for the new configuration (default: the folder of --chdir)")
	cmd.Flags().BoolVar(&o.adopt, "adopt", false, "record everything in a state of the new configuration at once, without import blocks")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().DurationVar(&o.lockTimeout, "lock-timeout", 0, "with --adopt: how long to wait for another run, such as 30s")
	return cmd
}

func runExport(ctx context.Context, o *exportOptions) error {
	if o.into == "" {
		o.into = o.f.global.chdir
	}
	op := &ops.Export{
		Runtime: o.f.runtime(), Source: o.source.source(o.f), Into: o.into, Adopt: o.adopt, LockTimeout: o.lockTimeout,
	}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if len(res.Written) > 0 {
		show := view.Export
		if o.json {
			show = view.ExportJSON
		}
		if err := show(o.f.io.Out, o.f.style(o.f.io.OutTTY), res); err != nil {
			return err
		}
	}
	return withDiagnostics(res.Diags)
}
