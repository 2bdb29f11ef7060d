package cmd

import (
	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view/packageview"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

type packageBuildOptions struct {
	f     *factory
	flags packageFlags
	out   string
	bump  string
	json  bool
}

func newPackageBuildCmd(f *factory) *cobra.Command {
	o := &packageBuildOptions{f: f}
	cmd := &cobra.Command{
		Use:   "build PACKAGE",
		Short: "Build the zip of a package from its folder",
		Long: `Fill the placeholders of a folder, validate the result, and write the zip. The same
content gives the same file, whenever and wherever it is built. Nothing is written
where the package has errors. --bump raises the version, in manifest.json of the
folder as well.`,
		Example: "  teamsform package build packages/helpdesk\n  teamsform package build packages/helpdesk --env dev --out build/helpdesk.dev.zip\n  teamsform package build packages/helpdesk --bump minor",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return runPackageBuild(o, args[0]) },
	}
	o.flags.add(cmd.Flags())
	o.flags.addRules(cmd.Flags())
	cmd.Flags().StringVarP(&o.out, "out", "o", "", "file to write; by default the name of the folder with .zip, beside it")
	cmd.Flags().StringVar(&o.bump, "bump", "", "raise the version: major, minor or patch")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runPackageBuild(o *packageBuildOptions, path string) error {
	op := &packages.Build{Input: o.flags.input(path), Out: o.out, Bump: o.bump}
	res, diags := op.Run()
	o.f.diagnostics(diags, nil)
	if err := withDiagnostics(diags); err != nil {
		return err
	}
	var err error
	if o.json {
		err = packageview.BuildJSON(o.f.io.Out, res)
	} else {
		err = packageview.Build(o.f.io.Out, o.f.style(o.f.io.OutTTY), path, res)
	}
	if err == nil && res.Out == "" {
		err = exitError{ExitError}
	}
	return err
}
