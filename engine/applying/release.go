package applying

import (
	"context"
	"fmt"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
)

// A policy that somebody holds cannot be deleted, and the service counts those
// who held it until a moment ago for a while longer (policy-plane facts 2.5). So
// a refusal that follows an unassignment of ours is no failure yet: it is tried
// again for as long as a read-back takes, and if that is not enough the deletion
// waits for the next apply.

// retryReleased sends refused deletions of policies again whose last holders
// this run has moved away.
func (a *applier) retryReleased(ctx context.Context, writer engine.Writer, sent []*sentOp) error {
	wait := readBackFirst
	for range readBackTries - 1 {
		var again []*engine.Op
		byOp := map[*engine.Op]*sentOp{}
		for _, s := range sent {
			if a.wasReleased(s) {
				again = append(again, s.op)
				byOp[s.op] = s
			}
		}
		if len(again) == 0 || a.stopped(ctx) {
			return nil
		}
		if err := a.in.Sleep(ctx, wait); err != nil {
			return nil // interrupted: what was refused stays so
		}
		wait *= 2
		if err := writer.Apply(ctx, again, func(r engine.Result) { byOp[r.Op].result = r }); err != nil {
			return nil // the refusals stand
		}
	}
	for _, s := range sent {
		s.releasing = a.wasReleased(s)
	}
	return nil
}

// wasReleased reports whether an operation is a refused deletion of a policy
// that this plan takes away from people or groups.
func (a *applier) wasReleased(s *sentOp) bool {
	if s.op.Action != engine.Delete || !s.op.Kind.HasHolders || s.result.Err == nil || s.result.InDoubt {
		return false
	}
	names, key := a.in.Strings, schema.FoldKey(s.op.Key)
	for _, op := range a.in.Plan.RowOps {
		if names.Name(op.Type) != s.op.Kind.Name {
			continue
		}
		for _, r := range op.Rows {
			if schema.FoldKey(names.Name(r.Before)) == key {
				return true
			}
		}
	}
	for _, op := range a.in.Plan.Ops {
		if op.Kind.HolderOf == nil {
			continue
		}
		if kind, held := op.Kind.HolderOf(withKey(op)); kind == s.op.Kind.Name && schema.FoldKey(held) == key && op.Action != engine.Create {
			return true
		}
	}
	if a.in.Prior == nil {
		return false
	}
	for _, p := range a.in.Prior.PendingRows {
		for _, old := range p.Old {
			if p.Type == s.op.Kind.Name && schema.FoldKey(old) == key {
				return true
			}
		}
	}
	return false
}

// withKey are the values that an assignment had before an operation; an update
// that keeps the type leaves it out.
func withKey(op *engine.Op) schema.Attrs {
	attrs := schema.Attrs{}
	for name, v := range op.Record.Attrs {
		attrs[name] = v
	}
	for name, v := range op.Before {
		attrs[name] = v
	}
	return attrs
}

// waitsForRelease notes a deletion that has to wait for the next apply.
func (a *applier) waitsForRelease(s *sentOp) {
	delay := s.op.Kind.Delay
	a.mu.Lock()
	a.removeWaits = true
	a.later = append(a.later, Waiting{
		Addr: s.op.Addr, What: describe(s.op), Count: 1, Deletion: true, Until: a.in.Clock().Add(delay.Window),
		Why: fmt.Sprintf("the service counts those who held it for a while longer; the next apply deletes it: %v", s.result.Err),
	})
	a.mu.Unlock()
	a.event(EventPending, s.op, nil)
}
