package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/pending"
)

// objects writes one object per line, in order.
func (e *encoder) objects(objects []*Object) {
	if !slices.IsSortedFunc(objects, Compare) {
		objects = slices.Clone(objects)
		slices.SortStableFunc(objects, Compare)
	}
	e.text("\"objects\":[")
	for i, o := range objects {
		if i > 0 && Compare(objects[i-1], o) == 0 {
			e.fail(fmt.Errorf("two records of %s", o))
		}
		if i > 0 {
			e.text(",")
		}
		e.text("\n")
		e.flush()
		e.object(o)
		e.flush()
		if e.err != nil {
			e.err = fmt.Errorf("%s: %w", o, e.err)
			return
		}
	}
	if len(objects) > 0 {
		e.text("\n")
	}
	e.text("],\n")
	e.flush()
}

// object writes one record.
func (e *encoder) object(o *Object) {
	if o.Addr.IsZero() {
		e.fail(fmt.Errorf("a record of key %q has no address", o.Key))
		return
	}
	kind := o.Kind
	if kind == "" {
		kind = o.Addr.Kind
	}
	e.text("{")
	e.stringField("addr", o.Addr.String(), false)
	e.stringField("kind", kind, false)
	e.field("kind_version")
	e.line = fmt.Append(e.line, o.KindVersion)
	e.stringField("id", o.ID, true)
	e.stringField("key", o.Key, true)
	e.boolField("retiring", o.Retiring)
	e.stringField("origin", string(o.Origin), true)
	e.rawField("adopted", o.Adopted)
	if len(o.Owned) > 0 {
		e.field("owned")
		e.strings(o.Owned)
	}
	e.boolField("protect", o.Protect)
	e.stringField("on_destroy", o.OnDestroy, true)
	if o.Pending != nil {
		e.field("pending")
		e.value(o.Pending.UTC())
	}
	e.rawField("attrs", o.Attrs)
	for name := range o.Extra {
		if slices.Contains(objectFields[:], name) {
			e.fail(fmt.Errorf("the field %q is not an extra one", name))
			return
		}
	}
	e.rawFields(o.Extra)
	e.text("}")
}

// objectFields are the fields of a record that this version knows.
var objectFields = [...]string{
	"addr", "kind", "kind_version", "id", "key", "retiring", "origin", "adopted",
	"owned", "protect", "on_destroy", "pending", "attrs",
}

func (e *encoder) boolField(name string, on bool) {
	if on {
		e.field(name)
		e.text("true")
	}
}

func (e *encoder) strings(list []string) {
	e.text("[")
	for i, s := range list {
		if i > 0 {
			e.text(",")
		}
		e.line = jsonscan.AppendString(e.line, s)
	}
	e.text("]")
}

// value writes a small value through encoding/json.
func (e *encoder) value(v any) {
	raw, err := marshal(v)
	if err != nil {
		e.fail(err)
		return
	}
	e.line = append(e.line, raw...)
}

// marshal is json.Marshal that leaves <, > and & readable.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// pendingRows writes one batch per line, by policy type, time and policy; the
// field is left out when there is none.
func (e *encoder) pendingRows(list []*PendingRows) {
	if len(list) == 0 {
		return
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *PendingRows) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.Policy, b.Policy)
	})
	e.text("\"pending_rows\":[")
	for i, p := range list {
		if i > 0 {
			e.text(",")
		}
		e.text("\n")
		if len(p.Old) != 0 && len(p.Old) != len(p.Users) {
			e.fail(fmt.Errorf("pending %s: %d old policies for %d users", p.Type, len(p.Old), len(p.Users)))
		}
		e.value(pendingRowsJSON{
			Type: p.Type, Policy: p.Policy, Since: p.Since.UTC(), Until: p.Until.UTC(), Users: p.Users, Old: p.Old, Seen: pending.UTC(p.Seen),
		})
		e.flush()
	}
	e.text("\n],\n")
	e.flush()
}
