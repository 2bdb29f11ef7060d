package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/ops"
)

// Completion of addresses. A shell asks while a command line is typed, so
// everything here reads the configuration and a local state only, reaches for
// no tenant, and prints nothing: what cannot be read gives no suggestions.

// completeAddresses adds completion to the flags and arguments of all commands
// that take addresses.
func completeAddresses(f *factory, root *cobra.Command) {
	declared := func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return f.addresses(cmd, false, typed)
	}
	recorded := func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return f.addresses(cmd, true, typed)
	}
	arguments := map[string]cobra.CompletionFunc{
		"teamsform state list": recorded, "teamsform state show": recorded, "teamsform state rm": recorded,
		"teamsform state mv": func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			return f.addresses(cmd, len(args)%2 == 0, typed) // FROM is recorded, TO is declared
		},
		"teamsform import": func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 { // the id
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return f.addresses(cmd, false, typed)
		},
	}
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, name := range []string{"target", "exclude", "replace"} {
			if cmd.Flags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, declared) // fails for a flag that has one already
			}
		}
		for name, values := range enumerations()[cmd.CommandPath()] {
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
		if complete := arguments[cmd.CommandPath()]; complete != nil {
			cmd.ValidArgsFunction = complete
		}
		for _, inner := range cmd.Commands() {
			visit(inner)
		}
	}
	visit(root)
	_ = root.MarkPersistentFlagDirname("chdir")
}

// enumerations are the values of flags that take one of a few, by command and
// flag.
func enumerations() map[string]map[string][]string {
	return map[string]map[string][]string{
		"teamsform graph":            {"format": {"mermaid", "dot"}},
		"teamsform package build":    {"bump": {"major", "minor", "patch"}},
		"teamsform package diff":     {"format": {"text", "json", "markdown"}},
		"teamsform package validate": {"format": {"text", "json", "sarif", "github"}},
	}
}

// addresses suggests what starts as typed: what the state remembers, and
// unless only that is meant, what the configuration declares.
func (f *factory) addresses(cmd *cobra.Command, recorded bool, typed string) ([]string, cobra.ShellCompDirective) {
	vars, _ := cmd.Flags().GetStringArray("var") // commands without the flag have none
	files, _ := cmd.Flags().GetStringArray("var-file")
	emulated, _ := cmd.Flags().GetBool("emulated")
	op := &ops.Addresses{Runtime: f.runtime(), State: recorded, Source: ops.Source{Dir: f.global.chdir, Vars: vars, VarFiles: files, Emulated: emulated}}
	found := slices.DeleteFunc(op.Run(cmd.Context()), func(a string) bool { return !strings.HasPrefix(a, typed) })
	return found, cobra.ShellCompDirectiveNoFileComp
}
