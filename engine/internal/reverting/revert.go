package reverting

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine/internal/model"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// A plan can take back one that was applied: what it wants is not what the
// files say but what stood there before that plan. Everything else is as ever:
// the tenant is read, three sides are merged, phases and guards hold, and an
// apply compares each object before it writes. Only the objects and people of
// the former plan take part.
//
// Some things do not come back, and the plan says so: the content of an app, the
// id that a deleted object had, settings of a deleted object that nobody
// managed, values that were secret.

// Reversal is what a plan wants back.
type Reversal struct {
	// Lost says what does not come back.
	Lost []model.Note

	of      *model.Plan
	kept    map[string]bool          // kind and folded key of objects that take part
	people  map[table.Row]bool       // type and user of rows that take part
	gone    map[string]addr.Instance // ids that the former plan has ended
	present map[addr.Instance]Present
	lost    map[addr.Instance]string // said last of an object
}

// Present is an object as the state has it.
type Present struct {
	Key       string
	Attrs     schema.Attrs // those that are managed
	Lifecycle config.Lifecycle
}

// New returns what takes an applied plan back.
func New(of *model.Plan) *Reversal {
	r := &Reversal{
		of: of, kept: map[string]bool{}, people: map[table.Row]bool{}, gone: map[string]addr.Instance{}, lost: map[addr.Instance]string{},
	}
	for _, c := range of.Changes {
		r.kept[keyOf(c.Kind, c.Key)] = true
		if c.Action == model.Delete && c.ID != "" && c.ID != c.Key {
			r.gone[strings.ToLower(c.ID)] = c.Addr
		}
	}
	return r
}

func keyOf(k *schema.Kind, key string) string { return k.Name + "\x00" + schema.FoldKey(key) }

// TakesPart reports whether the former plan touched an object.
func (r *Reversal) TakesPart(k *schema.Kind, key string) bool { return r.kept[keyOf(k, key)] }

// Desired are the objects as they were before the former plan. present are
// those that take part and that the state has, by address.
func (r *Reversal) Desired(present map[addr.Instance]Present) []*model.Desired {
	r.present = present
	var out []*model.Desired
	for _, c := range r.of.Changes {
		if d := r.object(c); d != nil {
			out = append(out, d)
		}
	}
	return out
}

// object is what an object was before the former plan, nil when it was not there.
func (r *Reversal) object(c *model.Change) *model.Desired {
	d := &model.Desired{Addr: c.Addr, Kind: c.Kind, Key: c.Key, Name: c.Name, Attrs: schema.Attrs{}, Input: schema.Attrs{}}
	p, there := r.present[c.Addr]
	switch {
	case c.Action == model.Create:
		return nil
	case c.Action == model.Delete && c.Kind.Derive != nil:
		r.cannot(c.Addr, "The %s %q was deleted, and what it is made from is not in the plan. Add its block again, and apply it; it gets a new id.", c.Kind.Title, cmp.Or(c.Name, c.Key))
		return nil
	case c.Action == model.Delete:
		if made := r.renamed(c); made != nil {
			r.newlyManaged(c, made)
		} else if !c.Kind.RowLike {
			r.cannot(c.Addr, "The %s %q is made again with what was managed of it. Settings that no file managed start from the defaults.", c.Kind.Title, cmp.Or(c.Name, c.Key))
		}
	case !there || schema.FoldKey(p.Key) != schema.FoldKey(c.Key):
		r.cannot(c.Addr, "%s is not in the state any more, so it stays as it is.", c.Addr)
		return nil
	default:
		d.Attrs, d.Lifecycle = maps.Clone(p.Attrs), p.Lifecycle
	}
	r.values(c, d)
	if c.Reason == model.ReasonReplaced {
		r.cannot(c.Addr, "%s was removed and made anew. The id that it had before does not come back.", c.Addr)
	}
	return d
}

// renamed returns, of a deletion that is the second half of a new name, the
// first half; else nil. Going back, the present object is what the former one is
// copied from.
func (r *Reversal) renamed(c *model.Change) *model.Change {
	if !c.Retiring {
		return nil
	}
	for _, o := range r.of.Changes {
		if o.Addr == c.Addr && o.Action == model.Create {
			return o
		}
	}
	return nil
}

// newlyManaged notes attributes that became managed together with a new name:
// nobody knows what the object of the former name had there.
func (r *Reversal) newlyManaged(c, made *model.Change) {
	var names []string
	for _, a := range made.Attrs {
		had := slices.ContainsFunc(c.Attrs, func(was model.AttrChange) bool { return was.Attr.Name == a.Attr.Name })
		if !had && a.Attr.Name != c.Kind.KeyAttr {
			names = append(names, a.Attr.Name)
		}
	}
	if len(names) > 0 {
		r.cannot(c.Addr, "The %s %q comes back as a copy of %q, with its present %s: no file managed that before.", c.Kind.Title, cmp.Or(c.Name, c.Key), made.Key, strings.Join(names, ", "))
	}
}

// values puts the former values over what is managed now.
func (r *Reversal) values(c *model.Change, d *model.Desired) {
	var unknown []string
	for _, a := range c.Attrs {
		switch {
		case c.Kind.Derive != nil:
			// The content of an app: only its package has it, and a version is
			// never taken back.
			r.cannot(c.Addr, "%s stays at its present version: a version cannot be taken back. Publish a higher one with the former content.", c.Addr)
			return
		case a.Sensitive || a.Before == nil:
			unknown = append(unknown, a.Attr.Name)
		default:
			d.Attrs[a.Attr.Name] = r.withoutGone(c.Addr, a.Before)
		}
	}
	if len(unknown) > 0 {
		r.cannot(c.Addr, "%s of %s stays as it is: the plan does not know the value before.", strings.Join(unknown, ", "), c.Addr)
	}
	if c.Action == model.Delete {
		d.Key = c.Key
		if c.Kind.KeyAttr != "" {
			d.Attrs[c.Kind.KeyAttr] = c.Key
		}
	}
}

// withoutGone takes ids out of lists whose objects the former plan has ended:
// the service would keep them, and they name nothing any more.
func (r *Reversal) withoutGone(at addr.Instance, v any) any {
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, e := range v {
			id, _ := e.(string)
			if was, gone := r.gone[strings.ToLower(id)]; gone && id != "" {
				r.cannot(at, "%s named %s, whose id does not come back; it is left out.", at, was)
				continue
			}
			out = append(out, r.withoutGone(at, e))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			out[name] = r.withoutGone(at, e)
		}
		return out
	}
	return v
}

// Rows are the assignments of people as they were before the former plan.
func (r *Reversal) Rows() []table.Row {
	var out []table.Row
	for _, op := range r.of.RowOps {
		for _, c := range op.Rows {
			r.people[table.Row{Type: op.Type, User: c.Row.User}] = true
			row := c.Row
			if op.Assign {
				row.Policy = c.Before
			}
			if row.Policy != 0 {
				out = append(out, row)
			}
		}
	}
	table.Sort(out)
	return out
}

// Only leaves the rows of people who take part.
func (r *Reversal) Only(rows []table.Row) []table.Row {
	var out []table.Row
	for _, row := range rows {
		if r.people[table.Row{Type: row.Type, User: row.User}] {
			out = append(out, row)
		}
	}
	return out
}

// cannot notes once per object and sentence what does not come back.
func (r *Reversal) cannot(at addr.Instance, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.lost[at] == text {
		return
	}
	r.lost[at] = text
	r.Lost = append(r.Lost, model.Note{Addr: at, Text: text})
}

// ChangedAgain lists objects that a later apply, or somebody else, has changed
// since the former plan: they go back all the same.
func (r *Reversal) ChangedAgain(changes []*model.Change) []addr.Instance {
	after := map[addr.Instance]schema.Attrs{}
	for _, op := range r.of.Ops {
		if after[op.Addr] == nil {
			after[op.Addr] = schema.Attrs{}
		}
		maps.Copy(after[op.Addr], op.After)
	}
	var out []addr.Instance
	for _, c := range changes {
		if slices.ContainsFunc(c.Attrs, func(a model.AttrChange) bool {
			sent, known := after[c.Addr][a.Attr.Name]
			return known && a.Before != nil && len(schema.Refs(sent)) == 0 && !a.Attr.Type.Equal(sent, a.Before)
		}) {
			out = append(out, c.Addr)
		}
	}
	return out
}

// LetGo leaves out of the records what the former plan had begun to manage: it
// goes back to its value, and is nobody's again.
func (r *Reversal) LetGo(ops []*model.Op) {
	for _, c := range r.of.Changes {
		for _, op := range ops {
			if op.Addr == c.Addr && len(c.Newly) > 0 {
				op.Record = disowned(op.Record, c.Newly)
			}
		}
	}
}

func disowned(d model.Draft, names []string) model.Draft {
	d.Attrs, d.Adopted, d.Owned = maps.Clone(d.Attrs), maps.Clone(d.Adopted), slices.Clone(d.Owned)
	for _, name := range names {
		delete(d.Attrs, name)
		delete(d.Adopted, name)
		d.Owned = slices.DeleteFunc(d.Owned, func(owned string) bool { return owned == name })
	}
	return d
}
