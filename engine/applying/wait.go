package applying

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// The looks of --wait: soon at first, then every half minute.
const (
	waitFirst = 10 * time.Second
	waitMost  = 30 * time.Second
)

// waitFor waits until everything that is pending is visible, that is until it
// was read so often enough, or until the time is over that was given for it. With
// tight only restrictions are waited for. What has not come by the end of its
// window has failed.
func (a *applier) waitFor(ctx context.Context, tight bool) error {
	if !a.in.Wait {
		return nil
	}
	pause := waitFirst
	for {
		open, err := a.lookPending(ctx, tight)
		if err != nil || open == 0 || a.stopped(ctx) {
			return err
		}
		now := a.in.Clock()
		if a.in.WaitFor > 0 {
			if a.waitEnds.IsZero() {
				a.waitEnds = now.Add(a.in.WaitFor)
			}
			if !now.Before(a.waitEnds) {
				a.out.WaitedOut = a.in.WaitFor
				return nil
			}
			pause = min(pause, a.waitEnds.Sub(now))
		}
		a.send(Event{Type: EventWait, Count: open})
		if err := a.in.Sleep(ctx, pause); err != nil {
			return nil // interrupted: what is pending stays so
		}
		pause = min(2*pause, waitMost)
	}
}

// lookPending reads what is pending once and returns how much is left.
func (a *applier) lookPending(ctx context.Context, tight bool) (int, error) {
	st, _ := a.journal.fold.State()
	byKind := map[string][]*state.Object{}
	var kinds []string
	for _, o := range st.Objects {
		if o.Pending == nil || a.in.Writers[o.Kind] == nil || tight && !a.tight[o.Addr] {
			continue
		}
		if byKind[o.Kind] == nil {
			kinds = append(kinds, o.Kind)
		}
		byKind[o.Kind] = append(byKind[o.Kind], o)
	}
	left := 0
	for _, kind := range kinds {
		n, err := a.lookObjects(ctx, a.in.Writers[kind], byKind[kind])
		if err != nil {
			return 0, err
		}
		left += n
	}
	if tight {
		return left, nil
	}
	n, err := a.lookPendingRows(ctx, st)
	return left + n, err
}

func (a *applier) lookObjects(ctx context.Context, writer engine.Writer, objects []*state.Object) (left int, err error) {
	var scope engine.Scope
	for _, o := range objects {
		if o.ID != "" {
			scope.Known = append(scope.Known, o.ID)
		}
	}
	found, err := list(ctx, writer, scope)
	if err != nil {
		return 0, fmt.Errorf("while waiting for %s to become visible: %w", writer.Kind().Plural, err)
	}
	now := a.in.Clock()
	for _, o := range objects {
		visible := engine.Shows(writer.Kind(), o, found[schema.FoldKey(o.Key)])
		switch settled := o.Pending.See(now, visible); {
		case settled, visible && o.Pending.Over(now):
			a.journal.fold.Visible(o)
			delete(a.tight, o.Addr)
		case o.Pending.Over(now):
			a.neverCame(o, writer.Kind())
		default:
			left++
		}
	}
	return left, nil
}

// neverCame reports a change whose window is over. Its record stays pending, so
// that the next plan says so too.
func (a *applier) neverCame(o *state.Object, k *schema.Kind) {
	if a.lost[o] {
		return
	}
	a.lost[o] = true
	a.mu.Lock()
	defer a.mu.Unlock()
	a.out.Failed++
	a.out.Problems = append(a.out.Problems, Problem{Addr: o.Addr, What: fmt.Sprintf("%s %q", k.Title, o.Key), Err: notThere(k.Delay), Count: 1})
}

func (a *applier) lookPendingRows(ctx context.Context, st *state.State) (left int, err error) {
	var users []table.ID
	for _, p := range st.PendingRows {
		users = append(users, p.Users...)
	}
	if len(users) == 0 || a.in.Table == nil {
		return 0, nil
	}
	held, err := a.heldNow(ctx, users)
	if err != nil {
		return 0, fmt.Errorf("while waiting for policy assignments to become visible: %w", err)
	}
	now := a.in.Clock()
	for _, p := range append([]*state.PendingRows(nil), st.PendingRows...) {
		missing := 0
		for i, user := range p.Users {
			old := ""
			if p.Old != nil {
				old = p.Old[i]
			}
			if got := held(p.Type, user); got != p.Policy && schema.FoldKey(got) == schema.FoldKey(old) {
				missing++
			}
		}
		switch settled := p.See(now, missing == 0); {
		case settled, missing == 0 && p.Over(now):
			a.journal.fold.VisibleRows(p)
		case p.Over(now):
			a.rowsNeverCame(p, missing)
		default:
			left += max(missing, 1)
		}
	}
	return left, nil
}

// heldNow reads which policy people hold directly, by type and person.
func (a *applier) heldNow(ctx context.Context, users []table.ID) (func(typ string, user table.ID) string, error) {
	slices.SortFunc(users, table.ID.Compare)
	users = slices.Compact(users)
	var rows []table.Row
	if err := a.in.Table.RowsOf(ctx, a.in.Strings, users, func(r table.Row) { rows = append(rows, r) }); err != nil {
		return nil, err
	}
	table.Sort(rows)
	return func(typ string, user table.ID) string {
		key := table.Row{Type: a.in.Strings.Sym(typ), User: user}
		if at, found := slices.BinarySearchFunc(rows, key, table.CompareKey); found {
			return a.in.Strings.Name(rows[at].Policy)
		}
		return ""
	}, nil
}

func (a *applier) rowsNeverCame(p *state.PendingRows, missing int) {
	if a.lost[p] {
		return
	}
	a.lost[p] = true
	what := fmt.Sprintf("assign %s %q", engine.TypeWords(p.Type), p.Policy)
	if p.Policy == "" {
		what = "unassign " + engine.TypeWords(p.Type)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.out.Failed += missing
	a.out.Problems = append(a.out.Problems, Problem{What: what, Err: notThere(a.in.Table.Delay()), Count: missing})
}
