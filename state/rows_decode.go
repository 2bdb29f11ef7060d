package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/table"
)

// The table of user assignments is read by hand. Its rows look like
//
//	["setup_policy","8d1f...","Trusted","policy_assignment.trusted"],
//
// and there may be a million. The fast way takes a row that lies on one line
// without inner white space, as Encode writes it: four string ends are found,
// the GUID is decoded in place, and the other cells, still in their JSON
// spelling, are looked up in a map to symbols, so that escapes cost only at a
// name's first sight and nothing is allocated per row. Any other row goes the
// slow way through encoding/json, which also words the errors.

var rowColumns = [...]string{"type", "user", "policy", "addr", "adopted"}

const (
	colType = iota
	colUser
	colPolicy
	colAddr
	colAdopted
)

// rowReader remembers the symbols of cells.
type rowReader struct {
	syms  map[string]cellSym       // by JSON text without the quotes
	addrs map[string]cellSym       // the same for addresses, whose case matters
	last  [len(rowColumns)]cellSym // the previous row's: names come in runs
	line  int                      // of the first row
}

type cellSym struct {
	text string
	sym  table.Sym
}

// table takes one element of "tables": our own is read row by row, others are
// kept. The name must come first for that; a table that a tool has re-sorted
// is read whole.
func (d *decoder) table() error {
	d.Peek()
	d.Mark()
	defer d.Release()
	name, err := d.tableName()
	if err != nil {
		return err
	}
	if name == UserAssignments {
		d.Release()
		return d.userAssignments()
	}
	d.Rewind() // to read it as one value
	line := d.Line()
	raw, err := d.Value()
	if err != nil {
		return err
	}
	var head struct {
		Table string `json:"table"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.Table == "" {
		return d.badTable(line, "a table without a name")
	}
	if head.Table != UserAssignments {
		d.st.Tables = append(d.st.Tables, bytes.ReplaceAll(raw, []byte{'\r'}, nil))
		return nil
	}
	return d.resorted(line, raw)
}

// tableName takes `{"table":NAME` and returns NAME, or "" if the table starts
// with another field.
func (d *decoder) tableName() (string, error) {
	if err := d.Take('{'); err != nil {
		return "", err
	}
	if d.Peek() == '}' {
		return "", nil
	}
	key, err := d.Text()
	if err != nil || key != "table" {
		return "", err
	}
	if err := d.Take(':'); err != nil {
		return "", err
	}
	return d.Text()
}

// resorted reads our table from its whole text, its fields in any order.
func (d *decoder) resorted(line int, raw []byte) error {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return d.badTable(line, err.Error())
	}
	sub := &decoder{file: d.file, st: d.st, rows: d.rows}
	for _, key := range []string{"kind_version", "columns", "rows"} {
		if fields[key] == nil {
			return d.badTable(line, fmt.Sprintf("it has no %q", key))
		}
		sub.Scanner = jsonscan.Within(fields[key], line)
		if err := sub.tableField(key); err != nil {
			return err
		}
	}
	return nil
}

// userAssignments takes the rest of our table, after its name.
func (d *decoder) userAssignments() error {
	if d.seen["\x00rows"] {
		return problem(d.file, d.Line(), SummaryDuplicate, "The table %q stands twice. %s", UserAssignments, wayOut)
	}
	d.seen["\x00rows"] = true
	for {
		more, err := d.More('}', false)
		if err != nil || !more {
			return err
		}
		key, err := d.Text()
		if err != nil {
			return err
		}
		if err := d.Take(':'); err != nil {
			return err
		}
		if err := d.tableField(key); err != nil {
			return err
		}
	}
}

// tableField takes the value of one field of our table.
func (d *decoder) tableField(key string) error {
	if key == "rows" {
		return d.rowList()
	}
	line := d.Line()
	raw, err := d.Value()
	if err != nil {
		return err
	}
	switch key {
	case "kind_version":
		var version int
		if err := json.Unmarshal(raw, &version); err != nil {
			return d.badTable(line, "kind_version cannot be "+clip(raw))
		}
		if version > UserAssignmentsVersion {
			return problem(d.file, line, SummaryNewer, "The table %q has version %d; this teamsform reads up to %d. Use a newer teamsform.", UserAssignments, version, UserAssignmentsVersion)
		}
	case "columns":
		var columns []string
		if err := json.Unmarshal(raw, &columns); err != nil || !slices.Equal(columns, rowColumns[:]) {
			return d.badTable(line, fmt.Sprintf("its columns are %s, expected %s", clip(raw), strings.Join(rowColumns[:], ", ")))
		}
	default:
		return d.badTable(line, fmt.Sprintf("the field %q is not known", key))
	}
	return nil
}

func (d *decoder) badTable(line int, what string) error {
	return problem(d.file, line, SummaryDamaged, "The table %q cannot be read: %s. %s", UserAssignments, what, wayOut)
}

// rowList takes the array of rows.
func (d *decoder) rowList() error {
	if err := d.Take('['); err != nil {
		return err
	}
	d.Peek()
	d.rows.syms, d.rows.addrs, d.rows.line = map[string]cellSym{}, map[string]cellSym{}, d.Line()
	// A row takes some 64 bytes or more: one allocation instead of a growing
	// series, never more than the input warrants.
	rows := slices.Grow(d.st.Rows, d.sizeHint/80)
	for first := true; ; first = false {
		more, err := d.More(']', first)
		if err != nil {
			return err
		}
		if !more {
			d.st.Rows = rows
			return nil
		}
		d.Peek() // past the line end
		row, ok := d.fastRow()
		if !ok {
			if row, err = d.slowRow(); err != nil {
				return err
			}
		}
		if n := len(rows); n > 0 && table.CompareKey(rows[n-1], row) == 0 {
			return d.duplicateRow(d.Line(), row)
		}
		rows = append(rows, row)
	}
}

// rowReach is how far a row's end is looked for.
const rowReach = 4096

// fastRow takes a row as Encode writes it; ok is false, and nothing is taken,
// if it looks otherwise.
func (d *decoder) fastRow() (row table.Row, ok bool) {
	line := d.Rest(rowReach)
	if len(line) == 0 || line[0] != '[' {
		return row, false
	}
	for col, at := 0, 1; col < len(rowColumns); col++ {
		n := jsonscan.StringEnd(line[at:])
		if n == 0 || at+n >= len(line) {
			return row, false
		}
		if !d.rows.cell(&row, col, line[at:at+n], d.st.Strings) {
			return row, false
		}
		at += n + 1
		switch line[at-1] {
		case ',':
			continue
		case ']':
			if col < colUser || row.Type == 0 {
				return row, false
			}
			d.Skip(at)
			return row, true
		}
		return row, false
	}
	return row, false
}

// cell stores the cell of a column, given with its quotes.
func (r *rowReader) cell(row *table.Row, col int, quoted []byte, names *table.Strings) bool {
	text := quoted[1 : len(quoted)-1]
	if col == colUser {
		return parseGUID(&row.User, text)
	}
	last := &r.last[col]
	if string(text) != last.text {
		syms := r.syms
		if col == colAddr {
			syms = r.addrs
		}
		known, ok := syms[string(text)]
		if !ok {
			if !json.Valid(quoted) || !utf8.Valid(quoted) {
				return false
			}
			name, err := jsonscan.Unquote(quoted)
			if err != nil {
				return false
			}
			known = cellSym{text: string(text), sym: intern(names, col, name)}
			syms[known.text] = known
		}
		*last = known
	}
	set(row, col, last.sym)
	return true
}

// intern gives the symbol of a cell: the case of addresses matters.
func intern(names *table.Strings, col int, cell string) table.Sym {
	if col == colAddr {
		return names.Exact(cell)
	}
	return names.Sym(cell)
}

func set(row *table.Row, col int, sym table.Sym) {
	switch col {
	case colType:
		row.Type = sym
	case colPolicy:
		row.Policy = sym
	case colAddr:
		row.Addr = sym
	case colAdopted:
		row.Adopted = sym
	}
}

// slowRow takes a row in any spelling.
func (d *decoder) slowRow() (table.Row, error) {
	var row table.Row
	line := d.Line()
	raw, err := d.Value()
	if err != nil {
		return row, err
	}
	var cells []string
	if err := json.Unmarshal(raw, &cells); err != nil {
		return row, d.badTable(line, "a row cannot be "+clip(raw))
	}
	if len(cells) <= colUser || len(cells) > len(rowColumns) || cells[colType] == "" {
		return row, d.badTable(line, "a row has a type, a user, and at most a policy, an address and an adopted policy, not "+clip(raw))
	}
	if row.User, err = table.ParseID(cells[colUser]); err != nil {
		return row, d.badTable(line, fmt.Sprintf("%q is %s", cells[colUser], err))
	}
	for col, cell := range cells {
		if col != colUser {
			set(&row, col, intern(d.st.Strings, col, cell))
		}
	}
	return row, nil
}

// sortRows brings rows into the caller's order of policy types. The document
// has each type in one run, in the order of users.
func (d *decoder) sortRows() error {
	rows := d.st.Rows
	if slices.IsSortedFunc(rows, table.CompareKey) {
		return nil
	}
	rows = regroup(rows, func(a, b table.Sym) bool { return a < b })
	table.Sort(rows)
	for i := 1; i < len(rows); i++ {
		if table.CompareKey(rows[i-1], rows[i]) == 0 {
			at := len(rows) - 1 // the last of them, at one row per line
			for table.CompareKey(d.st.Rows[at], rows[i]) != 0 {
				at--
			}
			return d.duplicateRow(d.rows.line+at, rows[i])
		}
	}
	d.st.Rows = rows
	return nil
}

func (d *decoder) duplicateRow(line int, row table.Row) error {
	return problem(d.file, line, SummaryDuplicate, "The %s of user %s stands twice. Remove one of the rows and take the file over with \"teamsform state push %s\". Otherwise: %s",
		d.st.Strings.Name(row.Type), row.User, d.file, lowerFirst(wayOut))
}
