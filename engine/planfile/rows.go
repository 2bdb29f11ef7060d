package planfile

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/table"
)

// Rows stand one a line, each a list of texts: there may be a million. In an
// operation, what all rows of the batch share stands before them:
//
//	["user","reason","before","address","adopted"]
//
// and elsewhere, where they differ,
//
//	["type","user","policy","address","adopted"]
//
// Empty texts at the end are left out.

// row appends a row that is recorded.
func (e *encoder) row(b []byte, r table.Row) []byte {
	n := e.strings.Name
	return texts(b, n(r.Type), r.User.String(), n(r.Policy), n(r.Addr), n(r.Adopted))
}

// change appends a row of an operation.
func (e *encoder) rowChange(b []byte, op *engine.RowOp, r engine.RowChange) ([]byte, error) {
	if r.Row.Type != op.Type || r.Row.Policy != op.Policy {
		return nil, fmt.Errorf("a row of %s stands among those of another policy", r.Row.User)
	}
	n := e.strings.Name
	return texts(b, r.Row.User.String(), string(r.Reason), n(r.Before), n(r.Row.Addr), n(r.Row.Adopted)), nil
}

// texts appends a list of texts without empty ones at its end.
func texts(b []byte, list ...string) []byte {
	for len(list) > 0 && list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsonscan.AppendString(b, s)
	}
	return append(b, ']')
}

// cells reads rows. Names come in runs, so the last ones are remembered.
type cells struct {
	last [5]struct{ raw, text string }
}

// split reads the texts of a row, at most as many as there are columns.
func (c *cells) split(raw []byte) (out [5]string, err error) {
	s := jsonscan.Within(raw, 1)
	i := 0
	err = s.List(func() error {
		if i == len(out) {
			return wrongf("a row with more than %d columns", len(out))
		}
		if s.Peek() != '"' {
			return wrongf("a row holds texts only")
		}
		text, err := s.Value()
		if err != nil {
			return err
		}
		if last := &c.last[i]; last.raw != string(text) {
			if last.text, err = jsonscan.Unquote(text); err != nil {
				return wrongf("%s", err)
			}
			last.raw = string(text)
		}
		out[i] = c.last[i].text
		i++
		return nil
	})
	if err == nil && i == 0 {
		err = wrongf("a row without columns")
	}
	return out, err
}

// row reads what encoder.row wrote.
func (d *decoder) row(raw []byte) (table.Row, error) {
	c, err := d.rows.split(raw)
	if err != nil {
		return table.Row{}, err
	}
	user, err := table.ParseID(c[1])
	if err != nil {
		return table.Row{}, wrongf("%q: %s", c[1], err)
	}
	s := d.strings
	return table.Row{User: user, Type: s.Sym(c[0]), Policy: s.Sym(c[2]), Addr: s.Exact(c[3]), Adopted: s.Sym(c[4])}, nil
}

// rowChange reads what encoder.rowChange wrote.
func (d *decoder) rowChange(op *engine.RowOp, raw []byte) error {
	c, err := d.rows.split(raw)
	if err != nil {
		return err
	}
	user, err := table.ParseID(c[0])
	if err != nil {
		return wrongf("%q: %s", c[0], err)
	}
	s := d.strings
	op.Rows = append(op.Rows, engine.RowChange{
		Row:    table.Row{User: user, Type: op.Type, Policy: op.Policy, Addr: s.Exact(c[3]), Adopted: s.Sym(c[4])},
		Before: s.Sym(c[2]), Reason: engine.Reason(c[1]),
	})
	return nil
}

// rowOpHead appends a batch up to its rows.
func (e *encoder) rowOpHead(b []byte, op *engine.RowOp) ([]byte, error) {
	action := "unassign"
	if op.Assign {
		action = "assign"
	}
	b = jsonscan.AppendString(name(append(b, '{'), "action"), action)
	b = jsonscan.AppendString(name(b, "type"), e.strings.Name(op.Type))
	b = jsonscan.AppendString(name(b, "policy"), e.strings.Name(op.Policy))
	var err error
	v := reflect.ValueOf(op).Elem()
	for _, f := range e.names.of(v.Type()) {
		if byHand(f.name) || absent(v.Field(f.index)) {
			continue
		}
		if b, err = e.value(name(b, f.name), v.Field(f.index), nil); err != nil {
			return nil, err
		}
	}
	return name(b, "rows"), nil
}

// byHand reports the fields of a batch that do not follow the rule.
func byHand(name string) bool {
	switch name {
	case "assign", "type", "policy", "rows":
		return true
	}
	return false
}

// rowOp reads a batch. Its rows come last, because they are read by what stands
// before them.
func (d *decoder) rowOp(s *jsonscan.Scanner) (*engine.RowOp, error) {
	op := &engine.RowOp{}
	given := map[string]json.RawMessage{}
	err := s.Object(func(key string) error {
		if given["rows"] != nil {
			return wrongf("%q stands behind the rows", key)
		}
		if key != "rows" {
			raw, err := s.Value()
			given[key] = append(json.RawMessage{}, raw...)
			return err
		}
		given["rows"] = json.RawMessage("[]")
		if err := d.rowOpHead(op, given); err != nil {
			return err
		}
		return s.List(func() error {
			raw, err := s.Value()
			if err != nil {
				return err
			}
			return d.rowChange(op, raw)
		})
	})
	if err == nil && given["rows"] == nil {
		err = wrongf("a batch without rows")
	}
	return op, err
}

func (d *decoder) rowOpHead(op *engine.RowOp, given map[string]json.RawMessage) error {
	var action, typ, policy string
	for key, to := range map[string]*string{"action": &action, "type": &typ, "policy": &policy} {
		if err := plainly(given[key], to); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	if action != "assign" && action != "unassign" {
		return wrongf("there is no action %q for rows", action)
	}
	op.Assign, op.Type, op.Policy = action == "assign", d.strings.Sym(typ), d.strings.Sym(policy)
	rest := map[string]json.RawMessage{}
	for key, raw := range given {
		if !byHand(key) && key != "action" {
			rest[key] = raw
		}
	}
	return d.fields(rest, reflect.ValueOf(op).Elem(), nil)
}
