package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// judgeBy checks a document by a table of the given rules, the first of which
// is the root, and returns "keyword path detail" of each violation.
func judgeBy(t *testing.T, doc string, lines ...string) []string {
	t.Helper()
	header := `{"format":1,"patterns":["^x[0-9]$","y"],"roots":{"MicrosoftTeams":{"1.0":0}}}`
	table, err := rules.Parse([]byte(header + "\n" + strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := jsondoc.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	found, err := table.Check(rules.Manifest, "1.0", root)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range found {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s@%d:%d %s", v.Keyword, v.Path, v.Pos.Line, v.Pos.Column, strings.Join(v.Detail, " "))))
	}
	return out
}

func TestKeywords(t *testing.T) {
	const isString = `{"type":["string"]}`
	tests := []struct {
		rule string
		good []string
		bad  map[string][]string
	}{
		{`{"type":["integer"]}`, []string{`1`, `1.0`, `1e3`}, map[string][]string{`1.5`: {"type @1:1 integer"}, `"1"`: {"type @1:1 integer"}}},
		{`{"type":["object","null"]}`, []string{`{}`, `null`}, map[string][]string{`[]`: {"type @1:1 object null"}}},
		{`{"const":"1.4"}`, []string{`"1.4"`}, map[string][]string{`1.4`: {`const @1:1 "1.4"`}}},
		{`{"enum":["a",1,null]}`, []string{`"a"`, `1.0`, `null`}, map[string][]string{`"b"`: {`enum @1:1 "a" 1 null`}}},
		{`{"pattern":"^a"}`, []string{`"ab"`, `7`}, map[string][]string{`"b"`: {"pattern @1:1 ^a"}}},
		{`{"maxLength":2,"minLength":1}`, []string{`"é😀"`, `[1,2,3]`}, map[string][]string{`"abc"`: {"maxLength @1:1 2 3"}, `""`: {"minLength @1:1 1 0"}}},
		{`{"minimum":1,"maximum":2.5}`, []string{`1`, `2.5`, `"9"`}, map[string][]string{`0.999`: {"minimum @1:1 1"}, `3`: {"maximum @1:1 2.5"}, `1e99999`: {"type @1:1 number of ordinary size"}}},
		{`{"minimum":1}`, []string{`1`, `"x"`}, map[string][]string{`0`: {"minimum @1:1 1"}}},
		{`{"maximum":2}`, []string{`2`, `-5`}, map[string][]string{`2.1`: {"maximum @1:1 2"}}},
		{`{"format":"uri"}`, []string{`"https://a/b"`, `5`}, map[string][]string{`"a"`: {"format @1:1 uri"}}},
		{`{"items":1,"minItems":1,"maxItems":2}`, []string{`["a"]`, `{}`}, map[string][]string{`[]`: {"minItems @1:1 1 0"}, `["a","b","c"]`: {"maxItems @1:1 2 3"}, `["a", 1]`: {"type /1@1:7 string"}}},
		{`{"uniqueItems":true}`, []string{`[1,"1",[1]]`}, map[string][]string{`[{"a":1,"b":2},{"b":2.0,"a":1}]`: {"uniqueItems @1:16 0 1"}}},
		{`{"required":["a","b"]}`, []string{`{"a":1,"b":null}`, `[]`}, map[string][]string{`{"a":1}`: {"required @1:1 b"}}},
		{`{"minProperties":1}`, []string{`{"a":1}`}, map[string][]string{`{}`: {"minProperties @1:1 1 0"}}},
		{`{"properties":{"a/b":1},"closed":true}`, []string{`{"a/b":"x"}`}, map[string][]string{`{"a/b":1}`: {"type /a~1b@1:8 string"}, `{"c":1}`: {"additionalProperties @1:2 c"}}},
		{`{"patternProperties":[[0,1],[1,2]],"closed":true}`, []string{`{"x1":"a","ay":7}`}, map[string][]string{`{"x1":1}`: {"type /x1@1:7 string"}, `{"x":1}`: {"additionalProperties @1:2 x"}}},
		{`{"properties":{"a":2},"additional":1}`, []string{`{"a":1,"b":"c"}`}, map[string][]string{`{"b":1}`: {"type /b@1:6 string"}}},
		{`{"dependencies":{"a":3}}`, []string{`{"b":1}`, `{"a":1,"z":2}`}, map[string][]string{`{"a":1}`: {"required @1:1 z"}}},
		{`{"allOf":[1,4]}`, []string{`"a"`}, map[string][]string{`"ab"`: {"maxLength @1:1 1 2"}, `1`: {"type @1:1 string"}}},
		{`{"anyOf":[1,3]}`, []string{`"a"`, `[]`}, map[string][]string{`{}`: {"type @1:1 string", "required @1:1 z", "anyOf @1:1"}}},
		{`{"oneOf":[1,3]}`, []string{`{"z":1}`}, map[string][]string{`{}`: {"type @1:1 string", "required @1:1 z", "oneOf @1:1 0"}, `"a"`: {"oneOf @1:1 2"}}},
		{`{"not":1}`, []string{`1`}, map[string][]string{`"a"`: {"not @1:1"}}},
		{`{"if":1,"then":4}`, []string{`1`, `"a"`}, map[string][]string{`"ab"`: {"maxLength @1:1 1 2", "if @1:1"}}},
		{`{"required":["b"],"type":["array"]}`, nil, map[string][]string{`{}`: {"type @1:1 array", "required @1:1 b"}}},
	}
	for _, tt := range tests {
		lines := []string{tt.rule, isString, `{}`, `{"required":["z"]}`, `{"maxLength":1}`}
		for _, doc := range tt.good {
			if got := judgeBy(t, doc, lines...); got != nil {
				t.Errorf("%s: %s is refused: %v", tt.rule, doc, got)
			}
		}
		for doc, want := range tt.bad {
			if diff := cmp.Diff(want, judgeBy(t, doc, lines...)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", tt.rule, doc, diff)
			}
		}
	}
}

func TestPlacesAreThoseOfTheDocument(t *testing.T) {
	got := judgeBy(t, "{\n  \"a\": {\n    \"b\": 1, \"c\": 2\n  }\n}",
		`{"properties":{"a":1}}`, `{"required":["d"],"properties":{"b":2},"closed":true}`, `{"type":["string"]}`)
	want := []string{"required /a@2:8 d", "type /a/b@3:10 string", "additionalProperties /a@3:13 c"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestViolationsEnd(t *testing.T) {
	for name, doc := range map[string]string{
		"elements": "[" + strings.Repeat("1,", 50_000) + "1]",
		"members":  "{" + strings.Join(numbered(50_000), ",") + "}",
	} {
		got := judgeBy(t, doc, `{"items":1,"closed":true}`, `{"type":["string"]}`)
		if len(got) < 1000 || len(got) > 1010 {
			t.Errorf("%s: %d violations", name, len(got))
		}
	}
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`"m%d":1`, i)
	}
	return out
}

func TestBrokenTables(t *testing.T) {
	const header = `{"format":1,"patterns":["("],"roots":{"MicrosoftTeams":{"1.0":0}}}`
	root, err := jsondoc.Parse([]byte(`{"a":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no JSON":       header + "\n{",
		"reference":     header + "\n" + `{"properties":{"a":9}}`,
		"pattern":       header + "\n" + `{"patternProperties":[[0,0]]}`,
		"pattern index": header + "\n" + `{"patternProperties":[[5,0]]}`,
		"in a choice":   header + "\n" + `{"not":7}`,
	} {
		table, err := rules.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := table.Check(rules.Manifest, "1.0", root); err == nil {
			t.Errorf("%s: passes", name)
		}
		if _, err := table.Check(rules.Manifest, "1.18", root); err == nil {
			t.Errorf("%s: unknown version passes", name)
		}
	}
	for _, text := range []string{"", "[]", `{"format":2}`} {
		if _, err := rules.Parse([]byte(text)); err == nil {
			t.Errorf("%q is taken for a table", text)
		}
	}
}

func TestVersions(t *testing.T) {
	table := load(t)
	got := table.Versions(rules.Manifest)
	var want []string
	for i := range 31 {
		if i != 18 {
			want = append(want, fmt.Sprintf("1.%d", i))
		}
	}
	if diff := cmp.Diff(append(want, "devPreview"), got); diff != "" {
		t.Error(diff)
	}
	if table.Has(rules.Manifest, "1.18") || !table.Has(rules.Manifest, "1.19") || table.Has(rules.Localization, "1.4") {
		t.Error("Has is wrong")
	}
	shuffled := []string{"devPreview", "1.10", "2.0", "1.9"}
	slices.SortFunc(shuffled, rules.CompareVersions)
	if diff := cmp.Diff([]string{"1.9", "1.10", "2.0", "devPreview"}, shuffled); diff != "" {
		t.Error(diff)
	}
}

// Every rule of the built-in table decodes, and every pattern compiles.
func TestEveryPatternCompiles(t *testing.T) {
	table := load(t)
	for _, kind := range []rules.Kind{rules.Manifest, rules.Localization} {
		for _, version := range table.Versions(kind) {
			if err := table.Verify(kind, version); err != nil {
				t.Errorf("%s %s: %v", kind, version, err)
			}
		}
	}
}

func TestURI(t *testing.T) {
	const rule = `{"format":"uri"}`
	good := []string{"https://a.example/b?c#d", "mailto:a@b", "a:b", "x+y-1.z:/p", "http://u:p@h:80", "http://[::1]:8/", "http://h/%41%9f%aF%0A%fa", "urn:a:b", "http://h:", "file:///x"}
	bad := []string{"", "a", "/a", "1a:b", ":b", "http://a b", "http://h/%4", "http://h/%zz", "http://[::1", "http://[1.2.3.4]/", "http://h:x/", "a:#b#c", "http://é/", "http://h/<>", "#a", "a b:c"}
	for _, s := range good {
		if got := judgeBy(t, fmt.Sprintf("%q", s), rule); got != nil {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range bad {
		if got := judgeBy(t, fmt.Sprintf("%q", s), rule); got == nil {
			t.Errorf("%q is taken", s)
		}
	}
}

func TestLookAheadPatterns(t *testing.T) {
	tests := []struct {
		rule      string
		good, bad []string
	}{
		{`{"pattern":"^(?![nN][uU][lL]{2}$)\\s*\\S.*"}`, []string{"a", " null", "nulls", "\n x"}, []string{"", " \t", "null", "NuLL", "\u00a0\ufeff", "\r\n\v", "\u2000\u200a", "\u1680\u2028\u2029\u202f\u205f\u3000"}},
		{`{"pattern":"^(?!.*[\\r\\n\\f\\b\\v\\u0007\\t])[\\S]*\\.xll$"}`, []string{"a.xll", ".xll", "a/b.xll"}, []string{"a b.xll", "a.xll ", "a\u0007.xll", "a\b.xll", "a.XLL", "\u00a0.xll"}},
	}
	for _, tt := range tests {
		for _, s := range tt.good {
			if got := judgeBy(t, quote(s), tt.rule); got != nil {
				t.Errorf("%q is refused by %s", s, tt.rule)
			}
		}
		for _, s := range tt.bad {
			if got := judgeBy(t, quote(s), tt.rule); got == nil {
				t.Errorf("%q is taken by %s", s, tt.rule)
			}
		}
	}
}

func quote(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return `"` + b.String() + `"`
}
