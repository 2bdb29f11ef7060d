package schema

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/zclconf/go-cty/cty"
)

// Ref names an attribute of another object. With an Attr that the service
// makes (a catalog id) it is a late value: known at plan when the object
// exists, else filled in during apply. With Attr "" it means the object itself.
type Ref struct {
	Addr addr.Instance
	Attr string
}

// String gives the address, with the attribute if there is one.
func (r Ref) String() string {
	if r.Attr == "" {
		return r.Addr.String()
	}
	return r.Addr.String() + "." + r.Attr
}

type refJSON struct {
	Late addr.Instance `json:"late"`
	Attr string        `json:"attr,omitempty"`
}

// MarshalJSON writes {"late":"app.helpdesk","attr":"catalog_id"}.
func (r Ref) MarshalJSON() ([]byte, error) { return json.Marshal(refJSON{Late: r.Addr, Attr: r.Attr}) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Ref) UnmarshalJSON(raw []byte) error {
	var v refJSON
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*r = Ref{Addr: v.Late, Attr: v.Attr}
	return nil
}

// selfAttr holds the reference inside a block's object value. "~" cannot be
// written in HCL, so no configuration can read or forge it.
const selfAttr = "~"

// refType carries a Ref through HCL evaluation. Templates, arithmetic,
// iteration and most functions refuse a capsule by themselves. References are
// equal when they name the same thing, wherever they were made, so that they
// can be compared and kept in sets.
var refType = cty.CapsuleWithOps("reference", reflect.TypeFor[Ref](), &cty.CapsuleOps{
	TypeGoString: func(reflect.Type) string { return "schema.refType" },
	GoString:     func(v any) string { return fmt.Sprintf("schema.Ref(%q)", v.(*Ref).String()) },
	RawEquals:    func(a, b any) bool { return *a.(*Ref) == *b.(*Ref) },
	Equals:       func(a, b any) cty.Value { return cty.BoolVal(*a.(*Ref) == *b.(*Ref)) },
	HashKey:      func(v any) string { return v.(*Ref).String() },
})

// LateMark travels with everything that is computed from a late value, so that
// a condition or function over one is found even where cty would evaluate it.
type LateMark struct{ Ref Ref }

// OpaqueValue returns the value of a block that may only be passed on: users.
func OpaqueValue(a addr.Instance) cty.Value {
	return cty.CapsuleVal(refType, &Ref{Addr: a})
}

// Expose returns v as it may be shown: without marks, and block objects without
// the reference to themselves. References that remain are read with RefOf.
func Expose(v cty.Value) cty.Value {
	v, _ = v.UnmarkDeep()
	out, err := cty.Transform(v, func(_ cty.Path, part cty.Value) (cty.Value, error) {
		if !part.Type().IsObjectType() || !part.Type().HasAttribute(selfAttr) || part.IsNull() || !part.IsKnown() {
			return part, nil
		}
		fields := part.AsValueMap()
		delete(fields, selfAttr)
		return cty.ObjectVal(fields), nil
	})
	if err != nil { // the function above never fails
		return v
	}
	return out
}

// LateValue returns the value of an attribute that the service makes.
func LateValue(a addr.Instance, attr string) cty.Value {
	r := Ref{Addr: a, Attr: attr}
	return cty.CapsuleVal(refType, &r).Mark(LateMark{Ref: r})
}

// BlockValue returns the value of a block as other blocks see it: an object of
// the given attributes that also knows its own address.
func BlockValue(a addr.Instance, attrs map[string]cty.Value) cty.Value {
	all := map[string]cty.Value{selfAttr: OpaqueValue(a)}
	for name, v := range attrs {
		all[name] = v
	}
	return cty.ObjectVal(all)
}

// RefOf returns the reference that v is, either a block passed on whole or a
// late attribute. Marks other than LateMark are ignored.
func RefOf(v cty.Value) (Ref, bool) {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() {
		return Ref{}, false
	}
	if v.Type().Equals(refType) {
		return *v.EncapsulatedValue().(*Ref), true
	}
	if v.Type().IsObjectType() && v.Type().HasAttribute(selfAttr) {
		return RefOf(v.GetAttr(selfAttr))
	}
	return Ref{}, false
}

// LateMisuse returns the late value that v was computed from, when v is not
// that value itself passed on whole. Nested elements are searched.
func LateMisuse(v cty.Value) (Ref, bool) {
	var found *Ref
	_ = cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) {
		if found != nil {
			return false, nil
		}
		raw, marks := part.Unmark()
		for m := range marks {
			late, ok := m.(LateMark)
			if !ok {
				continue
			}
			if self, isRef := RefOf(raw); isRef && self == late.Ref || holds(raw, late.Ref) {
				continue
			}
			found = &late.Ref
			return false, nil
		}
		return true, nil
	})
	if found == nil {
		return Ref{}, false
	}
	return *found, true
}

// holds reports whether v is a set with r among its elements. A set takes over
// the marks of its elements, so its mark alone proves nothing.
func holds(v cty.Value, r Ref) bool {
	if !v.Type().IsSetType() || v.IsNull() || !v.IsKnown() {
		return false
	}
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		if self, ok := RefOf(e); ok && self == r {
			return true
		}
	}
	return false
}

// Value returns plain data as an HCL value. References come back as late or
// opaque values; nil is null.
func Value(v any) (cty.Value, error) {
	switch v := v.(type) {
	case nil:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case bool:
		return cty.BoolVal(v), nil
	case int64:
		return cty.NumberIntVal(v), nil
	case string:
		return cty.StringVal(v), nil
	case Ref:
		if v.Attr == "" {
			return OpaqueValue(v.Addr), nil
		}
		return LateValue(v.Addr, v.Attr), nil
	case []any:
		items := make([]cty.Value, len(v))
		for i, e := range v {
			item, err := Value(e)
			if err != nil {
				return cty.NilVal, err
			}
			items[i] = item
		}
		return cty.TupleVal(items), nil
	case map[string]any:
		fields := make(map[string]cty.Value, len(v))
		for k, e := range v {
			field, err := Value(e)
			if err != nil {
				return cty.NilVal, err
			}
			fields[k] = field
		}
		return cty.ObjectVal(fields), nil
	}
	return cty.NilVal, fmt.Errorf("value of type %T is not plain data", v)
}

// Refs returns every reference inside plain data, in order.
func Refs(v any) []Ref {
	var out []Ref
	_, _ = MapRefs(v, func(r Ref) (any, error) {
		out = append(out, r)
		return r, nil
	})
	return out
}

// MapRefs returns plain data with each reference replaced by what f returns.
// v itself is not changed.
func MapRefs(v any, f func(Ref) (any, error)) (any, error) {
	switch v := v.(type) {
	case Ref:
		return f(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			m, err := MapRefs(e, f)
			if err != nil {
				return nil, err
			}
			out[i] = m
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range sortedKeys(v) {
			m, err := MapRefs(v[k], f)
			if err != nil {
				return nil, err
			}
			out[k] = m
		}
		return out, nil
	case nil, bool, int64, string:
		return v, nil
	}
	return nil, fmt.Errorf("value of type %T is not plain data", v)
}
