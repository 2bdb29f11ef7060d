package applying

import (
	"context"
	"errors"
	"time"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/state"
)

// stopped reports whether nothing new may start.
func (a *applier) stopped(ctx context.Context) bool {
	interrupted := ctx.Err() != nil
	select {
	case <-a.in.Stop:
		interrupted = true
	default:
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.out.Interrupted = a.out.Interrupted || interrupted
	return interrupted || a.in.StopOnError && a.out.Failed > 0
}

// leave notes what is not started any more.
func (a *applier) leave(left ...Problem) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.out.Left = append(a.out.Left, left...)
}

func leftOps(ops []*engine.Op) []Problem {
	out := make([]Problem, len(ops))
	for i, op := range ops {
		out[i] = Problem{Addr: op.Addr, What: describe(op), Count: 1}
	}
	return out
}

// untilStopped is a sleep that the first interrupt ends: the wait for a write
// to become visible has one last look then, and no more pauses.
func (a *applier) untilStopped(sleep func(context.Context, time.Duration) error) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		waiting, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		done := make(chan struct{})
		defer close(done)
		go func() {
			select {
			case <-a.in.Stop:
				cancel(errStopped)
			case <-done:
			}
		}()
		err := sleep(waiting, d)
		if errors.Is(context.Cause(waiting), errStopped) && ctx.Err() == nil {
			return nil
		}
		return err
	}
}

var errStopped = errors.New("interrupted")

// count counts what is in doubt.
func count(doubts []state.InDoubt) int {
	n := 0
	for _, d := range doubts {
		n += len(d.Ops)
		if d.Rows != nil {
			n += len(d.Rows.Users)
		}
	}
	return n
}
