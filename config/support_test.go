package config_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

var update = flag.Bool("update", false, "rewrite golden files")

// testKinds are small kinds that between them use every feature of a schema.
func testKinds() *schema.Registry {
	isGlobal := func(key string) bool { return schema.FoldKey(key) == "global" }
	return schema.NewRegistry(
		&schema.Kind{
			Name: "app", Version: 1, Title: "app", Rank: schema.RankApp, KeyAttr: "manifest_id",
			Attrs: []*schema.Attr{
				{Name: "package", Type: schema.String{What: "path"}, Input: true, Doc: "Folder or .zip of the app."},
				{Name: "manifest_id", Type: schema.String{What: "manifest id"}},
				{Name: "values", Type: schema.StringMap{}, Doc: "Texts for the placeholders."},
				{Name: "blocked", Type: schema.Bool{}, Doc: "Whether the app is blocked."},
				{Name: "version", Type: schema.String{}, Derived: true},
				{Name: "catalog_id", Type: schema.String{}, Late: true},
			},
			Blocks: []*schema.Block{{
				Name: "rule", Labels: []string{"id"},
				Attrs: []*schema.Attr{
					{Name: "severity", Type: schema.String{Words: []string{"off", "warning", "error"}}, Required: true},
					{Name: "reason", Type: schema.String{}},
				},
			}, {
				Name:  "accept_consent",
				Attrs: []*schema.Attr{{Name: "rules", Type: schema.StringList{Set: true}}},
			}},
			Derive: derivePackage,
		},
		&schema.Kind{
			Name: "setup_policy", Version: 1, Title: "setup policy", Rank: schema.RankSetupPolicy, KeyAttr: "name", LabelIsKey: true, Reserved: isGlobal,
			Attrs: []*schema.Attr{
				{Name: "name", Type: schema.String{MaxLen: 64, Fold: true}, Required: true},
				{Name: "description", Type: schema.String{}, Doc: "Shown in the admin centre."},
				{Name: "upload_custom_apps", Type: schema.Bool{}, Doc: "Whether people may upload apps."},
				{Name: "pinned_apps", Type: schema.Apps{Ordered: true, Known: map[string]string{"chat": "86fcd49b-61a2-4701-b771-54728cd291fb"}}},
			},
			Check: func(a schema.Attrs) []schema.Problem {
				if a["description"] == "forbidden" {
					return []schema.Problem{{Attr: "description", Summary: "Invalid value", Detail: "This description is not allowed. Write another."}}
				}
				return nil
			},
		},
		&schema.Kind{
			Name: "permission_policy", Version: 1, Title: "permission policy", Rank: schema.RankPermissionPolicy, KeyAttr: "name", LabelIsKey: true, Reserved: isGlobal,
			Models: []string{"policies"},
			Attrs: []*schema.Attr{
				{Name: "name", Type: schema.String{Fold: true}},
				{Name: "custom_apps", Type: schema.AppChoice{}},
			},
		},
		&schema.Kind{
			Name: "org_settings", Version: 1, Title: "org settings", Rank: schema.RankOrgSettings, Unlabeled: true,
			Attrs: []*schema.Attr{{Name: "custom_app_interaction", Type: schema.Bool{}}},
		},
		&schema.Kind{
			Name: "policy_assignment", Version: 1, Title: "policy assignment", Rank: schema.RankUserAssignment, Input: true,
			Attrs: []*schema.Attr{
				{Name: "policy", Type: schema.Reference{Kinds: []string{"setup_policy", "permission_policy"}}, Required: true, Doc: "The policy that people get."},
				{Name: "users", Type: schema.Reference{Kinds: []string{"users"}}},
				{Name: "group", Type: schema.Reference{Kinds: []string{"group"}}},
				{Name: "group_id", Type: schema.String{Late: true}},
				{Name: "rank", Type: schema.Int{Min: 1}},
			},
		},
		&schema.Kind{
			Name: "app_availability", Version: 1, Title: "app availability", Rank: schema.RankAvailability, Models: []string{"app_centric"},
			Attrs: []*schema.Attr{
				{Name: "app", Type: schema.Reference{Kinds: []string{"app"}}, Required: true},
				{Name: "available_to", Type: schema.References{Kinds: []string{"users", "group"}, Words: []string{"everyone", "no_one"}}},
			},
		},
		&schema.Kind{Name: "compiled", Version: 1, Generated: true},
	)
}

// derivePackage reads a package that is a folder with a file named version.
func derivePackage(in schema.DeriveInput) schema.DeriveResult {
	if in.Attrs["package"] == nil {
		return schema.DeriveResult{}
	}
	dir, err := in.Path("package")
	if err != nil {
		return schema.DeriveResult{Diags: diag.FromError("Package", err)}
	}
	file := filepath.Join(dir, "version")
	data, err := os.ReadFile(file)
	if err != nil {
		rng := in.Ranges["package"]
		return schema.DeriveResult{Diags: hcl.Diagnostics{diag.Error(&rng, "Package without a version", "The package of %s has no version.", in.Addr)}}
	}
	attrs := schema.Attrs{"version": strings.TrimSpace(string(data))}
	if in.Attrs["manifest_id"] == nil {
		attrs["manifest_id"] = "id-of-" + filepath.Base(dir)
	}
	for _, b := range in.Blocks["rule"] {
		if b.Attrs["severity"] == "off" {
			attrs["version"] = attrs["version"].(string) + " without " + b.Labels[0]
		}
	}
	return schema.DeriveResult{Attrs: attrs, Files: []string{file}}
}

// folder writes a txtar archive into a new folder.
func folder(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load writes the archive and loads it.
func load(t testing.TB, archive string, change ...func(*config.Options)) (*config.Config, hcl.Diagnostics) {
	t.Helper()
	opts := config.Options{Dir: folder(t, archive), Kinds: testKinds(), Tool: "0.3.0"}
	for _, f := range change {
		f(&opts)
	}
	return config.Load(context.Background(), opts)
}

// mustLoad fails the test on any error.
func mustLoad(t testing.TB, archive string, change ...func(*config.Options)) *config.Config {
	t.Helper()
	c, diags := load(t, archive, change...)
	if diags.HasErrors() {
		t.Fatalf("unexpected errors:\n%s", render(diags))
	}
	return c
}

// one wraps a single source file.
func one(source string) string { return "-- main.teams.hcl --\n" + source + "\n" }

// render gives diagnostics in a form that a golden file can hold.
func render(diags hcl.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		severity := "error"
		if d.Severity == hcl.DiagWarning {
			severity = "warning"
		}
		where := "-"
		if d.Subject != nil {
			where = fmt.Sprintf("%s:%d,%d-%d,%d", d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column, d.Subject.End.Line, d.Subject.End.Column)
		}
		fmt.Fprintf(&b, "%s: %s (%s)\n", severity, d.Summary, where)
		for line := range strings.SplitSeq(d.Detail, "\n") {
			b.WriteString(strings.TrimRight("    "+line, " ") + "\n")
		}
	}
	return b.String()
}

// want compares and shows the difference.
func want[T any](t testing.TB, what string, got, want T, opts ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, opts...); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// golden compares with a section of a txtar file, or rewrites it.
func golden(t *testing.T, file string, ar *txtar.Archive, name, got string) {
	t.Helper()
	for i := range ar.Files {
		if ar.Files[i].Name != name {
			continue
		}
		if *update {
			ar.Files[i].Data = []byte(got)
			if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(ar.Files[i].Data, []byte(got)) {
			t.Errorf("%s: %s differs (-want +got):\n%s", file, name, cmp.Diff(string(ar.Files[i].Data), got))
		}
		return
	}
	t.Fatalf("%s: %v", file, errors.New("no section "+name))
}

func at(kind, name string) addr.Instance { return addr.New(kind, name) }
