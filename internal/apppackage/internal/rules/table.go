package rules

import (
	"bytes"
	_ "embed" // the table
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Kind is a type of document.
type Kind string

// The kinds of documents that the table covers.
const (
	Manifest     Kind = "MicrosoftTeams"
	Localization Kind = "MicrosoftTeams.Localization"
)

// DevPreview is the version of the schema that has no number.
const DevPreview = "devPreview"

// Header is the first line of the table.
type Header struct {
	Format    int                     `json:"format"`
	Generated string                  `json:"generated"` // says that nobody should edit the table
	Patterns  []string                `json:"patterns"`  // named by Rule.PatternProperties
	Roots     map[Kind]map[string]int `json:"roots"`     // kind -> version -> rule
}

// Rule is a line of the table: the constraints on one value, in the terms of
// JSON Schema. References are numbers of rules, counted from 0 on the line
// after the header. Absent constraints are nil.
type Rule struct {
	Type              []string          `json:"type,omitempty"`
	Const             json.RawMessage   `json:"const,omitempty"`
	Enum              []json.RawMessage `json:"enum,omitempty"`
	Pattern           string            `json:"pattern,omitempty"`
	Format            string            `json:"format,omitempty"`
	MinLength         *int              `json:"minLength,omitempty"`
	MaxLength         *int              `json:"maxLength,omitempty"`
	Minimum           json.Number       `json:"minimum,omitempty"`
	Maximum           json.Number       `json:"maximum,omitempty"`
	Items             *int              `json:"items,omitempty"`
	MinItems          *int              `json:"minItems,omitempty"`
	MaxItems          *int              `json:"maxItems,omitempty"`
	UniqueItems       bool              `json:"uniqueItems,omitempty"`
	Required          []string          `json:"required,omitempty"`
	MinProperties     *int              `json:"minProperties,omitempty"`
	Properties        map[string]int    `json:"properties,omitempty"`
	PatternProperties [][2]int          `json:"patternProperties,omitempty"` // pattern, rule
	Closed            bool              `json:"closed,omitempty"`            // additionalProperties: false
	Additional        *int              `json:"additional,omitempty"`        // additionalProperties: a rule
	Dependencies      map[string]int    `json:"dependencies,omitempty"`
	AllOf             []int             `json:"allOf,omitempty"`
	AnyOf             []int             `json:"anyOf,omitempty"`
	OneOf             []int             `json:"oneOf,omitempty"`
	Not               *int              `json:"not,omitempty"`
	If                *int              `json:"if,omitempty"`
	Then              *int              `json:"then,omitempty"`
}

//go:embed table.jsonl
var table []byte

// Table is the whole of the facts. It is read-only; rules are decoded when
// they are first needed, and kept.
type Table struct {
	header   Header
	lines    [][]byte
	rules    []*Rule
	matchers map[string]func(string) bool
}

// Load returns the table of this build. Its methods are for one goroutine.
func Load() (*Table, error) { return Parse(table) }

// Parse reads a table in the format that genrules writes.
func Parse(text []byte) (*Table, error) {
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	t := &Table{lines: lines[1:], rules: make([]*Rule, len(lines)-1), matchers: map[string]func(string) bool{}}
	if err := json.Unmarshal(lines[0], &t.header); err != nil {
		return nil, fmt.Errorf("read the header of the manifest rules: %w", err)
	}
	if t.header.Format != 1 {
		return nil, fmt.Errorf("manifest rules have format %d, this program reads 1", t.header.Format)
	}
	return t, nil
}

// Versions returns the versions of a kind of document, in order, devPreview last.
func (t *Table) Versions(kind Kind) []string {
	var out []string
	for v := range t.header.Roots[kind] {
		out = append(out, v)
	}
	slices.SortFunc(out, CompareVersions)
	return out
}

// Has reports whether there are rules for that version of the kind.
func (t *Table) Has(kind Kind, version string) bool {
	_, ok := t.header.Roots[kind][version]
	return ok
}

// CompareVersions orders manifest versions: 1.9 before 1.10 before devPreview.
func CompareVersions(a, b string) int {
	parse := func(v string) (major, minor int) {
		x, y, _ := strings.Cut(v, ".")
		major, errMajor := strconv.Atoi(x)
		minor, errMinor := strconv.Atoi(y)
		if errMajor != nil || errMinor != nil {
			return 1 << 30, 0
		}
		return major, minor
	}
	aMajor, aMinor := parse(a)
	bMajor, bMinor := parse(b)
	if aMajor != bMajor {
		return aMajor - bMajor
	}
	return aMinor - bMinor
}

// rule decodes a line.
func (t *Table) rule(i int) (*Rule, error) {
	if i < 0 || i >= len(t.rules) {
		return nil, fmt.Errorf("manifest rules name rule %d of %d", i, len(t.rules))
	}
	if t.rules[i] == nil {
		var r Rule
		if err := json.Unmarshal(t.lines[i], &r); err != nil {
			return nil, fmt.Errorf("read manifest rule %d: %w", i, err)
		}
		t.rules[i] = &r
	}
	return t.rules[i], nil
}

// Verify decodes every rule that a version uses and compiles every pattern,
// which Check does only as documents ask for them.
func (t *Table) Verify(kind Kind, version string) error {
	root, ok := t.header.Roots[kind][version]
	if !ok {
		return fmt.Errorf("no rules for %s %s", kind, version)
	}
	return t.verify(root, map[int]bool{})
}

func (t *Table) verify(i int, done map[int]bool) error {
	if done[i] {
		return nil
	}
	done[i] = true
	r, err := t.rule(i)
	if err != nil {
		return err
	}
	patterns := []string{r.Pattern}
	next := slices.Concat(r.AllOf, r.AnyOf, r.OneOf)
	for _, optional := range []*int{r.Items, r.Additional, r.Not, r.If, r.Then} {
		if optional != nil {
			next = append(next, *optional)
		}
	}
	for _, members := range []map[string]int{r.Properties, r.Dependencies} {
		next = slices.AppendSeq(next, maps.Values(members))
	}
	for _, pp := range r.PatternProperties {
		patterns = append(patterns, t.header.Patterns[pp[0]])
		next = append(next, pp[1])
	}
	slices.Sort(next) // so that the first error is always the same
	for _, pattern := range patterns {
		if _, err := t.matcher(pattern); err != nil {
			return err
		}
	}
	for _, n := range next {
		if err := t.verify(n, done); err != nil {
			return err
		}
	}
	return nil
}

// KnownIn returns the versions of a kind, in order, in which a member exists at
// a path of member names and indexes.
func (t *Table) KnownIn(kind Kind, path []string) []string {
	var out []string
	for _, version := range t.Versions(kind) {
		if t.knows(t.header.Roots[kind][version], path) {
			out = append(out, version)
		}
	}
	return out
}

func (t *Table) knows(i int, path []string) bool {
	if len(path) == 0 {
		return true
	}
	r, err := t.rule(i)
	if err != nil {
		return false
	}
	if next, ok := r.Properties[path[0]]; ok && t.knows(next, path[1:]) {
		return true
	}
	if r.Items != nil && strings.Trim(path[0], "0123456789") == "" && t.knows(*r.Items, path[1:]) {
		return true
	}
	return slices.ContainsFunc(slices.Concat(r.AllOf, r.AnyOf, r.OneOf), func(n int) bool { return t.knows(n, path) })
}
