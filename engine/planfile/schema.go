package planfile

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// Schema returns the JSON schema of plan files, as docs/schema/plan.schema.json
// publishes it. It follows from the same rule as the files.
func Schema() ([]byte, error) {
	g := &describer{names: newNames(), defs: map[string]any{}, about: about()}
	properties := map[string]any{
		"format_version": g.with("format_version", map[string]any{"type": "string", "pattern": `^1\.[0-9]+$`}),
		"complete":       g.with("complete", typed("boolean")),
		"applyable":      g.with("applyable", typed("boolean")),
		"effect_digest":  g.with("effect_digest", digestText()),
		"types":          g.with("types", map[string]any{"type": "object", "additionalProperties": typed("integer")}),
		"digest":         g.with("digest", digestText()),
	}
	for _, s := range g.names.sections(&File{Plan: &engine.Plan{}}) {
		properties[s.name] = g.with(s.name, g.of(s.value.Type()))
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "Plan file of teamsform, format 1", "type": "object",
		"properties": properties, "required": required(), "additionalProperties": false, "$defs": g.defs,
	})
	return out.Bytes(), err
}

// describer turns Go types into schemas.
type describer struct {
	names *names
	defs  map[string]any
	about map[string]string // top-level fields, and fields of changes as Change.NAME
}

func typed(name string) map[string]any { return map[string]any{"type": name} }

func listOf(items any) map[string]any { return map[string]any{"type": "array", "items": items} }

func digestText() map[string]any {
	return map[string]any{"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
}

// with adds the description of a field.
func (g *describer) with(name string, s map[string]any) map[string]any {
	if text := g.about[name]; text != "" {
		s = maps.Clone(s)
		s["description"] = text
	}
	return s
}

// of describes a type.
func (g *describer) of(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[addr.Instance]():
		return map[string]any{"type": "string", "minLength": 1}
	case reflect.TypeFor[table.ID](), reflect.TypeFor[time.Duration](), reflect.TypeFor[*schema.Kind](), reflect.TypeFor[*schema.Attr]():
		return typed("string")
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return map[string]any{}
	case reflect.TypeFor[schema.Attrs]():
		return typed("object")
	case reflect.TypeFor[engine.Phase]():
		return map[string]any{"enum": phases()}
	case reflect.TypeFor[*engine.LateIDs]():
		return map[string]any{"type": "object", "additionalProperties": typed("string")}
	case reflect.TypeFor[hcl.Diagnostics]():
		return listOf(g.warning())
	case reflect.TypeFor[table.Row]():
		return map[string]any{"type": "array", "items": typed("string"), "minItems": 3, "maxItems": 5}
	case reflect.TypeFor[*engine.Change]():
		return g.change()
	case reflect.TypeFor[[]engine.OutputChange]():
		return map[string]any{"type": "object", "additionalProperties": g.output()}
	case reflect.TypeFor[*engine.RowOp]():
		return g.batch()
	}
	return g.byShape(t)
}

func (g *describer) byShape(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Bool:
		return typed("boolean")
	case reflect.String:
		return typed("string")
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		return typed("integer")
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.Slice:
		return listOf(g.of(t.Elem()))
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": g.of(t.Elem())}
	case reflect.Struct:
		return g.define(t.Name(), func() map[string]any { return g.fields(t, nil) })
	default: // plans have no other shapes but interfaces, which may hold anything
		return map[string]any{}
	}
}

// define puts a schema under $defs, once, and returns a reference to it.
func (g *describer) define(name string, make func() map[string]any) map[string]any {
	if _, done := g.defs[name]; !done {
		g.defs[name] = nil // it may refer to itself
		g.defs[name] = make()
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}

// fields describes a struct, without those that are told otherwise.
func (g *describer) fields(t reflect.Type, without []string) map[string]any {
	properties := map[string]any{}
	for _, f := range g.names.of(t) {
		if !slices.Contains(without, f.name) {
			properties[f.name] = g.with(t.Name()+"."+f.name, g.of(f.typ))
		}
	}
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
}

func (g *describer) extend(s, more map[string]any, required ...string) map[string]any {
	properties := s["properties"].(map[string]any)
	for name, p := range more {
		properties[name] = g.with("Change."+name, p.(map[string]any))
	}
	s["required"] = required
	return s
}

func (g *describer) change() map[string]any {
	return g.define("Change", func() map[string]any {
		s := g.fields(reflect.TypeFor[engine.Change](), []string{"attrs"})
		flags := g.define("AttributeFlags", func() map[string]any { return g.fields(reflect.TypeFor[attrFlag](), nil) })
		nullable := map[string]any{"type": []string{"object", "null"}}
		actions := listOf(map[string]any{"enum": []string{"create", "update", "delete", "no-op", "forget"}})
		return g.extend(s, map[string]any{
			"name": typed("string"), "module_address": typed("string"), "index": typed("string"),
			"attributes": listOf(flags),
			"change": map[string]any{
				"type": "object", "required": []string{"actions", "before", "after"}, "additionalProperties": false,
				"properties": map[string]any{
					"actions": actions, "before": nullable, "after": nullable,
					"after_unknown": typed("object"), "before_sensitive": typed("object"), "after_sensitive": typed("object"),
					"importing": map[string]any{"type": "object", "required": []string{"id"}, "properties": map[string]any{"id": typed("string")}},
				},
			},
		}, "address", "type", "name", "action", "change")
	})
}

func (g *describer) output() map[string]any {
	return g.define("OutputChange", func() map[string]any {
		return map[string]any{
			"type": "object", "required": []string{"actions"}, "additionalProperties": false,
			"properties": map[string]any{
				"actions": listOf(map[string]any{"enum": []string{"create", "update", "no-op"}}),
				"before":  map[string]any{}, "after": map[string]any{}, "after_unknown": map[string]any{},
				"before_sensitive": typed("boolean"), "after_sensitive": typed("boolean"), "was_kept": typed("boolean"),
			},
		}
	})
}

func (g *describer) warning() map[string]any {
	return g.define("Warning", func() map[string]any {
		pos := map[string]any{"type": "object", "properties": map[string]any{"line": typed("integer"), "column": typed("integer"), "byte": typed("integer")}}
		return map[string]any{
			"type": "object", "required": []string{"severity", "summary"}, "additionalProperties": false,
			"properties": map[string]any{
				"severity": map[string]any{"const": "warning"}, "summary": typed("string"), "detail": typed("string"), "address": typed("string"),
				"range": map[string]any{"type": "object", "properties": map[string]any{"filename": typed("string"), "start": pos, "end": pos}},
			},
		}
	})
}

func (g *describer) batch() map[string]any {
	return g.define("RowOperation", func() map[string]any {
		s := g.fields(reflect.TypeFor[engine.RowOp](), []string{"assign"})
		properties := s["properties"].(map[string]any)
		properties["action"] = map[string]any{"enum": []string{"assign", "unassign"}}
		properties["type"], properties["policy"] = typed("string"), typed("string")
		properties["rows"] = map[string]any{
			"type": "array", "minItems": 1, "description": "One person a line: user, reason, policy held before, address of the block, policy held when adopted. Empty texts at the end are left out.",
			"items": map[string]any{"type": "array", "items": typed("string"), "minItems": 1, "maxItems": 5},
		}
		delete(g.defs, "RowChange")
		delete(g.defs, "Row")
		s["required"] = []string{"action", "type", "policy", "phase", "rows"}
		return s
	})
}
