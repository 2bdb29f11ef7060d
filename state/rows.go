package state

import (
	"bytes"
	"errors"
	"slices"

	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/table"
)

// regroup reorders runs of rows with one policy type, keeping the order inside
// a run. It copies; a million sorted rows cost one pass instead of a sort.
func regroup(rows []table.Row, less func(a, b table.Sym) bool) []table.Row {
	type run struct{ from, to int }
	var runs []run
	for i := range rows {
		if i == 0 || rows[i].Type != rows[i-1].Type {
			runs = append(runs, run{i, i})
		}
		runs[len(runs)-1].to = i + 1
	}
	slices.SortStableFunc(runs, func(a, b run) int {
		switch x, y := rows[a.from].Type, rows[b.from].Type; {
		case x == y:
			return 0
		case less(x, y):
			return -1
		}
		return 1
	})
	out := make([]table.Row, 0, len(rows))
	for _, r := range runs {
		out = append(out, rows[r.from:r.to]...)
	}
	return out
}

// nibble is the value of a hexadecimal digit; above 15 if c is none.
func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// parseGUID reads a GUID without making a string of it.
func parseGUID(id *table.ID, b []byte) bool {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return false
	}
	for i, at := range [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		high, low := nibble(b[at]), nibble(b[at+1])
		if high|low > 15 {
			return false
		}
		id[i] = high<<4 | low
	}
	return true
}

// userIDs are ids as a JSON array of GUIDs; 5,000 of them make one journal
// line, so they too are written and read by hand.
type userIDs []table.ID

// MarshalJSON writes ["8d1f...",...].
func (ids userIDs) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 2+39*len(ids))
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = id.AppendTo(b)
		b = append(b, '"')
	}
	return append(b, ']'), nil
}

var errIDs = errors.New("expected an array of object ids (GUIDs)")

// UnmarshalJSON reads what MarshalJSON wrote; raw is valid JSON.
func (ids *userIDs) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		*ids = nil
		return nil
	}
	if raw[0] != '[' {
		return errIDs
	}
	out := make(userIDs, 0, len(raw)/39+1)
	rest := bytes.TrimLeft(raw[1:], " \t\r\n")
	for rest[0] != ']' {
		var id table.ID
		if n := jsonscan.StringEnd(rest); n == 0 || !parseGUID(&id, rest[1:n-1]) {
			return errIDs
		}
		out = append(out, id)
		rest = bytes.TrimLeft(rest[38:], " \t\r\n,")
	}
	*ids = out
	return nil
}
