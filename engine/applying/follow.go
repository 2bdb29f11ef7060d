package applying

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// heldBy names what an operation waits for in vain, or "".
func (a *applier) heldBy(op *engine.Op) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed[op.Addr] && (op.Phase != engine.Remove || op.Retiring) {
		return "an earlier step on it"
	}
	for _, need := range op.Needs {
		if a.failed[need] {
			return need.String()
		}
	}
	// A restriction that failed holds back every permission: nobody gets more
	// than before or after the apply.
	if a.tightenFails && (op.Phase == engine.Loosen || op.Phase == engine.OpenAll) {
		return "a restriction that failed"
	}
	if a.removeFails && op.Phase == engine.OpenAll {
		return "a removal that failed"
	}
	// One that was accepted and is not to be seen yet does not count yet either.
	if len(a.tight) > 0 && (op.Phase == engine.Loosen || op.Phase == engine.OpenAll) {
		return "a restriction that is still becoming visible"
	}
	if a.removeWaits && op.Phase == engine.OpenAll {
		return "a removal that is still becoming visible"
	}
	return ""
}

func (a *applier) hold(op *engine.Op, by string) {
	a.mu.Lock()
	a.out.Held++
	a.failed[op.Addr] = true
	a.out.Problems = append(a.out.Problems, Problem{Addr: op.Addr, What: describe(op), HeldBy: by, Count: 1})
	a.mu.Unlock()
	a.event(EventHeld, op, nil)
}

func (a *applier) fail(op *engine.Op, err error) {
	a.mu.Lock()
	a.out.Failed++
	a.failed[op.Addr] = true
	a.tightenFails = a.tightenFails || op.Phase == engine.Tighten
	a.removeFails = a.removeFails || op.Phase == engine.Remove
	a.out.Problems = append(a.out.Problems, Problem{Addr: op.Addr, What: describe(op), Err: err, Count: 1})
	a.mu.Unlock()
	a.event(EventFailed, op, err)
}

func (a *applier) done(op *engine.Op) {
	a.mu.Lock()
	a.out.Done++
	a.mu.Unlock()
	a.event(EventDone, op, nil)
}

func (a *applier) event(t EventType, op *engine.Op, err error) {
	a.send(Event{
		Type: t, Phase: op.Phase, Addr: op.Addr, Kind: op.Kind.Name, Action: string(op.Action), What: describe(op), Count: 1, Err: err,
	})
}

func (a *applier) send(e Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e.Total = a.in.Plan.Size()
	a.in.Sink.Event(e)
}

// describe names an operation for people.
func describe(op *engine.Op) string {
	verb := map[engine.Action]string{engine.Create: "create", engine.Update: "change", engine.Delete: "delete"}[op.Action]
	switch op.Phase {
	case engine.Tighten:
		verb = "restrict"
	case engine.Loosen, engine.OpenAll:
		verb = "open up"
	default: // as the action says
	}
	name := op.Key
	if op.Kind.Unlabeled {
		return verb + " " + op.Kind.Title
	}
	if op.Kind.Generated {
		return fmt.Sprintf("%s %s of %s", verb, op.Kind.Title, cmp.Or(op.Name, op.Key))
	}
	if op.Name != "" {
		name = op.Name
	}
	return fmt.Sprintf("%s %s %q", verb, op.Kind.Title, name)
}

// readBackTries and readBackFirst bound how long a write is waited for: 1, 2,
// 4, 8 and 16 seconds between six looks.
const (
	readBackTries = 6
	readBackFirst = time.Second
)

// readBack looks at what was sent, settles what is in doubt and reports what
// was accepted and is not there.
func (a *applier) readBack(ctx context.Context, writer engine.Writer, sent []*sentOp) error {
	var open []*sentOp
	for _, s := range sent {
		if s.result.Err == nil || s.result.InDoubt {
			open = append(open, s)
		}
	}
	wait := readBackFirst
	for try := 1; len(open) > 0; try++ {
		found, err := a.look(ctx, writer, open)
		if err != nil {
			return a.unseen(open, err)
		}
		var still, there, refused []*sentOp
		for _, s := range open {
			o := found[schema.FoldKey(s.op.Key)]
			if !s.visible(o) && s.once {
				refused = append(refused, s)
				continue
			}
			if !s.visible(o) {
				still = append(still, s)
				continue
			}
			there = append(there, s)
			if err := a.confirm(ctx, s, o); err != nil {
				return err
			}
		}
		if err := a.seen(ctx, there, try > 1); err != nil {
			return err
		}
		if err := a.missing(ctx, refused); err != nil {
			return err
		}
		if open = still; len(open) == 0 || try == readBackTries {
			break
		}
		if err := a.in.Sleep(ctx, wait); err != nil {
			return a.unseen(open, err)
		}
		wait *= 2
	}
	return a.missing(ctx, open)
}

// look lists the collection and returns its objects by folded key.
func (a *applier) look(ctx context.Context, writer engine.Writer, open []*sentOp) (map[string]*engine.Object, error) {
	a.send(Event{Type: EventCheck, Phase: open[0].op.Phase, Kind: writer.Kind().Name, What: writer.Kind().Plural, Count: len(open)})
	scope := engine.Scope{Attrs: map[string]bool{}}
	for _, s := range open {
		for name := range s.filled {
			scope.Attrs[name] = true
		}
		if id := s.result.ID; id != "" && s.op.Action != engine.Delete {
			scope.Known = append(scope.Known, id)
		}
	}
	return list(ctx, writer, scope)
}

// list lists a collection and returns its objects by folded key.
func list(ctx context.Context, writer engine.Writer, scope engine.Scope) (map[string]*engine.Object, error) {
	if f, ok := writer.(engine.Forgetter); ok {
		f.Forget()
	}
	found := map[string]*engine.Object{}
	err := writer.List(ctx, scope, func(o engine.Object) error {
		found[schema.FoldKey(o.Key)] = &o
		return nil
	})
	return found, err
}

// visible reports whether the tenant shows what the operation sent.
func (s *sentOp) visible(o *engine.Object) bool {
	if s.op.Action == engine.Delete {
		return o == nil
	}
	if o == nil {
		return false
	}
	for name, want := range s.filled {
		attr := s.op.Kind.Attr(name)
		if got, told := o.Attrs[name]; attr != nil && told && !attr.Recreate && !attr.Type.Equal(want, got) {
			return false
		}
	}
	return true
}

// confirm settles a doubt in favour of the operation.
func (a *applier) confirm(ctx context.Context, s *sentOp, o *engine.Object) error {
	if !s.result.InDoubt {
		return nil
	}
	id := s.result.ID
	if o != nil {
		id = o.ID
	}
	s.result = engine.Result{Op: s.op, ID: id}
	err := a.journal.result(ctx, state.Result{Batch: s.batch, Ops: []state.ResultOp{{Index: s.index, OK: true, ID: id}}})
	if err == nil {
		a.learn(s)
	}
	return err
}

// missing reports what cannot be seen: a doubt is settled against the
// operation, an accepted one is pending where the kind has a documented delay,
// and an error of its own where it has none.
func (a *applier) missing(ctx context.Context, open []*sentOp) error {
	for _, s := range open {
		err := notThere(s.op.Kind.Delay)
		switch {
		case s.result.InDoubt:
			err = s.result.Err
			res := state.Result{Batch: s.batch, Ops: []state.ResultOp{{Index: s.index, Error: err.Error()}}}
			if err := a.journal.result(ctx, res); err != nil {
				return err
			}
		case s.pending != nil:
			if err := a.waits(ctx, s); err != nil {
				return err
			}
			continue
		default:
			a.mu.Lock()
			a.out.Done--
			a.mu.Unlock()
		}
		a.fail(s.op, err)
	}
	return nil
}

// unseen reports operations that could not be read back. What was in doubt
// stays so: its intent is in the journal for the next run.
func (a *applier) unseen(open []*sentOp, err error) error {
	for _, s := range open {
		if s.result.InDoubt {
			a.fail(s.op, s.result.Err)
		} else {
			a.mu.Lock()
			a.out.Done--
			a.mu.Unlock()
			a.fail(s.op, fmt.Errorf("accepted, but it could not be read back: %w", err))
		}
	}
	return nil
}
