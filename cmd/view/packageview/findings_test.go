package packageview_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/cmd/view/packageview"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

func sample(path string) *packages.Validated {
	return &packages.Validated{Path: path, Findings: []apppackage.Finding{
		{Rule: "SchemaError_Pattern", Layer: apppackage.LayerSchema, Severity: apppackage.SeverityError, Keyword: "pattern", File: "manifest.json", Path: "/id", Line: 3, Column: 7, Message: "id is \"x\"\n::error::50%", Remedy: "write, a: GUID"},
		{Rule: "UnreferencedFile", Layer: apppackage.LayerGuideline, Severity: apppackage.SeverityWarning, File: "a b/ü.txt", Message: "nothing names it"},
		{Rule: "SchemaError_Pattern", Layer: apppackage.LayerSchema, Severity: apppackage.SeverityError, Keyword: "pattern", File: "manifest.json", Path: "/x", Line: 5, Column: 1, Message: "again", Remedy: "r"},
		{Rule: "OAuthCardDomain", Layer: apppackage.LayerGuideline, Severity: apppackage.SeverityInfo, File: "manifest.json", Path: "/validDomains", Line: 9, Column: 2, Message: "sign-in", Remedy: "add it"},
	}}
}

// sarifProblems states what SARIF 2.1.0 asks of a log, as far as readers such as
// code scanning refuse one without it.
func sarifProblems(doc map[string]any) []string {
	var out []string
	wrong := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	object := func(v any) map[string]any { m, _ := v.(map[string]any); return m }
	list := func(v any) []any { l, _ := v.([]any); return l }
	text := func(v any) string { s, _ := v.(string); return s }
	levels := map[string]bool{"none": true, "note": true, "warning": true, "error": true}
	if text(doc["version"]) != "2.1.0" {
		wrong("version %v", doc["version"])
	}
	if !strings.Contains(text(doc["$schema"]), "sarif") {
		wrong("$schema %v", doc["$schema"])
	}
	if len(list(doc["runs"])) == 0 {
		wrong("no runs")
	}
	for _, r := range list(doc["runs"]) {
		run := object(r)
		driver := object(object(run["tool"])["driver"])
		if text(driver["name"]) == "" {
			wrong("the driver has no name")
		}
		if u, err := url.Parse(text(driver["informationUri"])); err != nil || !u.IsAbs() {
			wrong("informationUri %v", driver["informationUri"])
		}
		if kind := text(run["columnKind"]); kind != "unicodeCodePoints" && kind != "utf16CodeUnits" {
			wrong("columnKind %q", kind)
		}
		rules := list(driver["rules"])
		seen := map[string]bool{}
		for _, x := range rules {
			rule := object(x)
			if id := text(rule["id"]); id == "" || seen[id] {
				wrong("rule %q has no id of its own", id)
			}
			seen[text(rule["id"])] = true
			if text(object(rule["shortDescription"])["text"]) == "" {
				wrong("rule %v has no description", rule["id"])
			}
			if !levels[text(object(rule["defaultConfiguration"])["level"])] {
				wrong("rule %v has level %v", rule["id"], rule["defaultConfiguration"])
			}
		}
		if run["results"] == nil {
			wrong("results are null")
		}
		for i, x := range list(run["results"]) {
			res := object(x)
			index, ok := res["ruleIndex"].(float64)
			if !ok || int(index) >= len(rules) || index < 0 || object(rules[int(index)])["id"] != res["ruleId"] {
				wrong("result %d: ruleIndex %v is not that of %v", i, res["ruleIndex"], res["ruleId"])
			}
			if !levels[text(res["level"])] || text(object(res["message"])["text"]) == "" {
				wrong("result %d: level %v, message %v", i, res["level"], res["message"])
			}
			if len(list(res["locations"])) == 0 {
				wrong("result %d has no location", i)
			}
			for _, l := range list(res["locations"]) {
				physical := object(object(l)["physicalLocation"])
				u, err := url.Parse(text(object(physical["artifactLocation"])["uri"]))
				if err != nil || u.String() == "" || strings.ContainsAny(u.String(), " \\") {
					wrong("result %d: uri %v", i, physical["artifactLocation"])
				}
				region := object(physical["region"])
				line, _ := region["startLine"].(float64)
				column, _ := region["startColumn"].(float64)
				if line < 1 || column < 1 {
					wrong("result %d: region %v", i, region)
				}
			}
		}
	}
	return out
}

func sarif(t *testing.T, v *packages.Validated) map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := packageview.FindingsSARIF(&b, v, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestSARIF(t *testing.T) {
	for _, path := range []string{"packages/helpdesk", "a.zip", "m/manifest.json", "./x y/", `helpdesk.ZIP`} {
		if problems := sarifProblems(sarif(t, sample(path))); len(problems) > 0 {
			t.Errorf("%s: %v", path, problems)
		}
	}
	if problems := sarifProblems(sarif(t, &packages.Validated{Path: "x"})); len(problems) > 0 {
		t.Errorf("without findings: %v", problems)
	}
	// The test of the form notices faults.
	if len(sarifProblems(map[string]any{})) == 0 || len(sarifProblems(map[string]any{"version": "2.1.0", "runs": []any{map[string]any{"results": []any{map[string]any{"ruleIndex": 7.0}}}}})) < 5 {
		t.Error("the test of the form sees nothing")
	}
	doc := sarif(t, sample("p"))
	run := doc["runs"].([]any)[0].(map[string]any)
	results := run["results"].([]any)
	if rules := run["tool"].(map[string]any)["driver"].(map[string]any)["rules"].([]any); len(rules) != 3 || len(results) != 4 {
		t.Errorf("%d rules, %d results", len(rules), len(results))
	}
	var levels []string
	for _, r := range results {
		levels = append(levels, r.(map[string]any)["level"].(string))
	}
	if diff := cmp.Diff([]string{"error", "warning", "error", "note"}, levels); diff != "" {
		t.Error(diff)
	}
}

func TestGitHub(t *testing.T) {
	tests := []struct{ path, want string }{
		{"p,q", `::error file=p%2Cq/manifest.json,line=3,col=7,title=SchemaError_Pattern::id is "x"%0A::error::50%25%0Awrite, a: GUID
::warning file=p%2Cq/a b/ü.txt,title=UnreferencedFile::nothing names it
::error file=p%2Cq/manifest.json,line=5,col=1,title=SchemaError_Pattern::again%0Ar
::notice file=p%2Cq/manifest.json,line=9,col=2,title=OAuthCardDomain::sign-in%0Aadd it
`},
		{"./a.zip", `::error file=a.zip,title=SchemaError_Pattern::manifest.json:3:7: id is "x"%0A::error::50%25%0Awrite, a: GUID
::warning file=a.zip,title=UnreferencedFile::a b/ü.txt: nothing names it
::error file=a.zip,title=SchemaError_Pattern::manifest.json:5:1: again%0Ar
::notice file=a.zip,title=OAuthCardDomain::manifest.json:9:2: sign-in%0Aadd it
`},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		if err := packageview.FindingsGitHub(&b, sample(tt.path)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, b.String()); diff != "" {
			t.Error(diff)
		}
	}
}

// Nothing that a package says reaches a terminal as a command.
func TestTextIsClean(t *testing.T) {
	v := sample("p")
	v.Findings[0].Message = "a\x1b[2Jb\u202ec\x9bd"
	var b bytes.Buffer
	if err := packageview.Findings(&b, view.Style{}, v); err != nil {
		t.Fatal(err)
	}
	want := `p
  error   manifest.json:3:7: a�[2Jb�c�d (SchemaError_Pattern)
      write, a: GUID
  warning a b/ü.txt: nothing names it (UnreferencedFile)
  error   manifest.json:5:1: again (SchemaError_Pattern)
      r
  info    manifest.json:9:2: sign-in (OAuthCardDomain)
      add it
Not valid: 2 errors, 1 warning.
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := packageview.Findings(&b, view.Style{Color: true}, &packages.Validated{Path: "p"}); err != nil || !strings.Contains(b.String(), "\x1b[32mValid\x1b[") {
		t.Errorf("%q %v", b.String(), err)
	}
}

// The members of the JSON of findings, and no null among them.
func TestFindingsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := packageview.FindingsJSON(&b, &packages.Validated{Path: "p"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("{\n  \"format\": \"1.0\",\n  \"valid\": true,\n  \"findings\": []\n}\n", b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := packageview.FindingsJSON(&b, sample("p")); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Valid    bool             `json:"valid"`
		Findings []map[string]any `json:"findings"`
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil || doc.Valid || len(doc.Findings) != 4 {
		t.Fatalf("%v %+v", err, doc)
	}
	for _, f := range doc.Findings {
		for _, member := range []string{"rule", "layer", "severity", "keyword", "path", "line", "column", "message", "remedy"} {
			if f[member] == nil {
				t.Errorf("%v lacks %s", f, member)
			}
		}
	}
}
