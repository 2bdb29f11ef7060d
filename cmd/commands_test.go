package cmd_test

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/docgen"
)

// withoutJSON are the commands that have no --json, with the reason.
func withoutJSON() map[string]string {
	return map[string]string{
		"init":       "says that it is done",
		"fmt":        "prints names of files, or their new text",
		"console":    "a conversation",
		"state pull": "prints the state, which is JSON",
	}
}

func commands(t *testing.T) []docgen.Command {
	t.Helper()
	list, err := docgen.Commands(func(words ...string) (string, error) {
		return run(t, append(words, "--help")...), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestEveryCommandIsExplained: what --help prints says what a command does, and
// shows how it is used.
func TestEveryCommandIsExplained(t *testing.T) {
	flags := regexp.MustCompile(`(?m)^ +(?:-\w, )?--([\w-]+)(?: \w+)? {2,}\S`)
	bare := regexp.MustCompile(`(?m)^ +(?:-\w, )?--[\w-]+(?: \w+)?$`)
	list := commands(t)
	if len(list) < 30 {
		t.Fatalf("only %d commands found", len(list))
	}
	for _, c := range list {
		if c.Topic || c.Path == "" {
			continue
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: its line in the list is %q", c.Path, c.Short)
		}
		if !strings.Contains(c.Help, "\nExamples:\n  teamsform ") {
			t.Errorf("%s: no example", c.Path)
		}
		if !flags.MatchString(c.Help) || bare.MatchString(c.Help) {
			t.Errorf("%s: a flag without a word about it:\n%s", c.Path, c.Help)
		}
	}
}

// TestEveryCommandPrintsJSON: what prints data prints it for programs too.
func TestEveryCommandPrintsJSON(t *testing.T) {
	except := withoutJSON()
	list := commands(t)
	for i, c := range list {
		group := i+1 < len(list) && strings.HasPrefix(list[i+1].Path, c.Path+" ")
		has := strings.Contains(c.Help, " --json ")
		if c.Topic || c.Path == "" || group && !has { // it only holds others
			continue
		}
		_, excepted := except[c.Path]
		if has == excepted {
			t.Errorf("%s: has --json: %t", c.Path, has)
		}
		delete(except, c.Path)
	}
	for path := range except {
		t.Errorf("there is no command %s", path)
	}
}

// TestEnumerationsAreCompleted: where a flag takes one of a few values, a shell
// offers them.
func TestEnumerationsAreCompleted(t *testing.T) {
	tests := []struct{ line, want string }{
		{"graph --format", "mermaid dot"},
		{"init --example", "quickstart"},
		{"package build --bump", "major minor patch"},
		{"package diff --format", "text json markdown"},
		{"package validate --format", "text json sarif github"},
	}
	for _, tt := range tests {
		var out, errs bytes.Buffer
		args := append([]string{"__complete"}, append(strings.Fields(tt.line), "")...)
		cmd.Run(context.Background(), args, cmd.IO{
			In: strings.NewReader(""), Out: &out, Err: &errs,
			LookupEnv: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil },
		})
		got := strings.Fields(out.String())
		for _, value := range strings.Fields(tt.want) {
			found := false
			for _, g := range got {
				found = found || g == value
			}
			if !found {
				t.Errorf("%s: %q is not offered: %q", tt.line, value, out.String())
			}
		}
		if !strings.Contains(out.String(), ":4\n") {
			t.Errorf("%s: files are offered too: %q", tt.line, out.String())
		}
	}
}
