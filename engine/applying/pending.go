package applying

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// A write that was accepted is journaled as pending at once, with the values
// before and after: a crash between the answer and the read-back must not make
// the next plan take a slow listing for somebody's change. The read-back then
// confirms what it sees. What it does not see within its few looks stays
// pending, if the kind has a documented delay, and is an error if it has none.

// Waiting is what was accepted, in this run or before, and is not to be seen yet.
type Waiting struct {
	Addr     addr.Instance // of an object; zero for people
	What     string        // for people
	Count    int           // people; 1 for an object
	Deletion bool
	Until    time.Time // visible by then, as documented
	Why      string    // the documented delay, a clause
}

// pendingOf is what an accepted operation leaves pending until it is seen; nil
// where no delay is known.
func (a *applier) pendingOf(s *sentOp) *state.Pending {
	k := s.op.Kind
	if k.Delay.Window == 0 {
		return nil
	}
	now := a.in.Clock().UTC().Truncate(time.Second)
	p := &state.Pending{Since: now, Until: now.Add(k.Delay.Window)}
	var err error
	if s.op.Action != engine.Create {
		p.Old, err = k.Encode(onlyManaged(k, s.op.Before))
	}
	if err == nil && s.op.Action != engine.Delete {
		p.New, err = k.Encode(onlyManaged(k, s.filled))
	}
	if err != nil {
		return nil // values that cannot be written were refused before
	}
	return p
}

// onlyManaged leaves out what feeds an operation and is never read.
func onlyManaged(k *schema.Kind, attrs schema.Attrs) schema.Attrs {
	out := schema.Attrs{}
	for name, v := range attrs {
		if attr := k.Attr(name); attr != nil && !attr.Input && !attr.Late && !attr.Untold {
			out[name] = v
		}
	}
	return out
}

// seen confirms operations whose effect was read back, one line per batch.
// Where replicas answer in turn, or this run saw the former value first, one
// look proves nothing: the change stays pending, and the look is the first of
// those that end it.
func (a *applier) seen(ctx context.Context, list []*sentOp, late bool) error {
	byBatch := map[int]*state.Result{}
	var order []int
	for _, s := range list {
		if s.pending == nil {
			continue
		}
		r := byBatch[s.batch]
		if r == nil {
			r = &state.Result{Batch: s.batch}
			byBatch[s.batch] = r
			order = append(order, s.batch)
		}
		res := state.ResultOp{Index: s.index, OK: true, ID: s.result.ID}
		if late || s.op.Kind.Delay.Flaps || a.hiding[s.op.Addr] {
			still := *s.pending
			still.Lagged = true
			still.See(a.in.Clock(), true)
			res.Pending = &still
		}
		r.Ops = append(r.Ops, res)
	}
	for _, batch := range order {
		if err := a.journal.result(ctx, *byBatch[batch]); err != nil {
			return err
		}
	}
	return nil
}

// waits notes an accepted operation that is not to be seen yet. It is done, as
// far as the service says; but nobody may gain by what follows a restriction
// that does not count yet.
func (a *applier) waits(ctx context.Context, s *sentOp) error {
	hidden := *s.pending
	hidden.Lagged = true
	res := state.ResultOp{Index: s.index, OK: true, ID: s.result.ID, Pending: &hidden}
	if err := a.journal.result(ctx, state.Result{Batch: s.batch, Ops: []state.ResultOp{res}}); err != nil {
		return err
	}
	a.mu.Lock()
	a.hiding[s.op.Addr] = true
	a.what[s.op.Addr] = describe(s.op)
	if s.op.Phase == engine.Tighten || s.op.Kind.Attached != "" { // what is attached restricts its owner
		a.tight[s.op.Addr] = true
	}
	if s.op.Phase == engine.Remove {
		a.removeWaits = true
	}
	a.mu.Unlock()
	a.event(EventPending, s.op, nil)
	return nil
}

// rowsWait journals that rows of a batch, by their indexes, are pending.
func (a *applier) rowsWait(ctx context.Context, d rowDone, missing []int) error {
	now := a.in.Clock().UTC().Truncate(time.Second)
	r := &state.ResultRows{OK: true, Since: now, Until: now.Add(a.in.Table.Delay().Window)}
	at := 0
	for i := range d.op.Rows {
		if at < len(missing) && missing[at] == i {
			at++
			continue
		}
		r.Doubt = append(r.Doubt, i) // settled by the line before
	}
	if err := a.journal.result(ctx, state.Result{Batch: d.batch, Rows: r}); err != nil {
		return err
	}
	a.rowsEvent(d.op, EventPending, len(missing), nil)
	return nil
}

// carrySights brings what the plan saw of changes that were pending before into
// the state: enough equal reads end a window, and so does its end.
func (a *applier) carrySights() {
	fold := a.journal.fold
	st, _ := fold.State()
	records := map[string]*state.Object{}
	for _, o := range st.Objects {
		if o.Pending != nil {
			records[o.String()+"\x00"+schema.FoldKey(o.Key)] = o
		}
	}
	for _, s := range a.in.Plan.Pending {
		if s.Tightens {
			a.tight[s.Addr] = true
		}
		o := records[(&state.Object{Addr: s.Addr, Retiring: s.Retiring}).String()+"\x00"+schema.FoldKey(s.Key)]
		if o == nil || !o.Pending.Since.Equal(s.Since) {
			continue
		}
		o.Pending.Lagged = o.Pending.Lagged || s.Kind.Delay.Flaps
		if o.Pending.See(a.in.Plan.Header.PlannedAt, s.Visible) || s.Over && s.Visible {
			fold.Visible(o)
		}
	}
	for _, s := range a.in.Plan.PendingRows {
		p := s.FindRows(st)
		if p == nil {
			continue
		}
		if p.See(a.in.Plan.Header.PlannedAt, s.Visible) || s.Over {
			fold.VisibleRows(p)
		}
	}
}

// stillWaiting lists what the state has as pending and was not to be seen when
// it was last read.
func (a *applier) stillWaiting(st *state.State) []Waiting {
	var out []Waiting
	now := a.in.Clock()
	for _, o := range st.Objects {
		k := a.kinds[o.Kind]
		if o.Pending == nil || len(o.Pending.Seen) > 0 || o.Pending.Over(now) || k == nil {
			continue
		}
		w := Waiting{Addr: o.Addr, What: a.what[o.Addr], Count: 1, Deletion: o.Pending.New == nil, Until: o.Pending.Until, Why: k.Delay.Why}
		if w.What == "" {
			w.What = fmt.Sprintf("%s %q", k.Title, o.Key)
		}
		out = append(out, w)
	}
	for _, p := range st.PendingRows {
		if len(p.Seen) > 0 || p.Over(now) || a.in.Table == nil {
			continue
		}
		w := Waiting{Count: len(p.Users), Deletion: p.Policy == "", Until: p.Until, Why: a.in.Table.Delay().Why}
		w.What = fmt.Sprintf("assign %s %q", engine.TypeWords(p.Type), p.Policy)
		if w.Deletion {
			w.What = "unassign " + engine.TypeWords(p.Type)
		}
		out = append(out, w)
	}
	return out
}

// notThere says that the service accepted a write and does not show it, where no
// delay explains that, or the delay is over.
func notThere(d schema.Delay) error {
	text := "the service accepted the change, but reading it back does not show it"
	switch {
	case d.Window == 0:
		text += ", and no delay is known that would explain it: the service did nothing although it said so, or an effective rule of the tenant prevents it"
	default:
		text += fmt.Sprintf(" after the time that it may take (%s): the service did nothing although it said so, or an effective rule of the tenant prevents it", d.Why)
	}
	if d.Lost != "" {
		text += "; " + d.Lost
	}
	return errors.New(text + ". Look at it in the admin centre, then plan again")
}
