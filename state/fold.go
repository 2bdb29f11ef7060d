package state

import (
	"cmp"
	"slices"
)

// Fold carries results into a state: the same code follows a running apply and
// replays the journal of one that was cut short, so both end in one document.
// It is not safe for concurrent use.
type Fold struct {
	st      *State
	batches map[int]*openBatch
	order   []*openBatch
	records records
	rows    []rowChange
	pending []*PendingRows
	dirty   bool // Objects is to be rebuilt from records
}

// openBatch is an intent and what is known of it.
type openBatch struct {
	seq    uint64
	intent Intent
	done   []bool // ops with a result
	rows   []bool // users with a result; nil: none yet
}

// InDoubt is what an intent announced and no result names: it may or may not
// have happened. It is looked up by natural key.
type InDoubt struct {
	Seq   uint64
	Batch int
	Ops   []IntentOp
	Rows  *IntentRows // the users in doubt
}

// NewFold returns a fold into a copy of s.
func NewFold(s *State) *Fold {
	f := &Fold{st: s.Clone(), batches: map[int]*openBatch{}, records: newRecords(len(s.Objects))}
	for _, o := range f.st.Objects {
		f.records.add(o)
	}
	return f
}

// Intent notes what a batch is about to do.
func (f *Fold) Intent(seq uint64, in Intent) {
	b := &openBatch{seq: seq, intent: in, done: make([]bool, len(in.Ops))}
	f.batches[in.Batch] = b
	f.order = append(f.order, b)
}

// Result carries the confirmed part of res into the state. The result of a
// batch without intent, or of an index outside it, is left out.
func (f *Fold) Result(res Result) {
	b := f.batches[res.Batch]
	if b == nil || res.check(&b.intent) != nil {
		return
	}
	for _, r := range res.Ops {
		b.done[r.Index] = true
		if r.OK {
			f.apply(b.intent.Ops[r.Index], r)
		}
	}
	if res.Rows != nil {
		f.applyRows(b, *res.Rows)
	}
}

// apply carries one confirmed operation into the records.
func (f *Fold) apply(op IntentOp, r ResultOp) {
	f.dirty = true
	old := f.records.find(op)
	switch op.Action {
	case ActionCreate, ActionAdopt:
		made := &Object{}
		if old != nil {
			made.Pending = old.Pending // of what it takes the place of
			f.records.remove(old)
		}
		f.records.retireAt(op.Addr)
		f.put(made, op, r)
	case ActionUpdate:
		if old == nil {
			f.records.retireAt(op.Addr)
			old = &Object{}
		} else {
			f.records.move(old, op.Addr)
		}
		f.put(old, op, r)
	case ActionDelete, ActionForget:
		if old = f.records.findGone(op); old == nil {
			return
		}
		if old.Pending = r.Pending.After(old.Pending); old.Pending == nil {
			f.records.remove(old)
		}
	case ActionMove:
		if old != nil {
			f.records.move(old, op.Addr)
		}
	}
}

// put writes op into the record o.
func (f *Fold) put(o *Object, op IntentOp, r ResultOp) {
	f.records.remove(o)
	if !op.Retiring {
		f.records.revive(op)
	}
	o.Addr, o.Kind, o.Key, o.Retiring = op.Addr, op.Kind, op.Key, op.Retiring
	o.KindVersion, o.Owned, o.Protect, o.OnDestroy = op.KindVersion, op.Owned, op.Protect, op.OnDestroy
	o.ID = cmp.Or(r.ID, op.ID, o.ID)
	o.Attrs, o.Pending = op.Attrs, r.Pending.After(o.Pending)
	if r.Attrs != nil {
		o.Attrs = r.Attrs
	}
	if op.Adopted != nil {
		o.Adopted = op.Adopted
	}
	byAction := Created
	if op.Action == ActionAdopt {
		byAction = Adopted
	}
	o.Origin = cmp.Or(op.Origin, o.Origin, byAction)
	f.records.add(o)
}

// State returns the state with all results carried in, sorted, and what is in
// doubt, in the order of the intents. The fold may go on afterwards; the state
// is its own and changes with it, so Clone what is to stay.
func (f *Fold) State() (*State, []InDoubt) {
	f.mergeRows()
	if f.dirty {
		f.st.Objects = f.records.list()
		f.dirty = false
	}
	var doubts []InDoubt
	for _, b := range f.order {
		if d, any := b.doubt(); any {
			doubts = append(doubts, d)
		}
	}
	return f.st, doubts
}

// doubt returns the part of b that no result names.
func (b *openBatch) doubt() (InDoubt, bool) {
	d := InDoubt{Seq: b.seq, Batch: b.intent.Batch}
	for i, done := range b.done {
		if !done {
			d.Ops = append(d.Ops, b.intent.Ops[i])
		}
	}
	if b.intent.Rows != nil {
		d.Rows = b.rowsInDoubt()
	}
	return d, d.Ops != nil || d.Rows != nil
}

// Replay carries the journal into a copy of s, which it must fit (see FitOf),
// and returns what is in doubt. The copy names the journal's run as contained.
func Replay(s *State, j *Journal) (*State, []InDoubt) {
	f := NewFold(s)
	for _, e := range j.Entries {
		switch {
		case e.Intent != nil:
			f.Intent(e.Seq, *e.Intent)
		case e.Result != nil:
			f.Result(*e.Result)
		}
	}
	out, doubts := f.State()
	out.JournalRun = j.Header.Run
	return out, doubts
}

// Visible ends what is pending for a record of the fold: what was deleted goes.
func (f *Fold) Visible(o *Object) {
	if o.Pending != nil && o.Pending.New == nil {
		f.records.remove(o)
		f.dirty = true
	}
	o.Pending = nil
}

// VisibleRows ends a pending batch of rows.
func (f *Fold) VisibleRows(p *PendingRows) {
	f.st.PendingRows = slices.DeleteFunc(slices.Clone(f.st.PendingRows), func(x *PendingRows) bool { return x == p })
	if len(f.st.PendingRows) == 0 {
		f.st.PendingRows = nil
	}
}
