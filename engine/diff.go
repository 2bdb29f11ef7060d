package engine

import (
	"slices"

	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// wanted is what a desired object comes to once ownership is applied.
type wanted struct {
	attrs    schema.Attrs    // values to compare and, where they differ, to send
	owned    schema.Attrs    // the subset that stays owned afterwards
	defaults map[string]bool // attributes that go back to their default
	restored map[string]bool // attributes that go back to what was adopted
	unowned  []string        // attributes that are let go
}

// want applies ownership: an attribute never set is not compared; one that was
// set and is not mentioned any more goes back to its default or is let go.
// Values under ignore_changes are sent when making the object and never owned.
func want(k *schema.Kind, d *Desired, p *prior, making bool) wanted {
	w := wanted{attrs: schema.Attrs{}, owned: schema.Attrs{}, defaults: map[string]bool{}, restored: map[string]bool{}}
	ignored := map[string]bool{}
	for _, name := range d.Lifecycle.IgnoreChanges {
		ignored[name] = true
	}
	for name, v := range d.Attrs {
		if making || !ignored[name] {
			w.attrs[name] = v
		}
		if !ignored[name] {
			w.owned[name] = v
		}
	}
	if p == nil {
		return w
	}
	for _, a := range k.Attrs {
		if _, still := d.Attrs[a.Name]; still || !p.Owned[a.Name] || ignored[a.Name] {
			continue
		}
		value, back := goneValue(a, d, p)
		if !back {
			w.unowned = append(w.unowned, a.Name)
			continue
		}
		w.attrs[a.Name] = value
		if p.Origin == state.Adopted && d.Lifecycle.OnDestroy == "restore" {
			w.restored[a.Name] = true
		} else {
			w.defaults[a.Name] = true
		}
	}
	return w
}

// goneValue says what an attribute that was set before and is gone now becomes.
func goneValue(a *schema.Attr, d *Desired, p *prior) (any, bool) {
	if p.Origin == state.Adopted {
		switch d.Lifecycle.OnDestroy {
		case "restore":
			v, ok := p.Adopted[a.Name]
			return v, ok
		case "reset":
		default:
			return nil, false
		}
	}
	if a.Unset == schema.LetGo || a.Default == nil {
		return nil, false
	}
	return a.Default, true
}

// difference compares wanted values with actual ones, attribute by attribute,
// in schema order. recordOnly says that the tenant agrees and state does not.
func difference(k *schema.Kind, w wanted, p *prior, a *Object) (changes []AttrChange, hidden int, recordOnly bool) {
	var unknown []AttrChange
	moved := p != nil && movedOn(k, p, a)
	for _, attr := range k.Attrs {
		value, mentioned := w.attrs[attr.Name]
		if !mentioned || attr.Input || attr.Late {
			continue
		}
		var had any
		wasOurs := false
		if p != nil {
			had, wasOurs = p.Attrs[attr.Name]
		}
		actual, told := a.Attrs[attr.Name]
		if !told {
			actual = had // the service does not tell: trust what was applied
		}
		if attr.Untold && !told && (!wasOurs || moved) {
			unknown = append(unknown, AttrChange{Attr: attr, After: value})
			continue
		}
		if actual != nil && attr.Type.Equal(value, actual) {
			hidden++
			if !wasOurs || !attr.Type.Equal(value, had) {
				recordOnly = true
			}
			continue
		}
		c := AttrChange{Attr: attr, Before: actual, After: value, Defaults: w.defaults[attr.Name], Restored: w.restored[attr.Name]}
		if wasOurs && told && !attr.Type.Equal(had, actual) {
			c.Drifted, c.Prior = true, had
		}
		changes = append(changes, c)
	}
	// What nobody knows goes along with a change, and is no change by itself:
	// an object that is met for the first time is taken to be as the files say.
	if len(changes) == 0 {
		return nil, hidden + len(unknown), recordOnly || len(unknown) > 0
	}
	return append(changes, unknown...), hidden, recordOnly
}

// movedOn reports whether someone else has changed what the service tells of an
// object. What it does not tell may have changed with it, so what was last
// applied says nothing any more.
func movedOn(k *schema.Kind, p *prior, a *Object) bool {
	return slices.ContainsFunc(driftOf(k, p, a), func(c AttrChange) bool { return !c.Attr.Untold })
}

// allDrift reports whether each change only brings back what was last applied.
func allDrift(changes []AttrChange) bool {
	for _, c := range changes {
		if !c.Drifted || !c.Attr.Type.Equal(c.Prior, c.After) {
			return false
		}
	}
	return len(changes) > 0
}

// driftOf lists owned attributes that someone else has changed.
func driftOf(k *schema.Kind, p *prior, a *Object) []AttrChange {
	var out []AttrChange
	for _, attr := range k.Attrs {
		was, owned := p.Attrs[attr.Name]
		now, told := a.Attrs[attr.Name]
		if owned && told && !attr.Type.Equal(was, now) {
			out = append(out, AttrChange{Attr: attr, Before: now, Prior: was, Drifted: true})
		}
	}
	return out
}

// pick returns the entries of attrs whose names are in names.
func pick(attrs, names schema.Attrs) schema.Attrs {
	out := schema.Attrs{}
	for name := range names {
		if v, ok := attrs[name]; ok {
			out[name] = v
		}
	}
	return out
}

// allNew lists the attributes of an object that does not exist, with what was
// last applied where it did once.
func allNew(k *schema.Kind, attrs schema.Attrs, p *prior) []AttrChange {
	var out []AttrChange
	for _, a := range k.Attrs {
		if v, ok := attrs[a.Name]; ok {
			c := AttrChange{Attr: a, After: v}
			if p != nil {
				c.Prior = p.Attrs[a.Name]
			}
			out = append(out, c)
		}
	}
	return out
}

// allGone lists what an object takes with it when it is deleted, with the
// difference from what was last applied.
func allGone(k *schema.Kind, attrs schema.Attrs, p *prior) []AttrChange {
	var out []AttrChange
	for _, a := range k.Attrs {
		v, ok := attrs[a.Name]
		if !ok || !p.Owned[a.Name] {
			continue
		}
		c := AttrChange{Attr: a, Before: v}
		if was, had := p.Attrs[a.Name]; had && !a.Type.Equal(was, v) {
			c.Drifted, c.Prior = true, was
		}
		out = append(out, c)
	}
	return out
}
