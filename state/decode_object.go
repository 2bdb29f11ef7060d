package state

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/table"
)

// objectLine takes one element of "objects".
func (d *decoder) objectLine() error {
	d.Peek()
	line := d.Line()
	raw, err := d.Value()
	if err != nil {
		return err
	}
	o := &Object{}
	if raw[0] != '{' {
		return d.badObject(line, "an object record cannot be "+clip(raw))
	}
	fields := jsonscan.Within(raw, line)
	err = fields.Object(func(key string) error {
		value, err := fields.Value()
		if err != nil {
			return err
		}
		if err := o.set(key, value); err != nil {
			return d.badObject(line, key+": "+err.Error())
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case o.Addr.IsZero():
		return d.badObject(line, "the record has no addr")
	}
	if o.Kind == "" {
		o.Kind = o.Addr.Kind
	}
	if n := len(d.st.Objects); n > 0 && Compare(d.st.Objects[n-1], o) == 0 {
		return d.duplicate(line, o)
	}
	d.st.Objects = append(d.st.Objects, o)
	d.lines = append(d.lines, line)
	return nil
}

func (d *decoder) badObject(line int, what string) error {
	return problem(d.file, line, SummaryDamaged, "A record cannot be read: %s. %s", what, wayOut)
}

// set stores one field of an object record. Unknown ones are kept.
func (o *Object) set(key string, value []byte) error {
	var target any
	switch key {
	case "addr":
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		var err error
		o.Addr, err = addr.Parse(text)
		return err
	case "kind":
		target = &o.Kind
	case "kind_version":
		target = &o.KindVersion
	case "id":
		target = &o.ID
	case "key":
		target = &o.Key
	case "retiring":
		target = &o.Retiring
	case "origin":
		target = &o.Origin
	case "owned":
		target = &o.Owned
	case "protect":
		target = &o.Protect
	case "on_destroy":
		target = &o.OnDestroy
	case "pending":
		target = &o.Pending
	case "adopted":
		o.Adopted = bytes.Clone(value)
		return nil
	case "attrs":
		o.Attrs = bytes.Clone(value)
		return nil
	default:
		keep(&o.Extra, key, value)
		return nil
	}
	// The common values without reflection: there may be 50,000 records.
	switch t := target.(type) {
	case *string:
		if value[0] == '"' {
			var err error
			*t, err = jsonscan.Unquote(value)
			return err
		}
	case *int:
		if len(value) == 1 && value[0] >= '0' && value[0] <= '9' {
			*t = int(value[0] - '0')
			return nil
		}
	}
	return json.Unmarshal(value, target)
}

// pendingRowsJSON is the form of PendingRows in a document and in a journal.
type pendingRowsJSON struct {
	Type   string      `json:"type"`
	Policy string      `json:"policy,omitempty"`
	Since  time.Time   `json:"since"`
	Until  time.Time   `json:"until"`
	Users  userIDs     `json:"users"`
	Old    []string    `json:"old,omitempty"`
	Seen   []time.Time `json:"seen,omitempty"`
}

// pendingLine takes one element of "pending_rows".
func (d *decoder) pendingLine() error {
	d.Peek()
	line := d.Line()
	raw, err := d.Value()
	if err != nil {
		return err
	}
	var p pendingRowsJSON
	if err := json.Unmarshal(raw, &p); err != nil {
		return d.badObject(line, err.Error())
	}
	if len(p.Old) != 0 && len(p.Old) != len(p.Users) {
		return d.badObject(line, "as many old policies as users are expected")
	}
	d.st.PendingRows = append(d.st.PendingRows, &PendingRows{
		Type: p.Type, Policy: p.Policy, Users: []table.ID(p.Users), Old: p.Old, Since: p.Since, Until: p.Until, Seen: p.Seen,
	})
	return nil
}
