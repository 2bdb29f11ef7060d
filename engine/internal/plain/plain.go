package plain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// Value turns an evaluated value into plain data; late values become
// references, fractions stay text as JSON writes them.
func Value(v cty.Value) (any, error) {
	if r, ok := schema.RefOf(v); ok {
		if r.Attr == "" {
			return r.Addr.String(), nil
		}
		return r, nil
	}
	v, _ = v.Unmark()
	t := v.Type()
	switch {
	case v.IsNull():
		return nil, nil
	case !v.IsKnown():
		return nil, fmt.Errorf("its value is not known")
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		out := []any{}
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			p, err := Value(e)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	case t.IsObjectType() || t.IsMapType():
		out := map[string]any{}
		for it := v.ElementIterator(); it.Next(); {
			key, e := it.Element()
			p, err := Value(e)
			if err != nil {
				return nil, err
			}
			out[key.AsString()] = p
		}
		return out, nil
	}
	raw, err := ctyjson.Marshal(v, t)
	if err != nil {
		return nil, err
	}
	return scalar(raw)
}

func scalar(raw []byte) (any, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, err
	}
	if f, ok := v.(float64); ok {
		if n := int64(f); float64(n) == f {
			return n, nil
		}
		return string(raw), nil
	}
	return v, nil
}

// WithoutLate drops list elements that are late values, at any depth of plain
// data. A bare late value becomes nil: no step.
func WithoutLate(v any) any {
	switch v := v.(type) {
	case schema.Ref:
		return nil
	case []any:
		out := []any{}
		for _, e := range v {
			if e = WithoutLate(e); e != nil {
				out = append(out, e)
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			out[name] = WithoutLate(e)
		}
		return out
	}
	return v
}

// WithoutNil drops what has no value, in place.
func WithoutNil(attrs schema.Attrs) schema.Attrs {
	for name, v := range attrs {
		if v == nil {
			delete(attrs, name)
		}
	}
	return attrs
}

// RefsOf lists the objects whose late values attrs name.
func RefsOf(attrs schema.Attrs) []addr.Instance {
	var out []addr.Instance
	seen := map[addr.Instance]bool{}
	for _, r := range schema.Refs(map[string]any(attrs)) {
		if !seen[r.Addr] {
			seen[r.Addr] = true
			out = append(out, r.Addr)
		}
	}
	return out
}

// Hash is the before- and after-hash of SEMANTICS 5: over owned paths,
// after normalisation, independent of order. "" stands for absent.
func Hash(attrs schema.Attrs) string {
	if attrs == nil {
		return ""
	}
	raw, err := json.Marshal(map[string]any(attrs))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
