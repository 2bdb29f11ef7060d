package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

func newPackageCmd(f *factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "package",
		Example: "  teamsform package validate packages/helpdesk\n  teamsform package diff helpdesk-1.2.0.zip packages/helpdesk",
		Short:   "Validate, show, compare and build app packages",
		Long: `Work with a single app package: validate it as the service would, show what is in
it, compare two versions, build the zip from a folder. A package is a folder, a
.zip, or a manifest.json alone. No configuration and no tenant are needed.`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPackageValidateCmd(f), newPackageShowCmd(f), newPackageDiffCmd(f), newPackageBuildCmd(f))
	return cmd
}

// packageFlags say how a package is read.
type packageFlags struct {
	values   []string
	envFiles []string
	env      string
	rules    []string
}

func (p *packageFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&p.values, "value", nil, "value of a ${{NAME}} placeholder, as NAME=VALUE; may be repeated")
	flags.StringArrayVar(&p.envFiles, "env-file", nil, "file of NAME=VALUE lines for placeholders; may be repeated")
	flags.StringVar(&p.env, "env", "", "environment of the Agents Toolkit: values from env/.env.NAME near the package")
}

func (p *packageFlags) addRules(flags *pflag.FlagSet) {
	flags.StringArrayVar(&p.rules, "rule", nil, "raise or silence a rule, as ID=off, ID=warning or ID=error; may be repeated")
}

func (p *packageFlags) input(path string) packages.Input {
	return packages.Input{Path: path, Values: p.values, EnvFiles: p.envFiles, Env: p.env, Rules: p.rules}
}
