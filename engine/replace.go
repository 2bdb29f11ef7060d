package engine

import (
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// replaces reports whether --replace asks for an object to be made anew. Its id
// is then a late value again, so that everything naming it follows.
func (b *builder) replaces(e *entry) bool {
	if e.d == nil || e.p == nil || e.a == nil {
		return false
	}
	for _, p := range b.in.Replace {
		if p.Matches(e.d.Addr) {
			return true
		}
	}
	return false
}

// replace plans to remove an object and make it anew.
func (b *builder) replace(k *schema.Kind, e *entry, c *Change, w wanted) {
	if k.HasHolders || k.IsReserved(e.d.Key) {
		rng := e.d.Range
		b.diags = append(b.diags, diag.Error(&rng, "Cannot be replaced",
			"%s cannot be removed and made anew: people or the whole organisation hold the %s %q meanwhile. Give it another name instead: the new one is made, everybody moves, the old one is deleted.", e.d.Addr, k.Title, e.a.Key))
		return
	}
	if k.Attached != "" {
		rng := e.d.Range
		b.diags = append(b.diags, diag.Error(&rng, "Cannot be replaced", "%s belongs to an app and is neither made nor removed by itself. To make it anew, replace the app.", e.d.Addr))
		return
	}
	if e.p.Protect {
		b.refuse("prevent_destroy", e.p.Addr, "%s is protected by prevent_destroy and cannot be replaced.", e.p.Addr)
	}
	c.Reason, c.Attrs, c.Hidden = ReasonReplaced, nil, 0
	record := b.recordWith(k, e.d, w.owned, "", e.p.Origin, nil)
	ops := b.recreate(c, e.d, record)
	ops[1].ID = ""
	b.add(c, ops...)
}
