package config_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/config"
)

// TestDigest: the same files give the same digest wherever they lie, and every
// file that was read counts.
func TestDigest(t *testing.T) {
	archive := strings.TrimPrefix(tour, "\n") + "-- v.auto.teamsvars.hcl --\nhost = \"hosts\"\n-- unread.txt --\nx\n"
	archive = strings.Replace(archive, `value       = app.helpdesk.catalog_id`, `value       = [app.helpdesk.catalog_id, file("notes/a.txt")]`, 1) + "-- notes/a.txt --\nx\n"
	base := mustLoad(t, archive).Digest()
	if raw, err := hex.DecodeString(base); err != nil || len(raw) != 32 {
		t.Fatalf("digest %q is not a SHA-256", base)
	}
	want(t, "same files elsewhere", mustLoad(t, archive).Digest(), base)

	for _, name := range []string{"main.teams.hcl", "other.teams.hcl", "trusted.csv", "packages/helpdesk/version", "v.auto.teamsvars.hcl", "notes/a.txt"} {
		dir := folder(t, archive)
		change(t, filepath.Join(dir, filepath.FromSlash(name)))
		c, diags := config.Load(t.Context(), config.Options{Dir: dir, Kinds: testKinds()})
		if diags.HasErrors() {
			t.Fatal(render(diags))
		}
		if c.Digest() == base {
			t.Errorf("a change of %s does not change the digest", name)
		}
	}
	dir := folder(t, archive)
	change(t, filepath.Join(dir, "unread.txt"))
	c, _ := config.Load(t.Context(), config.Options{Dir: dir, Kinds: testKinds()})
	want(t, "a file that is not read", c.Digest(), base)
}

// TestDigestTellsNamesFromContents: moving a file is a change.
func TestDigestTellsNamesFromContents(t *testing.T) {
	a := mustLoad(t, "-- a.teams.hcl --\nlocals { x = 1 }\n").Digest()
	b := mustLoad(t, "-- b.teams.hcl --\nlocals { x = 1 }\n").Digest()
	if a == b {
		t.Error("the name of a file does not count")
	}
}

// TestDirSpellings: however the folder is written, names are relative to it.
func TestDirSpellings(t *testing.T) {
	dir := folder(t, "-- cfg/main.teams.hcl --\napp \"a\" { package = \"packages/a\" }\n-- cfg/packages/a/version --\n1\n")
	t.Chdir(dir)
	var digests []string
	for _, spelled := range []string{"cfg", "./cfg", "cfg/", "cfg/../cfg", filepath.Join(dir, "cfg")} {
		c, diags := config.Load(t.Context(), config.Options{Dir: spelled, Kinds: testKinds()})
		if diags.HasErrors() {
			t.Fatalf("%s: %s", spelled, render(diags))
		}
		want(t, spelled, c.Files[1].Path, "packages/a/version")
		want(t, spelled, c.Instances[0].DeclRange.Filename, "main.teams.hcl")
		digests = append(digests, c.Digest())
	}
	for _, d := range digests {
		want(t, "digest", d, digests[0])
	}
	t.Chdir("cfg")
	c, diags := config.Load(t.Context(), config.Options{Kinds: testKinds()})
	if diags.HasErrors() {
		t.Fatal(render(diags))
	}
	want(t, "working directory", c.Digest(), digests[0])
}

// TestLinks: a link may lead anywhere inside the folder, also when the folder
// itself is reached by one.
func TestLinks(t *testing.T) {
	dir := folder(t, "-- real/main.teams.hcl --\nusers \"u\" { csv = \"link.csv\" }\napp \"a\" { package = \"pkg\" }\n-- real/data/u.csv --\nupn\na@x\n-- real/data/p/version --\n1\n-- secret.csv --\nupn\nb@x\n")
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("links cannot be made here: %v", err)
		}
	}
	link(filepath.Join(dir, "real", "data", "u.csv"), "real/link.csv")
	link("data/p", "real/pkg")
	link("real", "alias")
	for _, name := range []string{"real", "alias"} {
		c, diags := config.Load(t.Context(), config.Options{Dir: filepath.Join(dir, name), Kinds: testKinds()})
		if diags.HasErrors() {
			t.Fatalf("%s: %s", name, render(diags))
		}
		want(t, "people", names(c.Users[at("users", "u")].Names), "a@x:2")
		var files []string
		for _, f := range c.Files {
			files = append(files, f.Path)
		}
		want(t, "files", files, []string{"link.csv", "main.teams.hcl", "pkg/version"})
	}
	if err := os.Remove(filepath.Join(dir, "real", "link.csv")); err != nil {
		t.Fatal(err)
	}
	link(filepath.Join("..", "secret.csv"), "real/link.csv")
	_, diags := config.Load(t.Context(), config.Options{Dir: filepath.Join(dir, "real"), Kinds: testKinds()})
	if !diags.HasErrors() || diags[0].Summary != "Path leaves the folder" {
		t.Errorf("a link out of the folder was followed:\n%s", render(diags))
	}
}

// TestPathJoinsTheFolder: paths of the configuration are opened below Dir.
func TestPathJoinsTheFolder(t *testing.T) {
	c := &config.Config{Dir: filepath.Join("some", "dir")}
	want(t, "path", c.Path("a/b.json"), filepath.Join("some", "dir", "a", "b.json"))
}

func change(t *testing.T, name string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("\n")
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestPathsOfWindows: what is written on Windows works everywhere, and names
// the same files.
func TestPathsOfWindows(t *testing.T) {
	files := "-- data/u.csv --\nupn\na@x\n-- packages/a/version --\n1\n-- p/people.json --\n{}\n"
	source := func(sep string) string {
		s := `
tenant {
  people = "p/people.json"
  path   = "d/t.db"
}
teamsform {
  state "local" { path = "d/s.json" }
}
users "u" { csv = "data/u.csv" }
app "a" { package = "./packages/a" }
output "o" { value = file("data/u.csv") }
`
		return one(strings.ReplaceAll(s, "/", sep)) + files
	}
	show := func(c *config.Config) []string {
		u := c.Users[at("users", "u")]
		out := []string{c.Tenant.People, c.Tenant.Path, c.Settings.State.Path, u.File, names(u.Names)}
		for _, f := range c.Files {
			out = append(out, f.Path)
		}
		return out
	}
	wanted := []string{"p/people.json", "d/t.db", "d/s.json", "data/u.csv", "a@x:2", "data/u.csv", "main.teams.hcl", "packages/a/version"}
	want(t, "with /", show(mustLoad(t, source("/"))), wanted)
	want(t, "with the other slash", show(mustLoad(t, source(`\\`))), wanted)
}
