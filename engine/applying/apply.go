package applying

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// An apply executes the plan unchanged. It goes stage by stage (order.go);
// within a stage batches run side by side. Before a batch its intent is durable
// in the journal, after it the result; then the stage is read back, because an
// answer proves nothing. State is written once, at the end, from the same fold
// that would replay the journal after a crash: both ways end in one document.

// Input is everything an apply works with.
type Input struct {
	Plan    *engine.Plan
	Writers map[string]engine.Writer
	Table   engine.TableWriter
	Strings *table.Strings

	Backend state.Backend
	Lease   state.Lease
	Meta    state.Meta   // of the document that the plan started from
	Prior   *state.State // with its journal replayed; nil before the first apply
	Journal bool         // a journal of an earlier run lies there
	Foreign bool         // that journal does not belong to the document

	Tenant, TenantName, Cloud string
	Tool                      string
	Parallelism               int
	// Recheck: time has passed since the plan was made, so that listings from
	// then are stale, and rows too are compared before they are written.
	Recheck bool
	// PlanFile is the digest of the plan file that is applied, "" for none; and
	// EarlierPlanFile that of the one whose apply was interrupted before.
	PlanFile, EarlierPlanFile string
	StopOnError               bool
	// Wait: do not end before what is pending is visible, or WaitFor is over; a
	// WaitFor of 0 waits until the windows end.
	Wait    bool
	WaitFor time.Duration
	Stop    <-chan struct{} // closed: start nothing new
	Clock   func() time.Time
	NewID   func() string
	Sleep   func(context.Context, time.Duration) error
	Sink    Sink
}

// Outcome is what an apply came to.
type Outcome struct {
	Done, Failed, Held int // operations on objects, and rows
	Problems           []Problem
	Gone               []string      // people who have left since the plan; their rows were skipped
	Waiting            []Waiting     // accepted and still becoming visible
	WaitedOut          time.Duration // Wait ended after so long, before all was visible
	Interrupted        bool
	Left               []Problem // what was not started any more, in order
	InDoubt            int       // operations and rows of which nobody knows what became; the journal keeps them
	Serial             uint64
	Written            bool // state differs from before
	Outputs            map[string]json.RawMessage
}

// Partly reports whether something was not done, or not seen in the time that
// was given for it.
func (o *Outcome) Partly() bool {
	return o.Failed+o.Held > 0 || o.WaitedOut > 0 && len(o.Waiting) > 0
}

// Problem is an operation that failed, or that was held back by another.
type Problem struct {
	Addr   addr.Instance
	What   string // for people: "setup policy \"Pilot\""
	Err    error
	HeldBy string // what it waits for; "" when it failed itself
	Count  int    // rows
}

// applier is one apply in progress.
type applier struct {
	in      Input
	ids     *engine.LateIDs
	journal *journal
	out     Outcome

	mu           sync.Mutex
	failed       map[addr.Instance]bool
	tightenFails bool
	removeFails  bool
	hiding       map[addr.Instance]bool   // accepted in this run and not to be seen yet
	tight        map[addr.Instance]bool   // of these and of earlier ones: restrictions
	removeWaits  bool                     // a removal of this run is not to be seen yet
	what         map[addr.Instance]string // what was done to them, for people
	lost         map[any]bool             // pending records whose window has ended while waiting
	kinds        map[string]*schema.Kind
	waitEnds     time.Time
	later        []Waiting // what the next apply has to do again
	touched      []rowDone // rows whose batch was sent, for the read-back
	ours         writes
	looked       map[string]bool // kinds that were listed in this run
	holds        holds
}

// Apply executes a plan. The error is one of the run itself (journal, state,
// lease); what failed in the tenant is in the outcome.
func Apply(ctx context.Context, in Input) (*Outcome, error) {
	a := &applier{
		in: in, ids: in.Plan.IDs, failed: map[addr.Instance]bool{}, hiding: map[addr.Instance]bool{},
		tight: map[addr.Instance]bool{}, what: map[addr.Instance]string{}, lost: map[any]bool{}, kinds: map[string]*schema.Kind{},
		looked: map[string]bool{},
	}
	for name, w := range in.Writers {
		a.kinds[name] = w.Kind()
	}
	if in.Sink == nil {
		a.in.Sink = discard{}
	}
	a.in.Sleep = a.untilStopped(in.Sleep)
	if err := a.startHolds(); err != nil {
		return nil, err
	}
	if err := a.begin(ctx); err != nil {
		return nil, err
	}
	err := a.stages(ctx)
	if err == nil {
		err = a.readBackRows(ctx)
	}
	if err == nil {
		err = a.waitFor(ctx, false)
	}
	return &a.out, errors.Join(err, a.finish(context.WithoutCancel(ctx)))
}

// UnsavedError says that what an apply did could not be written into the
// state. The journal keeps it too, as far as that could be written.
type UnsavedError struct {
	State *state.State // as it was to be written
	Err   error
}

func (e *UnsavedError) Error() string { return fmt.Sprintf("write state: %v", e.Err) }

// Unwrap gives the reason.
func (e *UnsavedError) Unwrap() error { return e.Err }

// begin settles what an earlier run left, and records what touches state only.
func (a *applier) begin(ctx context.Context) error {
	prior := a.in.Prior
	if prior == nil {
		prior = state.New(a.in.Tenant, a.in.Cloud, a.in.NewID(), a.in.Strings)
	}
	fold := state.NewFold(prior)
	a.journal = &journal{in: &a.in, fold: fold, lineage: prior.Lineage}
	a.settled(fold)
	if a.in.Journal {
		if err := a.writeSettled(ctx, fold); err != nil {
			return err
		}
	}
	// A journal that belongs elsewhere is not dropped by the write: starting
	// this run's own sets it aside, also when nothing is to be sent.
	if a.in.Foreign {
		if err := a.journal.open(ctx); err != nil {
			return err
		}
	}
	a.carrySights()
	return a.recordOnly(ctx)
}

// settled carries the settlement of doubts into the fold.
func (a *applier) settled(fold *state.Fold) {
	s := a.in.Plan.Settled
	for i, op := range s.Ops {
		op.ID = s.IDs[i]
		a.journal.batch++
		fold.Intent(0, state.Intent{Batch: a.journal.batch, Ops: []state.IntentOp{op}})
		fold.Result(state.Result{Batch: a.journal.batch, Ops: []state.ResultOp{{OK: true, ID: op.ID}}})
	}
	a.journal.foldRows(s.Rows, state.RowsSet)
}

// writeSettled writes the settled state, which drops the earlier journal: from
// here on this run's own journal counts.
func (a *applier) writeSettled(ctx context.Context, fold *state.Fold) error {
	s, _ := fold.State()
	if a.in.Prior != nil {
		s.JournalRun = a.in.Prior.JournalRun
	}
	s.Serial++
	s.Tool, s.TenantName = a.in.Tool, a.in.TenantName
	if _, err := a.write(ctx, s); err != nil {
		return fmt.Errorf("write the settled state: %w", err)
	}
	a.journal.serial = s.Serial
	a.in.Prior = s.Clone()
	return nil
}

// recordOnly carries adopted, moved and forgotten objects into the fold. They
// come first, so that later operations meet the records they expect.
func (a *applier) recordOnly(ctx context.Context) error {
	r := a.in.Plan.Records
	if len(r.Set)+len(r.Drop) == 0 {
		return nil
	}
	var in state.Intent
	for _, d := range r.Drop {
		op, err := d.Intent(a.ids, state.ActionForget)
		if err != nil {
			return err
		}
		in.Ops = append(in.Ops, op)
	}
	for _, d := range r.Set {
		op, err := d.Intent(a.ids, state.ActionUpdate)
		if err != nil {
			return err
		}
		in.Ops = append(in.Ops, op)
	}
	a.journal.quietly(in)
	return nil
}

// finish folds what is left and writes the state if it differs.
func (a *applier) finish(ctx context.Context) error {
	rr := a.in.Plan.RowRecords
	a.journal.foldRows(rr.Set, state.RowsAdopt)
	a.journal.foldRows(rr.Drop, state.RowsForget)
	s, doubts := a.journal.fold.State()
	if a.out.InDoubt = count(doubts); a.out.InDoubt > 0 {
		// Writing the state drops the journal, and with it what is in doubt. So it
		// stays as it is: state and journal together say what was done.
		return nil
	}
	a.out.Waiting = append(a.stillWaiting(s), a.later...)
	s.Tool, s.Tenant, s.TenantName, s.Cloud = a.in.Tool, a.in.Tenant, a.in.TenantName, a.in.Cloud
	if a.journal.run != "" {
		s.JournalRun = a.journal.run
	}
	outputs, err := a.outputs(s.Outputs)
	if err != nil {
		return err
	}
	s.Outputs, a.out.Outputs = outputs, outputs
	a.remember(s)
	if err := a.recordPlan(s); err != nil {
		return err
	}
	changed, err := s.Advance(a.in.Prior)
	if err != nil {
		return fmt.Errorf("compare state: %w", err)
	}
	if !changed && a.journal.run == "" {
		a.out.Serial = s.Serial
		return nil
	}
	if !changed {
		s.JournalRun = a.journal.run
	}
	meta, err := a.write(ctx, s)
	if err != nil {
		return &UnsavedError{State: s, Err: err}
	}
	a.out.Serial, a.out.Written = meta.Serial, changed
	return nil
}

// remember keeps the limits that this apply had, and, when all of it was
// done, whom the assignments named.
func (a *applier) remember(s *state.State) {
	if a.in.Plan.Guarding != nil {
		s.Guards = a.in.Plan.Guarding
	}
	if a.in.Plan.Audiences != nil && a.out.Failed+a.out.Held == 0 && !a.out.Interrupted {
		s.Audiences = a.in.Plan.Audiences
	}
}

// outputs resolves output values; those that cannot be known stay as they were.
func (a *applier) outputs(before map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	switch {
	case a.in.Plan.KeepOutputs:
		return before, nil
	case a.in.Plan.Header.Destroy:
		return nil, nil
	}
	out := map[string]json.RawMessage{}
	for _, o := range a.in.Plan.Outputs {
		if o.Sensitive {
			continue // never kept
		}
		filled, err := a.ids.Fill(map[string]any{"value": o.After})
		if err != nil {
			if raw, ok := before[o.Name]; ok {
				out[o.Name] = raw
			}
			continue
		}
		raw, err := json.Marshal(filled["value"])
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", o.Name, err)
		}
		out[o.Name] = raw
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}
