package planfile_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/teamsform/teamsform/engine/planfile"
)

var update = flag.Bool("update", false, "rewrite docs/schema/plan.schema.json")

// published is where the schema stands.
var published = filepath.Join("..", "..", "docs", "schema", "plan.schema.json")

// TestPublishedSchema holds the schema that users read against the format.
func TestPublishedSchema(t *testing.T) {
	want, err := planfile.Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(published, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Errorf("%s is not the schema of plan files: run go test ./engine/planfile -update", published)
	}
}

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("plan.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemaTakesEverything validates a plan that has something in every field.
func TestSchemaTakesEverything(t *testing.T) {
	s := compiled(t)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(written(t, filled(t))))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
	whole := doc.(map[string]any)
	whole["surprise"] = true
	if s.Validate(doc) == nil {
		t.Error("an unknown field is valid")
	}
	delete(whole, "surprise")
	whole["operations"].([]any)[0].(map[string]any)["phase"] = "later"
	if s.Validate(doc) == nil {
		t.Error("an unknown phase is valid")
	}
}
