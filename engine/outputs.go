package engine

import (
	"encoding/json"
	"fmt"

	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// planOutputs compares outputs with those of the last apply.
func (b *builder) planOutputs() {
	if b.in.Config == nil || b.in.Destroy {
		return
	}
	for _, o := range b.in.Config.Outputs {
		plain, err := plainValue(o.Value)
		if err != nil {
			rng := o.Range
			b.diags = append(b.diags, diag.Error(&rng, "Wrong output", "Output %q cannot be kept: %s.", o.Name, err))
			continue
		}
		attrs, err := b.ids.Known(schema.Attrs{"value": plain})
		if err != nil {
			b.diags = append(b.diags, diag.FromError("Wrong output", err)...)
			continue
		}
		c := OutputChange{Name: o.Name, After: attrs["value"], Sensitive: o.Sensitive}
		if b.in.Prior != nil {
			if raw, ok := b.in.Prior.Outputs[o.Name]; ok {
				c.Before = raw
			}
		}
		b.plan.Outputs = append(b.plan.Outputs, c)
	}
}

// plainValue turns an evaluated value into plain data; late values become
// references, fractions stay text as JSON writes them.
func plainValue(v cty.Value) (any, error) {
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
			p, err := plainValue(e)
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
			p, err := plainValue(e)
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
