package view_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/teams"
)

var update = flag.Bool("update", false, "rewrite golden files")

func schemaDoc(t *testing.T) map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := view.SchemaJSON(&b, teams.Kinds()); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// shape lists the paths of a document with the types of their values. Blocks
// hold blocks: below the second level nothing new comes.
func shape(v any, path string, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if strings.Count(path, ".blocks[]") > 1 && name == "blocks" {
				continue
			}
			shape(e, path+"."+name, found)
		}
	case []any:
		if len(v) == 0 {
			found[path+"[]"] = true
		}
		for _, e := range v {
			shape(e, path+"[]", found)
		}
	default:
		typ := fmt.Sprintf("%T", v)
		if strings.HasSuffix(path, ".default") {
			typ = "any"
		}
		found[path+" "+typ] = true
	}
}

// The shape of the JSON is a promise: a change of it is a change of
// format_version.
func TestSchemaShape(t *testing.T) {
	doc := schemaDoc(t)
	found := map[string]bool{}
	shape(doc, "", found)
	var lines []string
	for line := range found {
		if !strings.Contains(line, ".default[]") {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	got := "format " + doc["format_version"].(string) + "\n" + strings.Join(lines, "\n") + "\n"
	golden := filepath.Join("testdata", "schema-shape.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the shape of schema --json changed (-want +got); read the difference, raise format_version if something went or means something else, and run with -update:\n%s", diff)
	}
}

// named finds the entry of a list by its name.
func named(t *testing.T, list any, key, name string) map[string]any {
	t.Helper()
	for _, e := range list.([]any) {
		if m := e.(map[string]any); m[key] == name {
			return m
		}
	}
	t.Fatalf("no %s %q", key, name)
	return nil
}

func TestSchemaSaysWhatHolds(t *testing.T) {
	doc := schemaDoc(t)
	kind := func(name string) map[string]any { return named(t, doc["kinds"], "type", name) }
	attr := func(kindName, name string) map[string]any {
		return named(t, kind(kindName)["attributes"], "name", name)
	}
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"labels of org_settings", kind("org_settings")["labels"], 0.0},
		{"labels of app", kind("app")["labels"], 1.0},
		{"key of setup_policy", kind("setup_policy")["key"], "name"},
		{"label of setup_policy", kind("setup_policy")["label_is"], "name"},
		{"label of app", kind("app")["label_is"], nil},
		{"removal of org_settings", kind("org_settings")["removal"], "let_go"},
		{"removal of app", kind("app")["removal"], "delete"},
		{"removal of policy_assignment", kind("policy_assignment")["removal"], "unassign"},
		{"group_assignment is written", kind("group_assignment")["written"], false},
		{"setup_policy is written", kind("setup_policy")["written"], true},
		{"catalog_id comes from", attr("app", "catalog_id")["source"], "service"},
		{"version comes from", attr("app", "version")["source"], "computed"},
		{"upload_custom_apps comes from", attr("setup_policy", "upload_custom_apps")["source"], "written"},
		{"upload_custom_apps when removed", attr("setup_policy", "upload_custom_apps")["removal"], "let_go"},
		{"user_pinning when removed", attr("setup_policy", "user_pinning")["removal"], "reset"},
		{"user_pinning by default", attr("setup_policy", "user_pinning")["default"], true},
		{"user_pinning in the admin centre", attr("setup_policy", "user_pinning")["label"], "User pinning"},
		{"policy is required", attr("policy_assignment", "policy")["required"], true},
		{"policy when removed", attr("policy_assignment", "policy")["removal"], nil},
		{"rows takes", fmt.Sprint(attr("policy_assignment", "rows")["words"]), "[exact at_least]"},
		{"policy refers to", fmt.Sprint(attr("policy_assignment", "policy")["references"]), "[setup_policy permission_policy]"},
		{"pins refer to", fmt.Sprint(attr("setup_policy", "pinned_apps")["references"]), "[app store_app]"},
		{"labels of variable", fmt.Sprint(named(t, doc["blocks"], "type", "variable")["labels"]), "[name]"},
		{"tenant stands once", named(t, doc["blocks"], "type", "tenant")["once"], true},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
	}
}

// Nothing is left out: every kind with every attribute, every block and every
// function, in both forms.
func TestSchemaIsWhole(t *testing.T) {
	doc := schemaDoc(t)
	var text bytes.Buffer
	if err := view.Language(&text, view.Style{}, teams.Kinds()); err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(text.String())
	has := func(name string) {
		if !slices.Contains(words, name) {
			t.Errorf("%s is not in the text", name)
		}
	}
	for _, k := range teams.Kinds().Kinds() {
		d := named(t, doc["kinds"], "type", k.Name)
		for _, a := range k.Attrs {
			named(t, d["attributes"], "name", a.Name)
		}
		if !k.Generated {
			has(k.Name)
		}
	}
	for _, b := range config.Blocks(teams.Kinds()) {
		named(t, doc["blocks"], "type", b.Name)
		has(b.Name)
	}
	for _, name := range config.FunctionNames() {
		named(t, doc["functions"], "name", name)
		has(name)
	}
	for line := range strings.Lines(text.String()) {
		if len(strings.TrimRight(line, "\n")) > 120 {
			t.Errorf("a line is too long: %s", line)
		}
	}
}
