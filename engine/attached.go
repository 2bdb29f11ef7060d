package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// Objects that belong to others, and objects that are made closed.
//
// What is attached exists as long as its owner does: it is made known when the
// owner is made, and forgotten with it. What is withheld is made closed and
// opened in the phase of permissions, after everything that restricts it:
//
//	phase 2  make the owner, closed          app: submitted, visible to nobody
//	phase 2  restrict it                     availability: these people
//	phase 5  open it                         app: approved
//
// A restriction that fails keeps it closed; the next plan goes on from there.

// ownerOf gives the reference or the id of the object that one is attached to.
func ownerOf(k *schema.Kind, attrs schema.Attrs) any {
	if k.Attached == "" {
		return nil
	}
	return attrs[k.Attached]
}

// mayAttach reports whether an attached object that the tenant does not list
// may be made: with its owner, or when listing is closed to this identity.
func (b *builder) mayAttach(k *schema.Kind, e *entry) bool {
	if k.Attached == "" || b.closed[k.Name] {
		return true
	}
	if r, late := ownerOf(k, e.d.Attrs).(schema.Ref); late {
		if b.makes(r) {
			return true
		}
	} else if b.opens(e.d) {
		return true
	}
	rng := e.d.Range
	b.diags = append(b.diags, diag.WithAddress(diag.Error(&rng, "App without availability",
		"The tenant lists no availability of the app of %s. If the app was published a moment ago, plan again later. Name an app of the organisation's catalog by its app block, any other by store_app.", e.d.Addr), e.d.Addr.String()))
	return false
}

// makes reports whether the plan makes the object that a reference names.
func (b *builder) makes(r schema.Ref) bool {
	for _, c := range b.plan.Changes {
		if c.Addr == r.Addr && (c.Action == Create || c.Reason == ReasonReplaced) {
			return true
		}
	}
	return false
}

// opens reports whether the plan opens the owner of d, which until then has
// nothing attached.
func (b *builder) opens(d *Desired) bool {
	for owner, w := range b.madeClosed {
		if w.Impossible != "" && slices.Contains(w.By, d.Addr) {
			return slices.ContainsFunc(b.plan.Changes, func(c *Change) bool { return c.Addr == owner })
		}
	}
	return false
}

// losesOwner reports whether the plan deletes what an object is attached to.
func (b *builder) losesOwner(k *schema.Kind, p *prior) bool {
	id, _ := ownerOf(k, p.Attrs).(string)
	if id == "" {
		return false
	}
	for _, c := range b.plan.Changes {
		if c.Action == Delete && strings.EqualFold(c.ID, id) {
			return true
		}
	}
	return false
}

// stepwise cuts the making of an object: what it gets afterwards goes into a
// step of its own, and what is withheld into the phase of permissions. The
// record grows with the steps.
func (b *builder) stepwise(c *Change, d *Desired, made *Op) []*Op {
	ops := []*Op{made}
	final := made.Record
	attrs := maps.Clone(made.After)
	record := maps.Clone(final.Attrs)
	step := func(p Phase, a *schema.Attr, before, after any) *Op {
		op := b.op(c, p, d)
		op.Action, op.Before, op.After, op.Record = Update, schema.Attrs{a.Name: before}, schema.Attrs{a.Name: after}, final
		attrs[a.Name] = before
		if _, owned := record[a.Name]; owned {
			record[a.Name] = before
		}
		ops = append(ops, op)
		return op
	}
	for _, a := range c.Kind.Attrs {
		if v, wanted := attrs[a.Name]; wanted && slices.Contains(a.Afterwards, b.in.Tenant.AccessModel) && !a.Type.Equal(v, a.Default) {
			step(Make, a, a.Default, v).Level = 1
		}
	}
	if w, ok := b.madeClosed[d.Addr]; ok && w.Impossible == "" {
		if a := c.Kind.Attr(w.Attr); a != nil && attrs[w.Attr] != nil {
			step(Loosen, a, a.Closed, attrs[w.Attr])
		}
	}
	if len(ops) == 1 {
		return ops
	}
	// Each step records what holds once it is done: those before it, and itself.
	made.After, made.Record.Attrs = attrs, maps.Clone(record)
	for _, op := range ops[1:] {
		maps.Copy(record, pick(op.After, final.Attrs))
		op.Record.Attrs = maps.Clone(record)
	}
	return ops
}

// openAfterwards ties the steps that open an object to everything that is to
// restrict it before, and says so where that cannot be. So that nothing opens
// it by the way, other changes of one that is still closed wait too.
func (b *builder) openAfterwards(c *Change, ops []*Op) {
	w, ok := b.madeClosed[c.Addr]
	a := c.Kind.Attr(w.Attr)
	if !ok || a == nil {
		return
	}
	opens := false
	for _, op := range ops {
		v, sent := op.After[w.Attr]
		opens = opens || sent && !a.Type.Equal(v, a.Closed)
	}
	switch {
	case !opens:
	case w.Impossible != "":
		b.windows = append(b.windows, Finding{Addr: c.Addr, Text: w.Impossible})
	default:
		for _, op := range ops {
			if op.Phase >= Wire {
				op.Needs = append(op.Needs, w.By...)
			}
		}
	}
}

// copied gives the attributes that a new object starts from: those of the
// policy that it copies.
func (b *builder) copied(k *schema.Kind, d *Desired) schema.Attrs {
	from, _ := d.Input["copy_of"].(string)
	if old := b.renamedFrom[d.Addr]; old != nil && b.actualOf(k.Name, old.Key) != nil {
		from = old.Key
	}
	if from == "" {
		from = "Global"
	}
	for _, a := range b.actual[k.Name] {
		if schema.FoldKey(a.Key) == schema.FoldKey(from) {
			return a.Attrs
		}
	}
	return nil
}
