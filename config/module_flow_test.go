package config_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/config"
)

// TestModuleSensitive follows a sensitive value into a module, out of it and
// into another: it stays sensitive without every module saying so.
func TestModuleSensitive(t *testing.T) {
	cfg := mustLoad(t, `
-- main.teams.hcl --
variable "secret" {
  default   = "hush"
  sensitive = true
}
module "first" {
  source = "m"
  text   = { inner = var.secret, plain = "open" }
}
module "second" {
  source = "m"
  text   = { inner = module.first.marked, plain = module.first.plain }
}
setup_policy "a" { description = module.second.passed }
setup_policy "b" { description = module.second.plain }
output "hidden" {
  value     = module.second.passed
  sensitive = true
}
-- m/main.teams.hcl --
variable "text" {
  type = object({ inner = string, plain = string, more = optional(number, 3) })
  validation {
    condition     = var.text.inner != "" && var.text.more == 3
    error_message = "Say something."
  }
}
setup_policy "own" {
  name        = "Own ${var.text.plain}${each.key}"
  description = var.text.inner
  for_each    = toset([nonsensitive(var.text.inner) == "hush!" ? "2" : "1"])
}
output "passed" { value = var.text.inner }
output "plain" { value = var.text.plain }
output "marked" {
  value     = "${nonsensitive(var.text.inner)}!"
  sensitive = true
}
`)
	got := map[string][]string{}
	for _, inst := range cfg.Instances {
		got[inst.Addr.String()] = inst.Sensitive
	}
	want := map[string][]string{
		`module.first.setup_policy.own["1"]`:  {"description"},
		`module.second.setup_policy.own["2"]`: {"description"},
		"setup_policy.a":                      {"description"},
		"setup_policy.b":                      nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sensitive attributes (-want +got):\n%s", diff)
	}
	if v := cfg.Instance(mustAddr(t, "setup_policy.a")).Attrs["description"]; v != "hush!" {
		t.Errorf("the value that came through two modules is %q", v)
	}
}

// TestModuleSources writes the same module in each way that means the same
// folder, and expects its files once.
func TestModuleSources(t *testing.T) {
	cfg := mustLoad(t, strings.ReplaceAll(`
-- main.teams.hcl --
module "a" {
  source = "./modules/one"
  n      = "a"
}
module "b" {
  source = "modules//one/"
  n      = "b"
}
module "c" {
  source = "modules\\one"
  n      = "c"
}
-- modules/one/main.teams.hcl --
variable "n" { type = string }
setup_policy "p" {
  name        = var.n
  description = file("texts\\note.txt")
}
-- modules/one/texts/note.txt --
note
`, "\n", "\r\n"))
	var names []string
	for _, inst := range cfg.Instances {
		names = append(names, inst.Addr.String())
		if d := inst.Attrs["description"]; d != "note\r\n" {
			t.Errorf("%s: description %q", inst.Addr, d)
		}
	}
	if diff := cmp.Diff([]string{"module.a.setup_policy.p", "module.b.setup_policy.p", "module.c.setup_policy.p"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"main.teams.hcl", "modules/one/main.teams.hcl"}, slices.Sorted(maps.Keys(cfg.Sources))); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	var files []string
	for _, f := range cfg.Files {
		files = append(files, f.Path)
	}
	if diff := cmp.Diff([]string{"main.teams.hcl", "modules/one/main.teams.hcl", "modules/one/texts/note.txt"}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestModuleDigest checks that every file of a module outside of the folder
// counts, and nothing beside it.
func TestModuleDigest(t *testing.T) {
	base := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		full := filepath.Join(base, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("root/main.teams.hcl", "module \"m\" { source = \"../shared/m\" }\n")
	write("shared/m/main.teams.hcl", "setup_policy \"p\" { description = file(\"note.txt\") }\nmodule \"deep\" { source = \"../deep\" }\n")
	write("shared/m/note.txt", "one")
	write("shared/deep/main.teams.hcl", "locals { a = 1 }\n")
	digest := func() string {
		t.Helper()
		cfg, diags := config.Load(t.Context(), config.Options{Dir: filepath.Join(base, "root"), Kinds: testKinds()})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return cfg.Digest()
	}
	last := digest()
	if again := digest(); again != last {
		t.Error("the digest of the same files differs")
	}
	write("shared/m/other.txt", "not read")
	if digest() != last {
		t.Error("a file that nobody reads counts")
	}
	for _, name := range []string{"shared/m/note.txt", "shared/deep/main.teams.hcl", "shared/m/main.teams.hcl"} {
		old, err := os.ReadFile(filepath.Join(base, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		write(name, string(old)+"\n")
		if next := digest(); next == last {
			t.Errorf("%s does not count", name)
		} else {
			last = next
		}
	}
}

// TestDependsOnModule checks that a whole module can come first.
func TestDependsOnModule(t *testing.T) {
	cfg := mustLoad(t, `
-- main.teams.hcl --
setup_policy "last" { depends_on = [module.m] }
module "m" { source = "m" }
setup_policy "free" {}
-- m/main.teams.hcl --
setup_policy "p" {
  for_each = toset(["a", "b"])
  name     = each.key
}
module "in" { source = "../in" }
-- in/main.teams.hcl --
setup_policy "deep" {}
`)
	var got []string
	for _, a := range cfg.Instance(mustAddr(t, "setup_policy.last")).DependsOn {
		got = append(got, a.String())
	}
	want := []string{`module.m.setup_policy.p["a"]`, `module.m.setup_policy.p["b"]`, "module.m.module.in.setup_policy.deep"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("depends_on (-want +got):\n%s", diff)
	}
}

// TestMovedToKey checks that a block that gets for_each moves as it was, and
// its later instances stay.
func TestMovedToKey(t *testing.T) {
	cfg := mustLoad(t, `
-- main.teams.hcl --
setup_policy "p" {
  for_each = toset(["a", "b"])
  name     = each.key
}
moved {
  from = setup_policy.p
  to   = setup_policy.p["a"]
}
moved {
  from = app.x["only"]
  to   = app.x
}
`)
	for from, want := range map[string]string{
		"setup_policy.p":      `setup_policy.p["a"]`,
		`setup_policy.p["a"]`: `setup_policy.p["a"]`,
		`setup_policy.p["b"]`: `setup_policy.p["b"]`,
		`app.x["only"]`:       "app.x",
	} {
		if got := cfg.MovedTo(mustAddr(t, from)).String(); got != want {
			t.Errorf("MovedTo(%s) = %s, want %s", from, got, want)
		}
	}
}
