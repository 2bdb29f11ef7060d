package config_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// TestDiagnostics loads small faulty configurations and compares every
// diagnostic with what the archives of testdata/diagnostics say. Each archive
// holds cases, one per top folder; CASE/want is what is expected, CASE/args are
// options, one per line. Run with -update to rewrite, and read the difference.
func TestDiagnostics(t *testing.T) {
	archives, err := filepath.Glob("testdata/diagnostics/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	seen := map[string]hcl.DiagnosticSeverity{}
	for _, file := range archives {
		file, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range cases(ar) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+name, func(t *testing.T) {
				c, diags := loadCase(t, ar, name)
				var shown strings.Builder
				if err := diag.Write(&shown, diags, c.Sources, 0, false); err != nil || len(diags) > 0 && shown.Len() == 0 {
					t.Errorf("cannot be shown: %v", err)
				}
				for _, d := range diags {
					seen[d.Summary] = d.Severity
				}
				golden(t, file, ar, name+"/want", render(diags))
			})
		}
	}
	for _, doc := range config.Diagnostics() {
		if _, ok := seen[doc.Summary]; !ok && !slices.Contains(provokedElsewhere(), doc.Summary) {
			t.Errorf("no case provokes %q", doc.Summary)
		}
	}
}

// provokedElsewhere names what a folder of files cannot provoke; other tests
// of this package do.
func provokedElsewhere() []string { return []string{"Loading interrupted"} }

// TestDiagnosticsAreDocumented checks that a message of ours has an entry in
// the table, by way of the cases.
func TestDiagnosticsAreDocumented(t *testing.T) {
	documented := map[string]bool{schema.WrongType: true}
	for _, doc := range config.Diagnostics() {
		if documented[doc.Summary] && doc.Summary != schema.WrongType {
			t.Errorf("%q stands twice in the table", doc.Summary)
		}
		documented[doc.Summary] = true
		if !strings.HasSuffix(doc.When, ".") || !strings.HasSuffix(doc.Remedy, ".") {
			t.Errorf("%q: sentences end in a full stop", doc.Summary)
		}
	}
	source, err := os.ReadFile(filepath.Join("internal", "problem", "summaries.go"))
	if err != nil {
		t.Fatal(err)
	}
	consts, _, _ := strings.Cut(string(source), "// Doc documents")
	for line := range strings.SplitSeq(consts, "\n") {
		if _, text, ok := strings.Cut(line, `= "`); ok && !documented[strings.TrimSuffix(text, `"`)] {
			t.Errorf("%s is not in the table", text)
		}
	}
}

// cases lists the top folders of an archive, in order.
func cases(ar *txtar.Archive) []string {
	var out []string
	for _, f := range ar.Files {
		name, _, _ := strings.Cut(f.Name, "/")
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// loadCase loads one folder of an archive.
func loadCase(t *testing.T, ar *txtar.Archive, name string) (*config.Config, hcl.Diagnostics) {
	t.Helper()
	var part txtar.Archive
	var args []string
	for _, f := range ar.Files {
		rel, ok := strings.CutPrefix(f.Name, name+"/")
		switch {
		case !ok || rel == "want":
		case rel == "args":
			args = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
		default:
			part.Files = append(part.Files, txtar.File{Name: rel, Data: f.Data})
		}
	}
	dir := folder(t, string(txtar.Format(&part)))
	if slices.Contains(args, "link") { // a link that leads out of the folder
		if err := os.Symlink(t.TempDir(), filepath.Join(dir, "out")); err != nil {
			t.Skip("links cannot be made here")
		}
	}
	env := map[string]string{}
	// Loading from inside the folder keeps its name out of the messages.
	t.Chdir(dir)
	opts := config.Options{Dir: ".", Kinds: testKinds(), Tool: "0.3.0", LookupEnv: func(k string) (string, bool) { v, ok := env[k]; return v, ok }}
	for _, arg := range args {
		word, rest, _ := strings.Cut(arg, " ")
		switch word {
		case "--var":
			opts.Vars = append(opts.Vars, rest)
		case "--var-file":
			opts.VarFiles = append(opts.VarFiles, rest)
		case "--emulated":
			opts.Emulated = true
		case "env":
			k, v, _ := strings.Cut(rest, "=")
			env[k] = v
		case "dir":
			opts.Dir = rest
		case "hex": // a file that is not text
			name, digits, _ := strings.Cut(rest, " ")
			data, err := hex.DecodeString(digits)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		case "link", "":
		default:
			t.Fatalf("unknown argument %q", arg)
		}
	}
	return config.Load(t.Context(), opts)
}
