package rules_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// mutants is how many random documents the table and the schemas judge in the
// slow layer, besides the sweep; fewMutants in the fast one, where of the sweep
// each document whose number divides by thinned is judged.
const (
	mutants    = 100_000
	fewMutants = 500
	thinned    = 101
)

// TestMutants judges many broken documents by the table and by the schemas
// themselves. First every keyword of every place of every version is broken on
// purpose; what is left of the number are random mutations of real manifests.
// No document may be valid for one and invalid for the other.
func TestMutants(t *testing.T) {
	full, random := os.Getenv("TEAMSFORM_TESTS") == "full", fewMutants
	if full {
		random = mutants
	}
	dir := shared(t, "teams-manifest-schemas")
	m := &mutator{rand: rand.New(rand.NewPCG(seedOf(t), 2))}
	table, seeds := load(t), corpus(t)
	broken := map[string]int{}
	judged, valid := 0, 0
	type target struct {
		kind    rules.Kind
		version string
		schema  *jsonschema.Schema
		words   []string
	}
	var targets []target
	judge := func(k target, doc map[string]any) {
		judged++
		found := verdict(t, table, k.kind, k.version, k.schema, doc)
		if len(found) == 0 {
			valid++
		}
		for _, v := range found {
			broken[v.Keyword]++
		}
	}
	keywords := map[string]bool{}
	for _, kind := range []rules.Kind{rules.Manifest, rules.Localization} {
		for _, version := range table.Versions(kind) {
			k := target{kind, version, compile(t, dir, kind, version), vocabulary(t, schemaFile(dir, kind, version))}
			targets = append(targets, k)
			s := newSweep(readJSON(t, schemaFile(dir, kind, version)))
			collect(s.root, keywords)
			before := judged
			at := 0
			s.run(func(doc map[string]any) {
				if at++; !full && at%thinned != 1 {
					return
				}
				if kind == rules.Manifest && version != rules.DevPreview && judged%7 != 0 {
					doc["manifestVersion"] = version
				}
				judge(k, doc)
			})
			if judged == before {
				t.Errorf("%s %s: nothing was broken", kind, version)
			}
		}
	}
	swept := judged
	for i := range random {
		k := targets[i%len(targets)]
		m.words = k.words
		doc := m.localization()
		if k.kind == rules.Manifest {
			doc = clone(seeds[m.rand.IntN(len(seeds))])
			doc["manifestVersion"] = k.version
		}
		for range m.rand.IntN(4) {
			m.mutate(doc)
		}
		judge(k, doc)
	}
	t.Logf("%d documents, %d of them the sweep; %d valid; broken: %v", judged, swept, valid, broken)
	for keyword := range keywords {
		if name := reported(keyword); full && name != "" && broken[name] == 0 {
			t.Errorf("%s was never broken", keyword)
		}
	}
}

// reported is the keyword under which a violation is told, "" for those that
// only lead to others.
func reported(keyword string) string {
	switch keyword {
	case "properties", "patternProperties", "items", "allOf", "dependencies", "then", "definitions", "$ref", "title", "description", "default", "$schema", "id", "regex":
		return ""
	}
	return keyword
}

// collect gathers the keywords of a schema. Names of properties are none.
func collect(v any, into map[string]bool) {
	s, ok := v.(map[string]any)
	if !ok {
		return
	}
	for keyword, x := range s {
		into[keyword] = true
		switch x := x.(type) {
		case map[string]any:
			switch keyword {
			case "properties", "patternProperties", "definitions", "dependencies":
				for _, member := range x {
					collect(member, into)
				}
			default:
				collect(x, into)
			}
		case []any:
			for _, item := range x {
				collect(item, into)
			}
		}
	}
}

// verdict compares the two judgements of a document, and returns that of the
// table. Validity must be the same; the places are compared by TestDifferential.
func verdict(t *testing.T, table *rules.Table, kind rules.Kind, version string, schema *jsonschema.Schema, doc map[string]any) []rules.Violation {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	root, err := jsondoc.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	found, err := table.Check(kind, version, root)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if other := schema.Validate(value); (other == nil) != (len(found) == 0) {
		t.Fatalf("%s %s: found %v, the other validator says %v\n%s", kind, version, found, other, text)
	}
	return found
}

// The sweep breaks what it says: a schema of each keyword, and what comes of it.
func TestSweep(t *testing.T) {
	schema := map[string]any{
		"type": "object", "required": []any{"a"}, "additionalProperties": false,
		"properties": map[string]any{
			"a": map[string]any{"type": "string", "maxLength": json.Number("2"), "minLength": json.Number("1"), "pattern": "^x"},
			"b": map[string]any{"type": "array", "maxItems": json.Number("1"), "items": map[string]any{"type": "integer", "minimum": json.Number("0")}},
			"c": map[string]any{"oneOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "boolean"}}},
		},
	}
	seen := map[string]bool{}
	newSweep(schema).run(func(doc map[string]any) {
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		seen[string(text)] = true
	})
	for _, want := range []string{
		`{}`, `{"a":"x"}`, `{"a":""}`, `{"a":"xéé"}`, `{"a":null}`, `{"a":"x","zzz":1}`, `{"a":"x","b":[0,0]}`, `{"a":"x","b":[-1]}`, `{"a":"x","b":[]}`, `{"a":"x","b":{}}`, `{"a":"x","c":""}`, `{"a":"x","c":false}`,
	} {
		if !seen[want] {
			t.Errorf("%s is not among %v", want, slices.Sorted(maps.Keys(seen)))
		}
	}
	if diff := cmp.Diff(true, len(seen) < 100); diff != "" {
		t.Errorf("%d documents", len(seen))
	}
}
