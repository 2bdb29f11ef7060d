package applying

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/hold"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// A hold may be written while an apply runs: it needs no lease. So the apply
// looks whether the document is still the one it knows, before each batch that
// could grant what a hold forbids, and again after it. What is forbidden is left
// out of what is sent and of what is recorded; what went out in between is taken
// back. Whoever wrote the hold looks at the tenant after writing it, so one of
// the two sees the other. The final write carries the holds of the document that
// lies there by then.

// holds are those that the apply knows of.
type holds struct {
	mu    sync.Mutex
	meta  state.Meta // of the document they were read from
	list  []*hold.Hold
	known []*hold.Hold // that the plan was made with
}

// peeker is an optional ability of a backend: it identifies the present
// document without reading it.
type peeker interface {
	Peek(ctx context.Context) (state.Meta, error)
}

// startHolds takes over what the plan was made with.
func (a *applier) startHolds() error {
	list, err := hold.Of(a.in.Prior)
	a.holds.meta, a.holds.list, a.holds.known = a.in.Meta, list, list
	return err
}

// lookForHolds reads the holds again if the document has changed, and returns
// what is held now.
func (a *applier) lookForHolds(ctx context.Context) (schema.Held, error) {
	h := &a.holds
	h.mu.Lock()
	defer h.mu.Unlock()
	ctx = context.WithoutCancel(ctx) // an interrupt must not let anything through
	model := a.in.Plan.Header.Tenant.AccessModel
	if p, ok := a.in.Backend.(peeker); ok {
		meta, err := p.Peek(ctx)
		if err != nil {
			return schema.Held{}, fmt.Errorf("look for holds: %w", err)
		}
		if meta == h.meta {
			return hold.Held(h.list, model, a.appOf), nil
		}
	}
	loaded, err := state.Load(ctx, a.in.Backend, table.NewStrings())
	if err != nil {
		return schema.Held{}, fmt.Errorf("look for holds: %w", err)
	}
	list, err := hold.Of(loaded.State)
	if err != nil {
		return schema.Held{}, err
	}
	h.meta, h.list = loaded.Meta, list
	return hold.Held(list, model, a.appOf), nil
}

// appOf gives the id of an app that this run publishes.
func (a *applier) appOf(manifestID string) any {
	for _, op := range a.in.Plan.Ops {
		if op.Kind.KeptAway == nil || schema.FoldKey(op.Key) != schema.FoldKey(manifestID) {
			continue
		}
		if id, known := a.ids.Get(op.Addr); known {
			return id
		}
	}
	return nil
}

// newlyHeld names the hold on an app that the plan did not know of; "" for none.
// Such an app is not published any more.
func (a *applier) newlyHeld(op *engine.Op) string {
	if op.Kind.KeptAway == nil || op.Action != engine.Create {
		return ""
	}
	a.holds.mu.Lock()
	defer a.holds.mu.Unlock()
	for _, h := range a.holds.list {
		if strings.EqualFold(h.ManifestID, op.Key) && !slices.ContainsFunc(a.holds.known, func(k *hold.Hold) bool { return k.Addr() == h.Addr() }) {
			return theBlock(h)
		}
	}
	return ""
}

func theBlock(h *hold.Hold) string {
	return fmt.Sprintf("the block of %s (%s)", h.Title(), strings.TrimSuffix(h.Reason, "."))
}

// wrote tells that the document was written by this run.
func (a *applier) wrote(meta state.Meta) {
	a.holds.mu.Lock()
	defer a.holds.mu.Unlock()
	a.in.Meta, a.holds.meta = meta, meta
}

// withhold leaves out of what an operation sends and records what is held.
func (a *applier) withhold(op *engine.Op, held schema.Held) {
	if op.Action == engine.Delete || !op.Kind.Withholds() {
		return
	}
	after, changed := op.Kind.Withhold(op.ID, op.After, held)
	if len(changed) == 0 || !mentions(op.After, changed) {
		return
	}
	op.After = after
	op.Record.Attrs, _ = op.Kind.Withhold(op.ID, op.Record.Attrs, held)
	a.leftOut(op)
}

func mentions(attrs schema.Attrs, names []string) bool {
	for _, name := range names {
		if _, ok := attrs[name]; ok {
			return true
		}
	}
	return false
}

// leftOut notes an operation that was not sent as planned.
func (a *applier) leftOut(op *engine.Op) {
	a.holds.mu.Lock()
	var who []string
	for _, h := range a.holds.list {
		who = append(who, theBlock(h))
	}
	a.holds.mu.Unlock()
	by := strings.Join(who, " and ")
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.out.Problems {
		if p.Addr == op.Addr && p.HeldBy == by {
			return
		}
	}
	a.out.Held++
	a.out.Problems = append(a.out.Problems, Problem{Addr: op.Addr, What: "what is blocked, in " + describe(op), HeldBy: by, Count: 1})
}

// takeBack corrects what was sent while a hold was written.
func (a *applier) takeBack(ctx context.Context, writer engine.Writer, sent []*sentOp) ([]*sentOp, error) {
	if len(sent) == 0 || !writer.Kind().Withholds() {
		return sent, nil
	}
	held, err := a.lookForHolds(ctx)
	if err != nil {
		return sent, err
	}
	var ops []*engine.Op
	for _, s := range sent {
		if s.op.Action == engine.Delete {
			continue
		}
		if by := a.newlyHeld(s.op); by != "" {
			a.mu.Lock()
			a.out.Held++
			a.out.Problems = append(a.out.Problems, Problem{
				Addr: s.op.Addr, What: "keep it from everybody at once: it was being published when it was blocked, so block it again", HeldBy: by, Count: 1,
			})
			a.mu.Unlock()
		}
		after, changed := s.op.Kind.Withhold(s.op.ID, s.filled, held)
		if len(changed) == 0 || !mentions(s.filled, changed) {
			continue
		}
		op := *s.op
		op.Action, op.Phase, op.Before, op.After = engine.Update, engine.Tighten, schema.Attrs{}, schema.Attrs{}
		if op.ID == "" {
			op.ID = s.result.ID
		}
		for _, name := range changed {
			op.Before[name], op.After[name] = s.filled[name], after[name]
		}
		op.Record.Attrs, _ = op.Kind.Withhold(op.ID, op.Record.Attrs, held)
		op.Record.ID = op.ID
		s.filled = after // what is read back is the correction
		ops = append(ops, &op)
		a.leftOut(&op)
	}
	if len(ops) == 0 {
		return sent, nil
	}
	// Also after an interrupt: what was given has to be taken back.
	more, err := a.sendBatch(context.WithoutCancel(ctx), writer, ops)
	return append(sent, more...), err
}

// holdTries bounds how often a write gives way to one of a hold.
const holdTries = 8

// write writes the state in place of the document that the apply knows, or of
// the one that has come of it by holds alone, whose holds it takes over.
func (a *applier) write(ctx context.Context, s *state.State) (state.Meta, error) {
	for try := 1; ; try++ {
		meta, err := a.in.Backend.Write(ctx, a.in.Meta, s)
		var conflict *state.ConflictError
		if err == nil || !errors.As(err, &conflict) || try == holdTries {
			if err == nil {
				a.wrote(meta)
			}
			return meta, err
		}
		found, loadErr := state.Load(ctx, a.in.Backend, table.NewStrings())
		if loadErr != nil || found.State == nil || !raisedByHolds(a.in.Meta, found.State) {
			return meta, err
		}
		hold.Carry(found.State, s)
		s.Lineage, s.Serial, s.BaseSerial = found.State.Lineage, found.State.Serial+1, 0
		a.in.Meta = found.Meta
	}
}

// raisedByHolds reports whether a document has come of a known one by holds
// alone.
func raisedByHolds(known state.Meta, found *state.State) bool {
	if known == (state.Meta{}) {
		return hold.Alone(found)
	}
	return known.Lineage == found.Lineage && found.Base() <= known.Serial && known.Serial <= found.Serial
}
