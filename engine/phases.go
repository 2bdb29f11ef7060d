package engine

import (
	"maps"

	"github.com/teamsform/teamsform/engine/internal/plain"
	"github.com/teamsform/teamsform/internal/schema"
)

// A change of an existing object is cut by direction. What it takes away goes
// into phase 1, what it gives into phase 5, the rest into phase 3, so that at
// no moment of an apply anybody may do more than before or after it. The cut
// is made per attribute by the schema's Narrow: the tightest value between
// before and after.
//
//	before --(1 tighten)--> narrowed without late ids
//	       --(3 wire)-----> narrowed
//	       --(5 loosen)---> after
//
// An attribute without a direction goes in one step in phase 3. A step that
// names a late id cannot run before the object exists; phase 1 leaves it out.

// steps returns the operations of an update, at most one per phase. d is nil
// when the object is only given back.
func (b *builder) steps(c *Change, d *Desired, final Draft) []*Op {
	for _, ch := range c.Attrs {
		if ch.Attr.Recreate {
			return b.recreate(c, d, final)
		}
	}
	phases := []Phase{Tighten, Wire, Loosen}
	after := map[Phase]schema.Attrs{}
	before := map[Phase]schema.Attrs{}
	for _, ch := range c.Attrs {
		at := ch.Before
		for i, value := range path(ch) {
			if value == nil || same(ch.Attr, at, value) {
				continue
			}
			p := phases[i]
			if after[p] == nil {
				after[p], before[p] = schema.Attrs{}, schema.Attrs{}
			}
			after[p][ch.Attr.Name] = value
			if at != nil {
				before[p][ch.Attr.Name] = at
			}
			at = value
		}
	}
	// The record grows with the steps, so that a crash between two of them
	// leaves in state exactly what was done.
	current := maps.Clone(final.Attrs)
	for _, ch := range c.Attrs {
		if _, owned := current[ch.Attr.Name]; owned {
			current[ch.Attr.Name] = ch.Before
		}
	}
	var ops []*Op
	for _, p := range phases {
		if after[p] == nil {
			continue
		}
		op := b.op(c, p, d)
		switch {
		case p == Loosen && c.Kind.Rank == schema.RankOrgSettings:
			op.Phase = OpenAll
		case p == Tighten && goesFirst(c.Kind, after[p]):
			op.Rank = 0
		}
		op.Action, op.After, op.Before = Update, after[p], before[p]
		for name, v := range after[p] {
			if _, owned := current[name]; owned {
				current[name] = v
			}
		}
		op.Record = final
		op.Record.Attrs = plain.WithoutNil(maps.Clone(current))
		op.Record.Drop = false
		ops = append(ops, op)
	}
	ops[len(ops)-1].Record = final
	return ops
}

// afterAvailability is the rank of steps that wait for every availability.
const afterAvailability = schema.RankAvailability + 1

// goesFirst reports whether a restriction is to be made before all others, such
// as taking upload away from everybody.
func goesFirst(k *schema.Kind, attrs schema.Attrs) bool {
	for name := range attrs {
		if a := k.Attr(name); a != nil && a.First {
			return true
		}
	}
	return false
}

// recreate is an update that the service cannot do in place: remove, then make
// anew. Each half is journaled by itself; after a crash between the two the
// next plan sees an object that is wanted and missing.
func (b *builder) recreate(c *Change, d *Desired, final Draft) []*Op {
	made := b.op(c, Wire, d)
	made.Action, made.Level, made.After, made.Record = Create, 1, final.Attrs, final
	gone := b.op(c, Wire, d) // with its needs: it stays as long as the new one cannot come
	gone.Action, gone.Level, gone.Input, gone.Record = Delete, 0, nil, final
	gone.Needs = append(gone.Needs, plain.RefsOf(final.Attrs)...)
	gone.Record.Drop = true
	return []*Op{gone, made}
}

// path returns the values that an attribute takes in phases 1, 3 and 5.
func path(ch AttrChange) [3]any {
	if ch.Attr.Narrow == nil {
		return [3]any{nil, ch.After, nil}
	}
	narrow := ch.Attr.Narrow(ch.Before, ch.After)
	return [3]any{plain.WithoutLate(narrow), narrow, ch.After}
}

func same(a *schema.Attr, x, y any) bool {
	return x != nil && y != nil && a.Type.Equal(x, y)
}

// op starts an operation for a change.
func (b *builder) op(c *Change, phase Phase, d *Desired) *Op {
	if c.Kind.RowLike && phase != Remove {
		phase = MoveRows
	}
	op := &Op{
		Phase: phase, Rank: c.Kind.Rank, Kind: c.Kind, Action: c.Action, Addr: c.Addr,
		Retiring: c.Retiring, Key: c.Key, Name: c.Name, ID: c.ID,
	}
	if phase == Loosen && c.Kind.Rank == schema.RankApp {
		// An app is unblocked or approved once it is clear who gets it.
		op.Rank = afterAvailability
	}
	if op.Phase == MoveRows {
		// Behind the first halves of what is made anew: a new one finds its place
		// among those that stay.
		op.Level = 1
	}
	if d != nil {
		op.Input = d.Input
		op.Needs = append(op.Needs, d.DependsOn...)
	}
	return op
}

// add puts a change and its operations into the plan.
func (b *builder) add(c *Change, ops ...*Op) {
	b.plan.Changes = append(b.plan.Changes, c)
	b.openAfterwards(c, ops)
	for _, op := range ops {
		op.Needs = append(op.Needs, plain.RefsOf(op.After)...)
		b.plan.Ops = append(b.plan.Ops, op)
	}
}
