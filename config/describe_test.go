package config_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/teams"
)

// block finds a described block by the words that lead to it.
func block(t *testing.T, list []config.BlockInfo, words ...string) config.BlockInfo {
	t.Helper()
	i := slices.IndexFunc(list, func(b config.BlockInfo) bool { return b.Name == words[0] })
	if i < 0 {
		t.Fatalf("no block %v is described", words)
	}
	if len(words) > 1 {
		return block(t, list[i].Blocks, words[1:]...)
	}
	return list[i]
}

func attrNamesOf(b config.BlockInfo) []string {
	var out []string
	for _, a := range b.Attrs {
		out = append(out, a.Name)
	}
	for _, f := range b.Free {
		out = append(out, f.Name)
	}
	slices.Sort(out)
	return out
}

func TestBlocksAreDescribed(t *testing.T) {
	blocks := config.Blocks(teams.Kinds())
	for _, tt := range []struct {
		path  string
		attrs string
	}{
		{"teamsform", "required_version root"},
		{"teamsform state", "path"},
		{"tenant", "access_model ca_file cloud driver id path people policy_transport"},
		{"variable", "default description nullable sensitive type"},
		{"variable validation", "condition error_message"},
		{"locals", ""},
		{"output", "description sensitive value"},
		{"users", "column csv for_each missing object_ids upns when"},
		{"group", "for_each mail name object_id when"},
		{"store_app", "for_each id when"},
		{"module", "source"},
		{"moved", "from to"},
		{"removed", "from"},
		{"removed lifecycle", "destroy"},
		{"import", "for_each id takeover to when"},
		{"ignore", "kind pattern"},
	} {
		b := block(t, blocks, strings.Fields(tt.path)...)
		if got := strings.Join(attrNamesOf(b), " "); got != tt.attrs {
			t.Errorf("%s has %q, want %q", tt.path, got, tt.attrs)
		}
	}
	guard := attrNamesOf(block(t, blocks, "guard"))
	for _, g := range config.GuardNames() {
		if !slices.Contains(guard, g.Name) {
			t.Errorf("the guard block is described without %s", g.Name)
		}
	}
	every := config.EveryBlock()
	if got := strings.Join(attrNamesOf(every), " "); got != "depends_on for_each when" {
		t.Errorf("every block takes %q", got)
	}
	if got := strings.Join(attrNamesOf(block(t, every.Blocks, "lifecycle")), " "); got != "ignore_changes on_destroy prevent_destroy" {
		t.Errorf("lifecycle takes %q", got)
	}
}

// Everything that is described has words for people, down to the last.
func TestDescriptionsAreWhole(t *testing.T) {
	var check func(path string, b config.BlockInfo)
	check = func(path string, b config.BlockInfo) {
		if b.Doc == "" && b.Name != "" {
			t.Errorf("%s has no text", path)
		}
		for _, a := range b.Attrs {
			if a.Doc == "" || a.Type == nil || a.Type.Describe() == "" {
				t.Errorf("%s.%s is not described", path, a.Name)
			}
		}
		for _, f := range b.Free {
			if f.Doc == "" || f.Type == "" {
				t.Errorf("%s.%s is not described", path, f.Name)
			}
		}
		for _, inner := range b.Blocks {
			check(path+" "+inner.Name, inner)
		}
	}
	for _, b := range append(config.Blocks(teams.Kinds()), config.EveryBlock()) {
		check(b.Name, b)
	}
}

// The description and the program agree on which blocks there are: each one
// that is described is met, and none but the kinds is met without.
func TestDescribedBlocksAreKnown(t *testing.T) {
	load := func(text string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.teams.hcl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, diags := config.Load(context.Background(), config.Options{Dir: dir, Kinds: teams.Kinds()})
		var out strings.Builder
		for _, d := range diags {
			out.WriteString(d.Summary + ": " + d.Detail + "\n")
		}
		return out.String()
	}
	for _, b := range config.Blocks(teams.Kinds()) {
		header := b.Name
		for range b.Labels {
			header += ` "x"`
		}
		if got := load(header + " {\n}\n"); strings.Contains(got, "There is no block type") || strings.Contains(got, "labels and needs") {
			t.Errorf("%s: %s", header, got)
		}
		if b.Once {
			if got := load(header + " {\n}\n" + header + " {\n}\n"); !strings.Contains(got, "at most one") {
				t.Errorf("two %s blocks: %s", b.Name, got)
			}
		}
	}
	if got := load("nonsense {\n}\n"); !strings.Contains(got, "There is no block type") {
		t.Errorf("an unknown block: %s", got)
	}
}

func TestFunctionsAreDescribed(t *testing.T) {
	list := config.Functions()
	var got []string
	lines := map[string]string{}
	for _, f := range list {
		got = append(got, f.Name)
		lines[f.Name] = fmt.Sprint(f.Params, f.Returns)
		if f.Variadic != nil {
			lines[f.Name] += " " + fmt.Sprint(*f.Variadic)
		}
		if f.Returns == "" || len(f.Params) == 0 && f.Variadic == nil {
			t.Errorf("%s is described as %+v", f.Name, f)
		}
	}
	if !slices.Equal(got, config.FunctionNames()) {
		t.Errorf("described are %v", got)
	}
	for name, want := range map[string]string{
		"lower":   "[{str string}]string",
		"join":    "[{separator string}]string {lists list(string)}",
		"try":     "[]any {expressions expression}",
		"fileset": "[{path string} {pattern string}]set(string)",
	} {
		if lines[name] != want {
			t.Errorf("%s is %s, want %s", name, lines[name], want)
		}
	}
}
