package state

import (
	"cmp"
	"slices"

	"github.com/teamsform/teamsform/internal/table"
)

// Confirmed rows are collected in the order of their results and merged into
// the sorted table in one pass: a million rows confirmed in 200 batches cost
// one sort and one merge, not 200.

// rowChange is what one confirmed batch does to one row.
type rowChange struct {
	row     table.Row // key, and the values to record
	before  table.Sym // policy held before, for rows that are recorded as adopted
	action  string
	adopt   bool
	pending *PendingRows // of the batch; nil: visible now
}

// settles reports whether the change ends what was pending for its row.
func (c rowChange) settles() bool {
	return c.action == RowsSet || c.action == RowsUnset || c.action == RowsForget
}

// applyRows notes the confirmed rows of a batch.
func (f *Fold) applyRows(b *openBatch, res ResultRows) {
	in := b.intent.Rows
	if b.rows == nil {
		b.rows = make([]bool, len(in.Users))
	}
	failed := make([]bool, len(in.Users))
	doubt := make([]bool, len(in.Users))
	for _, fail := range res.Failed {
		failed[fail.Index] = true
	}
	for _, i := range res.Doubt {
		doubt[i] = true
	}
	var pending *PendingRows
	if !res.Until.IsZero() && (in.Action == RowsSet || in.Action == RowsUnset) {
		pending = &PendingRows{Type: in.Type, Policy: in.Policy, Since: res.Since, Until: res.Until}
	}
	for i := range in.Users {
		if doubt[i] {
			continue
		}
		b.rows[i] = true
		if res.OK && !failed[i] {
			f.rows = append(f.rows, f.change(in, i, pending))
			if pending != nil {
				pending.Users = append(pending.Users, in.Users[i])
				pending.Old = append(pending.Old, in.beforeOf(i))
			}
		}
	}
	f.notePending(pending)
}

// notePending remembers a batch that is not visible everywhere yet.
func (f *Fold) notePending(p *PendingRows) {
	if p == nil || len(p.Users) == 0 {
		return
	}
	if allEmpty(p.Old) {
		p.Old = nil
	}
	f.pending = append(f.pending, p)
}

// change returns what in does to the row of its user i.
func (f *Fold) change(in *IntentRows, i int, pending *PendingRows) rowChange {
	if f.st.Strings == nil {
		f.st.Strings = table.NewStrings()
	}
	names := f.st.Strings
	return rowChange{
		row: table.Row{
			User: in.Users[i], Type: names.Sym(in.Type),
			Policy: names.Sym(in.Policy), Addr: names.Exact(in.addrOf(i)),
		},
		before:  names.Sym(in.beforeOf(i)),
		action:  in.Action,
		adopt:   in.Adopt || in.Action == RowsAdopt,
		pending: pending,
	}
}

// mergeRows carries the collected changes into the table and settles what was
// pending for their rows.
func (f *Fold) mergeRows() {
	if len(f.rows) == 0 {
		return
	}
	table.Sort(f.st.Rows)
	slices.SortStableFunc(f.rows, func(a, b rowChange) int { return table.CompareKey(a.row, b.row) })
	f.settlePending()
	old, changes := f.st.Rows, f.rows
	out := make([]table.Row, 0, len(old)+len(changes))
	for len(changes) > 0 {
		key := changes[0].row
		for len(old) > 0 && table.CompareKey(old[0], key) < 0 {
			out = append(out, old[0])
			old = old[1:]
		}
		var row table.Row
		exists := len(old) > 0 && table.CompareKey(old[0], key) == 0
		if exists {
			row = old[0]
			old = old[1:]
		}
		for len(changes) > 0 && table.CompareKey(changes[0].row, key) == 0 {
			row, exists = changes[0].apply(row, exists)
			changes = changes[1:]
		}
		if exists {
			out = append(out, row)
		}
	}
	f.st.Rows = append(out, old...)
	f.rows = nil
}

// settlePending takes rows that have changed out of what was pending before,
// and adds what is pending since. f.rows is sorted; of several changes of one
// row the last counts.
func (f *Fold) settlePending() {
	var list []*PendingRows
	for _, p := range f.st.PendingRows {
		typ := f.st.Strings.Sym(p.Type)
		list = append(list, p.Without(func(user table.ID) bool {
			at, found := slices.BinarySearchFunc(f.rows, table.Row{Type: typ, User: user}, func(c rowChange, key table.Row) int {
				return table.CompareKey(c.row, key)
			})
			for ; found && at < len(f.rows) && f.rows[at].row.User == user && f.rows[at].row.Type == typ; at++ {
				if f.rows[at].settles() {
					return true
				}
			}
			return false
		}))
	}
	stale := map[*PendingRows]map[table.ID]bool{}
	for i := len(f.rows) - 1; i > 0; i-- {
		next := f.rows[i]
		for ; i > 0 && table.CompareKey(f.rows[i-1].row, next.row) == 0; i-- {
			before := f.rows[i-1]
			if next.settles() && before.pending != nil {
				if stale[before.pending] == nil {
					stale[before.pending] = map[table.ID]bool{}
				}
				stale[before.pending][before.row.User] = true
			}
			if before.settles() {
				next = before
			}
		}
	}
	for _, p := range f.pending {
		list = append(list, p.Without(func(user table.ID) bool { return stale[p][user] }))
	}
	f.pending = nil
	f.st.PendingRows = slices.DeleteFunc(list, func(p *PendingRows) bool { return len(p.Users) == 0 })
	if len(f.st.PendingRows) == 0 {
		f.st.PendingRows = nil
	}
}

// apply returns the row after the change, and whether there is one.
func (c rowChange) apply(row table.Row, exists bool) (table.Row, bool) {
	switch c.action {
	case RowsUnset, RowsForget:
		return table.Row{}, false
	case RowsMove:
		row.Addr = c.row.Addr
		return row, exists
	}
	next := c.row
	switch {
	case exists:
		next.Adopted = row.Adopted
	case c.adopt:
		next.Adopted = cmp.Or(c.before, c.row.Policy)
	}
	return next, true
}

// rowsInDoubt returns in's rows for the users that no result names, or nil.
func (b *openBatch) rowsInDoubt() *IntentRows {
	in := b.intent.Rows
	if b.rows == nil {
		if len(in.Users) == 0 {
			return nil
		}
		return in
	}
	if !slices.Contains(b.rows, false) {
		return nil
	}
	part := *in
	part.Users, part.Before, part.Addrs = nil, nil, nil
	for i, known := range b.rows {
		if known {
			continue
		}
		part.Users = append(part.Users, in.Users[i])
		if in.Before != nil {
			part.Before = append(part.Before, in.Before[i])
		}
		if in.Addrs != nil {
			part.Addrs = append(part.Addrs, in.Addrs[i])
		}
	}
	return &part
}
