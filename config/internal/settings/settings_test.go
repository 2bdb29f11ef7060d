package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/settings"
	"github.com/zclconf/go-cty/cty"
)

// read reads the blocks of a text in a folder that holds people.json.
func read(t *testing.T, text string, change ...func(*settings.Reader)) (settings.Result, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "people.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	folder, err := files.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f, diags := hclsyntax.ParseConfig([]byte(text), "t.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var blocks settings.Blocks
	for _, b := range f.Body.(*hclsyntax.Body).Blocks {
		switch b.Type {
		case "teamsform":
			blocks.Teamsform = append(blocks.Teamsform, b)
		case "tenant":
			blocks.Tenant = append(blocks.Tenant, b)
		case "guard":
			blocks.Guard = append(blocks.Guard, b)
		}
	}
	r := &settings.Reader{
		Evaluator: &eval.Evaluator{}, Folder: folder, Tool: "0.3.0",
		Context:  &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("11111111-2222-3333-4444-AAAAAAAAAAAA"), "bad": eval.Unknown()})}},
		Variable: func(tr hcl.Traversal) bool { return eval.SecondName(tr) != "none" },
	}
	for _, f := range change {
		f(r)
	}
	got := r.Read(blocks)
	var said []string
	for _, d := range r.Diags {
		said = append(said, d.Summary+": "+d.Detail)
	}
	return got, strings.Join(said, "\n")
}

func TestDefaults(t *testing.T) {
	got, said := read(t, "")
	if said != "" {
		t.Error(said)
	}
	want := settings.Result{
		Settings: settings.Settings{Root: "local", State: settings.State{Type: "local", Path: ".teamsform/state.json"}},
		Tenant:   settings.Tenant{Driver: "emulated", AccessModel: "policies", Cloud: "global", Path: ".teamsform/tenant.db", PolicyTransport: "powershell"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(settings.Result{}, "TenantValue")); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if v := got.TenantValue; !v.GetAttr("id").IsNull() || v.GetAttr("access_model").AsString() != "policies" {
		t.Errorf("tenant as expressions see it: %#v", v)
	}
}

func TestEverything(t *testing.T) {
	const text = `
teamsform {
  required_version = ">= 0.1"
  root             = "teams-apps"
  state "local" { path = "state\\file.json" }
}
tenant {
  driver       = "microsoft365"
  id           = var.id
  access_model = "app_centric"
  cloud        = "dod"
}
guard {
  deletions            = "12.5%"
  people_losing_access = 50
  allow                = ["takeover", "adopt"]
}
`
	ignore := []cmp.Option{cmpopts.IgnoreTypes(hcl.Range{}), cmpopts.IgnoreFields(settings.Result{}, "TenantValue"), cmpopts.IgnoreFields(settings.Guard{}, "Ranges")}
	want := settings.Result{
		Settings: settings.Settings{RequiredVersion: ">= 0.1", Root: "teams-apps", State: settings.State{Type: "local", Path: "state/file.json", Attrs: map[string]any{"path": `state\file.json`}}},
		Tenant:   settings.Tenant{Driver: "microsoft365", ID: "11111111-2222-3333-4444-aaaaaaaaaaaa", AccessModel: "app_centric", Cloud: "dod", Path: ".teamsform/tenant.db", PolicyTransport: "powershell"},
		Guard: &settings.Guard{
			Limits: map[string]settings.Limit{"deletions": {Share: true, Percent: 12.5}, "people_losing_access": {Count: 50}},
			Allow:  []string{"adopt", "takeover"},
		},
	}
	got, said := read(t, text)
	if diff := cmp.Diff(want, got, ignore...); diff != "" || said != "" {
		t.Errorf("settings (-want +got):\n%s%s", diff, said)
	}
	if id := got.TenantValue.GetAttr("id"); id.AsString() != "11111111-2222-3333-4444-aaaaaaaaaaaa" {
		t.Errorf("tenant.id is %#v", id)
	}

	// On an emulated tenant the same configuration touches nothing of its own.
	got, said = read(t, text, func(r *settings.Reader) { r.Emulated = true })
	want.Tenant.Driver, want.Tenant.Path = "emulated", ".teamsform/emulated/tenant.db"
	want.Settings.State = settings.State{Type: "local", Path: ".teamsform/emulated/state.json"}
	if diff := cmp.Diff(want, got, ignore...); diff != "" || said != "" {
		t.Errorf("emulated (-want +got):\n%s%s", diff, said)
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`teamsform { root = "Teams Apps" }`:                                                   "A root is 1 to 40 lower-case letters",
		`teamsform { root = local.x }`:                                                        `"local" is not known here`,
		`teamsform { required_version = ">= 9" }`:                                             "This is teamsform 0.3.0",
		`teamsform { required_version = "new" }`:                                              "is not a version constraint",
		"teamsform {\n state {}\n}":                                                           "exactly one label",
		"teamsform {\n state \"ftp\" {}\n}":                                                   "State cannot be kept in",
		"teamsform {\n state \"local\" { pth = 1 }\n}":                                        `Did you mean "path"?`,
		"teamsform {\n state \"local\" { path = 1 }\n}":                                       "Expected a path",
		"teamsform {\n state \"local\" { path = \"../x\" }\n}":                                "leads out",
		"teamsform {\n state \"s3\" { n = 1.5 }\n}":                                           "a setting of a state is a text",
		"teamsform {\n state \"s3\" {}\n state \"http\" {}\n}":                                "at most one state block",
		`tenant { driver = "microsoft365" }`:                                                  `needs "id"`,
		`tenant { id = "x" }`:                                                                 "Expected an id of the form",
		`tenant { people = "none.json" }`:                                                     "does not exist",
		`tenant { path = "/abs" }`:                                                            "leads out",
		`tenant { ca_file = "people.json" }`:                                                  `"ca_file" applies to driver = "microsoft365" only`,
		"tenant {\n id = var.id\n driver = \"microsoft365\"\n access_model = \"policies\"\n}": "needs a name",
		`guard { deletions = "200%" }`:                                                        "Expected a count such as 50, or a share",
		`guard { org_switch = "10%" }`:                                                        "Expected a count such as 0 or 5",
		`guard { deletions = -1 }`:                                                            "Expected a count",
		`guard { allow = ["takeovr"] }`:                                                       `Did you mean "takeover"?`,
		`guard { deletion = 1 }`:                                                              `Did you mean "deletions"?`,
	} {
		if _, said := read(t, text); !strings.Contains(said, want) {
			t.Errorf("%s: %s, want %q", text, said, want)
		}
	}
	// What is wrong already is not told twice.
	got, said := read(t, `tenant { id = var.bad }`)
	if said != "" || got.TenantValue.GetAttr("id").IsKnown() {
		t.Errorf("an unknown id: %s %#v", said, got.TenantValue)
	}
}
