package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// generate returns the table of all schemas below the root of fsys.
func generate(fsys fs.FS) ([]byte, error) {
	folders, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, f := range folders {
		if f.IsDir() {
			versions = append(versions, versionOf(f.Name()))
		}
	}
	slices.SortFunc(versions, rules.CompareVersions)
	b := &builder{
		numbers:  map[string]int{},
		patterns: map[string]int{},
		header:   rules.Header{Format: 1, Roots: map[rules.Kind]map[string]int{}},
	}
	for _, kind := range []rules.Kind{rules.Manifest, rules.Localization} {
		b.header.Roots[kind] = map[string]int{}
		for _, version := range versions {
			name := folderOf(version) + "/" + string(kind) + ".schema.json"
			text, err := fs.ReadFile(fsys, name)
			if err != nil {
				if kind == rules.Manifest {
					return nil, err
				}
				continue // the first versions have no language files
			}
			root, err := b.document(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			b.header.Roots[kind][version] = root
		}
	}
	return b.table()
}

func versionOf(folder string) string {
	if folder == "vDevPreview" {
		return rules.DevPreview
	}
	return strings.TrimPrefix(folder, "v")
}

func folderOf(version string) string {
	if version == rules.DevPreview {
		return "vDevPreview"
	}
	return "v" + version
}

// builder numbers the rules; equal ones share a number.
type builder struct {
	header   rules.Header
	lines    [][]byte
	numbers  map[string]int // line -> number
	patterns map[string]int
	root     map[string]any // the schema being read
}

func (b *builder) table() ([]byte, error) {
	header, err := encode(b.header)
	if err != nil {
		return nil, err
	}
	return append(bytes.Join(append([][]byte{header}, b.lines...), []byte("\n")), '\n'), nil
}

func (b *builder) document(text []byte) (int, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	d.UseNumber()
	b.root = nil
	if err := d.Decode(&b.root); err != nil {
		return 0, err
	}
	return b.schema(b.root, nil)
}

// schema returns the number of the rule for a schema. refs are the references
// on the way to it.
func (b *builder) schema(s any, refs []string) (int, error) {
	object, ok := s.(map[string]any)
	if !ok {
		return 0, fmt.Errorf("a schema is %T", s)
	}
	ref, ok := object["$ref"].(string)
	if !ok {
		r, err := b.rule(object, refs)
		if err != nil {
			return 0, err
		}
		return b.number(r)
	}
	if slices.Contains(refs, ref) {
		return 0, fmt.Errorf("%s refers to itself", ref)
	}
	target, err := b.resolve(ref)
	if err != nil {
		return 0, err
	}
	referred, err := b.schema(target, append(slices.Clone(refs), ref))
	if err != nil {
		return 0, err
	}
	rest, err := b.rule(object, refs)
	if err != nil {
		return 0, err
	}
	beside, err := b.number(rest)
	if err != nil {
		return 0, err
	}
	if none, err := b.number(&rules.Rule{}); err != nil || beside == none {
		return referred, err
	}
	return b.number(&rules.Rule{AllOf: []int{referred, beside}})
}

func (b *builder) resolve(ref string) (any, error) {
	var at any = b.root
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		object, ok := at.(map[string]any)
		if !ok || object[part] == nil {
			return nil, fmt.Errorf("reference %s leads nowhere", ref)
		}
		at = object[part]
	}
	return at, nil
}

// number interns a rule.
func (b *builder) number(r *rules.Rule) (int, error) {
	line, err := encode(r)
	if err != nil {
		return 0, err
	}
	n, ok := b.numbers[string(line)]
	if !ok {
		n = len(b.lines)
		b.numbers[string(line)] = n
		b.lines = append(b.lines, line)
	}
	return n, nil
}

// pattern interns the pattern of member names.
func (b *builder) pattern(text string) int {
	n, ok := b.patterns[text]
	if !ok {
		n = len(b.header.Patterns)
		b.patterns[text] = n
		b.header.Patterns = append(b.header.Patterns, text)
	}
	return n
}

// encode writes JSON without HTML escapes, on one line.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
