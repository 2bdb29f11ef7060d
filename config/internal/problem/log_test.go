package problem_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/problem"
)

func rng(file string, at int) *hcl.Range {
	return &hcl.Range{Filename: file, Start: hcl.Pos{Line: 1 + at, Column: 1, Byte: at}, End: hcl.Pos{Line: 1 + at, Column: 2, Byte: at + 1}}
}

// TestLog checks what counts as a repeat, and that repeats count as errors.
func TestLog(t *testing.T) {
	var l problem.Log
	l.Error(rng("a", 1), "S", "detail %d", 1)
	l.Error(rng("a", 1), "S", "detail %d", 1) // repeat
	l.Error(rng("a", 2), "S", "detail %d", 1) // elsewhere
	l.Error(rng("b", 1), "S", "detail %d", 1) // in another file
	l.Error(rng("a", 1), "S", "detail %d", 2) // says something else
	l.Error(rng("a", 1), "T", "detail %d", 1) // is something else
	l.Error(nil, "S", "detail %d", 1)         // has no place
	l.Error(nil, "S", "detail %d", 1)         // repeat
	l.Warn(nil, "W", "careful")
	var got []string
	for _, d := range l.Diags {
		where := "-"
		if d.Subject != nil {
			where = problem.Place(*d.Subject)
		}
		got = append(got, d.Summary+" "+d.Detail+" "+where)
	}
	want := []string{"S detail 1 a:2", "S detail 1 a:3", "S detail 1 b:2", "S detail 2 a:2", "T detail 1 a:2", "S detail 1 -", "W careful -"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
	if l.Errors != 8 {
		t.Errorf("%d errors, want 8: repeats count, warnings do not", l.Errors)
	}
	if last := l.Diags[len(l.Diags)-1]; last.Severity != hcl.DiagWarning {
		t.Error("a warning is an error")
	}
}

func TestDocs(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range problem.Docs() {
		if seen[d.Summary] {
			t.Errorf("%q stands twice", d.Summary)
		}
		seen[d.Summary] = true
		if d.When == "" || d.Remedy == "" {
			t.Errorf("%q: %+v", d.Summary, d)
		}
	}
	for _, s := range []string{problem.Folder, problem.Moved} {
		if !seen[s] {
			t.Errorf("%q is not documented", s)
		}
	}
}
