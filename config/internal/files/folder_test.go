package files_test

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/zclconf/go-cty/cty"
)

// tree writes files below a new folder and opens "root" in it.
func tree(t *testing.T, texts map[string]string) (base string, f *files.Folder) {
	t.Helper()
	base = t.TempDir()
	for name, text := range texts {
		full := filepath.Join(base, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := files.Open(filepath.Join(base, "root"))
	if err != nil {
		t.Fatal(err)
	}
	return base, f
}

func texts() map[string]string {
	return map[string]string{
		"root/a.txt": "alpha", "root/sub/b.txt": "\ufeffbeta", "root/sub/deep/c.md": "gamma", "root/bytes": "\xff\xfe",
		"root/.teamsform/state.json": "{}", "root/t.tpl": "Hello ${name}!", "root/wrong.tpl": "${", "root/other.tpl": "${nobody}",
		"beside/x.txt": "outside", "beside/y.txt": "more",
	}
}

func TestRead(t *testing.T) {
	_, f := tree(t, texts())
	for name, want := range map[string]string{
		"a.txt": "alpha", "./sub/../a.txt": "alpha", "sub/b.txt": "\ufeffbeta", `sub\b.txt`: "\ufeffbeta",
	} {
		data, err := f.Read(name)
		if err != nil || string(data) != want {
			t.Errorf("Read(%q) = %q, %v", name, data, err)
		}
	}
	for name, want := range map[string]string{
		"":               "is empty",
		"../beside/x":    "leads out",
		"/etc/passwd":    "leads out",
		`C:\x`:           "leads out",
		`..\beside\x`:    "leads out",
		"none.txt":       "does not exist",
		"a.text":         `Did you mean "a.txt"?`,
		"sub/c.txt":      `Did you mean "sub/b.txt"?`,
		"sub":            "is a folder",
		"nowhere/at/all": "does not exist",
	} {
		_, err := f.Read(name)
		var p *files.Problem
		if !errors.As(err, &p) || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%q): %v, want %q", name, err, want)
		}
	}
	want := map[string]string{"a.txt": "alpha", "sub/b.txt": "\ufeffbeta"}
	got := map[string]string{}
	for _, file := range f.Files() {
		got[file.Path] = want[file.Path]
		if file.SHA256 != sha256.Sum256([]byte(want[file.Path])) {
			t.Errorf("%s: digest %x", file.Path, file.SHA256)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files read (-want +got):\n%s", diff)
	}
}

func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	base, f := tree(t, texts())
	for link, to := range map[string]string{
		"root/inside": filepath.Join(base, "root", "a.txt"), "root/out.txt": filepath.Join(base, "beside", "x.txt"), "root/out": filepath.Join(base, "beside"),
	} {
		if err := os.Symlink(to, filepath.Join(base, filepath.FromSlash(link))); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := f.Read("inside"); err != nil || string(data) != "alpha" {
		t.Errorf("a link inside the folder: %q, %v", data, err)
	}
	for _, name := range []string{"out.txt", "out/x.txt"} {
		if _, err := f.Read(name); err == nil || !strings.Contains(err.Error(), "link that leads out") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBelow checks that a module reads its own folder, and that its files are
// recorded as seen from the configuration.
func TestBelow(t *testing.T) {
	base, f := tree(t, texts())
	m, err := f.Below("../beside")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := m.Read("x.txt"); err != nil || string(data) != "outside" {
		t.Errorf("Read: %q, %v", data, err)
	}
	if _, err := m.Read("../root/a.txt"); err == nil {
		t.Error("a module reads what lies outside of its folder")
	}
	if err := m.RecordPath(filepath.Join(base, "beside", "y.txt")); err != nil {
		t.Error(err)
	}
	var got []string
	for _, file := range f.Files() {
		got = append(got, file.Path)
	}
	if diff := cmp.Diff([]string{"../beside/x.txt", "../beside/y.txt"}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if _, err := f.Below("nowhere"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := f.Below("a.txt"); err == nil || files.Cause(err) != "it is a file" {
		t.Errorf("a file in place of a folder: %v", err)
	}
}

func TestDiagnostic(t *testing.T) {
	_, f := tree(t, texts())
	_, err := f.Resolve("none")
	if d := files.Diagnostic(&hcl.Range{Filename: "x"}, err); d.Summary != "File not found" || d.Subject.Filename != "x" {
		t.Errorf("%+v", d)
	}
	d := files.Diagnostic(nil, &fs.PathError{Op: "open", Path: filepath.Join("of", "one", "machine"), Err: fs.ErrPermission})
	if d.Summary != "File cannot be read" || strings.Contains(d.Detail, "machine") || !strings.Contains(d.Detail, "permission denied") {
		t.Errorf("%+v", d)
	}
}

func TestFunctions(t *testing.T) {
	_, f := tree(t, texts())
	fs := f.Functions()
	call := func(name string, args ...cty.Value) (cty.Value, error) { return fs[name].Call(args) }
	text := cty.StringVal
	names := cty.ObjectVal(map[string]cty.Value{"name": text("Ana")})
	for _, tt := range []struct {
		name string
		args []cty.Value
		want cty.Value
	}{
		{"file", []cty.Value{text("sub/b.txt")}, text("beta")}, // without the mark of byte order
		{"filesha256", []cty.Value{text("a.txt")}, text("8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8")},
		{"fileset", []cty.Value{text(""), text("**/*.txt")}, cty.SetVal([]cty.Value{text("a.txt"), text("sub/b.txt")})},
		{"fileset", []cty.Value{text("sub"), text("*")}, cty.SetVal([]cty.Value{text("b.txt")})},
		{"fileset", []cty.Value{text("."), text("**/*.json")}, cty.SetValEmpty(cty.String)}, // our own files do not count
		{"templatefile", []cty.Value{text("t.tpl"), names}, text("Hello Ana!")},
	} {
		got, err := call(tt.name, tt.args...)
		if err != nil || !got.RawEquals(tt.want) {
			t.Errorf("%s(%#v) = %#v, %v, want %#v", tt.name, tt.args, got, err, tt.want)
		}
	}
	for _, tt := range []struct {
		name string
		args []cty.Value
		want string
	}{
		{"file", []cty.Value{text("bytes")}, "not a text in UTF-8"},
		{"file", []cty.Value{text("../beside/x.txt")}, "leads out"},
		{"filesha256", []cty.Value{text("sub")}, "is a folder"},
		{"fileset", []cty.Value{text("."), text("[x")}, "bracket is not closed"},
		{"fileset", []cty.Value{text("none"), text("*")}, "does not exist"},
		{"templatefile", []cty.Value{text("wrong.tpl"), names}, "wrong.tpl:1"},
		{"templatefile", []cty.Value{text("other.tpl"), names}, `uses "nobody"`},
		{"templatefile", []cty.Value{text("t.tpl"), cty.EmptyTupleVal}, "must be a map"},
	} {
		if got, err := call(tt.name, tt.args...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s(%#v) = %#v, %v, want %q", tt.name, tt.args, got, err, tt.want)
		}
	}
}
