package state_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/state"
)

// holdEnv makes the test binary take the lease of the state it names, say so,
// and wait to be killed.
const holdEnv = "TEAMSFORM_TEST_HOLD_LEASE"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdEnv); path != "" {
		hold(path)
	}
	os.Exit(m.Run())
}

func hold(path string) {
	o := localOptions("")
	o.Path = path
	b := state.NewLocal(o)
	if _, err := b.Lease(context.Background(), state.LockInfo{Operation: "apply", Who: "child@host"}); err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	w := state.NewJournalWriter(b, header())
	in := state.Intent{Batch: 1, Ops: []state.IntentOp{op(state.ActionCreate, "child", "Child")}}
	if err := w.Intent(context.Background(), in); err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString("held\n")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until killed
	os.Exit(0)
}

// The lease of a process that is killed is free at once, although its info
// stays; its journal is found.
func TestLeaseOfAKilledProcess(t *testing.T) {
	o := localOptions(t.TempDir())
	b := state.NewLocal(o)
	write(t, b, state.Meta{}, example(interner()))
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), holdEnv+"="+o.Path)
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || line != "held\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	var locked *state.LockedError
	if _, err := b.Lease(t.Context(), state.LockInfo{}); !errors.As(err, &locked) || locked.Holder.Who != "child@host" {
		t.Errorf("while the child holds it: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // says that it was killed
	if _, err := os.Stat(o.Path + ".lock.info"); err != nil {
		t.Errorf("the info of the killed process: %v", err)
	}
	held := lease(t, b)
	if err := held.Check(t.Context()); err != nil {
		t.Error(err)
	}
	l := load(t, b)
	if _, doubts := l.Replayed(interner()); l.Fit != state.FitStarts || len(doubts) != 1 || doubts[0].Ops[0].Key != "Child" {
		t.Errorf("the child's journal: fit %d, %v", l.Fit, doubts)
	}
}

func TestTwoLeases(t *testing.T) {
	o := localOptions(t.TempDir())
	one := state.NewLocal(o)
	held, err := one.Lease(t.Context(), state.LockInfo{
		Operation: "apply", Info: "nightly", Who: "ann@laptop", Version: "0.1.0", RunURL: "https://ci.example/7",
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*state.Local{"the same backend": one, "another backend": state.NewLocal(o)} {
		_, err := b.Lease(t.Context(), state.LockInfo{})
		var locked *state.LockedError
		if !errors.As(err, &locked) {
			t.Fatalf("%s: %v", name, err)
		}
		for _, word := range []string{o.Path, "by ann@laptop", "for apply", "since 2026-03-04 12:00:00 UTC", "(nightly)", "https://ci.example/7", "id-001", "--lock-timeout", "nothing to remove"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q is not in: %v", name, word, err)
			}
		}
		if d := diag.FromError("Lock", err)[0]; diag.ClassOf(d) != diag.ClassRefused {
			t.Errorf("%s: class %v", name, diag.ClassOf(d))
		}
	}
	if err := held.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := held.Release(t.Context()); err != nil {
		t.Errorf("releasing twice: %v", err)
	}
	if err := held.Check(t.Context()); err == nil {
		t.Error("a released lease checks")
	}
	again := lease(t, state.NewLocal(o))
	if err := held.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if err := again.Check(t.Context()); err != nil {
		t.Errorf("an old lease released a new one: %v", err)
	}
}

// The record has the fields that people know from Terraform.
func TestLockInfoFields(t *testing.T) {
	o := localOptions(t.TempDir())
	lease(t, state.NewLocal(o))
	raw, err := os.ReadFile(o.Path + ".lock.info")
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range got {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"Created", "ID", "Info", "Operation", "Path", "Version", "Who"}; !slices.Equal(names, want) {
		t.Errorf("fields are %v", names)
	}
	if got["Path"] != o.Path || got["Created"] != "2026-03-04T12:00:00Z" || got["ID"] == "" {
		t.Errorf("the record is %v", got)
	}
}

// The info file only informs: garbage in it says that the holder is not known.
func TestLockInfoGarbage(t *testing.T) {
	o := localOptions(t.TempDir())
	held := lease(t, state.NewLocal(o))
	if err := os.WriteFile(o.Path+".lock.info", []byte("{{{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := state.NewLocal(o).Lease(t.Context(), state.LockInfo{})
	if err == nil || !strings.HasPrefix(err.Error(), o.Path+" is locked.") {
		t.Errorf("got %v", err)
	}
	if err := held.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Path+".lock.info", []byte("stale"), 0o600); err != nil {
		t.Fatal(err)
	}
	lease(t, state.NewLocal(o))
}

func TestLeaseWaits(t *testing.T) {
	o := localOptions(t.TempDir())
	held := lease(t, state.NewLocal(o))
	waits := &noSleep{}
	o.LockTimeout, o.Sleep = 40*time.Second, waits.sleep
	var locked *state.LockedError
	if _, err := state.NewLocal(o).Lease(t.Context(), state.LockInfo{}); !errors.As(err, &locked) {
		t.Fatalf("got %v", err)
	}
	if want := []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 9e9}; !slices.Equal(waits.slept, want) {
		t.Errorf("waited %v, want %v", waits.slept, want)
	}
	o.Sleep = func(ctx context.Context, _ time.Duration) error { return held.Release(ctx) }
	got, err := state.NewLocal(o).Lease(t.Context(), state.LockInfo{})
	if err != nil {
		t.Fatalf("after the holder has finished: %v", err)
	}
	defer got.Release(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	o.Sleep = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	if _, err := state.NewLocal(o).Lease(ctx, state.LockInfo{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted while waiting: %v", err)
	}
}

// Someone who deletes the lock file lets two runs in: the first one notices.
func TestLeaseLost(t *testing.T) {
	o := localOptions(t.TempDir())
	held := lease(t, state.NewLocal(o))
	if err := held.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(o.Path + ".lock"); err != nil {
		t.Skip("an open file cannot be removed here:", err)
	}
	if err := held.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "removed") {
		t.Errorf("got %v", err)
	}
	lease(t, state.NewLocal(o))
	if err := held.Check(t.Context()); err == nil {
		t.Error("a second run holds the lease, and the first has not noticed")
	}
}

// A write waits for another write, not for a lease, and not for ever.
func TestWriteWaits(t *testing.T) {
	o := localOptions(t.TempDir())
	lease(t, state.NewLocal(o))
	b := state.NewLocal(o)
	first := write(t, b, state.Meta{}, example(interner()))
	unlock := lockFile(t, o.Path+".lock.write")
	s := example(interner())
	s.Serial = 43
	if _, err := b.Write(t.Context(), first, s); err == nil || !strings.Contains(err.Error(), "another process has been writing") {
		t.Errorf("got %v", err)
	}
	o.Sleep = func(context.Context, time.Duration) error { unlock(); return nil }
	write(t, state.NewLocal(o), first, s)
	if got := files(t, filepath.Dir(o.Path)); !slices.Contains(got, "state.json.lock") {
		t.Errorf("files are %v", got)
	}
}
