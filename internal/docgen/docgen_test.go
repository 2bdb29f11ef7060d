package docgen_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	teamsform "github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/docgen"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
)

const remedy = "run: go generate ./internal/docgen"

// help runs the program in this process.
func help(words ...string) (string, error) {
	var out bytes.Buffer
	teamsform.Run(context.Background(), append(words, "--help"), teamsform.IO{
		In: strings.NewReader(""), Out: &out, Err: &out,
		LookupEnv: func(string) (string, bool) { return "", false },
		Environ:   func() []string { return nil },
	})
	return out.String(), nil
}

func pages(t *testing.T) map[string]string {
	t.Helper()
	commands, err := docgen.Commands(help)
	if err != nil {
		t.Fatal(err)
	}
	return docgen.Pages(teams.Kinds(), commands)
}

// TestCommitted compares the committed pages with what the program says now.
func TestCommitted(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "reference")
	want := pages(t)
	for _, name := range docgen.FileNames(want) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%v; %s", err, remedy)
			continue
		}
		if diff := cmp.Diff(want[name], string(data)); diff != "" {
			t.Errorf("docs/reference/%s is stale; %s\n(- generated, + committed)\n%s", name, remedy, diff)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := want[e.Name()]; !ok {
			t.Errorf("docs/reference/%s belongs to nothing any more; %s", e.Name(), remedy)
		}
	}
}

// TestExamplesLoad keeps the examples of the pages true.
func TestExamplesLoad(t *testing.T) {
	for _, k := range teams.Kinds().Kinds() {
		if k.Generated {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			text := docgen.Example(k.Name)
			if text == "" {
				t.Fatalf("add internal/docgen/examples/%s.teams.hcl: a whole configuration that shows the block", k.Name)
			}
			cfg, diags := config.Load(context.Background(), config.Options{Dir: beside(t, text), Kinds: teams.Kinds()})
			if diags.HasErrors() && k.Models != nil && k.Models[0] != config.ModelPolicies {
				text = "tenant {\n  access_model = \"" + k.Models[0] + "\"\n}\n" + text
				cfg, diags = config.Load(context.Background(), config.Options{Dir: beside(t, text), Kinds: teams.Kinds()})
			}
			if len(diags) > 0 {
				t.Fatalf("the example has problems: %v", diags)
			}
			for _, inst := range cfg.Instances {
				if inst.Kind.Name == k.Name {
					return
				}
			}
			t.Errorf("the example has no %s block", k.Name)
		})
	}
}

// beside writes a configuration into a copy of the quickstart without its own.
func beside(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	from := filepath.Join("..", "..", "examples", "quickstart")
	for _, name := range []string{"packages/helpdesk/manifest.json", "packages/helpdesk/color.png", "packages/helpdesk/outline.png", "trusted.csv"} {
		data, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "example.teams.hcl"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestEverythingIsThere checks that a page leaves nothing of its schema out.
func TestEverythingIsThere(t *testing.T) {
	all := pages(t)
	for _, k := range teams.Kinds().Kinds() {
		text := all[k.Name+".md"]
		for _, a := range k.Attrs {
			if k.Generated && a.Input {
				continue
			}
			if !strings.Contains(text, "### `"+a.Name+"`\n") {
				t.Errorf("%s.md does not describe %s", k.Name, a.Name)
			}
			if a.Label != "" && !strings.Contains(text, a.Label) {
				t.Errorf("%s.md does not say that %s is %q in the admin centre", k.Name, a.Name, a.Label)
			}
		}
		if !strings.Contains(all["README.md"], "("+k.Name+".md)") {
			t.Errorf("README.md has no link to %s.md", k.Name)
		}
	}
	for _, d := range config.Diagnostics() {
		if !strings.Contains(all["diagnostics.md"], "| "+d.Summary+" |") {
			t.Errorf("diagnostics.md lacks %q", d.Summary)
		}
	}
	for _, f := range config.Functions() {
		if !strings.Contains(all["functions.md"], "| `"+f.Name+"(") {
			t.Errorf("functions.md lacks %s", f.Name)
		}
	}
	for _, b := range append(config.Blocks(teams.Kinds()), config.EveryBlock().Blocks...) {
		if !strings.Contains(all["blocks.md"], "# `"+b.Name+"`") {
			t.Errorf("blocks.md lacks %s", b.Name)
		}
		for _, a := range b.Attrs {
			if !strings.Contains(all["blocks.md"], "| `"+a.Name+"` |") {
				t.Errorf("blocks.md does not list %s of %s", a.Name, b.Name)
			}
		}
	}
}

// TestKindPage checks each fact that a schema can state, on a kind made up for it.
func TestKindPage(t *testing.T) {
	k := &schema.Kind{
		Name: "thing", Doc: "A thing (Admin: Things) | of sorts: big.", KeyAttr: "name", LabelIsKey: true, HasHolders: true,
		Models:   []string{"policies"},
		Reserved: func(key string) bool { return key == "Global" },
		Attrs: []*schema.Attr{
			{Name: "name", Type: schema.String{MaxLen: 64}, Doc: "Its name."},
			{Name: "must", Type: schema.Bool{}, Required: true, Label: "Must be | on"},
			{Name: "goes_back", Type: schema.Bool{}, Default: true},
			{Name: "stays", Type: schema.Int{Min: 1}, Unset: schema.LetGo, Default: int64(3), Recreate: true},
			{Name: "start", Type: schema.String{}, Input: true, Default: "here"},
			{Name: "size", Type: schema.String{}, Derived: true},
			{Name: "id", Type: schema.String{}, Late: true},
		},
		Blocks: []*schema.Block{{Name: "rule", Labels: []string{"name"}, Doc: "A rule.", Attrs: []*schema.Attr{{Name: "severity", Required: true, Type: schema.String{Words: []string{"off", "error"}}, Doc: "How bad."}}}},
	}
	all := docgen.Pages(schema.NewRegistry(k), nil)
	text := all["thing.md"]
	for _, want := range []string{
		"A thing (Admin: Things) \\| of sorts: big.",
		"The label is the `name` unless that is written.",
		"Found in the tenant by `name`",
		"\"Global\" exists in every tenant",
		"still hold is not deleted",
		"`access_model = \"policies\"`",
		"- At most 64 characters.\n- Not written: the block's label.",
		"- Type: true or false; required.\n- In the admin centre: \"Must be \\| on\".",
		"- Type: true or false.\n- Removed from the file: goes back to `true`.",
		"- A change removes the object and makes it anew.\n- Removed from the file: the value stays as it is and is no longer managed.\n- With `on_destroy = \"reset\"` it goes back to `3`.",
		"- Not written: `\"here\"`.",
		"## Computed from files",
		"## Made by the service",
		"## Block `rule \"NAME\"`",
		"| `severity` | \"off\" or \"error\" | required | How bad. |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if want := "| [`thing`](thing.md) | A thing \\| of sorts |"; !strings.Contains(all["README.md"], want) {
		t.Errorf("the index lacks %q:\n%s", want, all["README.md"])
	}
}

func TestCommands(t *testing.T) {
	texts := map[string]string{
		"":        "What it does.\n\nMain commands:\n  state       About state\n\nOther commands:\n  completion  X\n  version     The version\n\nFlags:\n  -h, --help\n\nAdditional help topics:\n  teamsform codes What it ends with\n\nUse \"teamsform [command] --help\".\n",
		"codes":   "  0  fine\n",
		"state":   "Available Commands:\n  list   List\n\nFlags:\n  --x\n",
		"version": "Prints it   \n",
	}
	got, err := docgen.Commands(func(words ...string) (string, error) { return texts[strings.Join(words, " ")], nil })
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, c := range got {
		path := c.Path + ": " + c.Short
		if c.Topic {
			path = "help " + path
		}
		paths = append(paths, path)
	}
	if diff := cmp.Diff([]string{": ", "state: About state", "state list: List", "version: The version", "help codes: What it ends with"}, paths); diff != "" {
		t.Error(diff)
	}
	kinds := schema.NewRegistry(&schema.Kind{Name: "thing"})
	text := docgen.Pages(kinds, got)["commands.md"]
	if want := "## `teamsform version`\n\n```text\nPrints it\n```"; !strings.Contains(text, want) {
		t.Errorf("commands.md lacks %q:\n%s", want, text)
	}
}
