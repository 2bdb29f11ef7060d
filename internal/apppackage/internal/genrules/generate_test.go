package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// The committed table is what the published schemas say.
func TestTableIsCurrent(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "..", "shared", "teams-manifest-schemas")
	if _, err := os.Stat(dir); err != nil {
		if slices.Contains(strings.Split(os.Getenv("TEAMSFORM_REQUIRE"), ","), "data") {
			t.Fatal(err)
		}
		t.Skip("needs the background data ../shared/teams-manifest-schemas beside the repository")
	}
	out := filepath.Join(t.TempDir(), "table.jsonl")
	if err := run(dir, out); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "rules", "table.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("the table differs from the schemas; run genrules")
	}
	if len(got) > 200_000 {
		t.Errorf("the table has grown to %d bytes", len(got))
	}
	for _, wording := range []string{`"description":"`, `"title":"`, "should"} {
		if strings.Contains(string(got), wording) {
			t.Errorf("the table holds wording of the schemas: %s", wording)
		}
	}
}

func TestGenerate(t *testing.T) {
	fsys := fstest.MapFS{
		"v1.9/MicrosoftTeams.schema.json":               {Data: []byte("\xef\xbb\xbf" + `{"description":"words","type":"object","properties":{"a":{"$ref":"#/definitions/short"},"b":{"$ref":"#/properties/a","maxLength":3}},"definitions":{"short":{"type":"string","title":"x","pattern":"<&>"}}}`)},
		"v1.10/MicrosoftTeams.schema.json":              {Data: []byte(`{"type":["object","null"],"required":["a"],"properties":{"a":{"type":"string","pattern":"<&>"}},"additionalProperties":false}`)},
		"v1.10/MicrosoftTeams.Localization.schema.json": {Data: []byte(`{"patternProperties":{"^x":{"minimum":1.5}},"additionalProperties":{"enum":[1,"a",null]}}`)},
	}
	got, err := generate(fsys)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"format":1,"patterns":["^x"],"roots":{"MicrosoftTeams":{"1.10":5,"1.9":4},"MicrosoftTeams.Localization":{"1.10":8}}}
{"type":["string"],"pattern":"<&>"}
{}
{"maxLength":3}
{"allOf":[0,2]}
{"type":["object"],"properties":{"a":0,"b":3}}
{"type":["object","null"],"required":["a"],"properties":{"a":0},"closed":true}
{"enum":[1,"a",null]}
{"minimum":1.5}
{"patternProperties":[[0,7]],"additional":6}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGenerateRefuses(t *testing.T) {
	tests := map[string]struct{ schema, says string }{
		"unknown keyword": {`{"properties":{"a":{"contains":{}}}}`, "contains: this keyword is not known"},
		"recursion":       {`{"$ref":"#/definitions/a","definitions":{"a":{"items":{"$ref":"#/definitions/a"}}}}`, "refers to itself"},
		"dangling":        {`{"$ref":"#/definitions/a"}`, "leads nowhere"},
		"wrong type":      {`{"maxLength":"3"}`, "maxLength: 3 is string"},
		"list dependency": {`{"dependencies":{"a":["b"]}}`, "a schema is []interface"},
		"no schema":       {`[]`, "cannot unmarshal"},
	}
	for name, tt := range tests {
		_, err := generate(fstest.MapFS{"v1.0/MicrosoftTeams.schema.json": {Data: []byte(tt.schema)}})
		if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "v1.0/MicrosoftTeams.schema.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := generate(fstest.MapFS{"v1.0/other": {}}); err == nil {
		t.Error("a version without manifest schema passes")
	}
	if err := run("", ""); err == nil {
		t.Error("no flags pass")
	}
}
