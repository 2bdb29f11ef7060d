package rules_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// Mutated manifests and language files get the same verdict, and the same
// broken places, from the table and from a validator working on the schemas
// themselves. It is an implementation that shares nothing with this one.
func TestDifferential(t *testing.T) {
	dir := shared(t, "teams-manifest-schemas")
	seed := seedOf(t)
	const rounds = 60 // TestMutants has many more
	m := &mutator{rand: rand.New(rand.NewPCG(seed, 1))}
	table := load(t)
	seeds := corpus(t)
	for _, kind := range []rules.Kind{rules.Manifest, rules.Localization} {
		for _, version := range table.Versions(kind) {
			schema := compile(t, dir, kind, version)
			m.words = vocabulary(t, schemaFile(dir, kind, version))
			broken := 0
			for range rounds {
				doc := m.localization()
				if kind == rules.Manifest {
					doc = clone(seeds[m.rand.IntN(len(seeds))])
					doc["manifestVersion"] = version
				}
				for range m.rand.IntN(4) {
					m.mutate(doc)
				}
				if !agree(t, table, kind, version, schema, doc) {
					broken++
				}
			}
			if broken == 0 || broken == rounds {
				t.Logf("%s %s: %d of %d invalid", kind, version, broken, rounds)
			}
		}
	}
}

// seedOf gives the seed of a run, and prints it.
func seedOf(t *testing.T) uint64 {
	seed := rand.Uint64()
	if s, err := strconv.ParseUint(os.Getenv("TEAMSFORM_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("TEAMSFORM_SEED=%d repeats this", seed)
	return seed
}

// mostFound is where the search for violations ends, as the package says.
const mostFound = 1000

// agree compares the two verdicts and returns them.
func agree(t *testing.T, table *rules.Table, kind rules.Kind, version string, schema *jsonschema.Schema, doc map[string]any) bool {
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
	other := schema.Validate(value)
	if (other == nil) != (len(found) == 0) {
		t.Fatalf("%s %s: found %v, the other validator says %v\n%s", kind, version, found, other, text)
	}
	got := map[string]bool{}
	for _, v := range found {
		got[v.Path] = true
	}
	want := map[string]bool{}
	if e := new(jsonschema.ValidationError); errors.As(other, &e) {
		places(e, want)
	}
	if len(found) >= mostFound { // the search stops there: what it found must be right, the rest is left out
		maps.DeleteFunc(want, func(path string, _ bool) bool { return !got[path] })
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Fatalf("%s %s (-other +found):\n%s\n%v\n%s", kind, version, diff, other, text)
	}
	return len(found) == 0
}

// places collects where the innermost errors are.
func places(e *jsonschema.ValidationError, into map[string]bool) {
	if len(e.Causes) == 0 {
		path := ""
		for _, part := range e.InstanceLocation {
			path = jsondoc.Child(path, part)
		}
		into[path] = true
	}
	for _, cause := range e.Causes {
		places(cause, into)
	}
}

func schemaFile(dir string, kind rules.Kind, version string) string {
	folder := "v" + version
	if version == rules.DevPreview {
		folder = "vDevPreview"
	}
	return filepath.Join(dir, folder, string(kind)+".schema.json")
}

func readJSON(t *testing.T, path string) any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(jsondoc.TrimBOM(text))))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// compile reads a schema as Microsoft's tools do: const and if count, and so
// does what stands beside $ref.
func compile(t *testing.T, dir string, kind rules.Kind, version string) *jsonschema.Schema {
	t.Helper()
	doc := besideRef(readJSON(t, schemaFile(dir, kind, version))).(map[string]any)
	doc["$schema"] = "http://json-schema.org/draft-07/schema#"
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: func(v any) error {
		if s, ok := v.(string); ok && !uriForm.MatchString(s) {
			return errors.New("not a URI")
		}
		return nil
	}})
	c.UseRegexpEngine(engine)
	url := "mem:///" + version + ".json"
	if err := c.AddResource(url, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func besideRef(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = besideRef(x)
		}
		if ref, ok := v["$ref"].(string); ok && len(v) > 1 {
			delete(v, "$ref")
			v["allOf"] = []any{map[string]any{"$ref": ref}}
		}
	case []any:
		for i, x := range v {
			v[i] = besideRef(x)
		}
	}
	return v
}

// uriForm is RFC 3986 as one expression; the validator's own test is laxer.
var uriForm = regexp.MustCompile(`(?i)^[a-z][a-z0-9+.-]*:` +
	`(//([a-z0-9._~!$&'()*+,;=:-]|%[0-9a-f]{2})*@?(\[[0-9a-f:.]+\]|([a-z0-9._~!$&'()*+,;=-]|%[0-9a-f]{2})*)(:[0-9]*)?(/([a-z0-9._~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*)?` +
	`|([a-z0-9._~!$&'()*+,;=:@-]|%[0-9a-f]{2}|/([a-z0-9._~!$&'()*+,;=:@-]|%[0-9a-f]{2}))([a-z0-9._~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*|/)` +
	`(\?([a-z0-9._~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?(#([a-z0-9._~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?$`)

// ecmaScript is a pattern in the dialect that the schemas are written in. Go's
// own has no look-ahead.
type ecmaScript struct{ *regexp2.Regexp }

func (e ecmaScript) MatchString(s string) bool {
	found, err := e.Regexp.MatchString(s)
	return err == nil && found
}

func engine(pattern string) (jsonschema.Regexp, error) {
	re, err := regexp2.Compile(pattern, regexp2.ECMAScript|regexp2.Unicode)
	if err != nil {
		return nil, err
	}
	return ecmaScript{re}, nil
}

// corpus returns real manifests, placeholders filled.
func corpus(t *testing.T) []map[string]any {
	paths, err := filepath.Glob(filepath.Join(shared(t, "manifests-filled"), "*", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no manifests", err)
	}
	var out []map[string]any
	for _, path := range paths {
		if doc, ok := readJSON(t, path).(map[string]any); ok {
			out = append(out, doc)
		}
	}
	return out
}

// vocabulary collects the member names and string values of a schema, so that
// mutations reach members that no real manifest has.
func vocabulary(t *testing.T, path string) []string {
	found := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				found[k] = true
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case string:
			if len(v) < 40 {
				found[v] = true
			}
		}
	}
	walk(readJSON(t, path))
	return slices.Sorted(maps.Keys(found))
}

func clone(v map[string]any) map[string]any {
	text, _ := json.Marshal(v)
	out, _ := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	return out.(map[string]any)
}
