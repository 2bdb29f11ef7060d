package applying

import (
	"context"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// rowDone is a batch of rows that was sent.
type rowDone struct {
	op    *engine.RowOp
	batch int
	res   engine.RowResult
}

// people counts the rows that were carried out, if the batch was. Ending the
// row of somebody who has left is done; giving them a policy is not.
func (d rowDone) people() int {
	if d.op.Assign {
		return len(d.op.Rows) - len(d.res.Gone)
	}
	return len(d.op.Rows)
}

// rowBatch sends one batch of rows: intent, call, result.
func (a *applier) rowBatch(ctx context.Context, op *engine.RowOp) error {
	what := a.describeRows(op)
	if a.stopped(ctx) {
		a.leave(Problem{What: what, Count: len(op.Rows)})
		return nil
	}
	if by := a.rowsHeldBy(op); by != "" {
		a.rowsProblem(op, Problem{What: what, HeldBy: by, Count: len(op.Rows)}, EventHeld)
		return nil
	}
	batch, err := a.journal.intent(ctx, state.Intent{Rows: a.rowIntent(op)})
	if err != nil {
		return err
	}
	a.rowsEvent(op, EventStart, len(op.Rows), nil)
	done := rowDone{op, batch, a.in.Table.Apply(ctx, a.in.Strings, op)}
	if !done.res.InDoubt {
		if err := a.journal.result(ctx, rowOutcome(done, nil)); err != nil {
			return err
		}
	}
	a.mu.Lock()
	a.touched = append(a.touched, done)
	a.mu.Unlock()
	if done.res.Err != nil && !done.res.InDoubt {
		a.rowsProblem(op, Problem{What: what, Err: done.res.Err, Count: len(op.Rows)}, EventFailed)
		return nil
	}
	a.skipGone(done)
	if n := done.people(); n > 0 && !done.res.InDoubt {
		a.mu.Lock()
		a.out.Done += n
		a.mu.Unlock()
		a.rowsEvent(op, EventDone, n, nil)
	}
	return nil
}

// skipGone notes people who were to get a policy and do not exist any more.
func (a *applier) skipGone(d rowDone) {
	if !d.op.Assign {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, i := range d.res.Gone {
		a.out.Gone = append(a.out.Gone, a.in.Table.Name(d.op.Rows[i].Row.User))
	}
	slices.Sort(a.out.Gone)
}

func (a *applier) describeRows(op *engine.RowOp) string {
	verb := "assign"
	if !op.Assign {
		verb = "unassign"
	}
	return fmt.Sprintf("%s %s %q", verb, engine.TypeWords(a.in.Strings.Name(op.Type)), a.in.Strings.Name(op.Policy))
}

func (a *applier) rowsHeldBy(op *engine.RowOp) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, need := range op.Needs {
		if a.failed[need] {
			return need.String()
		}
	}
	return ""
}

// rowsProblem counts a batch that failed or was held back.
func (a *applier) rowsProblem(op *engine.RowOp, p Problem, t EventType) {
	a.mu.Lock()
	if t == EventHeld {
		a.out.Held += p.Count
	} else {
		a.out.Failed += p.Count
		a.removeFails = a.removeFails || !op.Assign
	}
	if len(op.Rows) > 0 {
		p.Addr, _ = addr.Parse(a.in.Strings.Name(op.Rows[0].Row.Addr))
	}
	a.out.Problems = append(a.out.Problems, p)
	a.mu.Unlock()
	a.rowsEvent(op, t, p.Count, p.Err)
}

// rowsEvent tells of a batch of rows.
func (a *applier) rowsEvent(op *engine.RowOp, t EventType, count int, err error) {
	action := "unassign"
	if op.Assign {
		action = "assign"
	}
	a.send(Event{
		Type: t, Phase: op.Phase, Kind: a.in.Strings.Name(op.Type), Policy: a.in.Strings.Name(op.Policy), Action: action,
		What: a.describeRows(op), Count: count, Err: err,
	})
}

// rowIntent announces a batch of rows.
func (a *applier) rowIntent(op *engine.RowOp) *state.IntentRows {
	names := a.in.Strings
	in := &state.IntentRows{Type: names.Name(op.Type), Policy: names.Name(op.Policy), Action: state.RowsSet}
	if !op.Assign {
		in.Action = state.RowsUnset
		in.Policy = ""
	}
	first := table.Sym(0)
	differ := false
	for i, r := range op.Rows {
		if i == 0 {
			first = r.Row.Addr
		}
		differ = differ || r.Row.Addr != first
		in.Users = append(in.Users, r.Row.User)
		in.Before = append(in.Before, names.Name(r.Before))
		in.Adopt = in.Adopt || op.Assign && r.Reason == engine.ReasonNotOurs
	}
	in.Addr = names.Name(first)
	if differ {
		for _, r := range op.Rows {
			in.Addrs = append(in.Addrs, names.Name(r.Row.Addr))
		}
	}
	return in
}

// rowOutcome is the result line of a batch. missing are the indexes that the
// read-back did not find, nil before it.
func rowOutcome(d rowDone, missing []int) state.Result {
	r := &state.ResultRows{OK: d.res.Err == nil || d.res.InDoubt}
	if !r.OK {
		r.Error = d.res.Err.Error()
	}
	for _, i := range d.res.Gone {
		if d.op.Assign {
			r.Failed = append(r.Failed, state.RowFailure{Index: i, Error: "the person does not exist any more"})
		}
	}
	for _, i := range missing {
		if !slices.Contains(d.res.Gone, i) {
			r.Failed = append(r.Failed, state.RowFailure{Index: i, Error: errText(d.res.Err)})
		}
	}
	return state.Result{Batch: d.batch, Rows: r}
}

func errText(err error) string {
	if err == nil {
		return "it was not to be seen afterwards"
	}
	return err.Error()
}

// readBackRows looks once, after all rows were sent, at what the people
// concerned hold now. One look is enough for any number of batches.
func (a *applier) readBackRows(ctx context.Context) error {
	open := slices.DeleteFunc(a.touched, func(d rowDone) bool { return d.res.Err != nil && !d.res.InDoubt })
	wait := readBackFirst
	for try := 1; len(open) > 0; try++ {
		missing, err := a.lookRows(ctx, open)
		if err != nil {
			for _, d := range open {
				a.rowsUnseen(d, fmt.Errorf("it could not be read back: %w", err))
			}
			return nil
		}
		var still []rowDone
		for i, d := range open {
			if len(missing[i]) > 0 && try < readBackTries {
				still = append(still, d)
				continue
			}
			if err := a.concludeRows(ctx, d, missing[i]); err != nil {
				return err
			}
		}
		if open = still; len(open) == 0 {
			break
		}
		if err := a.in.Sleep(ctx, wait); err != nil {
			for _, d := range open {
				a.rowsUnseen(d, err)
			}
			return nil
		}
		wait *= 2
	}
	return nil
}

// lookRows returns, per batch, the indexes whose row is not as it was sent.
func (a *applier) lookRows(ctx context.Context, open []rowDone) ([][]int, error) {
	var users []table.ID
	for _, d := range open {
		for _, r := range d.op.Rows {
			users = append(users, r.Row.User)
		}
	}
	slices.SortFunc(users, table.ID.Compare)
	users = slices.Compact(users)
	a.send(Event{Type: EventCheck, Phase: engine.MoveRows, Kind: "policy_assignment", What: "policy assignments", Count: len(users)})
	var rows []table.Row
	if err := a.in.Table.RowsOf(ctx, a.in.Strings, users, func(r table.Row) { rows = append(rows, r) }); err != nil {
		return nil, err
	}
	table.Sort(rows)
	missing := make([][]int, len(open))
	for i, d := range open {
		for j, r := range d.op.Rows {
			at, held := slices.BinarySearchFunc(rows, r.Row, table.CompareKey)
			there := held && rows[at].Policy == d.op.Policy
			if there != d.op.Assign && !slices.Contains(d.res.Gone, j) {
				missing[i] = append(missing[i], j)
			}
		}
	}
	return missing, nil
}

// concludeRows settles doubts, and reports rows that were accepted and are not
// there.
func (a *applier) concludeRows(ctx context.Context, d rowDone, missing []int) error {
	if d.res.InDoubt {
		if err := a.journal.result(ctx, rowOutcome(d, missing)); err != nil {
			return err
		}
		a.mu.Lock()
		a.out.Done += d.people() - len(missing)
		a.mu.Unlock()
	}
	if len(missing) == 0 {
		return nil
	}
	err := d.res.Err
	if !d.res.InDoubt && a.in.Table.Delay().Window > 0 {
		return a.rowsWait(ctx, d, missing)
	}
	if !d.res.InDoubt {
		err = notThere(a.in.Table.Delay())
		a.mu.Lock()
		a.out.Done -= len(missing)
		a.mu.Unlock()
	}
	a.rowsProblem(d.op, Problem{What: a.describeRows(d.op), Err: err, Count: len(missing)}, EventFailed)
	return nil
}

func (a *applier) rowsUnseen(d rowDone, err error) {
	if d.res.InDoubt {
		err = d.res.Err
	} else {
		a.mu.Lock()
		a.out.Done -= d.people()
		a.mu.Unlock()
	}
	a.rowsProblem(d.op, Problem{What: a.describeRows(d.op), Err: err, Count: len(d.op.Rows)}, EventFailed)
}
