package state_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/state"
)

// service is the tenant's side of an apply: what was sent, and what of it the
// journal has confirmed.
type service struct {
	sent      []string
	confirmed []string
}

// apply walks through one run: settle a journal that is there, make three
// policies in two batches, fold, write. It stops at the first error, as a
// process that dies would.
func apply(ctx context.Context, b *state.Local, run string, svc *service) error {
	held, err := b.Lease(ctx, state.LockInfo{Operation: "apply"})
	if err != nil {
		return err
	}
	defer func() { _ = held.Release(ctx) }()
	l, err := state.Load(ctx, b, interner())
	if err != nil {
		return err
	}
	s := l.State.Clone()
	fold := state.NewFold(s)
	w := state.NewJournalWriter(b, state.JournalHeader{Lineage: s.Lineage, Serial: s.Serial, Run: run, Started: noon})
	for batch, keys := range [][]string{{"a", "b"}, {"c"}} {
		in, res := state.Intent{Batch: batch}, state.Result{Batch: batch}
		for i, key := range keys {
			key = run + "-" + key
			in.Ops = append(in.Ops, op(state.ActionCreate, key, key))
			res.Ops = append(res.Ops, state.ResultOp{Index: i, OK: true, ID: "id-" + key})
		}
		if err := held.Check(ctx); err != nil {
			return err
		}
		if err := w.Intent(ctx, in); err != nil {
			return err
		}
		for _, op := range in.Ops {
			svc.sent = append(svc.sent, op.Key)
		}
		if err := w.Result(ctx, res); err != nil {
			return err
		}
		for _, op := range in.Ops {
			svc.confirmed = append(svc.confirmed, op.Key)
		}
		fold.Intent(uint64(2*batch+1), in)
		fold.Result(res)
	}
	next, _ := fold.State()
	next.JournalRun = run
	if _, err := next.Advance(l.State); err != nil {
		return err
	}
	_, err = b.Write(ctx, l.Meta, next)
	return err
}

// check reads what a crash left and settles it, with a healthy disk: what was
// confirmed is there; what was sent is there or in doubt; nothing else is.
func check(t *testing.T, o state.LocalOptions, svc service) {
	t.Helper()
	b := state.NewLocalOn(newFaulty(failOnce, -1), o)
	l, err := state.Load(t.Context(), b, interner())
	if err != nil {
		t.Fatalf("after the crash: %v", err)
	}
	if l.State == nil || l.Fit == state.FitForeign {
		t.Fatalf("after the crash: state %v, fit %d", l.State != nil, l.Fit)
	}
	if s := l.State.Serial; s != 42 && s != 43 {
		t.Errorf("neither the old nor the new document, but serial %d", s)
	}
	s, doubts := l.Replayed(interner())
	known, inDoubt := map[string]bool{}, map[string]bool{}
	for _, o := range s.Objects {
		known[o.Key] = true
	}
	for _, d := range doubts {
		for _, op := range d.Ops {
			inDoubt[op.Key] = true
		}
	}
	for _, key := range svc.confirmed {
		if !known[key] {
			t.Errorf("%s was confirmed and is lost", key)
		}
	}
	for _, key := range svc.sent {
		if !known[key] && !inDoubt[key] {
			t.Errorf("%s was sent and is lost", key)
		}
	}
	for _, o := range s.Objects[1:] {
		if !strings.HasPrefix(o.Key, "run-8-") || len(svc.sent) == 0 {
			t.Errorf("%s was never sent", o.Key)
		}
	}
	settle(t, b, l, s)
	if got, err := os.ReadFile(o.Path + ".backup"); err == nil {
		decode(t, got, interner())
	}
}

// settle writes the replayed state, and makes a second run on it.
func settle(t *testing.T, b *state.Local, l *state.Loaded, s *state.State) {
	t.Helper()
	if _, err := s.Advance(l.State); err != nil {
		t.Fatal(err)
	}
	write(t, b, l.Meta, s)
	svc := &service{}
	if err := apply(t.Context(), b, "run-9", svc); err != nil {
		t.Fatalf("the next run: %v", err)
	}
	l = load(t, b)
	if l.Journal != nil || l.State.Object(addr.New("setup_policy", "run-9-c")) == nil {
		t.Errorf("after the next run: journal %v", l.Journal)
	}
	dir := filepath.Dir(mustBackupPath(t, b))
	for _, name := range files(t, dir) {
		if strings.Contains(name, ".tmp-") || strings.Contains(name, "aside") {
			t.Errorf("left over: %s", name)
		}
	}
}

func mustBackupPath(t *testing.T, b *state.Local) string {
	t.Helper()
	path, err := b.BackupPath()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Whatever operation on the disk fails, and however: nothing that the service
// confirmed is lost, and the next run goes on.
func TestCrashAnywhere(t *testing.T) {
	for mode, name := range map[faultMode]string{failOnce: "fails", crashBefore: "dies before", crashAfter: "dies after", powerFailure: "loses power", powerReorder: "loses all but the newest change"} {
		t.Run(name, func(t *testing.T) {
			steps := 0
			for at := 0; ; at++ {
				o := localOptions(t.TempDir())
				s := example(interner())
				s.Objects, s.Rows, s.PendingRows = s.Objects[:1], nil, nil
				write(t, state.NewLocalOn(newFaulty(failOnce, -1), o), state.Meta{}, s)
				disk := newFaulty(mode, at)
				svc := &service{}
				err := apply(t.Context(), state.NewLocalOn(disk, o), "run-8", svc)
				if !disk.hit() {
					if err != nil {
						t.Fatal(err)
					}
					break
				}
				steps++
				t.Run(fmt.Sprintf("at %d", at), func(t *testing.T) { check(t, o, *svc) })
				if t.Failed() {
					return
				}
			}
			if steps < 30 {
				t.Errorf("only %d operations were failed", steps)
			}
		})
	}
}
