package pending

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/teamsform/teamsform/internal/schema"
)

// Reading is a Change with its values decoded, to compare readings with.
type Reading struct {
	*Change
	Next   schema.Attrs   // nil: it is being deleted
	Former []schema.Attrs // values of ours that a slow read may still show
	Absent bool           // a slow read may not list it at all
}

// Decode reads a change; nil for none.
func Decode(k *schema.Kind, version int, c *Change) (*Reading, error) {
	if c == nil {
		return nil, nil
	}
	r := &Reading{Change: c, Absent: c.Old == nil}
	var err error
	if c.New != nil {
		if r.Next, _, err = k.Decode(version, c.New); err != nil {
			return nil, err
		}
	}
	for _, raw := range append(slices.Clone(c.Also), c.Old) {
		if len(raw) == 0 {
			continue
		}
		attrs, _, err := k.Decode(version, json.RawMessage(raw))
		if err != nil {
			return nil, err
		}
		r.Former = append(r.Former, attrs)
	}
	return r, nil
}

// View is how a reading of a pending object is to be understood.
type View int

// The views.
const (
	ShowsNew   View = iota // as it is becoming
	ShowsOld               // as it was: ours, in the window
	ShowsOther             // neither: somebody else's
)

// Look judges one reading; attrs are nil when the object was not listed.
func (r *Reading) Look(k *schema.Kind, attrs schema.Attrs) View {
	switch {
	case r.Next == nil && attrs == nil:
		return ShowsNew
	case r.Next == nil && r.formerly(k, attrs):
		return ShowsOld
	case r.Next == nil:
		return ShowsOther
	case attrs == nil && r.Absent:
		return ShowsOld
	case attrs == nil:
		return ShowsOther
	}
	out := ShowsNew
	for name, want := range r.Next {
		attr := k.Attr(name)
		got, told := attrs[name]
		if attr == nil || !told || attr.Type.Equal(want, got) {
			continue
		}
		if !r.wasOnce(attr, got) {
			return ShowsOther
		}
		out = ShowsOld
	}
	return out
}

// wasOnce reports whether an attribute had the value in the window.
func (r *Reading) wasOnce(attr *schema.Attr, got any) bool {
	return slices.ContainsFunc(r.Former, func(old schema.Attrs) bool {
		was, had := old[attr.Name]
		return had && attr.Type.Equal(was, got)
	})
}

// formerly reports whether the object is as one of our former values says.
func (r *Reading) formerly(k *schema.Kind, attrs schema.Attrs) bool {
	return len(r.Former) == 0 || slices.ContainsFunc(r.Former, func(old schema.Attrs) bool {
		for name, was := range old {
			attr := k.Attr(name)
			if got, told := attrs[name]; attr != nil && told && !attr.Type.Equal(was, got) {
				return false
			}
		}
		return true
	})
}

// Tightens reports whether what a reading does not show yet is a restriction.
func (r *Reading) Tightens(k *schema.Kind, attrs schema.Attrs) bool {
	for name, want := range r.Next {
		attr, got := k.Attr(name), attrs[name]
		if attr == nil || attr.Narrow == nil || got == nil || attr.Type.Equal(want, got) {
			continue
		}
		if narrow := attr.Narrow(got, want); narrow == nil || !attr.Type.Equal(narrow, got) {
			return true
		}
	}
	return false
}

// Becoming returns a reading as it is becoming: former values of ours are
// replaced by the new ones.
func (r *Reading) Becoming(k *schema.Kind, attrs schema.Attrs) schema.Attrs {
	out := maps.Clone(attrs)
	for name, want := range r.Next {
		attr := k.Attr(name)
		if got, told := out[name]; attr != nil && told && !attr.Type.Equal(want, got) && r.wasOnce(attr, got) {
			out[name] = want
		}
	}
	return out
}
