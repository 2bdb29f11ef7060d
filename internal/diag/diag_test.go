package diag_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/internal/diag"
	"pgregory.net/rapid"
)

func at(file string, line int) *hcl.Range {
	return &hcl.Range{Filename: file, Start: hcl.Pos{Line: line, Column: 1, Byte: line * 10}, End: hcl.Pos{Line: line, Column: 2, Byte: line*10 + 1}}
}

func TestConstructors(t *testing.T) {
	rng := at("a", 1)
	d := diag.Error(rng, "Summary", "100%% of %s", "it")
	if d.Severity != hcl.DiagError || d.Summary != "Summary" || d.Subject != rng || d.Detail != "100% of it" {
		t.Errorf("got %+v", d)
	}
	if d := diag.Warning(nil, "S", "plain"); d.Severity != hcl.DiagWarning || d.Detail != "plain" || d.Subject != nil {
		t.Errorf("got %+v", d)
	}
}

func TestClassAndAddress(t *testing.T) {
	d := diag.Error(nil, "S", "d")
	if diag.ClassOf(d) != diag.ClassError || diag.AddressOf(d) != "" {
		t.Error("a plain diagnostic has a class or an address")
	}
	if got := diag.WithAddress(diag.WithClass(d, diag.ClassSignIn), "app.x"); got != d {
		t.Error("not the same diagnostic")
	}
	if diag.ClassOf(d) != diag.ClassSignIn || diag.AddressOf(d) != "app.x" {
		t.Errorf("class %v, address %q", diag.ClassOf(d), diag.AddressOf(d))
	}
	foreign := &hcl.Diagnostic{Extra: "something else"}
	if diag.ClassOf(foreign) != diag.ClassError || diag.AddressOf(foreign) != "" {
		t.Error("Extra of others is read as ours")
	}
}

type withClass struct{ error }

func (withClass) Class() diag.Class { return diag.ClassSignIn }

func TestFromError(t *testing.T) {
	if diag.FromError("S", nil) != nil {
		t.Error("no error gives diagnostics")
	}
	got := diag.FromError("Cannot list", errors.New("boom"))
	if len(got) != 1 || got[0].Summary != "Cannot list" || got[0].Detail != "boom" || got[0].Severity != hcl.DiagError {
		t.Errorf("got %v", got)
	}
	got = diag.FromError("Cannot list", fmt.Errorf("wrapped: %w", withClass{errors.New("no token")}))
	if diag.ClassOf(got[0]) != diag.ClassSignIn || got[0].Detail != "wrapped: no token" {
		t.Errorf("the class is lost: %v", got[0])
	}
	inner := hcl.Diagnostics{diag.Error(at("a", 1), "Inner", "d")}
	if got := diag.FromError("Outer", fmt.Errorf("while loading: %w", inner)); got[0] != inner[0] {
		t.Errorf("diagnostics inside an error are hidden: %v", got)
	}
}

func TestWorst(t *testing.T) {
	mk := func(classes ...diag.Class) hcl.Diagnostics {
		var out hcl.Diagnostics
		for _, c := range classes {
			out = append(out, diag.WithClass(diag.Error(nil, "S", "d"), c))
		}
		return out
	}
	warning := diag.WithClass(diag.Warning(nil, "S", "d"), diag.ClassSignIn)
	tests := []struct {
		diags hcl.Diagnostics
		want  diag.Class
		found bool
	}{
		{nil, diag.ClassError, false},
		{hcl.Diagnostics{warning}, diag.ClassError, false},
		{append(mk(diag.ClassRefused), warning), diag.ClassRefused, true},
		{mk(diag.ClassRefused, diag.ClassPartial), diag.ClassPartial, true},
		{mk(diag.ClassPartial, diag.ClassSignIn, diag.ClassRefused), diag.ClassSignIn, true},
		{mk(diag.ClassSignIn, diag.ClassError), diag.ClassError, true},
	}
	for i, tt := range tests {
		if got, found := diag.Worst(tt.diags); got != tt.want || found != tt.found {
			t.Errorf("%d: got %v, %v", i, got, found)
		}
	}
}

func TestSort(t *testing.T) {
	in := hcl.Diagnostics{
		diag.Error(nil, "no place", ""),
		diag.Warning(at("b", 1), "warning", ""),
		diag.Error(at("b", 1), "error", ""),
		diag.Error(at("b", 1), "error second", ""),
		diag.Error(at("a", 9), "late in a", ""),
		diag.Warning(at("a", 2), "early in a", ""),
	}
	diag.Sort(in)
	var got []string
	for _, d := range in {
		got = append(got, d.Summary)
	}
	if d := cmp.Diff([]string{"early in a", "late in a", "error", "error second", "warning", "no place"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestMerge(t *testing.T) {
	var in hcl.Diagnostics
	for i := range 8 {
		in = append(in, diag.Error(at("users.csv", i+1), "Unknown person", "person %d", i))
	}
	in = append(in, diag.Error(at("users.csv", 1), "Unknown person", "person %d", 0)) // exact repeat
	in = append(in, diag.Warning(nil, "Unknown person", "a warning of the same name"), diag.Error(nil, "Other", "x"))
	var got []string
	for _, d := range diag.Merge(in) {
		got = append(got, d.Summary+": "+d.Detail)
	}
	want := []string{
		"Unknown person: person 0", "Unknown person: person 1", "Unknown person: person 2", "Unknown person: person 3", "Unknown person: person 4",
		"Unknown person: 3 more of the same kind are not shown. Among them: users.csv:6, users.csv:7, users.csv:8.",
		"Unknown person: a warning of the same name", "Other: x",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestMergeKeepsTheClass(t *testing.T) {
	var in hcl.Diagnostics
	for i := range 7 {
		in = append(in, diag.WithClass(diag.Error(nil, "Refused", "%d", i), diag.ClassRefused))
	}
	out := diag.Merge(in)
	if last := out[len(out)-1]; diag.ClassOf(last) != diag.ClassRefused || strings.Contains(last.Detail, "Among") {
		t.Errorf("got %v", last)
	}
	if c, _ := diag.Worst(out); c != diag.ClassRefused {
		t.Errorf("merging changes the exit class to %v", c)
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"description", "pinned_apps", "name", "upload_custom_apps"}
	tests := []struct{ given, want string }{
		{"desciption", ` Did you mean "description"?`},
		{"Description", ` Did you mean "description"?`},
		{"pined_app", ` Did you mean "pinned_apps"?`},
		{"nmae", ` Did you mean "name"?`},
		{"colour", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := diag.DidYouMean(tt.given, names); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.given, got, tt.want)
		}
	}
	if got := diag.Nearest("ab", []string{"ac", "ad"}); got != "ac" {
		t.Errorf("of equals the first counts, got %q", got)
	}
	if got := diag.Nearest("x", nil); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestNearestFindsSmallMistakes: one wrong letter in a name of some length
// always finds the name.
func TestNearestFindsSmallMistakes(t *testing.T) {
	names := []string{"description", "pinned_apps", "installed_apps", "messaging_pins"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "name")
		i := rapid.IntRange(0, len(name)-1).Draw(t, "at")
		typo := name[:i] + rapid.SampledFrom([]string{"", "x", "_y"}).Draw(t, "typo") + name[i+1:]
		if got := diag.Nearest(typo, names); got != name {
			t.Fatalf("%q finds %q, not %q", typo, got, name)
		}
	})
}

func TestWrite(t *testing.T) {
	file, diags := hclsyntax.ParseConfig([]byte("app \"x\" {\n  bad = 1\n}\n"), "main.teams.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	rng := file.Body.(*hclsyntax.Body).Blocks[0].Body.Attributes["bad"].NameRange
	in := hcl.Diagnostics{diag.Error(&rng, "Unknown attribute", "There is no attribute %q.", "bad"), diag.Error(&rng, "Unknown attribute", "There is no attribute %q.", "bad")}
	var b strings.Builder
	if err := diag.Write(&b, in, map[string]*hcl.File{"main.teams.hcl": file}, 0, false); err != nil {
		t.Fatal(err)
	}
	want := "Error: Unknown attribute\n\n  on main.teams.hcl line 2, in app \"x\":\n   2:   bad = 1\n\nThere is no attribute \"bad\".\n\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	b.Reset()
	if err := diag.Write(&b, in, nil, 40, true); err != nil || !strings.Contains(b.String(), "\x1b[") {
		t.Errorf("no colour in %q, %v", b.String(), err)
	}
	if err := diag.Write(failing{}, in, nil, 0, false); err == nil {
		t.Error("a failing writer is not reported")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }
