package cmd

import (
	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/teams"
)

func newSchemaCmd(f *factory) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Describe the language: blocks, attributes, functions",
		Long: `Describe what a configuration may hold. With --json it is everything that this
program knows of its language, for editors and other programs: the types of
blocks with their attributes, labels, what is required, what removing an
attribute or a block does; the other blocks; the functions. No configuration and
no tenant is read.`,
		Example: "  teamsform schema\n  teamsform schema --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return view.SchemaJSON(f.io.Out, teams.Kinds())
			}
			return view.Language(f.io.Out, f.style(f.io.OutTTY), teams.Kinds())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
