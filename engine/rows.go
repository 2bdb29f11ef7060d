package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
)

// The decision table of SEMANTICS 2 for rows. The key is (policy type, user)
// over all blocks; the address is a column, so a user who moves from one block
// to another with the same policy is a move and no call. A row is small: what
// a change of it says fits into a RowChange, and rows that need nothing leave
// no trace but a count.

// rowBuilder collects row changes into batches and groups.
type rowBuilder struct {
	b       *builder
	out     CompileOutput
	changes []rowDecision
	record  rowRecords
}

// rowRecords are row changes that touch state only, in key order.
type rowRecords struct {
	set  []table.Row
	drop []table.Row
}

type rowDecision struct {
	RowChange
	assign bool
}

func (b *builder) mergeRows(ctx context.Context, out CompileOutput) bool {
	var prior []table.Row
	if b.in.Prior != nil {
		prior = b.in.Prior.Rows
	}
	if b.in.Table == nil || len(prior)+len(out.Rows)+len(out.Exact) == 0 && !b.needsHolders() && !b.doubtfulRows() {
		return true
	}
	actual, ok := b.actualRows(ctx, prior, out)
	if !ok {
		return false
	}
	table.Sort(prior)
	table.Sort(actual)
	prior = b.settleRows(prior, actual)
	rb := &rowBuilder{b: b, out: out}
	b.rows = rb
	_ = table.Merge(prior, out.Rows, actual, func(p, d, a *table.Row) error {
		rb.decide(p, d, a)
		return nil
	})
	b.plan.actualRows = actual
	return true
}

// actualRows lists who holds which policy directly, or with --refresh=false
// takes it from the state, when nothing new is wanted.
func (b *builder) actualRows(ctx context.Context, prior []table.Row, out CompileOutput) ([]table.Row, bool) {
	if b.in.NoRefresh && !b.doubtfulRows() && len(prior) > 0 && len(out.Rows) <= len(prior) {
		b.plan.Unverified = append(b.plan.Unverified, "policy assignments")
		return slices.Clone(prior), true
	}
	var actual []table.Row
	if err := b.in.Table.Rows(ctx, b.in.Strings, func(r table.Row) { actual = append(actual, r) }); err != nil {
		b.diags = append(b.diags, diag.FromError("The tenant could not be read", fmt.Errorf("list of policy assignments: %w", err))...)
		return nil, false
	}
	return actual, true
}

// finishRows puts what was decided, and chosen, into the plan.
func (b *builder) finishRows() {
	if b.rows == nil {
		return
	}
	b.rows.finish()
	b.plan.rowRecords = b.rows.record
	b.plan.RowsRecorded = len(b.rows.record.set) + len(b.rows.record.drop)
}

// decide is one row of the table.
func (rb *rowBuilder) decide(p, d, a *table.Row) {
	switch {
	case d != nil && a == nil:
		reason := ReasonNew
		if p != nil {
			reason = ReasonGone
			if p.Policy != d.Policy {
				reason = ReasonChanged
			}
		}
		rb.assign(*d, 0, reason)
	case d != nil:
		rb.meet(p, *d, *a)
	case p != nil && a != nil:
		rb.remove(*p, *a)
	case p != nil:
		rb.record.drop = append(rb.record.drop, *p) // gone on both sides: forget
	case rb.out.Exact[Policy{a.Type, a.Policy}] != 0:
		row := *a
		row.Addr = rb.out.Exact[Policy{a.Type, a.Policy}]
		rb.unassign(row, ReasonNotListed)
	}
}

// meet handles a row that is wanted and present.
func (rb *rowBuilder) meet(p *table.Row, d, a table.Row) {
	final := d
	final.Adopted = a.Policy
	if p != nil {
		final.Adopted = p.Adopted
	}
	switch {
	case a.Policy != d.Policy && p == nil:
		rb.assign(final, a.Policy, ReasonNotOurs)
	case a.Policy != d.Policy && p.Policy == d.Policy:
		rb.assign(final, a.Policy, ReasonDrift)
	case a.Policy != d.Policy:
		rb.assign(final, a.Policy, ReasonChanged)
	case p == nil || *p != final:
		// Adopted, moved between blocks, or the tenant has it already.
		rb.record.set = append(rb.record.set, final)
	default:
		rb.b.plan.RowsKept++
	}
}

// remove handles a row that no block wants any more and that is still there.
func (rb *rowBuilder) remove(p, a table.Row) {
	if a.Policy != p.Policy {
		rb.record.drop = append(rb.record.drop, p) // now another policy: not ours to end
		return
	}
	// A user taken out of a living exact block is unassigned whoever assigned
	// them; an adopted row is let go when its block goes.
	living := rb.out.Exact[Policy{p.Type, p.Policy}] != 0
	if p.Adopted != 0 && !living {
		rb.record.drop = append(rb.record.drop, p)
		return
	}
	reason := ReasonNotInConfig
	if rb.b.in.Destroy {
		reason = ReasonDestroyed
	}
	rb.unassign(p, reason)
}

func (rb *rowBuilder) assign(row table.Row, before table.Sym, reason Reason) {
	rb.changes = append(rb.changes, rowDecision{RowChange{row, before, reason}, true})
}

func (rb *rowBuilder) unassign(row table.Row, reason Reason) {
	rb.changes = append(rb.changes, rowDecision{RowChange{row, row.Policy, reason}, false})
}

// finish cuts the changes into batches and counts them for reading.
func (rb *rowBuilder) finish() {
	b := rb.b
	b.plan.RowGroups = rb.groups()
	rb.batches()
	for _, g := range b.plan.RowGroups {
		if g.Reason == ReasonNotOurs {
			b.plan.Attention = append(b.plan.Attention, Note{Rule: "takeover", Text: fmt.Sprintf(
				"%d people hold %s %q, set by someone else, and get %q.", g.Count, typeWords(g.Type), g.Before, g.Policy)})
		}
	}
}

// groups counts the changes that read alike, in key order of their first row.
func (rb *rowBuilder) groups() []*RowGroup {
	b := rb.b
	strings := b.in.Strings
	type groupKey struct {
		typ, policy, before, addr table.Sym
		assign                    bool
		reason                    Reason
	}
	groups := map[groupKey]*RowGroup{}
	var order []groupKey
	for _, c := range rb.changes {
		k := groupKey{c.Row.Type, c.Row.Policy, c.Before, c.Row.Addr, c.assign, c.Reason}
		g := groups[k]
		if g == nil {
			g = &RowGroup{
				Type: strings.Name(c.Row.Type), Policy: strings.Name(c.Row.Policy), Before: strings.Name(c.Before),
				Addr: strings.Name(c.Row.Addr), Action: Delete, Reason: c.Reason,
			}
			if c.assign {
				g.Action = Update
				if c.Before == 0 {
					g.Action = Create
				}
			}
			groups[k] = g
			order = append(order, k)
		}
		g.Count++
		if len(g.Samples) < 5 {
			g.Samples = append(g.Samples, b.in.Table.Name(c.Row.User))
		}
	}
	out := make([]*RowGroup, len(order))
	for i, k := range order {
		out[i] = groups[k]
	}
	return out
}

// batches cuts changes of one action, type and policy into what the service
// takes at once. Assigning moves rows (phase 4); ending one deletes (phase 6).
func (rb *rowBuilder) batches() {
	b := rb.b
	size, _ := b.in.Table.Batch()
	type batchKey struct {
		assign, taken bool // rows taken over are recorded as adopted, by batch
		typ, policy   table.Sym
	}
	open := map[batchKey]*RowOp{}
	for _, c := range rb.changes {
		k := batchKey{c.assign, c.Reason == ReasonNotOurs, c.Row.Type, c.Row.Policy}
		op := open[k]
		if op == nil || len(op.Rows) >= size {
			op = &RowOp{Phase: MoveRows, Assign: c.assign, Type: c.Row.Type, Policy: c.Row.Policy}
			if !c.assign {
				op.Phase = Remove
			}
			if c.assign {
				op.Needs = b.policyNeeds(b.in.Strings.Name(c.Row.Type), b.in.Strings.Name(c.Row.Policy))
			}
			open[k] = op
			b.plan.RowOps = append(b.plan.RowOps, op)
		}
		op.Rows = append(op.Rows, c.RowChange)
	}
	slices.SortStableFunc(b.plan.RowOps, func(x, y *RowOp) int { return int(x.Phase) - int(y.Phase) })
}

// typeWords names a policy type for people.
func typeWords(typ string) string {
	switch typ {
	case "setup_policy":
		return "the setup policy"
	case "permission_policy":
		return "the permission policy"
	}
	return typ
}
