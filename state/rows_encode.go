package state

import (
	"errors"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/table"
)

// rows writes our table: a header line, then one row per line by the name of
// the policy type and the user. Trailing empty cells are left out.
func (e *encoder) rows(s *State) {
	if s.Strings == nil {
		e.fail(errors.New("rows without the names of their symbols"))
		return
	}
	e.text("\n")
	e.text(`{"table":"` + UserAssignments + `","kind_version":`)
	e.line = fmt.Append(e.line, UserAssignmentsVersion)
	e.text(`,"columns":`)
	e.strings(rowColumns[:])
	e.text(`,"rows":[`)
	cells := quotedNames{names: s.Strings}
	rows := byTypeName(s.Rows, s.Strings)
	for i, row := range rows {
		switch {
		case row.Type == 0:
			e.fail(fmt.Errorf("the row of user %s has no policy type", row.User))
		case i > 0 && table.CompareKey(rows[i-1], row) == 0:
			e.fail(fmt.Errorf("two rows of %s for user %s", s.Strings.Name(row.Type), row.User))
		}
		if e.err != nil {
			return
		}
		if i > 0 {
			e.line = append(e.line, ',')
		}
		e.line = append(e.line, '\n')
		e.line = cells.appendRow(e.line, row)
		if len(e.line) > 4096 {
			e.flush()
		}
	}
	e.text("\n]}")
	e.flush()
}

// byTypeName orders rows as the document does, without changing the given ones.
func byTypeName(rows []table.Row, names *table.Strings) []table.Row {
	if !slices.IsSortedFunc(rows, table.CompareKey) {
		rows = slices.Clone(rows)
		table.Sort(rows)
	}
	less := func(a, b table.Sym) bool { return names.Name(a) < names.Name(b) }
	for i := 1; i < len(rows); i++ {
		if rows[i].Type != rows[i-1].Type && less(rows[i].Type, rows[i-1].Type) {
			return regroup(rows, less)
		}
	}
	return rows
}

// quotedNames holds names as JSON strings, made at first use.
type quotedNames struct {
	names  *table.Strings
	quoted [][]byte // by symbol
}

func (q *quotedNames) appendName(b []byte, sym table.Sym) []byte {
	for int(sym) >= len(q.quoted) {
		q.quoted = append(q.quoted, nil)
	}
	if q.quoted[sym] == nil {
		q.quoted[sym] = jsonscan.AppendString(nil, q.names.Name(sym))
	}
	return append(b, q.quoted[sym]...)
}

// appendRow appends ["type","user","policy","addr","adopted"].
func (q *quotedNames) appendRow(b []byte, row table.Row) []byte {
	b = append(b, '[')
	b = q.appendName(b, row.Type)
	b = append(b, `,"`...)
	b = row.User.AppendTo(b)
	b = append(b, '"')
	cells := [...]table.Sym{row.Policy, row.Addr, row.Adopted}
	n := len(cells)
	for n > 0 && cells[n-1] == 0 {
		n--
	}
	for _, sym := range cells[:n] {
		b = append(b, ',')
		b = q.appendName(b, sym)
	}
	return append(b, ']')
}
