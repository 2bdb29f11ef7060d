package engine

import (
	"context"
	"slices"

	"github.com/teamsform/teamsform/internal/table"
)

// rowGroups counts rows that read alike, in the order of their first. A plan
// of a million rows has a handful of groups, and neighbours are mostly alike.
type rowGroups struct {
	b     *builder
	byKey map[rowGroupKey]*RowGroup
	list  []*RowGroup

	last    rowGroupKey // of the row before
	lastOne *RowGroup
}

type rowGroupKey struct {
	typ, policy, before, addr table.Sym
	action                    Action
	reason                    Reason
}

func (gs *rowGroups) add(row table.Row, before table.Sym, action Action, reason Reason) {
	k := rowGroupKey{row.Type, row.Policy, before, row.Addr, action, reason}
	if gs.lastOne == nil || k != gs.last {
		gs.last, gs.lastOne = k, gs.group(k)
	}
	g := gs.lastOne
	g.Count++
	if users := gs.b.samples[g]; len(users) < 5 {
		gs.b.samples[g] = append(users, row.User)
	}
}

func (gs *rowGroups) group(k rowGroupKey) *RowGroup {
	if g := gs.byKey[k]; g != nil {
		return g
	}
	names := gs.b.in.Strings
	g := &RowGroup{
		Type: names.Name(k.typ), Policy: names.Name(k.policy), Before: names.Name(k.before),
		Addr: names.Name(k.addr), Action: k.action, Reason: k.reason,
	}
	if gs.byKey == nil {
		gs.byKey = map[rowGroupKey]*RowGroup{}
	}
	gs.byKey[k] = g
	gs.list = append(gs.list, g)
	return g
}

// nameSamples fills in the names of the people whom groups show. Who holds
// nothing any more stands in no listing and is looked up; an id whose name
// cannot be found is shown as it is.
func (b *builder) nameSamples(ctx context.Context) {
	groups := slices.Concat(b.plan.RowGroups, b.plan.RowsNoted, b.plan.DriftRows)
	var unknown []table.ID
	for _, s := range b.plan.PendingRows {
		for _, id := range b.waiting[s] {
			if b.in.Table.Name(id) == id.String() {
				unknown = append(unknown, id)
			}
		}
	}
	for _, g := range groups {
		for _, id := range b.samples[g] {
			if b.in.Table.Name(id) == id.String() {
				unknown = append(unknown, id)
			}
		}
	}
	if l, ok := b.in.Table.(Learner); ok && len(unknown) > 0 {
		_ = l.Learn(ctx, unknown) // the names are only for display
	}
	for _, g := range groups {
		g.Samples = make([]string, len(b.samples[g]))
		for i, id := range b.samples[g] {
			g.Samples[i] = b.in.Table.Name(id)
		}
	}
	for _, s := range b.plan.PendingRows {
		for _, id := range b.waiting[s] {
			s.Samples = append(s.Samples, b.in.Table.Name(id))
		}
	}
}
