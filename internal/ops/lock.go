package ops

import (
	"context"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/state"
)

// LockShow tells who holds the lock. It takes nothing and writes nothing.
type LockShow struct {
	Runtime *Runtime
	Source  Source
}

// Unlock cleans up after a run that has gone. A living run keeps its lock.
type Unlock struct {
	Runtime *Runtime
	Source  Source
	ID      string // of the lock that is meant; "" for whichever there is
}

// Locked is what can be said of the lock.
type Locked struct {
	state.Holding
	// Interrupted says that a run left a journal: the next apply settles it.
	Interrupted bool
	Cleared     bool // Unlock removed what a run had left
	Files       map[string]*hcl.File
	Diags       hcl.Diagnostics
}

// Run looks at the lock.
func (l *LockShow) Run(ctx context.Context) *Locked {
	return atLock(ctx, l.Runtime, l.Source, func(*session, state.Locker, *Locked) {})
}

// Run removes what a run that has gone left beside the lock.
func (u *Unlock) Run(ctx context.Context) *Locked {
	return atLock(ctx, u.Runtime, u.Source, func(s *session, locker state.Locker, out *Locked) {
		u.clear(ctx, s, locker, out)
	})
}

func (u *Unlock) clear(ctx context.Context, s *session, locker state.Locker, out *Locked) {
	if u.ID != "" && out.Info != nil && !strings.EqualFold(u.ID, out.Info.ID) {
		s.refuse("Another lock", "The lock is %s, not %s: another run has taken it since. Look again with teamsform lock show.", out.Info.ID, u.ID)
		return
	}
	if !out.Held {
		var err error
		if out.Holding, err = locker.ClearLock(ctx); err != nil {
			s.fail("Lock cannot be cleared", err)
			return
		}
		out.Cleared = out.Left && !out.Held
	}
	if !out.Held {
		return
	}
	held := &state.LockedError{Path: out.Path, Advice: "The run that holds it is alive, and a lock of a living run is not broken: two runs would then write at once. " +
		"Wait until it has finished, or stop its process; the lock ends with it and there is nothing to remove."}
	if out.Info != nil {
		held.Holder = *out.Info
	}
	s.fail("State is locked", held)
}

func atLock(ctx context.Context, rt *Runtime, src Source, then func(*session, state.Locker, *Locked)) *Locked {
	out := &Locked{}
	s := open(ctx, rt, src, 0)
	defer s.close()
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	if !s.ok() {
		return out
	}
	locker, ok := s.backend.(state.Locker)
	if !ok {
		s.diags = append(s.diags, diag.Error(nil, "Lock cannot be looked at", "This state backend cannot tell who holds its lock. Look where it keeps the lock."))
		return out
	}
	var err error
	if out.Holding, err = locker.Holder(ctx); err != nil {
		s.fail("Lock cannot be looked at", err)
		return out
	}
	if snap, err := s.backend.Read(ctx); err != nil {
		s.fail("State cannot be read", err)
	} else if !out.Held {
		out.Interrupted = s.openJournal(snap, nil) != nil
	}
	if s.ok() {
		then(s, locker, out)
	}
	return out
}

// holder names who holds a lock for a sentence: who, for what and since when.
func holder(h state.LockInfo) string {
	if h.Who == "" {
		return "another run"
	}
	s := h.Who
	if h.Operation != "" {
		s += " (" + h.Operation
		if !h.Created.IsZero() {
			s += " since " + h.Created.UTC().Format("15:04:05 UTC")
		}
		s += ")"
	}
	return s
}
