package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type importOptions struct {
	f           *factory
	source      sourceFlags
	takeover    bool
	json        bool
	lockTimeout time.Duration
}

func newImportCmd(f *factory) *cobra.Command {
	o := &importOptions{f: f}
	cmd := &cobra.Command{
		Use:   "import ADDR ID",
		Short: "Take one object that exists under management",
		Long: `Take one object that exists in the tenant under management, into a block that
stands in the configuration. Nothing is sent: the state records what the object
has now, and the next plan shows where the block says something else. ID is the
id in the tenant, or what the block finds its object by: the name of a policy,
the manifest id of an app. An import block in the configuration does the same for
everybody who applies it.`,
		Example: "  teamsform import setup_policy.frontline Frontline\n  teamsform import app.helpdesk 7f1c0b6e-6d1f-4d5e-8a59-3f7b8f0a5a11",
		Args:    exactly(2, "Say what goes where: teamsform import ADDR ID"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runImport(cmd.Context(), o, args[0], args[1]) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.takeover, "takeover", false, "also when another configuration root made the object")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().DurationVar(&o.lockTimeout, "lock-timeout", 0, "how long to wait for another run, such as 30s")
	return cmd
}

func runImport(ctx context.Context, o *importOptions, to, id string) error {
	op := &ops.Import{
		Runtime: o.f.runtime(), Source: o.source.source(o.f), Addr: to, ID: id, Takeover: o.takeover, LockTimeout: o.lockTimeout,
	}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if o.json {
		return view.ImportJSON(o.f.io.Out, res, to)
	}
	return view.Import(o.f.io.Out, o.f.style(o.f.io.OutTTY), res, to)
}
