package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// published compiles a schema of docs/schema.
func published(name string) (*jsonschema.Schema, error) {
	return jsonschema.NewCompiler().Compile(filepath.Join(repoRoot(), "docs", "schema", name+".schema.json"))
}

// checkJSON compares a text with a published schema.
func checkJSON(schema *jsonschema.Schema, text string) error {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

// scriptJSON checks a document against a published schema.
func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: jsondoc SCHEMA FILE")
	}
	schema, err := published(args[0])
	ts.Check(err)
	ts.Check(checkJSON(schema, ts.ReadFile(args[1])))
}

// scriptLines checks every line of a stream against the published schema, that
// it begins and ends as it must, and prints it without what differs between
// runs.
func scriptLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jsonlines FILE")
	}
	schema, err := published("lines")
	ts.Check(err)
	text := ts.ReadFile(args[0])
	if !strings.HasSuffix(text, "\n") {
		ts.Fatalf("the last line has no end: %q", text)
	}
	var types []string
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if err := checkJSON(schema, line); err != nil {
			ts.Fatalf("%s\n%v", line, err)
		}
		typ, shown := steady(ts, line)
		types = append(types, typ)
		fmt.Fprintln(ts.Stdout(), shown)
	}
	if types[0] != "version" || types[len(types)-1] != "result" {
		ts.Fatalf("the stream goes from %s to %s, want version to result", types[0], types[len(types)-1])
	}
}

// steady leaves out times and the version of the program.
func steady(ts *testscript.TestScript, line string) (typ, shown string) {
	var fields struct {
		Type      string
		Timestamp string `json:"@timestamp"`
		Teamsform string
		Message   string `json:"@message"`
	}
	ts.Check(json.Unmarshal([]byte(line), &fields))
	shown = strings.Replace(line, `,"@timestamp":"`+fields.Timestamp+`"`, "", 1)
	shown = strings.Replace(shown, `,"@module":"teamsform"`, "", 1)
	if fields.Teamsform != "" {
		shown = strings.ReplaceAll(shown, fields.Teamsform, "VERSION")
	}
	return fields.Type, shown
}

// TestSchemasAreExact: a schema that takes anything proves nothing.
func TestSchemasAreExact(t *testing.T) {
	lines, err := published("lines")
	if err != nil {
		t.Fatal(err)
	}
	const head = `"@level":"info","@message":"m","@module":"teamsform","@timestamp":"2026-11-02T09:00:00Z"`
	tests := []struct {
		line string
		good bool
	}{
		{`{` + head + `,"type":"result","exit_code":0}`, true},
		{`{` + head + `,"type":"result","exit_code":7}`, false},
		{`{` + head + `,"type":"result"}`, false},
		{`{` + head + `,"type":"result","exit_code":0,"more":1}`, false},
		{`{` + head + `,"type":"unknown"}`, false},
		{`{"type":"result","exit_code":0}`, false},
		{`{` + head + `,"type":"attention","attention":{"text":"t"}}`, true},
		{`{` + head + `,"type":"attention","attention":{"text":"t","more":1}}`, false},
	}
	for _, tt := range tests {
		if err := checkJSON(lines, tt.line); (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.line, err)
		}
	}
	validation, err := published("validate")
	if err != nil {
		t.Fatal(err)
	}
	if err := checkJSON(validation, `{"format_version":"1.0"}`); err == nil {
		t.Error("half a document of a validation is taken")
	}
}

// TestSchemasAreOne checks that what both schemas describe is described alike.
func TestSchemasAreOne(t *testing.T) {
	read := func(name string) map[string]json.RawMessage {
		var doc struct {
			Defs map[string]json.RawMessage `json:"$defs"`
		}
		if err := json.Unmarshal([]byte(document(t, "docs/schema/"+name+".schema.json")), &doc); err != nil {
			t.Fatal(err)
		}
		return doc.Defs
	}
	lines, validation := read("lines"), read("validate")
	for _, name := range []string{"diagnostic", "position"} {
		if len(lines[name]) == 0 || !bytes.Equal(lines[name], validation[name]) {
			t.Errorf("the schemas differ in %q", name)
		}
	}
}
