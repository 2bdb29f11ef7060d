package rules_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// sweep walks a schema and breaks every keyword of every place in it: for each
// place a document that has little more than the way there, once with a value
// that fits and once for each way not to.
type sweep struct {
	root map[string]any
	seen map[string]bool // places, by what is there: many lead to the same rules
}

func newSweep(schema any) *sweep {
	root, _ := besideRef(schema).(map[string]any)
	return &sweep{root: root, seen: map[string]bool{}}
}

// run yields documents. They may be kept and changed.
func (s *sweep) run(yield func(map[string]any)) {
	s.visit(s.root, nil, func(steps []any, value any, absent bool) {
		doc, ok := s.place(s.root, nil, steps, value, absent).(map[string]any)
		if ok {
			yield(doc)
		}
	})
}

// deref follows references; "allOf" with a single one is what besideRef makes.
func (s *sweep) deref(schema any) map[string]any {
	m, _ := schema.(map[string]any)
	for range 10 {
		ref, ok := m["$ref"].(string)
		if !ok {
			return m
		}
		var at any = s.root
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			switch x := at.(type) {
			case map[string]any:
				at = x[part]
			case []any:
				at = nil
			}
		}
		m, _ = at.(map[string]any)
	}
	return m
}

func list(v any) []any { l, _ := v.([]any); return l }

func members(v any) map[string]any { m, _ := v.(map[string]any); return m }

func number(v any) int {
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return int(i)
}

// types are those that a schema allows; all when it names none.
func types(m map[string]any) []string {
	switch x := m["type"].(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for _, one := range x {
			out = append(out, one.(string))
		}
		return out
	}
	return nil
}

// example is a value that mostly fits a schema.
func (s *sweep) example(schema any, depth int) any {
	m := s.deref(schema)
	if c, ok := m["const"]; ok {
		return c
	}
	if e := list(m["enum"]); len(e) > 0 {
		return e[0]
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		if alternatives := list(m[keyword]); len(alternatives) > 0 && m["properties"] == nil && m["type"] == nil {
			return s.example(alternatives[0], depth)
		}
	}
	kind := ""
	if t := types(m); len(t) > 0 {
		kind = t[0]
	} else if m["properties"] != nil {
		kind = "object"
	}
	switch kind {
	case "object":
		out := map[string]any{}
		if depth > 12 {
			return out
		}
		for _, name := range list(m["required"]) {
			out[name.(string)] = s.example(members(m["properties"])[name.(string)], depth+1)
		}
		return out
	case "array":
		out := []any{}
		for range number(m["minItems"]) {
			out = append(out, s.example(m["items"], depth+1))
		}
		return out
	case "string":
		return text(m)
	case "boolean":
		return false
	case "integer", "number":
		if low, ok := m["minimum"].(json.Number); ok {
			return low
		}
		return json.Number("1")
	}
	return ""
}

// text is a string for a pattern that the schemas use.
func text(m map[string]any) string {
	pattern, _ := m["pattern"].(string)
	switch {
	case m["format"] == "uri", strings.HasPrefix(pattern, "^[Hh]"), strings.HasPrefix(pattern, "^https"):
		return "https://a.example/"
	case strings.HasPrefix(pattern, "^[0-9a-fA-F]{8}"), strings.HasPrefix(pattern, "^[{]"):
		return "0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11"
	case strings.HasPrefix(pattern, "^#"):
		return "#000000"
	}
	if n := number(m["minLength"]); n > 0 || pattern != "" {
		return strings.Repeat("x", max(n, 1))
	}
	return ""
}

// place puts a value where steps lead, making what lies on the way.
func (s *sweep) place(schema, at any, steps []any, value any, absent bool) any {
	if len(steps) == 0 {
		return value
	}
	m := s.deref(schema)
	if at == nil {
		at = s.example(schema, 0)
	}
	switch step := steps[0].(type) {
	case string:
		o, ok := at.(map[string]any)
		if !ok {
			o = map[string]any{}
		}
		if absent && len(steps) == 1 {
			delete(o, step)
			return o
		}
		o[step] = s.place(s.member(m, step), o[step], steps[1:], value, absent)
		return o
	case int:
		l, ok := at.([]any)
		if !ok {
			l = nil
		}
		if len(l) == 0 {
			l = []any{nil}
		}
		l[0] = s.place(m["items"], l[0], steps[1:], value, absent)
		return l
	}
	return at
}

// member finds the schema of a member, also inside of alternatives.
func (s *sweep) member(m map[string]any, name string) any {
	if x, ok := members(m["properties"])[name]; ok {
		return x
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		for _, alternative := range list(m[keyword]) {
			if x := s.member(s.deref(alternative), name); x != nil {
				return x
			}
		}
	}
	return nil
}

type report func(steps []any, value any, absent bool)

// visit reports the mutants of a place and of all below it.
func (s *sweep) visit(schema any, steps []any, to report) {
	m := s.deref(schema)
	if m == nil || len(steps) > 14 {
		return
	}
	key, _ := json.Marshal([]any{m, last(steps)})
	if s.seen[string(key)] {
		return
	}
	s.seen[string(key)] = true
	s.values(schema, m, steps, to)
	properties := members(m["properties"])
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if steps == nil || len(steps) > 0 {
			s.visit(properties[name], with(steps, name), to)
		}
	}
	if m["items"] != nil {
		s.visit(m["items"], with(steps, 0), to)
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		s.alternatives(list(m[keyword]), steps, to)
	}
	for _, keyword := range []string{"not", "if", "then"} {
		if m[keyword] != nil {
			s.visit(m[keyword], steps, to)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members(m["dependencies"]))) {
		s.visit(members(m["dependencies"])[name], steps, to)
	}
}

// alternatives tries each by itself and all together.
func (s *sweep) alternatives(list []any, steps []any, to report) {
	all := map[string]any{}
	for _, alternative := range list {
		s.visit(alternative, steps, to)
		value := s.example(alternative, 0)
		to(steps, value, false)
		for k, v := range members(value) {
			all[k] = v
		}
	}
	if len(all) > 0 {
		to(steps, all, false)
	}
}

func last(steps []any) any {
	if len(steps) == 0 {
		return nil
	}
	return steps[len(steps)-1]
}

func with(steps []any, step any) []any { return append(slices.Clip(slices.Clone(steps)), step) }

// values reports values that fit a place, and values that break each keyword.
func (s *sweep) values(schema any, m map[string]any, steps []any, to report) {
	good := s.example(schema, 0)
	to(steps, good, false)
	if len(steps) > 0 {
		to(steps, nil, true)
		for _, wrong := range []any{nil, true, json.Number("1"), json.Number("1.5"), json.Number("-1"), "x", []any{}, map[string]any{}} {
			to(steps, wrong, false)
		}
	}
	if n, ok := m["maxLength"]; ok {
		to(steps, fill(good, number(n)), false)
		to(steps, fill(good, number(n)+1), false)
	}
	if m["minLength"] != nil || m["pattern"] != nil || m["format"] != nil {
		for _, wrong := range []string{"", "null", "NULL", " ", "\u00a0", "https://x.example/a b", "http://x.example", "a\nb", "x.xll", "a b.xll", "[[x]]"} {
			to(steps, wrong, false)
		}
	}
	if e := list(m["enum"]); len(e) > 0 {
		for _, one := range e[:min(len(e), 6)] {
			to(steps, one, false)
		}
		to(steps, "no such value", false)
	}
	for _, bound := range []string{"minimum", "maximum"} {
		if n, ok := m[bound].(json.Number); ok {
			to(steps, n, false)
			to(steps, json.Number("-1000000"), false)
			to(steps, json.Number("1000000"), false)
		}
	}
	s.lists(m, steps, to)
	o, ok := good.(map[string]any)
	if !ok {
		return
	}
	for _, name := range list(m["required"]) {
		without := maps.Clone(o)
		delete(without, name.(string))
		to(steps, without, false)
	}
	more := maps.Clone(o)
	more["zzz"] = json.Number("1")
	to(steps, more, false)
	if m["patternProperties"] == nil {
		return
	}
	for _, key := range []string{"staticTabs[0].name", "staticTabs[16].name", "bots[0].commandLists[0].commands[0].title", "activities.activityTypes[127].description", "x"} {
		keyed := maps.Clone(o)
		keyed[key] = strings.Repeat("y", 200)
		to(steps, keyed, false)
	}
}

// lists reports arrays that are too long, too short, or repeat themselves.
func (s *sweep) lists(m map[string]any, steps []any, to report) {
	if m["items"] == nil {
		return
	}
	items := func(n int) []any {
		out := []any{}
		for range n {
			out = append(out, s.example(m["items"], 0))
		}
		return out
	}
	to(steps, items(1), false)
	to(steps, items(2), false)
	if n, ok := m["maxItems"]; ok && number(n) < 200 {
		to(steps, items(number(n)), false)
		to(steps, items(number(n)+1), false)
	}
	if n, ok := m["minItems"]; ok && number(n) > 0 {
		to(steps, items(number(n)-1), false)
	}
	distinct := []any{}
	for i, one := range list(s.deref(m["items"])["enum"]) {
		if i < 20 {
			distinct = append(distinct, one)
		}
	}
	to(steps, distinct, false)
}

// fill lengthens a text to n characters, in letters of two bytes.
func fill(v any, n int) string {
	start, _ := v.(string)
	return start + strings.Repeat("é", max(n-len([]rune(start)), 0))
}
