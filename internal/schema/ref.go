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
// iteration and most functions refuse a capsule by themselves.
var refType = cty.Capsule("reference", reflect.TypeFor[Ref]())

// LateMark travels with everything that is computed from a late value, so that
// a condition or function over one is found even where cty would evaluate it.
type LateMark struct{ Ref Ref }

// OpaqueValue returns the value of a block that may only be passed on: users.
func OpaqueValue(a addr.Instance) cty.Value {
	return cty.CapsuleVal(refType, &Ref{Addr: a})
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
			if self, isRef := RefOf(raw); !isRef || self != late.Ref {
				found = &late.Ref
				return false, nil
			}
		}
		return true, nil
	})
	if found == nil {
		return Ref{}, false
	}
	return *found, true
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
