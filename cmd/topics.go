package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/teams"
)

// newTopics makes the topics of help that are no commands. Their texts come
// from the tables that the program works with, and are made when asked for.
func newTopics(f *factory) []*cobra.Command {
	language := func(w io.Writer) error {
		return view.Language(w, f.style(f.io.OutTTY), teams.Kinds())
	}
	return []*cobra.Command{
		newTopic("exit-codes", "What a run ends with", writeExitCodes),
		newTopic("guards", "What guards count, and how to let them pass", writeGuards),
		newTopic("environment", "Environment variables that are read", writeEnvironment),
		newTopic("language", "Blocks and functions of a configuration", language),
	}
}

// newTopic makes a command that cannot be run, which cobra lists as a topic.
func newTopic(name, short string, text func(io.Writer) error) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: short}
	cmd.SetHelpFunc(func(c *cobra.Command, _ []string) {
		if err := text(c.OutOrStdout()); err != nil {
			c.PrintErrln(err)
		}
	})
	return cmd
}

func writeExitCodes(w io.Writer) error {
	var b strings.Builder
	b.WriteString("What a run ends with. Where several hold, the first of these counts.\n\n")
	for _, e := range exitCodes() {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.doc)
	}
	b.WriteString("\nplan never ends with 5 or 6: what an apply would refuse stands in its text, under\n\"Needs attention\".\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeGuards(w io.Writer) error {
	var b strings.Builder
	b.WriteString("A guard refuses an apply that would do more than its limit. On an emulated tenant\nwithout a guard block, guards only report.\n\n")
	for _, g := range config.GuardNames() {
		fmt.Fprintf(&b, "  %-21s %s\n  %-21s limit: %s\n", g.Name, g.Doc, "", config.LimitsText(g.Default))
	}
	b.WriteString(`
To let a guard pass once: --allow=NAME[,NAME] with plan or apply. To let it pass
for good: another limit in the guard block, or allow = ["NAME"]. What a guard
block loosens counts from the apply after the one that records it; what it
tightens counts at once. --auto-approve answers the question and allows no guard.
`)
	_, err := io.WriteString(w, b.String())
	return err
}

// envVar is one environment variable that the program reads.
type envVar struct{ name, doc string }

// environment lists what the program reads. Nothing else of the environment
// counts, for a plan least of all.
func environment() []envVar {
	return []envVar{
		{"TEAMSFORM_VAR_name", "value of the variable \"name\"; files and flags are stronger"},
		{"TEAMSFORM_LOG", "debug, info, warn or error: log to standard error; with :json behind it as JSON lines"},
		{"NO_COLOR", "not empty: no colours"},
		{"CLICOLOR_FORCE", "not empty and not 0: colours also where output is no terminal; --no-color wins"},
		{"CI", "not empty, 0 or false: a pipeline; no questions, no bar that moves"},
		{"TERM", "dumb: a terminal without colours and bars; with the next three, which one it is: some show pictures"},
		{"TERM_PROGRAM", ""},
		{"KITTY_WINDOW_ID", ""},
		{"TMUX", ""},
		{"COLORTERM", "truecolor or 24bit: \"package show\" draws icons with coloured characters"},
		{"GITHUB_SERVER_URL", "with the next two, the address of the run that holds a lock"},
		{"GITHUB_REPOSITORY", ""},
		{"GITHUB_RUN_ID", ""},
		{"CI_JOB_URL", "the same on other systems"},
	}
}

func writeEnvironment(w io.Writer) error {
	var b strings.Builder
	b.WriteString("The environment variables that are read:\n\n")
	for _, v := range environment() {
		b.WriteString(strings.TrimRight(fmt.Sprintf("  %-18s  %s", v.name, v.doc), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
