package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// How processes share one file.
//
// bbolt takes an exclusive lock on its file for as long as the file is open.
// A process that served a tenant for an hour would shut out every other one,
// so the file is opened when a transaction needs it and closed when none has
// run for `idle`. Opening costs well under a millisecond, so a lonely process
// hardly notices.
//
// A busy process never falls idle. To be fair to others there is a second
// lock, PATH.queue: whoever wants the file takes the queue lock first, keeps
// it while waiting for the file, and gives it back once it has the file. So a
// process that has had the file for `turn` only has to try the queue lock: if
// it is taken, somebody waits. It then lets its running transactions end,
// closes the file, and queues up behind the waiter.
//
// PATH.holder is a small text that names the process which has the file, for
// the message of one that waited in vain. Nothing else depends on it.
//
// Locks belong to open files, not to processes, so two tenants in one process
// behave as two processes do. The operating system frees them on kill -9.

const (
	idle = 20 * time.Millisecond  // unused for so long: close
	turn = 100 * time.Millisecond // held for so long: look for others
	poll = 2 * time.Millisecond   // between two attempts to get a lock
)

// FileOptions say where the file is and how to wait for it.
type FileOptions struct {
	Path        string
	Holder      string        // what waiters are told about this process
	LockTimeout time.Duration // longest wait for another process
	NoSync      bool          // do not wait for the disk (tests)
}

// LockedError says that another process kept the file for too long.
type LockedError struct {
	Path   string
	Holder string // empty if unknown
	Waited time.Duration
}

func (e *LockedError) Error() string {
	holder := e.Holder
	if holder == "" {
		holder = "another process"
	}
	return fmt.Sprintf("the emulated tenant %s is in use by %s (waited %s); let it finish, or stop it, and try again", e.Path, holder, e.Waited)
}

// ErrClosed is the answer of a file after Close.
var ErrClosed = errors.New("the emulated tenant is closed")

// file is a bbolt database that is open only while it is needed.
type file struct {
	opt  FileOptions
	gate chan struct{} // taken while somebody opens, drains or closes

	mu      sync.Mutex
	db      *bbolt.DB
	inUse   int
	mature  bool          // this turn is over, others may want the file
	drained chan struct{} // closed when inUse falls to 0; nil if nobody asks
	quiet   *time.Timer   // closes the idle file
	ripe    *time.Timer   // sets mature
	closed  bool
}

func newFile(opt FileOptions) *file {
	return &file{opt: opt, gate: make(chan struct{}, 1)}
}

func (f *file) view(ctx context.Context, fn func(*bbolt.Tx) error) error {
	db, err := f.acquire(ctx)
	if err != nil {
		return err
	}
	defer f.release()
	return db.View(fn)
}

func (f *file) update(ctx context.Context, fn func(*bbolt.Tx) error) error {
	db, err := f.acquire(ctx)
	if err != nil {
		return err
	}
	defer f.release()
	return db.Update(fn)
}

// acquire gives the open database; each success needs one release.
func (f *file) acquire(ctx context.Context) (*bbolt.DB, error) {
	select {
	case f.gate <- struct{}{}:
		defer func() { <-f.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.db != nil && f.mature && f.othersWait() {
		if err := f.drain(ctx); err != nil {
			return nil, err
		}
		if err := f.shut(); err != nil {
			return nil, err
		}
	}
	if f.closed {
		return nil, ErrClosed
	}
	if f.db == nil {
		if err := f.open(ctx); err != nil {
			return nil, err
		}
	}
	f.inUse++
	f.quiet.Stop()
	return f.db, nil
}

func (f *file) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inUse--
	if f.inUse > 0 {
		return
	}
	if f.drained != nil {
		close(f.drained)
		f.drained = nil
	}
	f.quiet.Reset(idle)
}

// drain waits until no transaction runs. The caller holds mu and the gate.
func (f *file) drain(ctx context.Context) error {
	if f.inUse == 0 {
		return nil
	}
	done := make(chan struct{})
	f.drained = done
	f.mu.Unlock()
	defer f.mu.Lock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// othersWait tells whether another process queues for the file.
func (f *file) othersWait() bool {
	queue := flock.New(f.opt.Path + ".queue")
	free, err := queue.TryLock()
	if err != nil {
		return false
	}
	_ = queue.Close()
	return !free
}

// open queues for the file and opens it. The caller holds mu and the gate.
func (f *file) open(parent context.Context) error {
	ctx, cancel := context.WithTimeout(parent, f.opt.LockTimeout)
	defer cancel()
	queue := flock.New(f.opt.Path + ".queue")
	if ok, err := queue.TryLockContext(ctx, poll); err != nil || !ok {
		return f.lockError(parent, err)
	}
	defer queue.Close()
	for {
		// A timeout this short makes bbolt try once.
		db, err := bbolt.Open(f.opt.Path, 0o600, &bbolt.Options{Timeout: time.Nanosecond, NoSync: f.opt.NoSync, FreelistType: bbolt.FreelistMapType})
		if err == nil {
			f.opened(db)
			return nil
		}
		if !errors.Is(err, berrors.ErrTimeout) {
			return fmt.Errorf("open emulated tenant %s: %w", f.opt.Path, err)
		}
		select {
		case <-ctx.Done():
			return f.lockError(parent, ctx.Err())
		case <-time.After(poll):
		}
	}
}

func (f *file) opened(db *bbolt.DB) {
	f.db, f.mature = db, false
	// Only a courtesy to waiters: failing to write it harms nobody.
	_ = os.WriteFile(f.opt.Path+".holder", []byte(f.opt.Holder+"\n"), 0o600)
	f.ripe = time.AfterFunc(turn, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.db == db {
			f.mature = true
		}
	})
	f.quiet = time.AfterFunc(idle, f.closeIfQuiet)
}

func (f *file) closeIfQuiet() {
	select {
	case f.gate <- struct{}{}:
		defer func() { <-f.gate }()
	default:
		return // somebody is coming; its release starts the timer again
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.inUse == 0 {
		_ = f.shut() // everything is committed; the next open tells if the file is bad
	}
}

// shut closes the database if it is open. The caller holds mu.
func (f *file) shut() error {
	if f.db == nil {
		return nil
	}
	f.quiet.Stop()
	f.ripe.Stop()
	err := f.db.Close()
	f.db = nil
	return err
}

// close waits for running transactions and closes for good.
func (f *file) close() error {
	f.gate <- struct{}{}
	defer func() { <-f.gate }()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if err := f.drain(context.Background()); err != nil {
		return err
	}
	return f.shut()
}

func (f *file) lockError(parent context.Context, err error) error {
	if parent.Err() != nil {
		return parent.Err()
	}
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("lock emulated tenant %s: %w", f.opt.Path, err)
	}
	text, _ := os.ReadFile(f.opt.Path + ".holder")
	return &LockedError{Path: filepath.Clean(f.opt.Path), Holder: strings.TrimSpace(string(text)), Waited: f.opt.LockTimeout}
}
