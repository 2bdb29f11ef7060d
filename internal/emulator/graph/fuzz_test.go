package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything has each property with its own name as value.
type everything struct{}

func (everything) property(path string) (string, bool, bool) { return path, false, true }
func (everything) children(string) ([]record, bool)          { return []record{everything{}}, true }

func TestFilterPrecedence(t *testing.T) {
	for filter, want := range map[string]bool{
		"a eq 'a'":                                 true,
		"a eq 'A'":                                 true,
		"a ne 'a'":                                 false,
		"a eq null":                                false,
		"a ne null":                                true,
		"not a eq 'b'":                             true,
		"not a eq 'b' and a eq 'b'":                false,
		"a eq 'a' or a eq 'b' and a eq 'b'":        true,
		"(a eq 'a' or a eq 'b') and a eq 'b'":      false,
		"a in ('x','a')":                           true,
		"a in ('x')":                               false,
		"NOT (a EQ 'b')":                           true,
		"l/any(x:x/a eq 'a' and x/b eq 'b')":       true,
		"l/any(x: x/a eq 'b')":                     false,
		"it''s eq 'it'''":                          false,
		"a eq true":                                false,
		"true eq true":                             true,
		"a eq 'b' or not (not (a eq 'a'))":         true,
		"a eq 'x' and b eq 'b' or c eq 'c'":        true,
		"a eq 'x' and (b eq 'b' or c eq 'c')":      false,
		"a eq 'a'and b eq 'b'":                     true,
		" a  eq\t'a' ":                             true,
		"a eq 'q''uote' or a eq 'a'":               true,
		"l/any(x:not (x/a eq 'b')) and a eq 'a'":   true,
		"l/any(x:x/m/any(y:y/a eq 'a')) or a eq 1": true,
	} {
		e, err := parseFilter(filter)
		if filter == "it''s eq 'it'''" {
			if err == nil {
				t.Errorf("%s was accepted", filter)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		if got, err := evaluate(e, everything{}); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", filter, got, err, want)
		}
	}
}

func TestParseExpand(t *testing.T) {
	got, err := parseExpand("a($select=id, version;$expand=bot($select=id)),b")
	want := []expansion{
		{name: "a", sel: []string{"id", "version"}, expand: []expansion{{name: "bot", sel: []string{"id"}}}},
		{name: "b"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(expansion{})); diff != "" || err != nil {
		t.Errorf("(-want +got) %v\n%s", err, diff)
	}
	for _, bad := range []string{"a(", "a($top=1)", ",", "a(b)"} {
		if _, err := parseExpand(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	order := []string{"0.9.0", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0", "99999999999999999999.0.0", "100000000000000000000.0.0"}
	for i, a := range order {
		for j, b := range order {
			got := compareVersions(a, b)
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
	if compareVersions("1.02.0", "1.2.0") != 0 || compareVersions("1.2", "1.2.0") != 0 {
		t.Error("leading and trailing zeros count")
	}
}

// FuzzFilter looks for filters that break the reader or the evaluation.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"a eq 'a' and not (b ne null) or c in ('x','y')", "l/any(x:x/a eq 'a')", "a eq 'open", "((((", "not not not a eq 1",
		"a eq 'é' or b\u00a0eq 'x'", ":", "a/any(:)", "in in (in)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		e, err := parseFilter(filter)
		if err != nil {
			return
		}
		if _, err := evaluate(e, everything{}); err != nil {
			t.Errorf("%q cannot be evaluated: %v", filter, err)
		}
		equalities(e)
		needsAdvanced(e)
	})
}

// FuzzExpand looks for options that break the reader.
func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"a($select=id;$expand=b)", "a((((", "a)))", ";;;", "a($expand=" + strings.Repeat("a($expand=", 50)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := parseExpand(s)
		if err == nil && strings.TrimSpace(s) != "" && len(list) == 0 {
			t.Errorf("%q gives nothing", s)
		}
	})
}
