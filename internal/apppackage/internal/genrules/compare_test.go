package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func schema(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// The order of lines does not count, and the preview does not; anything that a
// version says does.
func TestDifferences(t *testing.T) {
	const one = `{"type":"object","properties":{"a":{"type":"string","maxLength":3},"b":{"items":{"enum":[1]}}},"patternProperties":{"^x":{"minimum":1}},"oneOf":[{"required":["a"]},{"required":["b"]}]}`
	base := fstest.MapFS{"v1.1/MicrosoftTeams.schema.json": schema(one), "vDevPreview/MicrosoftTeams.schema.json": schema(`{"type":"object"}`)}
	table := func(fsys fstest.MapFS) []byte {
		text, err := generate(fsys)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	tests := []struct {
		name string
		fsys fstest.MapFS
		want []string
	}{
		{"the same", base, nil},
		{"more before it", fstest.MapFS{"v1.0/MicrosoftTeams.schema.json": schema(`{"type":"array"}`), "v1.1/MicrosoftTeams.schema.json": schema(one)}, []string{"MicrosoftTeams 1.0 is new"}},
		{"preview", fstest.MapFS{"v1.1/MicrosoftTeams.schema.json": schema(one), "vDevPreview/MicrosoftTeams.schema.json": schema(`{"type":"array"}`)}, nil},
		{"none", fstest.MapFS{}, []string{"MicrosoftTeams 1.1 is gone"}},
	}
	for _, change := range []string{"maxLength\":3>maxLength\":4", "[1]>[2]", "^x>^y", "minimum\":1>minimum\":2", `"b"]>"c"]`, `"a":{>"c":{`} {
		old, new, _ := strings.Cut(change, ">")
		fsys := fstest.MapFS{"v1.1/MicrosoftTeams.schema.json": schema(strings.Replace(one, old, new, 1))}
		tests = append(tests, struct {
			name string
			fsys fstest.MapFS
			want []string
		}{change, fsys, []string{"MicrosoftTeams 1.1 has other rules"}})
	}
	for _, tt := range tests {
		got, err := differences(table(base), table(tt.fsys))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	for _, damaged := range []string{"", "{", `{"format":1,"roots":{"MicrosoftTeams":{"1.1":7}}}`, `{"format":1,"roots":{"MicrosoftTeams":{"1.1":0}}}` + "\n{"} {
		if _, err := differences([]byte(damaged), table(base)); err == nil {
			t.Errorf("%q passes", damaged)
		}
	}
}

func TestCompareCommand(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, fstest.MapFS{"v1.1/MicrosoftTeams.schema.json": schema(`{"type":"object"}`)}); err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(t.TempDir(), "table.jsonl")
	if err := run(dir, table); err != nil {
		t.Fatal(err)
	}
	if err := compare(dir, table); err != nil {
		t.Error(err)
	}
	if err := compare(dir, filepath.Join("..", "rules", "table.jsonl")); err == nil || !strings.Contains(err.Error(), "run genrules") {
		t.Errorf("%v", err)
	}
	if err := compare(dir, filepath.Join("..", "rules", "table.jsonl"), "MicrosoftTeams 1.1"); err == nil || strings.Contains(err.Error(), "MicrosoftTeams 1.1 has") {
		t.Errorf("%v", err)
	}
	if err := compare(dir, table+"x"); err == nil {
		t.Error("a file that is not there passes")
	}
}
