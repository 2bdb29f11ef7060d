package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view/packageview"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

type packageValidateOptions struct {
	f      *factory
	flags  packageFlags
	json   bool
	format string
}

func newPackageValidateCmd(f *factory) *cobra.Command {
	o := &packageValidateOptions{f: f}
	cmd := &cobra.Command{
		Use:   "validate PACKAGE",
		Short: "Say whether a tenant would accept a package",
		Long: `Check a package by the JSON schema of its manifest version, by the rules of the
service that no schema holds, by those of the tools that build and upload packages,
and by the documented guidelines; icons by their pixels. It ends with 1 where
something is an error. What stops a package from being read cannot be silenced.`,
		Example: "  teamsform package validate packages/helpdesk\n  teamsform package validate helpdesk.zip --rule ShortNameMicrosoft=off\n  teamsform package validate packages/helpdesk --format sarif > helpdesk.sarif",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return runPackageValidate(o, args[0]) },
	}
	o.flags.add(cmd.Flags())
	o.flags.addRules(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON; the same as --format json")
	cmd.Flags().StringVar(&o.format, "format", "text", "text, json, sarif (for code scanning) or github (annotations in a workflow)")
	return cmd
}

func runPackageValidate(o *packageValidateOptions, path string) error {
	format, err := formatOf(o.format, o.json, "text", "json", "sarif", "github")
	if err != nil {
		return err
	}
	op := &packages.Validate{Input: o.flags.input(path)}
	res, diags := op.Run()
	o.f.diagnostics(diags, nil)
	if err := withDiagnostics(diags); err != nil {
		return err
	}
	switch format {
	case "json":
		err = packageview.FindingsJSON(o.f.io.Out, res)
	case "sarif":
		err = packageview.FindingsSARIF(o.f.io.Out, res, Version())
	case "github":
		err = packageview.FindingsGitHub(o.f.io.Out, res)
	default:
		err = packageview.Findings(o.f.io.Out, o.f.style(o.f.io.OutTTY), res)
	}
	if err == nil && !res.Valid() {
		err = exitError{ExitError}
	}
	return err
}

// formatOf reads --format and --json, which stands for --format json.
func formatOf(format string, json bool, known ...string) (string, error) {
	if json {
		if format != "text" && format != "json" {
			return "", fmt.Errorf("--json and --format %s exclude each other", format)
		}
		return "json", nil
	}
	for _, k := range known {
		if format == k {
			return format, nil
		}
	}
	return "", fmt.Errorf("there is no format %q; there are %s", format, enumerate(known))
}

// enumerate joins words as a sentence does.
func enumerate(words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			out += " and "
		default:
			out += ", "
		}
		out += w
	}
	return out
}
