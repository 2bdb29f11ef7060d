package applying

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// Between plan and apply, and between two stages of an apply, somebody else may
// change what is about to be written. So each stage looks at its objects just
// before it writes them, and compares the attributes that are managed with what
// the plan expects to find there. One that differs is refused by itself, with
// what needs it; the rest goes on. Attributes that nobody manages here are not
// compared: a write leaves them as they are.
//
// A look costs nothing where the listing is still known from planning or from
// the read-back of the stage before.

// Changed says that an object is not any more as the plan expects it.
type Changed struct {
	What  string   // "it exists by now", "it is gone", or "" when attributes differ
	Attrs []string // attributes that differ, in schema order
}

// Error says what differs, and the way out. It names attributes, not values:
// they may be secret.
func (c *Changed) Error() string {
	what := c.What
	if what == "" {
		what = strings.Join(c.Attrs, ", ") + " " + map[bool]string{true: "has", false: "have"}[len(c.Attrs) == 1] + " another value"
	}
	return "somebody else has changed it since the plan was made: " + what + ". It was left as it is; make a new plan"
}

// writes are what an apply has to know of its own writes, to tell them from those
// of others while reads lag behind.
type writes struct {
	values map[addr.Instance]map[string][]any // expected or written in this run
	made   map[string]bool                    // kind and folded key
	ended  map[string]bool
}

func seenKey(op *engine.Op) string { return op.Kind.Name + "\x00" + schema.FoldKey(op.Key) }

// remember notes what an operation that is sent expects and writes.
func (s *writes) remember(op *engine.Op, filled schema.Attrs) {
	if s.values == nil {
		s.values, s.made, s.ended = map[addr.Instance]map[string][]any{}, map[string]bool{}, map[string]bool{}
	}
	switch op.Action {
	case engine.Create:
		s.made[seenKey(op)] = true
	case engine.Delete:
		s.ended[seenKey(op)] = true
	default: // a change of one that stays
	}
	if s.values[op.Addr] == nil {
		s.values[op.Addr] = map[string][]any{}
	}
	for _, attrs := range []schema.Attrs{op.Before, filled} {
		for name, v := range attrs {
			s.values[op.Addr][name] = append(s.values[op.Addr][name], v)
		}
	}
}

// unchanged refuses the operations whose objects somebody else has changed, and
// returns the others.
func (a *applier) unchanged(ctx context.Context, writer engine.Writer, ops []*engine.Op) []*engine.Op {
	if a.stopped(ctx) {
		return ops
	}
	found, err := a.present(ctx, writer, ops)
	var out []*engine.Op
	for _, op := range ops {
		switch {
		case a.heldBy(op) != "": // said by the batch
			out = append(out, op)
		case err != nil:
			a.fail(op, fmt.Errorf("it could not be compared with the plan before it is changed: %w", err))
		default:
			if changed := a.conflict(op, found[schema.FoldKey(op.Key)]); changed != nil {
				a.fail(op, changed)
				continue
			}
			out = append(out, op)
		}
	}
	return out
}

// present lists the objects of a kind by folded key.
func (a *applier) present(ctx context.Context, writer engine.Writer, ops []*engine.Op) (map[string]*engine.Object, error) {
	if f, can := writer.(interface{ Forget() }); can && a.in.Recheck && !a.looked[writer.Kind().Name] {
		f.Forget() // what is known dates from the plan
	}
	a.looked[writer.Kind().Name] = true
	var scope engine.Scope
	for _, op := range ops {
		if op.ID != "" {
			scope.Known = append(scope.Known, op.ID)
		}
	}
	found := map[string]*engine.Object{}
	err := writer.List(ctx, scope, func(o engine.Object) error {
		found[schema.FoldKey(o.Key)] = &o
		return nil
	})
	return found, err
}

// conflict says how an object differs from what an operation expects, or nil.
func (a *applier) conflict(op *engine.Op, o *engine.Object) *Changed {
	key := seenKey(op)
	pend := a.pendingBefore(op)
	switch {
	case op.Action == engine.Create:
		made := o != nil && (op.Kind.Attached == "" || !o.Unset) // what is attached is there as soon as its owner is
		if made && !a.ours.ended[key] && !pend.ended {
			return &Changed{What: "it exists by now"}
		}
		return nil
	case o == nil:
		if op.Action == engine.Delete || a.ours.made[key] || pend.made {
			return nil // gone is what is wanted; what we made may not be visible yet
		}
		return &Changed{What: "it is gone"}
	}
	wanted := a.known(op.After)
	expected := a.expected(op)
	c := &Changed{}
	for _, attr := range op.Kind.Attrs {
		expect, compared := expected[attr.Name]
		is, told := o.Attrs[attr.Name]
		if !compared || !told || attr.Recreate || attr.Untold || slices.Contains(op.Sensitive, attr.Name) {
			continue
		}
		ours := slices.Concat([]any{expect, wanted[attr.Name]}, a.ours.values[op.Addr][attr.Name], pend.values[attr.Name])
		if !slices.ContainsFunc(ours, func(v any) bool { return v != nil && attr.Type.Equal(v, is) }) {
			c.Attrs = append(c.Attrs, attr.Name)
		}
	}
	if len(c.Attrs) == 0 {
		return nil
	}
	return c
}

// expected are the managed attributes that an object has when its operation
// comes: those that the operation replaces, and those that stay.
func (a *applier) expected(op *engine.Op) schema.Attrs {
	out := schema.Attrs{}
	if op.Action == engine.Update {
		for name, v := range a.known(op.Record.Attrs) {
			if _, written := op.After[name]; !written && len(schema.Refs(v)) == 0 {
				out[name] = v
			}
		}
	}
	maps.Copy(out, op.Before)
	return out
}

// known fills in the ids that are known.
func (a *applier) known(attrs schema.Attrs) schema.Attrs {
	known, err := a.ids.Known(attrs)
	if err != nil {
		return attrs // only an unknown id is an error, and Known leaves those
	}
	return known
}

// pendingValues are values of ours that a slow read may still show, because a
// change from before this run is not visible everywhere yet.
type pendingValues struct {
	made, ended bool
	values      map[string][]any
}

// pendingBefore looks up what the state has as pending of an object.
func (a *applier) pendingBefore(op *engine.Op) pendingValues {
	out := pendingValues{values: map[string][]any{}}
	if a.in.Prior == nil {
		return out
	}
	for _, o := range a.in.Prior.Objects {
		if o.Pending == nil || o.Kind != op.Kind.Name || schema.FoldKey(o.Key) != schema.FoldKey(op.Key) {
			continue
		}
		out.made, out.ended = o.Pending.Old == nil, o.Pending.New == nil
		for _, raw := range append([]json.RawMessage{o.Pending.Old, o.Pending.New}, o.Pending.Also...) {
			if attrs, _, err := op.Kind.Decode(o.KindVersion, raw); raw != nil && err == nil {
				for name, v := range attrs {
					out.values[name] = append(out.values[name], v)
				}
			}
		}
	}
	return out
}

// errRowsChanged says of people that somebody else has given them a policy, or
// has taken it from them.
var errRowsChanged = errors.New("somebody else has changed their policy since the plan was made. They were left as they are; make a new plan")

// rowsUnchanged takes out of the batches of a stage the people whose policy
// somebody else has changed since the plan. It looks only where time has passed
// since then. Who has left is no conflict: the service says so, and the row is
// skipped.
func (a *applier) rowsUnchanged(ctx context.Context, ops []*engine.RowOp) []*engine.RowOp {
	if !a.in.Recheck || a.stopped(ctx) {
		return ops
	}
	rows, err := a.rowsOf(ctx, ops)
	if err != nil {
		for _, op := range ops {
			a.rowsProblem(op, Problem{What: a.describeRows(op), Err: fmt.Errorf("they could not be compared with the plan before they are changed: %w", err), Count: len(op.Rows)}, EventFailed)
		}
		return nil
	}
	left, err := a.leavers(ctx, ops, rows)
	if err != nil {
		left = nil // then they count as changed
	}
	pend := a.pendingRowsBefore()
	var out []*engine.RowOp
	for _, op := range ops {
		own := *op
		own.Rows = nil
		for _, r := range op.Rows {
			if held := heldIn(rows, r.Row); left[r.Row.User] || rowFits(op, r, held) || slices.Contains(pend[table.Row{Type: op.Type, User: r.Row.User}], held) {
				own.Rows = append(own.Rows, r)
			}
		}
		if n := len(op.Rows) - len(own.Rows); n > 0 {
			a.rowsProblem(op, Problem{What: a.describeRows(op), Err: errRowsChanged, Count: n}, EventFailed)
		}
		if len(own.Rows) > 0 {
			out = append(out, &own)
		}
	}
	return out
}

// rowFits reports whether a person holds what the plan expects, or already what
// it wants.
func rowFits(op *engine.RowOp, r engine.RowChange, held table.Sym) bool {
	if op.Assign {
		return held == r.Before || held == op.Policy
	}
	return held == op.Policy || held == 0
}

// pendingRowsBefore lists, by type and user, the policies of ours that a slow
// read may still show.
func (a *applier) pendingRowsBefore() map[table.Row][]table.Sym {
	out := map[table.Row][]table.Sym{}
	if a.in.Prior == nil {
		return out
	}
	for _, p := range a.in.Prior.PendingRows {
		for i, user := range p.Users {
			key := table.Row{Type: a.in.Strings.Sym(p.Type), User: user}
			old := table.Sym(0)
			if p.Old != nil {
				old = a.in.Strings.Sym(p.Old[i])
			}
			out[key] = append(out[key], old, a.in.Strings.Sym(p.Policy))
		}
	}
	return out
}

func heldIn(rows []table.Row, row table.Row) table.Sym {
	at, held := slices.BinarySearchFunc(rows, row, table.CompareKey)
	if !held {
		return 0
	}
	return rows[at].Policy
}

// rowsOf looks once at what the people of all batches hold.
func (a *applier) rowsOf(ctx context.Context, ops []*engine.RowOp) ([]table.Row, error) {
	var users []table.ID
	for _, op := range ops {
		for _, r := range op.Rows {
			users = append(users, r.Row.User)
		}
	}
	slices.SortFunc(users, table.ID.Compare)
	users = slices.Compact(users)
	var rows []table.Row
	err := a.in.Table.RowsOf(ctx, a.in.Strings, users, func(r table.Row) { rows = append(rows, r) })
	table.Sort(rows)
	return rows, err
}

// leavers finds out, of those who hold nothing any more where the plan expects
// something, who has left.
func (a *applier) leavers(ctx context.Context, ops []*engine.RowOp, rows []table.Row) (map[table.ID]bool, error) {
	census, can := a.in.Table.(engine.Census)
	if !can {
		return nil, nil
	}
	var users []table.ID
	for _, op := range ops {
		for _, r := range op.Rows {
			if op.Assign && r.Before != 0 && heldIn(rows, r.Row) == 0 {
				users = append(users, r.Row.User)
			}
		}
	}
	if len(users) == 0 {
		return nil, nil
	}
	left := map[table.ID]bool{}
	missing, err := census.Missing(ctx, users)
	for _, u := range missing {
		left[u] = true
	}
	return left, err
}
