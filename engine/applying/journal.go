package applying

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// journal writes intents and results, and carries both into the fold that the
// final state comes from. It is safe for concurrent use.
type journal struct {
	in      *Input
	fold    *state.Fold
	lineage string
	serial  uint64

	mu    sync.Mutex
	run   string // "" until the first line
	seq   uint64
	batch int
}

// intent makes what a batch is about to do durable and returns the batch.
func (j *journal) intent(ctx context.Context, in state.Intent) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.in.Lease.Check(ctx); err != nil {
		return 0, fmt.Errorf("the lock on the state is lost: %w", err)
	}
	if j.run == "" {
		if err := j.open(ctx); err != nil {
			return 0, err
		}
	}
	j.batch++
	in.Batch = j.batch
	if err := j.append(ctx, state.Entry{Intent: &in}); err != nil {
		return 0, err
	}
	j.fold.Intent(j.seq, in)
	return in.Batch, nil
}

// result makes what became of a batch durable.
func (j *journal) result(ctx context.Context, res state.Result) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fold.Result(res) // it happened, whether or not the line can be written
	return j.append(ctx, state.Entry{Result: &res})
}

// quietly folds what touches state only. It needs no line of its own: a next
// plan would find the same.
func (j *journal) quietly(in state.Intent) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.batch++
	in.Batch = j.batch
	res := state.Result{Batch: in.Batch}
	for i, op := range in.Ops {
		res.Ops = append(res.Ops, state.ResultOp{Index: i, OK: true, ID: op.ID})
	}
	if in.Rows != nil {
		res.Rows = &state.ResultRows{OK: true}
	}
	j.fold.Intent(0, in)
	j.fold.Result(res)
}

// foldRows folds rows that touch state only, grouped as intents are. A row
// without a policy from before its adoption was assigned by us.
func (j *journal) foldRows(rows []table.Row, action string) {
	type key struct {
		typ, policy table.Sym
		adopted     bool
	}
	groups := map[key]*state.IntentRows{}
	var order []key
	names := j.in.Strings
	for _, r := range rows {
		k := key{r.Type, r.Policy, r.Adopted != 0}
		g := groups[k]
		if g == nil {
			g = &state.IntentRows{Type: names.Name(r.Type), Policy: names.Name(r.Policy), Action: action, Adopt: k.adopted}
			groups[k] = g
			order = append(order, k)
		}
		g.Users = append(g.Users, r.User)
		g.Addrs = append(g.Addrs, names.Name(r.Addr))
		g.Before = append(g.Before, names.Name(r.Adopted))
	}
	for _, k := range order {
		j.quietly(state.Intent{Rows: groups[k]})
	}
}

func (j *journal) open(ctx context.Context) error {
	run := j.in.NewID()
	serial := j.serial
	if j.in.Prior != nil {
		serial = j.in.Prior.Serial
	}
	line, err := json.Marshal(state.JournalHeader{
		Journal: state.JournalVersion, Lineage: j.lineage, Serial: serial, Run: run,
		Tool: j.in.Tool, Tenant: j.in.Tenant, Started: j.in.Clock().UTC(), Plan: j.in.PlanFile,
	})
	if err != nil {
		return fmt.Errorf("start the journal: %w", err)
	}
	if err := j.in.Backend.Append(ctx, 0, line); err != nil {
		return fmt.Errorf("start the journal: %w", err)
	}
	j.run = run
	return nil
}

func (j *journal) append(ctx context.Context, e state.Entry) error {
	j.seq++
	e.Seq = j.seq
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := j.in.Backend.Append(ctx, j.seq, line); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
