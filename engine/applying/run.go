package applying

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// work is what one stage holds.
type work struct {
	stage engine.Stage
	ops   []*engine.Op
	rows  []*engine.RowOp
}

// stages runs the plan stage by stage.
func (a *applier) stages(ctx context.Context) error {
	for _, w := range split(a.in.Plan) {
		if w.stage.Phase == engine.Loosen || w.stage.Phase == engine.OpenAll {
			if err := a.waitFor(ctx, true); err != nil {
				return err
			}
		}
		if err := a.stage(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// split cuts a plan into its stages, in order.
func split(p *engine.Plan) []*work {
	byStage := map[engine.Stage]*work{}
	var out []*work
	at := func(s engine.Stage) *work {
		w := byStage[s]
		if w == nil {
			w = &work{stage: s}
			byStage[s] = w
			out = append(out, w)
		}
		return w
	}
	for _, op := range p.Ops {
		w := at(engine.StageOf(op))
		w.ops = append(w.ops, op)
	}
	for _, op := range p.RowOps {
		w := at(engine.Stage{Phase: op.Phase, Rank: schema.RankUserAssignment})
		w.rows = append(w.rows, op)
	}
	slices.SortStableFunc(out, func(x, y *work) int { return engine.CompareStages(x.stage, y.stage) })
	return out
}

func (a *applier) stage(ctx context.Context, w *work) error {
	byKind := map[string][]*engine.Op{}
	var kinds []string
	for _, op := range w.ops {
		if byKind[op.Kind.Name] == nil {
			kinds = append(kinds, op.Kind.Name)
		}
		byKind[op.Kind.Name] = append(byKind[op.Kind.Name], op)
	}
	for _, kind := range kinds {
		if err := a.kind(ctx, a.in.Writers[kind], byKind[kind]); err != nil {
			return err
		}
	}
	if len(w.rows) == 0 {
		return nil
	}
	rows := a.rowsUnchanged(ctx, w.rows)
	_, parallel := a.in.Table.Batch()
	return a.inParallel(len(rows), parallel, func(i int) error { return a.rowBatch(ctx, rows[i]) })
}

// kind sends the operations of one kind and reads them back.
func (a *applier) kind(ctx context.Context, writer engine.Writer, ops []*engine.Op) error {
	if writer == nil {
		return fmt.Errorf("nothing can write %s", ops[0].Kind.Plural)
	}
	if ops = a.unchanged(ctx, writer, ops); len(ops) == 0 {
		return nil
	}
	size, parallel := writer.Batch()
	batches := slices.Collect(slices.Chunk(ops, size))
	var mu sync.Mutex
	var sent []*sentOp
	err := a.inParallel(len(batches), parallel, func(i int) error {
		done, err := a.batch(ctx, writer, batches[i])
		if err == nil {
			done, err = a.takeBack(ctx, writer, done)
		}
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, done...)
		return err
	})
	if err != nil || len(sent) == 0 {
		return err
	}
	return a.readBack(ctx, writer, sent)
}

// inParallel runs f for 0..n-1, at most limit at a time. The first error wins;
// nothing new starts after it.
func (a *applier) inParallel(n, limit int, f func(int) error) error {
	if a.in.Parallelism > 0 {
		limit = min(limit, a.in.Parallelism)
	}
	slots := make(chan struct{}, max(limit, 1))
	var wg sync.WaitGroup
	var mu sync.Mutex
	var first error
	for i := range n {
		slots <- struct{}{}
		mu.Lock()
		stop := first != nil
		mu.Unlock()
		if stop {
			<-slots
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := f(i); err != nil {
				mu.Lock()
				defer mu.Unlock()
				first = errors.Join(first, err)
			}
		})
	}
	wg.Wait()
	return first
}

// sentOp is an operation whose batch was sent.
type sentOp struct {
	op     *engine.Op
	batch  int
	index  int
	filled schema.Attrs
	result engine.Result
	// pending is what the accepted operation leaves in the state until it is
	// seen; nil where no delay is known.
	pending *state.Pending
	once    bool // it is looked at once only
	// releasing: a deletion refused because of people who have just been moved.
	releasing bool
}

// batch sends one batch: intent, call, result.
func (a *applier) batch(ctx context.Context, writer engine.Writer, ops []*engine.Op) ([]*sentOp, error) {
	if a.stopped(ctx) {
		a.leave(leftOps(ops)...)
		return nil, nil
	}
	return a.sendBatch(ctx, writer, ops)
}

// sendBatch sends one batch, whether or not the run is to stop.
func (a *applier) sendBatch(ctx context.Context, writer engine.Writer, ops []*engine.Op) ([]*sentOp, error) {
	var held schema.Held
	if writer.Kind().Withholds() {
		var err error
		if held, err = a.lookForHolds(ctx); err != nil {
			return nil, err
		}
	}
	var in state.Intent
	byOp := map[*engine.Op]*sentOp{}
	var ready []*engine.Op
	var sent []*sentOp
	for _, op := range ops {
		if by := a.heldBy(op); by != "" {
			a.hold(op, by)
			continue
		}
		if by := a.newlyHeld(op); by != "" {
			a.hold(op, by)
			continue
		}
		own := *op
		filled, intent, err := a.prepare(&own, held)
		if err != nil {
			a.fail(op, err)
			continue
		}
		own.After = filled
		if own.ID == "" && own.Action == engine.Update { // made by an earlier step of this run
			own.ID, _ = a.ids.Get(op.Addr)
		}
		s := &sentOp{op: &own, index: len(in.Ops), filled: filled}
		byOp[&own] = s
		in.Ops = append(in.Ops, intent)
		ready, sent = append(ready, &own), append(sent, s)
	}
	if len(ready) == 0 {
		return nil, nil
	}
	batch, err := a.journal.intent(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, s := range sent {
		s.batch = batch
		a.mu.Lock()
		a.ours.remember(s.op, s.filled)
		a.mu.Unlock()
		a.event(EventStart, s.op, nil)
	}
	err = writer.Apply(ctx, ready, func(r engine.Result) { byOp[r.Op].result = r })
	if err == nil {
		err = a.retryReleased(ctx, writer, sent)
	}
	return sent, a.conclude(ctx, batch, sent, err)
}

// conclude journals the results that are certain. What is in doubt waits for
// the read-back.
func (a *applier) conclude(ctx context.Context, batch int, sent []*sentOp, batchErr error) error {
	res := state.Result{Batch: batch}
	for _, s := range sent {
		if s.result.Op == nil { // not reported: the batch ended before it
			s.result = engine.Result{Op: s.op, Err: batchErr}
			if batchErr == nil {
				s.result.Err = errors.New("the service did not say what became of it")
				s.result.InDoubt = true
			}
		}
		if s.result.Doubtful && s.result.Err != nil && !s.result.InDoubt {
			s.result.InDoubt, s.once = true, true
		}
		if s.result.InDoubt {
			continue
		}
		r := state.ResultOp{Index: s.index, OK: s.result.Err == nil, ID: s.result.ID}
		if r.OK {
			s.pending = a.pendingOf(s)
			r.Pending = s.pending
		}
		if s.result.Err != nil {
			r.Error = s.result.Err.Error()
		}
		res.Ops = append(res.Ops, r)
	}
	if len(res.Ops) > 0 {
		if err := a.journal.result(ctx, res); err != nil {
			return err
		}
	}
	for _, s := range sent {
		a.learn(s)
	}
	return nil
}

// learn takes over what a certain result says.
func (a *applier) learn(s *sentOp) {
	switch {
	case s.result.InDoubt:
	case s.releasing:
		a.waitsForRelease(s)
	case s.result.Err != nil:
		a.fail(s.op, s.result.Err)
	default:
		if s.op.Action == engine.Create {
			a.ids.Set(s.op.Addr, s.result.ID)
		}
		a.done(s.op)
	}
}

// prepare fills in late values and builds the intent of an operation.
func (a *applier) prepare(op *engine.Op, held schema.Held) (schema.Attrs, state.IntentOp, error) {
	filled, err := a.ids.Fill(op.After)
	if err != nil {
		return nil, state.IntentOp{}, err
	}
	if held.Any() {
		if op.Record.Attrs, err = a.ids.Fill(op.Record.Attrs); err != nil {
			return nil, state.IntentOp{}, err
		}
		op.After = filled
		a.withhold(op, held)
		filled = op.After
	}
	action := state.ActionUpdate
	switch op.Action {
	case engine.Create:
		action = state.ActionCreate
	case engine.Delete:
		action = state.ActionDelete
	default: // the rest are updates
	}
	record := op.Record
	if record.ID == "" && action == state.ActionUpdate {
		record.ID, _ = a.ids.Get(op.Addr)
	}
	intent, err := record.Intent(a.ids, action)
	if err != nil {
		return nil, state.IntentOp{}, err
	}
	intent.Op = fmt.Sprint(op.Seq)
	intent.Before, intent.After = engine.HashAttrs(op.Before), engine.HashAttrs(filled)
	return filled, intent, nil
}
