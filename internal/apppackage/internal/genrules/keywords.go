package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// rule translates the constraints of a schema, except $ref.
func (b *builder) rule(s map[string]any, refs []string) (*rules.Rule, error) {
	r := &rules.Rule{}
	for _, keyword := range slices.Sorted(maps.Keys(s)) {
		if err := b.keyword(r, keyword, s[keyword], refs); err != nil {
			return nil, fmt.Errorf("%s: %w", keyword, err)
		}
	}
	return r, nil
}

func (b *builder) keyword(r *rules.Rule, keyword string, v any, refs []string) (err error) {
	switch keyword {
	case "$ref", "$schema", "definitions", "title", "description", "default", "regex":
		// regex is a slip in one schema; validators know no such keyword
	case "type":
		r.Type, err = typeNames(v)
	case "const":
		r.Const, err = encode(v)
	case "enum":
		r.Enum, err = values(v)
	case "pattern":
		r.Pattern, err = as[string](v)
	case "format":
		r.Format, err = as[string](v)
	case "minimum":
		r.Minimum, err = as[json.Number](v)
	case "maximum":
		r.Maximum, err = as[json.Number](v)
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties":
		*limit(r, keyword), err = count(v)
	case "uniqueItems":
		r.UniqueItems, err = as[bool](v)
	case "required":
		r.Required, err = names(v)
	case "additionalProperties":
		err = b.additional(r, v, refs)
	case "properties":
		r.Properties, err = b.members(v, refs)
	case "dependencies":
		r.Dependencies, err = b.members(v, refs)
	case "patternProperties":
		err = b.patternMembers(r, v, refs)
	case "items", "not", "if", "then":
		*reference(r, keyword), err = b.optional(v, refs)
	case "allOf", "anyOf", "oneOf":
		*alternatives(r, keyword), err = b.list(v, refs)
	default:
		err = fmt.Errorf("this keyword is not known")
	}
	return err
}

func limit(r *rules.Rule, keyword string) **int {
	return map[string]**int{
		"minLength": &r.MinLength, "maxLength": &r.MaxLength, "minItems": &r.MinItems,
		"maxItems": &r.MaxItems, "minProperties": &r.MinProperties,
	}[keyword]
}

func reference(r *rules.Rule, keyword string) **int {
	return map[string]**int{"items": &r.Items, "not": &r.Not, "if": &r.If, "then": &r.Then}[keyword]
}

func alternatives(r *rules.Rule, keyword string) *[]int {
	return map[string]*[]int{"allOf": &r.AllOf, "anyOf": &r.AnyOf, "oneOf": &r.OneOf}[keyword]
}

func as[T any](v any) (T, error) {
	t, ok := v.(T)
	if !ok {
		return t, fmt.Errorf("%v is %T", v, v)
	}
	return t, nil
}

func typeNames(v any) ([]string, error) {
	if name, ok := v.(string); ok {
		return []string{name}, nil
	}
	return names(v)
}

func names(v any) ([]string, error) {
	list, err := as[[]any](v)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for i, item := range list {
		if out[i], err = as[string](item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func values(v any) ([]json.RawMessage, error) {
	list, err := as[[]any](v)
	if err != nil {
		return nil, err
	}
	out := make([]json.RawMessage, len(list))
	for i, item := range list {
		if out[i], err = encode(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func count(v any) (*int, error) {
	n, err := as[json.Number](v)
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(n.String())
	return &i, err
}

func (b *builder) additional(r *rules.Rule, v any, refs []string) (err error) {
	if allowed, ok := v.(bool); ok {
		r.Closed = !allowed
		return nil
	}
	r.Additional, err = b.optional(v, refs)
	return err
}

func (b *builder) optional(v any, refs []string) (*int, error) {
	n, err := b.schema(v, refs)
	return &n, err
}

func (b *builder) list(v any, refs []string) ([]int, error) {
	list, err := as[[]any](v)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(list))
	for i, item := range list {
		if out[i], err = b.schema(item, refs); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (b *builder) members(v any, refs []string) (map[string]int, error) {
	object, err := as[map[string]any](v)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if out[name], err = b.schema(object[name], refs); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

func (b *builder) patternMembers(r *rules.Rule, v any, refs []string) error {
	members, err := b.members(v, refs)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		r.PatternProperties = append(r.PatternProperties, [2]int{b.pattern(name), members[name]})
	}
	return nil
}
