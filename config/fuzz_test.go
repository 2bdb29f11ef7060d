package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
)

// FuzzLoad feeds arbitrary sources and checks what holds for every input: no
// panic, sorted and complete diagnostics, and addresses that can be read back.
func FuzzLoad(f *testing.F) {
	archives, err := filepath.Glob("testdata/diagnostics/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range ar.Files {
			if filepath.Ext(file.Name) == ".hcl" {
				f.Add(file.Data)
			}
		}
	}
	for _, file := range txtar.Parse([]byte(tour)).Files {
		f.Add(file.Data)
	}
	dir := f.TempDir()
	kinds := testKinds()
	f.Fuzz(func(t *testing.T, source []byte) {
		if err := os.WriteFile(filepath.Join(dir, "main.teams.hcl"), source, 0o644); err != nil {
			t.Fatal(err)
		}
		c, diags := config.Load(t.Context(), config.Options{Dir: dir, Kinds: kinds, Tool: "0.3.0"})
		checkDiagnostics(t, diags)
		for i, inst := range c.Instances {
			back, err := addr.Parse(inst.Addr.String())
			if err != nil || back != inst.Addr {
				t.Fatalf("%s reads back as %v, %v", inst.Addr, back, err)
			}
			if i > 0 && addr.Compare(c.Instances[i-1].Addr, inst.Addr) >= 0 {
				t.Fatalf("%s is out of order", inst.Addr)
			}
			if _, err := inst.Kind.Encode(inst.Attrs); err != nil {
				t.Fatalf("%s: %v", inst.Addr, err)
			}
		}
	})
}

func checkDiagnostics(t *testing.T, diags hcl.Diagnostics) {
	t.Helper()
	for i, d := range diags {
		if d.Summary == "" || d.Severity == hcl.DiagInvalid {
			t.Fatalf("incomplete diagnostic %+v", d)
		}
		if i == 0 || d.Subject == nil || diags[i-1].Subject == nil {
			continue
		}
		if a, b := diags[i-1].Subject, d.Subject; a.Filename == b.Filename && a.Start.Byte > b.Start.Byte {
			t.Fatalf("%v is out of order", d)
		}
	}
}
