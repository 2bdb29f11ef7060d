package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/teamsform/teamsform/internal/ops"
)

func newRootCmd(f *factory) *cobra.Command {
	root := &cobra.Command{
		Use:   "teamsform",
		Short: "Custom Microsoft Teams apps as code",
		Long: `teamsform keeps an organisation's custom Microsoft Teams apps as code: the apps,
the org-wide settings, the policies, and who gets them. "plan" shows what would
change in the tenant, "apply" changes it, a state file remembers.

Without a tenant block it works on an emulated tenant beside the configuration:
no account is needed to try it.`,
		Example:       "  teamsform -C examples/quickstart plan\n  teamsform -C examples/quickstart apply",
		SilenceErrors: true, SilenceUsage: true,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(f.io.In)
	root.SetOut(f.io.Out)
	root.SetErr(f.io.Err)
	flags := root.PersistentFlags()
	flags.StringVarP(&f.global.chdir, "chdir", "C", ".", "folder of the configuration")
	flags.BoolVar(&f.global.noColor, "no-color", false, "no colours (also: NO_COLOR)")
	flags.BoolVar(&f.global.input, "input", true, "ask questions on a terminal; --input=false never asks")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w\nSee '%s --help'", err, cmd.CommandPath())
	})
	root.AddGroup(&cobra.Group{ID: "main", Title: "Main commands:"}, &cobra.Group{ID: "other", Title: "Other commands:"})
	for _, c := range []*cobra.Command{newInitCmd(f), newValidateCmd(f), newPlanCmd(f), newApplyCmd(f), newDestroyCmd(f)} {
		c.GroupID = "main"
		root.AddCommand(c)
	}
	for _, c := range []*cobra.Command{newDriftCmd(f), newFmtCmd(f), newShowCmd(f), newVersionCmd(f)} {
		c.GroupID = "other"
		root.AddCommand(c)
	}
	for _, c := range []*cobra.Command{newStateCmd(f), newImportCmd(f), newOutputCmd(f), newLockCmd(f), newUnlockCmd(f), newBlockCmd(f), newUnblockCmd(f), newConsoleCmd(f), newGraphCmd(f), newSchemaCmd(f), newExportCmd(f), newEmulateCmd(f), newSnapshotCmd(f), newPackageCmd(f), newAccessCmd(f), newCheckCmd(f), newTestCmd(f)} {
		c.GroupID = "other"
		root.AddCommand(c)
	}
	root.AddCommand(newTopics(f)...)
	root.SetHelpCommandGroupID("other")
	root.SetCompletionCommandGroupID("other")
	completeAddresses(f, root)
	return root
}

// noSuchCommand refuses arguments of a command that only holds others: they
// are names that it does not have.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2
	hint := ""
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf(" Did you mean %q?", near[0])
	}
	return fmt.Errorf("unknown command %q for %q.%s\nSee '%s --help'", args[0], cmd.CommandPath(), hint, cmd.CommandPath())
}

// sourceFlags are the flags that say which configuration is meant.
type sourceFlags struct {
	vars     []string
	varFiles []string
	emulated bool
}

func (s *sourceFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&s.vars, "var", nil, "value of a variable, as NAME=VALUE; may be repeated")
	flags.StringArrayVar(&s.varFiles, "var-file", nil, "file of values (*.teamsvars.hcl); may be repeated")
	flags.BoolVar(&s.emulated, "emulated", false, "work on an emulated tenant with a state of its own, whatever the configuration names")
}

// choiceFlags say what a plan is to do and how far it goes.
type choiceFlags struct {
	choice  ops.Choice
	refresh bool
	allow   []string
}

func (c *choiceFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&c.choice.Targets, "target", nil, "plan only this address or pattern, and what it needs; may be repeated")
	flags.StringArrayVar(&c.choice.Excludes, "exclude", nil, "leave out this address or pattern, and what needs it; may be repeated")
	flags.StringSliceVar(&c.allow, "allow", nil, "guards that may trip this once, such as deletions,org_switch; may be repeated")
	flags.BoolVar(&c.refresh, "refresh", true, "read the tenant; --refresh=false trusts the state where it knows everything that is wanted")
}

// addForward adds the flags that make sense only towards what the files say.
func (c *choiceFlags) addForward(flags *pflag.FlagSet) {
	flags.StringArrayVar(&c.choice.Replace, "replace", nil, "remove this address and make it anew; may be repeated")
	flags.BoolVar(&c.choice.MembershipOnly, "membership-only", false, "only what the directory has caused: people of lists who joined or left; what a nightly job runs")
	flags.BoolVar(&c.choice.Adopt, "adopt", false, "take objects that exist already under management without import blocks")
	flags.BoolVar(&c.choice.RefreshOnly, "refresh-only", false, "compare the state with the tenant only, and record what differs")
}

func (c *choiceFlags) get() ops.Choice {
	c.choice.NoRefresh, c.choice.Allow = !c.refresh, c.allow
	return c.choice
}

func (s *sourceFlags) source(f *factory) ops.Source {
	return ops.Source{Dir: f.global.chdir, Vars: s.vars, VarFiles: s.varFiles, Emulated: s.emulated}
}
