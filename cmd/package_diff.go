package cmd

import (
	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view/packageview"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

type packageDiffOptions struct {
	f      *factory
	flags  packageFlags
	list   string
	json   bool
	format string
}

func newPackageDiffCmd(f *factory) *cobra.Command {
	o := &packageDiffOptions{f: f}
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what an update changes, and whether people have to accept it",
		Long: `Compare a package with the one that it is to replace: what changes, in plain words;
whether people who have the app are asked again, by the dated lists of Microsoft;
and whether the version is one that the catalog takes. The exit code is 0 whatever
it finds.`,
		Example: "  teamsform package diff helpdesk-1.2.0.zip packages/helpdesk\n  teamsform package diff old/manifest.json new/manifest.json --rules 2021\n  teamsform package diff old.zip new.zip --format markdown",
		Args:    cobra.ExactArgs(2),
		RunE:    func(_ *cobra.Command, args []string) error { return runPackageDiff(o, args[0], args[1]) },
	}
	o.flags.add(cmd.Flags())
	o.flags.addRules(cmd.Flags())
	cmd.Flags().StringVar(&o.list, "rules", "", "judge by one list of consent rules alone: a year such as 2021, a date, or an id such as A4")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON; the same as --format json")
	cmd.Flags().StringVar(&o.format, "format", "text", "text, json or markdown")
	return cmd
}

func runPackageDiff(o *packageDiffOptions, old, new string) error {
	format, err := formatOf(o.format, o.json, "text", "json", "markdown")
	if err != nil {
		return err
	}
	op := &packages.Diff{Old: o.flags.input(old), New: o.flags.input(new), List: o.list}
	res, diags := op.Run()
	o.f.diagnostics(diags, nil)
	if err := withDiagnostics(diags); err != nil {
		return err
	}
	switch format {
	case "json":
		return packageview.DiffJSON(o.f.io.Out, res)
	case "markdown":
		return packageview.DiffMarkdown(o.f.io.Out, res)
	}
	return packageview.Diff(o.f.io.Out, o.f.style(o.f.io.OutTTY), res)
}
