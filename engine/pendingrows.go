package engine

import (
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/engine/internal/plain"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
)

// pendingRow is one row of a pending batch.
type pendingRow struct {
	row   table.Row // key, and the policy that it gets; none ends it
	old   table.Sym // held before; 0 for none
	sight *RowsSight
	seen  bool // by the last read before this one
}

func (b *builder) hasPendingRows() bool { return b.in.Prior != nil && len(b.in.Prior.PendingRows) > 0 }

// pendingRows lists what is pending of rows, in key order.
func (b *builder) pendingRows() []pendingRow {
	if b.in.Prior == nil {
		return nil
	}
	var out []pendingRow
	names := b.in.Strings
	for _, p := range b.in.Prior.PendingRows {
		s := &RowsSight{Type: p.Type, Policy: p.Policy, Since: p.Since, Until: p.Until, Visible: true, Over: p.Over(b.in.PlannedAt)}
		b.plan.PendingRows = append(b.plan.PendingRows, s)
		typ, policy := names.Sym(p.Type), names.Sym(p.Policy)
		for i, user := range p.Users {
			old := table.Sym(0)
			if p.Old != nil {
				old = names.Sym(p.Old[i])
			}
			out = append(out, pendingRow{table.Row{User: user, Type: typ, Policy: policy}, old, s, len(p.Seen) > 0})
		}
	}
	slices.SortStableFunc(out, func(x, y pendingRow) int { return table.CompareKey(x.row, y.row) })
	return out
}

// pendRows carries pending rows into a sorted listing: inside the window a row
// that shows what the person held before is taken as it is becoming. After it
// the row is one that the service accepted and never did; wanted rows of that
// kind are an error.
func (b *builder) pendRows(actual, wanted []table.Row) []table.Row {
	pending := b.pendingRows()
	if len(pending) == 0 {
		return actual
	}
	lost := map[*RowsSight][]table.ID{}
	out := make([]table.Row, 0, len(actual)+len(pending))
	for _, p := range pending {
		for len(actual) > 0 && table.CompareKey(actual[0], p.row) < 0 {
			out = append(out, actual[0])
			actual = actual[1:]
		}
		row, held := p.row, len(actual) > 0 && table.CompareKey(actual[0], p.row) == 0
		row.Policy = 0
		if held {
			row = actual[0]
			actual = actual[1:]
		}
		if row.Policy != p.row.Policy && row.Policy == p.old && !(p.sight.Over && p.seen) {
			p.sight.Visible = false
			switch {
			case !p.sight.Over:
				row.Policy = p.row.Policy
				p.sight.Waiting++
				if users := b.waiting[p.sight]; len(users) < 5 {
					b.waiting[p.sight] = append(users, p.row.User)
				}
			case b.rowStillWanted(p.row, wanted):
				lost[p.sight] = append(lost[p.sight], p.row.User)
			}
		}
		if row.Policy != 0 {
			out = append(out, row)
		}
	}
	for _, s := range b.plan.PendingRows {
		if users := lost[s]; len(users) > 0 {
			b.lostRows(s, users)
		}
	}
	return append(out, actual...)
}

// rowStillWanted reports whether the files still say what was sent: the same
// policy, or none.
func (b *builder) rowStillWanted(row table.Row, wanted []table.Row) bool {
	if b.in.RefreshOnly || b.in.Destroy {
		return false
	}
	at, found := slices.BinarySearchFunc(wanted, row, table.CompareKey)
	if !found {
		return row.Policy == 0
	}
	return wanted[at].Policy == row.Policy
}

func (b *builder) lostRows(s *RowsSight, users []table.ID) {
	what := fmt.Sprintf("%s %q for %s", TypeWords(s.Type), s.Policy, plain.Count(len(users), "person", "people"))
	if s.Policy == "" {
		what = fmt.Sprintf("the end of %s of %s", TypeWords(s.Type), plain.Count(len(users), "person", "people"))
	}
	names := make([]string, 0, 5)
	for _, u := range users[:min(5, len(users))] {
		names = append(names, b.in.Table.Name(u))
	}
	d := b.in.Table.Delay()
	b.diags = append(b.diags, diag.Error(nil, "Accepted, but never to be seen",
		"The service accepted %s (%s) on %s, and nothing of it is to be seen by now (%s). %s", what, plain.Sample(names), When(s.Since), d.Why, wayOut(d)))
}
