package engine

import (
	"context"
	"maps"

	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// Drift is what the tenant differs in from what was last applied, whatever the
// files say by now. Finding it sends nothing; recording it makes the state say
// what the tenant has.

// findDrift compares state with the tenant, kind by kind and row by row.
func (b *builder) findDrift(ctx context.Context, priors map[string][]*prior) bool {
	for _, k := range b.in.Kinds.Kinds() {
		if k.Input {
			continue
		}
		entries, diags := join(k, priors[k.Name], nil, b.actual[k.Name])
		b.diags = append(b.diags, diags...)
		for _, e := range entries {
			b.driftOf(k, e)
		}
	}
	ok := b.driftRows(ctx)
	b.namePrincipals(ctx)
	b.plan.Order()
	return ok && !b.diags.HasErrors()
}

func (b *builder) driftOf(k *schema.Kind, e *entry) {
	switch {
	case e.p == nil:
		b.unmanaged(k, e, elsewhereOf(e, b.in.Root))
		return
	case e.p.deleted && e.a == nil:
		return
	case e.a == nil:
		c := &Change{Addr: e.p.Addr, Kind: k, Key: e.p.Key, ID: e.p.ID, Action: Forget, Reason: ReasonGone}
		if e.p.unseen {
			c.Reason = ReasonUnseen
		}
		b.plan.Drift = append(b.plan.Drift, c)
		b.plan.Records.Drop = append(b.plan.Records.Drop, dropRecord(k, e.p))
		return
	}
	changed := driftOf(k, e.p, e.a)
	if len(changed) == 0 && !e.p.unseen {
		return
	}
	c := &Change{Addr: e.p.Addr, Kind: k, Key: e.a.Key, Name: e.a.Name, ID: e.a.ID, Action: Record, Reason: ReasonDrift}
	if e.p.unseen {
		c.Reason = ReasonUnseen
	}
	attrs := maps.Clone(e.p.Attrs)
	for _, ch := range changed {
		attrs[ch.Attr.Name] = ch.Before
		c.Attrs = append(c.Attrs, AttrChange{Attr: ch.Attr, Before: ch.Prior, After: ch.Before})
	}
	b.plan.Drift = append(b.plan.Drift, c)
	b.plan.Records.Set = append(b.plan.Records.Set, b.asItIs(k, e, c, attrs))
}

// asItIs is the record of an object as the tenant has it. What was sent and never
// showed is ours still, also where it only set something back.
func (b *builder) asItIs(k *schema.Kind, e *entry, c *Change, attrs schema.Attrs) Draft {
	if e.p.unseen && e.p.pending.Next != nil {
		for name, sent := range e.p.pending.Next {
			attr, got := k.Attr(name), e.a.Attrs[name]
			if _, known := e.p.Attrs[name]; known || attr == nil || got == nil || attr.Type.Equal(sent, got) {
				continue
			}
			attrs[name], e.p.Owned[name] = got, true
			c.Attrs = append(c.Attrs, AttrChange{Attr: attr, Before: sent, After: got})
		}
	}
	return e.p.draft(k, attrs, e.a.ID)
}

func elsewhereOf(e *entry, root string) string {
	if e.a.Mark == root {
		return ""
	}
	return e.a.Mark
}

// draft is the record of a prior with other attributes.
func (p *prior) draft(k *schema.Kind, attrs schema.Attrs, id string) Draft {
	d := Draft{
		Kind: k, Addr: p.Addr, Key: p.Key, ID: id, Attrs: attrs, Origin: p.Origin, Adopted: p.Adopted,
		Protect: p.Protect, OnDestroy: p.OnDestroy, Retiring: p.Retiring,
	}
	for _, a := range k.Attrs {
		if p.Owned[a.Name] {
			d.Owned = append(d.Owned, a.Name)
		}
	}
	return d
}

func (b *builder) driftRows(ctx context.Context) bool {
	if b.in.Prior == nil || len(b.in.Prior.Rows) == 0 && !b.doubtfulRows() && !b.hasPendingRows() {
		return true
	}
	prior := b.in.Prior.Rows
	actual, ok := b.actualRows(ctx, prior, CompileOutput{})
	if !ok {
		return false
	}
	table.Sort(prior)
	table.Sort(actual)
	actual = b.pendRows(actual, nil)
	prior = b.settleRows(prior, actual)
	rb := &rowBuilder{b: b}
	b.rows = rb
	_ = table.Merge(prior, nil, actual, func(p, _, a *table.Row) error {
		switch {
		case p == nil:
		case a == nil:
			rb.record.Drop = append(rb.record.Drop, *p)
			rb.changes = append(rb.changes, rowDecision{RowChange{Row: *p, Before: p.Policy, Reason: ReasonGone}, false})
		case a.Policy != p.Policy:
			now := *p
			now.Policy = a.Policy
			rb.record.Set = append(rb.record.Set, now)
			rb.changes = append(rb.changes, rowDecision{RowChange{Row: now, Before: p.Policy, Reason: ReasonDrift}, true})
		}
		return nil
	})
	b.plan.DriftRows = rb.groups()
	b.nameSamples(ctx)
	b.plan.RowRecords = rb.record
	return true
}
