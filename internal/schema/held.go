package schema

import (
	"maps"
	"slices"
)

// Held is what is kept from everybody for the time being: apps that are
// blocked, or every custom app.
type Held struct {
	Model string // access model of the tenant
	Apps  []any  // catalog ids as text, or Refs to apps that are still to be made
	All   bool
}

// Any reports whether anything is held.
func (h Held) Any() bool { return h.All || len(h.Apps) > 0 }

// Withhold returns the attributes of an object without what is held: only the
// ones that are there, and those that the kind adds by itself. changed names
// the attributes that differ. attrs is left alone.
func (k *Kind) Withhold(id string, attrs Attrs, h Held) (out Attrs, changed []string) {
	if !h.Any() {
		return attrs, nil
	}
	out = attrs
	for _, a := range k.Attrs {
		if a.Withhold == nil {
			continue
		}
		value := attrs[a.Name]
		if kept := a.Withhold(id, value, h); kept != nil && (value == nil || !a.Type.Equal(value, kept)) {
			if len(changed) == 0 {
				out = maps.Clone(attrs)
			}
			out[a.Name] = kept
			changed = append(changed, a.Name)
		}
	}
	return out, changed
}

// Withholds reports whether holds concern objects of this kind.
func (k *Kind) Withholds() bool {
	for _, a := range k.Attrs {
		if a.Withhold != nil {
			return true
		}
	}
	return false
}

// On reports whether the kind exists on tenants of an access model.
func (k *Kind) On(model string) bool { return len(k.Models) == 0 || slices.Contains(k.Models, model) }
