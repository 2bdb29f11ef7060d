package packages_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

const example = "../../../examples/quickstart/packages/helpdesk"

// project is a copy of the example as the Agents Toolkit would lay it out.
func project(t *testing.T) (root, folder string) {
	t.Helper()
	root = t.TempDir()
	folder = filepath.Join(root, "appPackage")
	if err := os.CopyFS(folder, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	return root, folder
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func replaceIn(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %s (%v)", path, old, err)
	}
	write(t, path, strings.Replace(string(text), old, new, 1))
}

func summaries(diags hcl.Diagnostics) []string {
	var out []string
	for _, d := range diags {
		out = append(out, d.Summary)
	}
	return out
}

// Values come from the environment, then files, then single ones; each is
// stronger than those before.
func TestValues(t *testing.T) {
	root, folder := project(t)
	replaceIn(t, filepath.Join(folder, "manifest.json"), `"Contoso Helpdesk"`, `"${{A}} ${{B}} ${{C}} ${{D}}"`)
	write(t, filepath.Join(root, "env", ".env.dev"), "A=env\nB=env\nC=env\nD=env\nUNUSED=1\n")
	write(t, filepath.Join(root, "env", ".env.dev.user"), "B=user\nC=user\nD=user\n")
	write(t, filepath.Join(root, "more"), "C=file\nD=file\n")
	for _, path := range []string{folder, filepath.Join(folder, "manifest.json")} {
		op := packages.Show{Input: packages.Input{Path: path, Env: "dev", EnvFiles: []string{filepath.Join(root, "more")}, Values: []string{"D=one=1", "E="}}}
		res, diags := op.Run()
		if res == nil || res.Package.Manifest.Name.Full != "env user file one=1" {
			t.Fatalf("%+v %v", res, diags)
		}
		if diff := cmp.Diff([]string{"Unused value"}, summaries(diags)); diff != "" || !strings.Contains(diags[0].Detail, "${{E}}") {
			t.Error(diff)
		}
	}
}

func TestWrongInput(t *testing.T) {
	_, folder := project(t)
	tests := []struct {
		in   packages.Input
		want []string
	}{
		{packages.Input{Path: folder + "/none"}, []string{"Package cannot be read"}},
		{packages.Input{Path: folder, Env: "none"}, []string{"Environment not found"}},
		{packages.Input{Path: folder, EnvFiles: []string{folder + "/none"}}, []string{"File of values cannot be read"}},
		{packages.Input{Path: folder, EnvFiles: []string{folder + "/manifest.json"}}, []string{"Invalid file of values"}},
		{packages.Input{Path: folder, Values: []string{"x", "=y"}}, []string{"Invalid placeholder value", "Invalid placeholder value"}},
		{packages.Input{Path: folder, Rules: []string{"ShortNameMicrosoft", "ShortNameMicrosoft=loud", "NotAZip=off", "x=off"}}, []string{"Invalid rule", "Invalid rule", "Unknown rule", "Unknown rule"}},
	}
	for _, tt := range tests {
		res, diags := (&packages.Validate{Input: tt.in}).Run()
		if diff := cmp.Diff(tt.want, summaries(diags)); diff != "" || res != nil {
			t.Errorf("%+v\n%s", tt.in, diff)
		}
	}
}

// Building twice gives the same bytes; times and modes of files do not count.
func TestBuildIsReproducible(t *testing.T) {
	root, folder := project(t)
	build := func(name string) *packages.Built {
		res, diags := (&packages.Build{Input: packages.Input{Path: folder}, Out: filepath.Join(root, name)}).Run()
		if diags.HasErrors() || res.Out == "" {
			t.Fatalf("%v %+v", diags, res)
		}
		return res
	}
	first := build("a.zip")
	if err := os.Chmod(filepath.Join(folder, "color.png"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, ".DS_Store"), "litter")
	second := build("b.zip")
	if first.SHA256 != second.SHA256 || first.Package.Digest != second.Package.Digest || first.Bytes == 0 {
		t.Errorf("%+v\n%+v", first, second)
	}
	back, err := apppackage.Open(second.Out, apppackage.Options{})
	if err != nil || back.Digest != first.Package.Digest {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(root, ".*.zip.*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The version is raised in the folder only when the zip was written.
func TestBumpIsAllOrNothing(t *testing.T) {
	root, folder := project(t)
	manifest := filepath.Join(folder, "manifest.json")
	before, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	op := packages.Build{Input: packages.Input{Path: folder}, Out: filepath.Join(root, "none", "a.zip"), Bump: "patch"}
	if res, diags := op.Run(); res != nil || summaries(diags)[0] != "Package cannot be written" {
		t.Errorf("%+v %v", res, diags)
	}
	if after, _ := os.ReadFile(manifest); string(after) != string(before) {
		t.Error("the version was raised")
	}
	op.Out = filepath.Join(root, "a.zip")
	res, diags := op.Run()
	if diags.HasErrors() || res.OldVersion != "1.0.0" || res.Package.Manifest.Version != "1.0.1" || res.Manifest != manifest {
		t.Fatalf("%+v %v", res, diags)
	}
	want := strings.Replace(string(before), `"version": "1.0.0"`, `"version": "1.0.1"`, 1)
	if after, _ := os.ReadFile(manifest); string(after) != want {
		t.Errorf("more than the version changed:\n%s", cmp.Diff(want, string(after)))
	}
	replaceIn(t, manifest, `"1.0.1"`, `"${{V}}"`)
	op.Input.Values = []string{"V=2.0.0"}
	if res, diags := op.Run(); res != nil || !strings.Contains(diags[0].Detail, "which a value fills in") {
		t.Errorf("%+v %v", res, diags)
	}
	replaceIn(t, manifest, `"${{V}}"`, `"one"`)
	op.Input.Values = nil
	if res, diags := op.Run(); res != nil || summaries(diags)[0] != "Version cannot be raised" {
		t.Errorf("%+v %v", res, diags)
	}
}

func TestDiffOfOnePackage(t *testing.T) {
	_, folder := project(t)
	in := packages.Input{Path: folder}
	res, diags := (&packages.Diff{Old: in, New: in}).Run()
	if len(diags) > 0 || !res.Comparison.Same || res.List != nil || len(res.Lists) < 8 {
		t.Errorf("%v %+v", diags, res)
	}
	res, diags = (&packages.Diff{Old: in, New: packages.Input{Path: folder + "/color.png"}}).Run()
	if res != nil || summaries(diags)[0] != "Invalid app package" {
		t.Errorf("%v", diags)
	}
	if _, diags = (&packages.Diff{Old: in, New: in, List: "1066"}).Run(); summaries(diags)[0] != "Unknown list of consent rules" {
		t.Errorf("%v", diags)
	}
}
