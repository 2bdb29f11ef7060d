package cmd

import (
	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view/packageview"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

type packageShowOptions struct {
	f     *factory
	flags packageFlags
	json  bool
}

func newPackageShowCmd(f *factory) *cobra.Command {
	o := &packageShowOptions{f: f}
	cmd := &cobra.Command{
		Use:   "show PACKAGE",
		Short: "Show what is in a package",
		Long: `Show what the app of a package can do, what it may, where its pages are and which
languages it speaks. Icons are drawn on terminals that can: by the protocols of
kitty and iTerm2, or with coloured characters where COLORTERM says truecolor.`,
		Example: "  teamsform package show packages/helpdesk\n  teamsform package show helpdesk.zip --json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return runPackageShow(o, args[0]) },
	}
	o.flags.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runPackageShow(o *packageShowOptions, path string) error {
	op := &packages.Show{Input: o.flags.input(path)}
	res, diags := op.Run()
	o.f.diagnostics(diags, nil)
	if err := withDiagnostics(diags); err != nil {
		return err
	}
	if o.json {
		return packageview.ShowJSON(o.f.io.Out, res)
	}
	style := o.f.style(o.f.io.OutTTY)
	return packageview.Show(o.f.io.Out, style, packageview.DetectGraphics(style, o.f.io.LookupEnv), res)
}
