package cmd_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/teams"
)

// run gives what a command line prints.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	code := cmd.Run(context.Background(), args, cmd.IO{
		In: strings.NewReader(""), Out: &out, Err: &out,
		LookupEnv: func(string) (string, bool) { return "", false },
		Environ:   func() []string { return nil },
	})
	if code != cmd.ExitOK {
		t.Fatalf("%v: exit code %d\n%s", args, code, out.String())
	}
	return out.String()
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repoRoot(), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestExitCodesAreTold checks that the topic and the guide know every code,
// with one order of precedence.
func TestExitCodesAreTold(t *testing.T) {
	source, topic, guide := document(t, "cmd/exit.go"), run(t, "help", "exit-codes"), document(t, "docs/cli.md")
	var order []string
	for _, m := range regexp.MustCompile(`(?m)^ +(\d+)  \S`).FindAllStringSubmatch(topic, -1) {
		order = append(order, m[1])
	}
	codes := regexp.MustCompile(`(?m)^\tExit\w+ +ExitCode = (\d+)`).FindAllStringSubmatch(source, -1)
	if len(codes) == 0 || len(codes) != len(order) {
		t.Errorf("%d codes, and the topic tells %v", len(codes), order)
	}
	for _, m := range codes {
		if !strings.Contains(" "+strings.Join(order, " ")+" ", " "+m[1]+" ") {
			t.Errorf("the topic does not tell %s", m[1])
		}
		if !strings.Contains(guide, "| `"+m[1]+"` |") {
			t.Errorf("docs/cli.md does not tell %s", m[1])
		}
	}
	if want := "the first of " + strings.Join(order, ", ") + " counts"; !strings.Contains(guide, want) {
		t.Errorf("docs/cli.md does not say %q", want)
	}
}

// TestEnvironmentIsTold looks for every place that reads the environment.
func TestEnvironmentIsTold(t *testing.T) {
	topic, guide := run(t, "help", "environment"), document(t, "docs/cli.md")
	reads := regexp.MustCompile(`(?:[lL]ookupEnv|Getenv|lookup)\("([^"]+)"\)`)
	found := map[string]bool{"TEAMSFORM_VAR_name": true}
	for _, dir := range []string{"cmd", "config", "engine", "internal", "state"} {
		err := filepath.WalkDir(filepath.Join(repoRoot(), dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range reads.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range found {
		if !strings.Contains(topic, "  "+name+" ") && !strings.Contains(topic, "  "+name+"\n") {
			t.Errorf("help environment does not tell %s", name)
		}
		if !strings.Contains(guide, "`"+name+"`") {
			t.Errorf("docs/cli.md does not tell %s", name)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^  ([A-Z]\S+)`).FindAllStringSubmatch(topic, -1) {
		if !found[m[1]] {
			t.Errorf("help environment tells %s, which nothing reads", m[1])
		}
	}
}

func TestLanguageIsTold(t *testing.T) {
	topic := run(t, "help", "language")
	words := strings.Fields(strings.ReplaceAll(topic, ",", " "))
	has := map[string]bool{}
	for _, w := range words {
		has[w] = true
	}
	for _, name := range config.FunctionNames() {
		if !has[name] {
			t.Errorf("help language does not tell the function %s", name)
		}
	}
	for _, k := range teams.Kinds().Kinds() {
		if has[k.Name] == k.Generated {
			t.Errorf("help language on the block %s: told %t", k.Name, has[k.Name])
		}
	}
}
