package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// differences names the versions whose rules are not the same in two tables,
// whatever the order of their lines. devPreview is left out: it changes from
// day to day, and each source has another state of it.
func differences(committed, generated []byte) ([]string, error) {
	old, err := digests(committed)
	if err != nil {
		return nil, fmt.Errorf("committed table: %w", err)
	}
	now, err := digests(generated)
	if err != nil {
		return nil, fmt.Errorf("generated table: %w", err)
	}
	var out []string
	for name, digest := range now {
		switch was, known := old[name]; {
		case !known:
			out = append(out, name+" is new")
		case was != digest:
			out = append(out, name+" has other rules")
		}
	}
	for name := range old {
		if _, there := now[name]; !there {
			out = append(out, name+" is gone")
		}
	}
	slices.Sort(out)
	return out, nil
}

// digests gives a digest of what each version says, by "kind version".
func digests(table []byte) (map[string]string, error) {
	lines := bytes.Split(bytes.TrimSuffix(table, []byte("\n")), []byte("\n"))
	var header rules.Header
	if err := json.Unmarshal(lines[0], &header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	d := &digester{lines: lines[1:], patterns: header.Patterns, known: map[int]string{}}
	out := map[string]string{}
	for kind, versions := range header.Roots {
		for version, root := range versions {
			if version == rules.DevPreview {
				continue
			}
			digest, err := d.of(root)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", kind, version, err)
			}
			out[string(kind)+" "+version] = digest
		}
	}
	return out, nil
}

type digester struct {
	lines    [][]byte
	patterns []string
	known    map[int]string
}

// of is the digest of a rule with those that it refers to, which have lower
// numbers.
func (d *digester) of(i int) (string, error) {
	if digest, ok := d.known[i]; ok {
		return digest, nil
	}
	var r rules.Rule
	if i < 0 || i >= len(d.lines) {
		return "", fmt.Errorf("there is no rule %d", i)
	}
	if err := json.Unmarshal(d.lines[i], &r); err != nil {
		return "", fmt.Errorf("rule %d: %w", i, err)
	}
	inner := map[string]any{}
	var failed error
	ref := func(n int) string {
		digest, err := d.of(n)
		if err != nil {
			failed = err
		}
		return digest
	}
	for name, one := range map[string]*int{"items": r.Items, "additional": r.Additional, "not": r.Not, "if": r.If, "then": r.Then} {
		if one != nil {
			inner[name] = ref(*one)
		}
	}
	for name, list := range map[string][]int{"allOf": r.AllOf, "anyOf": r.AnyOf, "oneOf": r.OneOf} {
		for _, n := range list {
			inner[name] = fmt.Sprint(inner[name], " ", ref(n))
		}
	}
	for name, m := range map[string]map[string]int{"properties": r.Properties, "dependencies": r.Dependencies} {
		for _, member := range slices.Sorted(maps.Keys(m)) {
			inner[name+" "+member] = ref(m[member])
		}
	}
	for _, pp := range r.PatternProperties {
		inner["pattern "+d.patterns[pp[0]]] = ref(pp[1])
	}
	r.Items, r.Additional, r.Not, r.If, r.Then, r.AllOf, r.AnyOf, r.OneOf, r.Properties, r.Dependencies, r.PatternProperties = nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil
	text, err := json.Marshal([]any{r, inner})
	if err == nil {
		err = failed
	}
	if err != nil {
		return "", err
	}
	d.known[i] = fmt.Sprintf("%x", sha256.Sum256(text))
	return d.known[i], nil
}
