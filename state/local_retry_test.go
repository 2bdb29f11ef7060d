package state_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/teamsform/teamsform/state"
)

var errBusy = errors.New("the file is in use by another process")

// busy is a disk on which a file stays in use for a while when it is to be
// replaced or removed, as on Windows.
type busy struct {
	state.FileSystem
	times int // how often an operation is refused
	asked int
}

func (b *busy) refuse() error {
	if b.asked++; b.asked <= b.times {
		return errBusy
	}
	b.asked = 0
	return nil
}

func (b *busy) Transient(err error) bool { return errors.Is(err, errBusy) }

func (b *busy) Rename(from, to string) error {
	if err := b.refuse(); err != nil {
		return err
	}
	return b.FileSystem.Rename(from, to)
}

func (b *busy) Remove(name string) error {
	if err := b.refuse(); err != nil {
		return err
	}
	return b.FileSystem.Remove(name)
}

func TestLocalWaitsForABusyFile(t *testing.T) {
	o := localOptions(t.TempDir())
	waits := &noSleep{}
	o.Sleep = waits.sleep
	b := state.NewLocalOn(&busy{FileSystem: state.Disk(), times: 3}, o)
	s := example(interner())
	meta := write(t, b, state.Meta{}, s)
	if len(waits.slept) != 3 || waits.slept[0] != 50*time.Millisecond {
		t.Errorf("waited %v", waits.slept)
	}
	lease(t, b)
	h := header()
	w := state.NewJournalWriter(b, h)
	if err := w.Intent(t.Context(), state.Intent{Batch: 1}); err != nil {
		t.Fatal(err)
	}
	next := s.Clone()
	next.Serial, next.JournalRun = 43, h.Run
	write(t, b, meta, next)
	if l := load(t, b); l.Journal != nil || l.State.Serial != 43 {
		t.Errorf("serial %d, journal %v", l.State.Serial, l.Journal)
	}
}

func TestLocalGivesUpOnABusyFile(t *testing.T) {
	o := localOptions(t.TempDir())
	waits := &noSleep{}
	o.Sleep = waits.sleep
	b := state.NewLocalOn(&busy{FileSystem: state.Disk(), times: 1000}, o)
	if _, err := b.Write(t.Context(), state.Meta{}, example(interner())); !errors.Is(err, errBusy) {
		t.Errorf("got %v", err)
	}
	if len(waits.slept) != 10 {
		t.Errorf("waited %d times", len(waits.slept))
	}
	if _, err := os.Stat(o.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a document is there: %v", err)
	}
}

// An error that does not go away by itself is told at once. Whichever operation
// it is, an error means that the old document counts or the new one is whole.
func TestLocalDoesNotRetryOtherErrors(t *testing.T) {
	for at := 0; ; at++ {
		o := localOptions(t.TempDir())
		waits := &noSleep{}
		o.Sleep = waits.sleep
		disk := newFaulty(failOnce, at)
		_, err := state.NewLocalOn(disk, o).Write(t.Context(), state.Meta{}, example(interner()))
		if !disk.hit() {
			if err != nil || at < 5 {
				t.Fatalf("%v after %d operations", err, at)
			}
			return
		}
		if len(waits.slept) != 0 {
			t.Errorf("operation %d: waited %v", at, waits.slept)
		}
		l := load(t, state.NewLocal(o))
		if err == nil && l.State == nil {
			t.Errorf("operation %d failed, the write did not, and nothing is there", at)
		}
	}
}

// The default wait ends with its context, and with its time.
func TestDefaultSleep(t *testing.T) {
	o := localOptions(t.TempDir())
	lease(t, state.NewLocal(o))
	o.Sleep, o.LockTimeout = nil, time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := state.NewLocal(o).Lease(ctx, state.LockInfo{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	o.LockTimeout = time.Microsecond
	var locked *state.LockedError
	if _, err := state.NewLocal(o).Lease(t.Context(), state.LockInfo{}); !errors.As(err, &locked) {
		t.Errorf("got %v", err)
	}
}

// Nothing is written by one who was told to stop.
func TestLocalCanceled(t *testing.T) {
	o := localOptions(t.TempDir())
	b := state.NewLocal(o)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	if _, err := b.Write(ctx, state.Meta{}, example(interner())); !errors.Is(err, context.Canceled) {
		t.Errorf("write: %v", err)
	}
	if _, err := b.Lease(ctx, state.LockInfo{}); !errors.Is(err, context.Canceled) {
		t.Errorf("lease: %v", err)
	}
	if l := load(t, b); l.State != nil {
		t.Error("a document is there")
	}
}

// A folder in the place of the document is told, not replaced.
func TestLocalPathIsAFolder(t *testing.T) {
	o := localOptions(t.TempDir())
	if err := os.MkdirAll(o.Path, 0o700); err != nil {
		t.Fatal(err)
	}
	b := state.NewLocal(o)
	if _, err := b.Read(t.Context()); err == nil {
		t.Error("a folder was read")
	}
	if _, err := b.Write(t.Context(), state.Meta{}, example(interner())); err == nil {
		t.Error("a folder was replaced")
	}
}

func TestDefaultPath(t *testing.T) {
	t.Chdir(t.TempDir())
	o := localOptions("")
	o.Path = ""
	write(t, state.NewLocal(o), state.Meta{}, example(interner()))
	if _, err := os.Stat(state.DefaultPath); err != nil {
		t.Error(err)
	}
}
