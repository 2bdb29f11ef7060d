package engine

import "github.com/teamsform/teamsform/internal/table"

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
	if len(g.Samples) < 5 {
		g.Samples = append(g.Samples, gs.b.in.Table.Name(row.User))
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
