package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/engine/internal/membership"
	"github.com/teamsform/teamsform/engine/internal/plain"
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
	doomed  map[Policy]bool // policies that this plan deletes
	changes []rowDecision
	record  RowRecords
	gone    []table.Row // of the state, neither wanted nor held
	leavers []table.Row // of gone: the directory does not have their people any more
	members *membership.Book
	noted   rowGroups // what is recorded, for reading
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
	if b.in.Table == nil || len(prior)+len(out.Rows)+len(out.Exact) == 0 && !b.hasPendingRows() && !b.needsHolders() && !b.doubtfulRows() {
		return true
	}
	actual, ok := b.actualRows(ctx, prior, out)
	if !ok {
		return false
	}
	all := actual
	if b.back != nil {
		prior, actual = b.back.Only(prior), b.back.Only(actual)
	}
	table.Sort(prior)
	table.Sort(actual)
	if actual = b.pendRows(actual, out.Rows); b.diags.HasErrors() {
		return false
	}
	prior = b.settleRows(prior, actual)
	rb := &rowBuilder{b: b, out: out, doomed: b.doomed(), noted: rowGroups{b: b}}
	b.rows = rb
	rb.members = b.readMembers(out)
	_ = table.Merge(prior, out.Rows, actual, func(p, d, a *table.Row) error {
		rb.decide(p, d, a)
		return nil
	})
	if b.holders = actual; b.back != nil {
		b.holders = all
	}
	b.members = rb.members
	b.members.Count(prior, out.Rows)
	return rb.dropGone(ctx)
}

// actualRows lists who holds which policy directly, or with --refresh=false
// takes it from the state, when nothing new is wanted.
func (b *builder) actualRows(ctx context.Context, prior []table.Row, out CompileOutput) ([]table.Row, bool) {
	if b.in.NoRefresh && !b.doubtfulRows() && len(prior) > 0 && len(out.Rows) <= len(prior) && !b.hasPendingRows() {
		b.plan.Unverified = append(b.plan.Unverified, "policy assignments")
		return slices.Clone(prior), true
	}
	actual := make([]table.Row, 0, max(len(prior), len(out.Rows)))
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
	b.plan.RowRecords = b.rows.record
	b.plan.RowsRecorded = len(b.rows.record.Set) + len(b.rows.record.Drop)
}

// decide is one row of the table.
func (rb *rowBuilder) decide(p, d, a *table.Row) {
	switch {
	case d != nil && a == nil:
		reason := ReasonNew
		if p == nil && rb.members.Joined(*d) {
			reason = ReasonJoined
		}
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
		rb.gone = append(rb.gone, *p) // gone on both sides
	case rb.out.Exact[Policy{Type: a.Type, Name: a.Policy}] != 0:
		row := *a
		row.Addr = rb.out.Exact[Policy{Type: a.Type, Name: a.Policy}]
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
	case a.Policy != d.Policy && a.Policy != p.Policy:
		rb.assign(final, a.Policy, ReasonOverDrift)
	case a.Policy != d.Policy:
		rb.assign(final, a.Policy, ReasonChanged)
	case p == nil:
		rb.set(final, Adopt, ReasonAdopted)
	case p.Policy == final.Policy && p.Addr != final.Addr:
		rb.set(final, Move, ReasonRenamed)
	case *p != final:
		rb.set(final, Record, ReasonSettled)
	default:
		rb.b.plan.RowsKept++
	}
}

// remove handles a row that no block wants any more and that is still there.
func (rb *rowBuilder) remove(p, a table.Row) {
	if a.Policy != p.Policy {
		// Not ours to end, unless the other is exact here and does not list it.
		if block := rb.out.Exact[Policy{Type: a.Type, Name: a.Policy}]; block != 0 {
			a.Addr = block
			rb.unassign(a, ReasonNotListed)
			return
		}
		rb.drop(p, Forget, ReasonOtherNow)
		return
	}
	// A user taken out of a living exact block is unassigned whoever assigned
	// them; an adopted row is let go when its block goes, and any when a removed
	// block says so, unless the policy goes with it: then it cannot stay as it
	// stands.
	policy := Policy{Type: p.Type, Name: p.Policy}
	if (p.Adopted != 0 || rb.b.letsGo(p)) && rb.out.Exact[policy] == 0 && !rb.doomed[policy] {
		rb.drop(p, LetGo, ReasonLetGo)
		return
	}
	reason := ReasonNotInConfig
	if !rb.b.in.Destroy && rb.members.Left(p) {
		reason = ReasonLeft
	}
	switch {
	case rb.b.in.Destroy:
		reason = ReasonDestroyed
	case rb.b.back != nil:
		reason = ReasonReverted
	}
	rb.unassign(p, reason)
}

// letsGo reports whether a removed block lets the rows of a block go.
func (b *builder) letsGo(row table.Row) bool {
	if b.in.Config == nil || b.in.Destroy || b.back != nil || len(b.in.Config.Removed) == 0 {
		return false
	}
	r := b.in.Config.RemovedAs(b.blockOf(row))
	return r != nil && !r.Destroy
}

// set records a row that needs no call.
func (rb *rowBuilder) set(row table.Row, action Action, reason Reason) {
	rb.record.Set = append(rb.record.Set, row)
	rb.noted.add(row, 0, action, reason)
}

// drop takes a row out of the state.
func (rb *rowBuilder) drop(row table.Row, action Action, reason Reason) {
	rb.record.Drop = append(rb.record.Drop, row)
	rb.noted.add(row, 0, action, reason)
}

func (rb *rowBuilder) assign(row table.Row, before table.Sym, reason Reason) {
	rb.changes = append(rb.changes, rowDecision{RowChange{Row: row, Before: before, Reason: reason}, true})
}

func (rb *rowBuilder) unassign(row table.Row, reason Reason) {
	rb.changes = append(rb.changes, rowDecision{RowChange{Row: row, Before: row.Policy, Reason: reason}, false})
}

// finish cuts the changes into batches and counts them for reading.
func (rb *rowBuilder) finish() {
	b := rb.b
	b.plan.RowGroups, b.plan.RowsNoted = rb.groups(), rb.noted.list
	rb.batches()
	for _, g := range b.plan.RowGroups {
		if g.Reason == ReasonNotOurs {
			b.plan.Attention = append(b.plan.Attention, Note{Topic: TopicAdoptions, Rule: "takeover", Text: fmt.Sprintf(
				"%s %s %q, set by someone else, and %s %q.", plain.Count(g.Count, "person has", "people have"), TypeWords(g.Type), g.Before, plain.OneOrMany(g.Count, "gets", "get"), g.Policy)})
		}
	}
}

// groups counts the changes that read alike.
func (rb *rowBuilder) groups() []*RowGroup {
	groups := rowGroups{b: rb.b}
	for _, c := range rb.changes {
		action := Delete
		if c.assign {
			action = Update
			if c.Before == 0 {
				action = Create
			}
		}
		groups.add(c.Row, c.Before, action, c.Reason)
	}
	return groups.list
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

// TypeWords names a policy type for people.
func TypeWords(typ string) string {
	switch typ {
	case "setup_policy":
		return "the setup policy"
	case "permission_policy":
		return "the permission policy"
	}
	return typ
}
