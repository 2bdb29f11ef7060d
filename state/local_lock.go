package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// localLease is a lock of the operating system on the lock file. The system
// frees it when the process ends, however it ends; the info file may then stay
// and says nothing.
type localLease struct {
	l     *Local
	lock  *flock.Flock
	info  LockInfo
	paths localPaths
}

// errLockReplaced is the loss of a lease whose file someone removed.
var errLockReplaced = errors.New("the lock file was removed or replaced while it was held; another run may hold the lease too")

const (
	firstLockWait = time.Second
	maxLockWait   = 16 * time.Second
)

// Lease implements Backend. It waits up to LockTimeout, asking again after 1,
// 2, 4, ... 16 seconds.
func (l *Local) Lease(ctx context.Context, info LockInfo) (Lease, error) {
	p, err := l.prepare()
	if err != nil {
		return nil, fmt.Errorf("lock state: %w", err)
	}
	if info.ID == "" {
		info.ID = l.o.NewID()
	}
	if info.Created.IsZero() {
		info.Created = l.o.Clock().UTC()
	}
	if info.Path == "" {
		info.Path = p.state
	}
	lease, err := l.wait(ctx, p, info)
	if err != nil {
		return nil, err
	}
	if err := lease.settle(ctx); err != nil {
		_ = lease.Release(ctx)
		return nil, fmt.Errorf("lock state: %w", err)
	}
	return lease, nil
}

// wait asks for the lease until it has it or the time is over.
func (l *Local) wait(ctx context.Context, p localPaths, info LockInfo) (*localLease, error) {
	left, pause := l.o.LockTimeout, firstLockWait
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lease, err := l.try(p, info)
		if lease != nil || err != nil {
			return lease, err
		}
		if left <= 0 {
			return nil, l.locked(p)
		}
		if l.o.Waiting != nil && left == l.o.LockTimeout {
			l.o.Waiting(l.locked(p))
		}
		pause = min(pause, left)
		if err := l.o.Sleep(ctx, pause); err != nil {
			return nil, err
		}
		left -= pause
		pause = min(2*pause, maxLockWait)
	}
}

// try takes the lease if it is free. The own lease is asked first: on some
// systems a process does not exclude itself.
func (l *Local) try(p localPaths, info LockInfo) (*localLease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lease != nil {
		return nil, nil
	}
	lock := flock.New(p.lock, flock.SetPermissions(0o600))
	ok, err := l.tryLock(p, lock)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", p.lock, err)
	}
	if !ok {
		return nil, nil
	}
	l.lease = &localLease{l: l, lock: lock, info: info, paths: p}
	l.journal = journalFile{}
	return l.lease, nil
}

// settle says who holds the lease, and removes what a crashed run left.
func (s *localLease) settle(ctx context.Context) error {
	if err := s.Check(ctx); err != nil {
		return err
	}
	unlock, err := s.l.lockWrites(ctx, s.paths)
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.l.sweep(s.paths); err != nil {
		return err
	}
	raw, err := json.Marshal(s.info)
	if err != nil {
		return err
	}
	return s.l.replace(s.paths, s.paths.info, func(w io.Writer) error {
		_, err := w.Write(append(raw, '\n'))
		return err
	})
}

// locked describes the holder as far as it is known.
func (l *Local) locked(p localPaths) *LockedError {
	e := &LockedError{
		Path:   p.state,
		Advice: "Wait until it has finished, or let this command wait: --lock-timeout=5m. The lock ends with the process that holds it; there is nothing to remove.",
	}
	if raw, err := l.readFile(p.info); err == nil && raw != nil {
		// What cannot be read does not inform: the lock itself decides.
		_ = json.Unmarshal(raw, &e.Holder)
	}
	return e
}

// Check implements Lease.
func (s *localLease) Check(context.Context) error {
	if !s.lock.Locked() {
		return errors.New("the lease was released")
	}
	held, err := s.lock.Stat()
	if err != nil {
		return fmt.Errorf("check the lock: %w", err)
	}
	present, err := s.l.fs.Lstat(s.paths.lock)
	if err != nil || !os.SameFile(held, present) {
		return errLockReplaced
	}
	return nil
}

// Release implements Lease.
func (s *localLease) Release(context.Context) error {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if s.l.lease != s {
		return nil
	}
	s.l.journal.close()
	_ = s.l.fs.Remove(s.paths.info) // stale info is overwritten by the next run
	if err := s.lock.Close(); err != nil {
		return fmt.Errorf("release the lock: %w", err)
	}
	s.l.lease = nil
	return nil
}
