package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/gofrs/flock"
)

// Holding is what can be said of a lease by looking at it from outside.
type Holding struct {
	Path string // what the lease is for
	Held bool   // a living run holds it
	// Info is what the holder wrote about itself. Without a holder it is what a
	// run that was killed left behind. nil: nothing, or nothing readable.
	Info *LockInfo
	// Left says that there is no holder, but its note is still there.
	Left bool
}

// Locker is an optional ability of a backend: to tell who holds its lease, and
// to clean up after a run that has gone.
type Locker interface {
	// Holder looks at the lease and changes nothing.
	Holder(ctx context.Context) (Holding, error)
	// ClearLock removes what a run that has gone left. It returns what it found:
	// with Held nothing was removed, because a living run is never pushed aside.
	ClearLock(ctx context.Context) (Holding, error)
}

// BackupKeeper is an optional ability of a backend: it keeps the document as it
// was before the last run that wrote it.
type BackupKeeper interface {
	BackupPath() (string, error)
	ReadBackup(ctx context.Context) ([]byte, error)
}

var (
	_ Locker       = (*Local)(nil)
	_ BackupKeeper = (*Local)(nil)
)

// Holder implements Locker. Only the lock of the operating system decides: the
// info file informs, and outlives a run that was killed. A shared lock is
// tried for the look, so that two looks never meet.
func (l *Local) Holder(context.Context) (Holding, error) {
	return l.look(func(lock *flock.Flock) (bool, error) { return lock.TryRLock() }, nil)
}

// ClearLock implements Locker. The lease is held while the note is removed, so
// that a run which starts meanwhile does not lose its own.
func (l *Local) ClearLock(context.Context) (Holding, error) {
	return l.look(func(lock *flock.Flock) (bool, error) { return lock.TryLock() }, func(p localPaths) error {
		err := l.retry(func() error { return l.fs.Remove(p.info) })
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// look finds out whether the lease is free by taking it for a moment. clear,
// if any, runs in that moment when a note was left.
func (l *Local) look(take func(*flock.Flock) (bool, error), clear func(localPaths) error) (Holding, error) {
	p, err := l.paths()
	if err != nil {
		return Holding{}, fmt.Errorf("look at the lock: %w", err)
	}
	h := Holding{Path: p.state}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lease != nil {
		h.Held, h.Info = true, &l.lease.info
		return h, nil
	}
	if _, err := l.fs.Lstat(p.lock); errors.Is(err, fs.ErrNotExist) {
		return h, nil // nothing was ever locked: looking leaves no file behind
	}
	lock := flock.New(p.lock, flock.SetPermissions(0o600))
	free, err := take(lock)
	if err != nil {
		return h, fmt.Errorf("look at the lock %s: %w", p.lock, err)
	}
	if free {
		defer func() { _ = lock.Close() }()
	}
	h.Held = !free
	raw, err := l.readFile(p.info)
	if err != nil {
		return h, fmt.Errorf("look at the lock: %w", err)
	}
	var info LockInfo
	if raw != nil && json.Unmarshal(raw, &info) == nil {
		h.Info = &info
	}
	h.Left = free && raw != nil
	if h.Left && clear != nil {
		if err := clear(p); err != nil {
			return h, fmt.Errorf("remove %s: %w", p.info, err)
		}
	}
	return h, nil
}

// tryLock takes the lock if it is free. A lock without a note about its holder
// may be somebody's look at it, which is over in a moment: a run must not fail
// for that.
func (l *Local) tryLock(p localPaths, lock *flock.Flock) (bool, error) {
	for range 5 {
		if ok, err := lock.TryLock(); ok || err != nil {
			return ok, err
		}
		if _, err := l.fs.Lstat(p.info); err == nil {
			return false, nil
		}
		if l.o.Sleep(context.Background(), 20*time.Millisecond) != nil {
			break
		}
	}
	return lock.TryLock()
}
