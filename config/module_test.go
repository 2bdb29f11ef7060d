package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

const teamModule = `
-- main.teams.hcl --
setup_policy "base" { description = "d" }
module "north" {
  source = "modules/team"
  name   = "North"
  policy = setup_policy.base
  people = ["a@contoso.example"]
}
module "south" {
  source = "modules/team"
  name   = upper("South")
  policy = module.north.own
}
setup_policy "after" { description = module.north.title }
output "id" { value = module.north.app_id }
-- modules/team/main.teams.hcl --
variable "name" { type = string }
variable "policy" { type = any }
variable "people" {
  type    = list(string)
  default = []
}
locals { title = "Team ${var.name}" }
setup_policy "own" {
  name        = local.title
  description = tenant.access_model
}
app "helper" {
  package     = "package"
  manifest_id = var.name
}
users "people" { csv = "people.csv" }
policy_assignment "all" {
  policy = var.policy
  users  = users.people
}
module "inner" {
  source = "../inner"
}
output "own" { value = setup_policy.own }
output "title" { value = local.title }
output "app_id" { value = app.helper.catalog_id }
-- modules/team/people.csv --
upn
b@contoso.example
-- modules/team/package/version --
1.2.3
-- modules/inner/main.teams.hcl --
setup_policy "deep" {
  name        = "Deep ${each.key}"
  description = file("note.txt")
  for_each    = toset(["x"])
}
-- modules/inner/note.txt --
note
`

func TestModule(t *testing.T) {
	text := strings.Replace(teamModule, `name        = "Deep ${each.key}"`, `name        = "Deep ${each.key}"`, 1)
	// The inner module is used twice, so its policy needs a name per use.
	text = strings.Replace(text, "module \"inner\" {\n  source = \"../inner\"", "module \"inner\" {\n  source = \"../inner\"\n  of     = var.name", 1)
	text = strings.Replace(text, "-- modules/inner/main.teams.hcl --\n", "-- modules/inner/main.teams.hcl --\nvariable \"of\" {}\n", 1)
	text = strings.Replace(text, `"Deep ${each.key}"`, `"Deep ${each.key} ${var.of}"`, 1)
	cfg := mustLoad(t, text)

	var got []string
	for _, inst := range cfg.Instances {
		got = append(got, inst.Addr.String())
	}
	want := []string{
		"setup_policy.after", "setup_policy.base",
		"module.north.app.helper", "module.north.policy_assignment.all", "module.north.setup_policy.own",
		`module.north.module.inner.setup_policy.deep["x"]`,
		"module.south.app.helper", "module.south.policy_assignment.all", "module.south.setup_policy.own",
		`module.south.module.inner.setup_policy.deep["x"]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}

	// A block passed in, and a module's block passed out and in again.
	south := cfg.Instance(mustAddr(t, "module.south.policy_assignment.all"))
	if r := south.Attrs["policy"]; r != (schema.Ref{Addr: mustAddr(t, "module.north.setup_policy.own")}) {
		t.Errorf("policy of module.south: %v", r)
	}
	if name := cfg.Instance(mustAddr(t, "module.south.setup_policy.own")).Attrs["name"]; name != "Team SOUTH" {
		t.Errorf("name in module.south: %v", name)
	}
	if d := cfg.Instance(mustAddr(t, "setup_policy.after")).Attrs["description"]; d != "Team North" {
		t.Errorf("output used: %v", d)
	}
	// Files are relative to the module and shown from the configuration.
	helper := cfg.Instance(mustAddr(t, "module.north.app.helper"))
	if helper.Attrs["package"] != "modules/team/package" {
		t.Errorf("package path: %v", helper.Attrs["package"])
	}
	users := cfg.Users[mustAddr(t, "module.north.users.people")]
	if users == nil || users.File != "modules/team/people.csv" || users.Names[0].UPN != "b@contoso.example" {
		t.Errorf("users of the module: %+v", users)
	}
	var files []string
	for _, f := range cfg.Files {
		files = append(files, f.Path)
	}
	for _, name := range []string{"modules/team/main.teams.hcl", "modules/team/people.csv", "modules/team/package/version", "modules/inner/note.txt"} {
		if !strings.Contains(strings.Join(files, "\n"), name) {
			t.Errorf("%s does not count for the digest: %v", name, files)
		}
	}
}

func mustAddr(t *testing.T, s string) addr.Instance {
	t.Helper()
	a, err := addr.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestMovedTo(t *testing.T) {
	cfg := mustLoad(t, `
-- main.teams.hcl --
moved {
  from = setup_policy.a
  to   = setup_policy.b
}
moved {
  from = setup_policy.b
  to   = module.m.setup_policy.c
}
moved {
  from = app.x["old"]
  to   = app.x["new"]
}
moved {
  from = module.before
  to   = module.after
}
setup_policy "z" {}
`)
	tests := map[string]string{
		"setup_policy.a":                     "module.m.setup_policy.c",
		`setup_policy.a["k"]`:                `module.m.setup_policy.c["k"]`,
		"setup_policy.z":                     "setup_policy.z",
		`app.x["old"]`:                       `app.x["new"]`,
		`app.x["other"]`:                     `app.x["other"]`,
		"module.before.app.y":                "module.after.app.y",
		`module.before.module.in.app.y["k"]`: `module.after.module.in.app.y["k"]`,
		"module.beforehand.app.y":            "module.beforehand.app.y",
	}
	for from, want := range tests {
		if got := cfg.MovedTo(mustAddr(t, from)).String(); got != want {
			t.Errorf("MovedTo(%s) = %s, want %s", from, got, want)
		}
	}
}

func TestRemovedImportIgnore(t *testing.T) {
	cfg := mustLoad(t, `
-- main.teams.hcl --
removed {
  from = setup_policy.gone
  lifecycle { destroy = false }
}
removed { from = module.old }
setup_policy "p" {
  for_each = { a = "Policy A", b = "Policy B" }
  name     = each.value
}
import {
  for_each = { a = "Policy A", b = "policy b" }
  to       = setup_policy.p[each.key]
  id       = each.value
}
import {
  to       = org_settings
  id       = "org_settings"
  takeover = true
}
org_settings {}
ignore {
  kind    = "setup_policy"
  pattern = "Legacy *"
}
`)
	if r := cfg.RemovedAs(mustAddr(t, `setup_policy.gone["k"]`)); r == nil || r.Destroy {
		t.Errorf("removed: %+v", r)
	}
	if r := cfg.RemovedAs(mustAddr(t, "module.old.app.x")); r == nil || !r.Destroy {
		t.Errorf("removed module: %+v", r)
	}
	if r := cfg.RemovedAs(mustAddr(t, "setup_policy.other")); r != nil {
		t.Errorf("not removed: %+v", r)
	}
	if i := cfg.ImportOf(mustAddr(t, `setup_policy.p["b"]`)); i == nil || i.ID != "policy b" || i.Takeover {
		t.Errorf("import: %+v", i)
	}
	if i := cfg.ImportOf(mustAddr(t, "org_settings")); i == nil || !i.Takeover {
		t.Errorf("import of the settings: %+v", i)
	}
	for key, want := range map[string]bool{"Legacy 1": true, "legacy x": true, "Legacies": false} {
		if got := cfg.Ignores("setup_policy", key); got != want {
			t.Errorf("Ignores(%q) = %t", key, got)
		}
	}
	if cfg.Ignores("app", "Legacy 1") {
		t.Error("ignores another type")
	}
}

var _ = config.Options{}
