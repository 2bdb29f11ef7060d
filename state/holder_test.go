package state_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/teamsform/teamsform/state"
)

func holder(t *testing.T, b state.Locker) state.Holding {
	t.Helper()
	h, err := b.Holder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHolderOfAFreshFolder(t *testing.T) {
	dir := t.TempDir()
	o := localOptions(dir)
	b := state.NewLocal(o)
	if h := holder(t, b); h.Held || h.Left || h.Info != nil || h.Path != o.Path {
		t.Errorf("got %+v", h)
	}
	if h, err := b.ClearLock(t.Context()); err != nil || h.Held || h.Left {
		t.Errorf("got %+v, %v", h, err)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("looking left %v", got)
	}
}

func TestHolderOfALivingRun(t *testing.T) {
	o := localOptions(t.TempDir())
	one := state.NewLocal(o)
	held := lease(t, one)
	for name, b := range map[string]*state.Local{"the same backend": one, "another backend": state.NewLocal(o)} {
		h := holder(t, b)
		if !h.Held || h.Left || h.Info == nil || h.Info.Who != "ann@laptop" || h.Info.Operation != "apply" || !h.Info.Created.Equal(noon) {
			t.Errorf("%s: got %+v", name, h)
		}
		if h, err := b.ClearLock(t.Context()); err != nil || !h.Held || h.Info == nil {
			t.Errorf("%s: clear: %+v, %v", name, h, err)
		}
	}
	if err := held.Check(t.Context()); err != nil {
		t.Errorf("the run lost its lease: %v", err)
	}
	if _, err := os.Stat(o.Path + ".lock.info"); err != nil {
		t.Errorf("the note of a living run: %v", err)
	}
	if err := held.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h := holder(t, state.NewLocal(o)); h.Held || h.Left {
		t.Errorf("after the end: %+v", h)
	}
}

// The note of a run that was killed outlives it. The lock decides.
func TestHolderGone(t *testing.T) {
	for name, note := range map[string]string{
		"a note":           `{"ID":"id-9","Operation":"apply","Who":"ann@laptop","Created":"2026-03-04T12:00:00Z"}`,
		"an unreadable":    "{{{",
		"an empty":         "",
		"of other version": `{"ID":7}`,
	} {
		o := localOptions(t.TempDir())
		b := state.NewLocal(o)
		if err := lease(t, b).Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		info := o.Path + ".lock.info"
		if err := os.WriteFile(info, []byte(note), 0o600); err != nil {
			t.Fatal(err)
		}
		h := holder(t, b)
		if h.Held || !h.Left || (h.Info != nil) != (name == "a note") {
			t.Errorf("%s: got %+v", name, h)
		}
		if _, err := os.Stat(info); err != nil {
			t.Errorf("%s: looking removed the note: %v", name, err)
		}
		if h, err := b.ClearLock(t.Context()); err != nil || h.Held || !h.Left {
			t.Errorf("%s: clear: %+v, %v", name, h, err)
		}
		if _, err := os.Stat(info); err == nil {
			t.Errorf("%s: the note is still there", name)
		}
		if h := holder(t, b); h.Left {
			t.Errorf("%s: after clearing: %+v", name, h)
		}
		lease(t, state.NewLocal(o))
	}
}

// The lock of another process counts although it left no note.
func TestHolderUnknown(t *testing.T) {
	o := localOptions(t.TempDir())
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	unlock := lockFile(t, o.Path+".lock")
	b := state.NewLocal(o)
	if h := holder(t, b); !h.Held || h.Info != nil || h.Left {
		t.Errorf("got %+v", h)
	}
	unlock()
	if h := holder(t, b); h.Held {
		t.Errorf("after the end: %+v", h)
	}
}

// A run that starts while someone looks at the lock waits for the look to end,
// which is not the same as waiting for another run.
func TestLeaseDuringALook(t *testing.T) {
	o := localOptions(t.TempDir())
	if err := lease(t, state.NewLocal(o)).Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	look := flock.New(o.Path + ".lock")
	if ok, err := look.TryRLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer func() { _ = look.Close() }()
	if h := holder(t, state.NewLocal(o)); h.Held {
		t.Errorf("two looks meet: %+v", h)
	}
	var waits []time.Duration
	o.Sleep = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		if len(waits) == 2 {
			_ = look.Close()
		}
		return nil
	}
	lease(t, state.NewLocal(o))
	if want := []time.Duration{20 * time.Millisecond, 20 * time.Millisecond}; !slices.Equal(waits, want) {
		t.Errorf("waited %v, want %v", waits, want)
	}
}

// A lock that is not given back and has no note is another run's in the end.
func TestLeaseAfterALongLook(t *testing.T) {
	o := localOptions(t.TempDir())
	waits := &noSleep{}
	o.Sleep = waits.sleep
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	lockFile(t, o.Path+".lock")
	if _, err := state.NewLocal(o).Lease(t.Context(), state.LockInfo{}); err == nil {
		t.Error("the lease was given twice")
	}
	if len(waits.slept) != 5 {
		t.Errorf("waited %v", waits.slept)
	}
}

func TestBackupKeeper(t *testing.T) {
	o := localOptions(t.TempDir())
	b := state.NewLocal(o)
	var keeper state.BackupKeeper = b
	if raw, err := keeper.ReadBackup(t.Context()); raw != nil || err != nil {
		t.Errorf("got %q, %v", raw, err)
	}
	meta := write(t, b, state.Meta{}, example(interner()))
	s := example(interner())
	s.Serial++
	old, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, state.NewLocal(o), meta, s)
	raw, err := keeper.ReadBackup(t.Context())
	if err != nil || string(raw) != string(old) {
		t.Errorf("the backup is not the document before: %v", err)
	}
	if path, err := keeper.BackupPath(); err != nil || path != o.Path+".backup" {
		t.Errorf("got %s, %v", path, err)
	}
}
