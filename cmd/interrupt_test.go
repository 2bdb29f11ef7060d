//go:build unix

package cmd_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/state"
)

const killed = "testdata/kills"

// gate stops the first request that fits until it is opened.
type gate struct{ reached, open chan struct{} }

// gateAt has the first request of this method and path wait.
func (r *rig) gateAt(method, path string) gate {
	return r.gateOn(func(req *http.Request) bool { return req.Method == method && strings.Contains(req.URL.Path, path) })
}

// gateOn has the first request that fits wait.
func (r *rig) gateOn(fits func(*http.Request) bool) gate {
	g := gate{make(chan struct{}), make(chan struct{})}
	first := make(chan struct{}, 1)
	first <- struct{}{}
	r.watch(func(_ int, _ http.ResponseWriter, req *http.Request) pass {
		if !fits(req) {
			return through
		}
		select {
		case <-first:
			close(g.reached)
			<-g.open
		default:
		}
		return through
	})
	return g
}

func isWrite(req *http.Request) bool {
	switch {
	case req.Method == http.MethodGet, strings.HasSuffix(req.URL.Path, "/$batch"):
		return false
	case strings.HasSuffix(req.URL.Path, "/getByIds"):
		return false
	}
	return true
}

// The first interrupt lets the request that is under way come to its end,
// starts nothing new, saves, and says what is left.
func TestInterruptFinishesWhatRuns(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			r := newRig(t, killed)
			defer r.close()
			g := r.gateAt(http.MethodPost, "/appCatalogs/teamsApps")
			p := r.start("apply", "--auto-approve", "--parallelism=1")
			<-g.reached
			p.signal(signal)
			p.says("Interrupted: finishing what is under way and saving.")
			close(g.open)
			text := p.ends(130)
			for _, want := range []string{
				"Interrupted: 1 done, 0 failed, 7 not started.", "Not started", `setup_policy.pilot, create setup policy "Pilot"`,
				`assign the setup policy "Pilot" (3 people)`,
			} {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
			loaded, err := r.readState()
			if err != nil || loaded.Journal != nil || len(loaded.State.Objects) != 1 {
				t.Fatalf("state after the interrupt: %+v, %v", loaded, err)
			}
			r.watch(nil)
			r.mustHere("apply", "--auto-approve")
			r.mustHere("plan", "--detailed-exitcode")
		})
	}
}

// The second interrupt ends the run although a request hangs; the next run
// finds out what became of it.
func TestSecondInterruptStopsAtOnce(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodPost, "/appCatalogs/teamsApps")
	p := r.start("apply", "--auto-approve", "--parallelism=1")
	<-g.reached
	p.signal(os.Interrupt)
	p.says("Interrupt again to stop at once.")
	p.signal(os.Interrupt)
	p.says("Stopping at once.")
	text := p.ends(130)
	if !strings.Contains(text, "Nobody knows what became of 1 step") {
		t.Errorf("it does not speak of the step in doubt:\n%s", text)
	}
	loaded, err := r.readState()
	if err != nil || loaded.Fit != state.FitStarts {
		t.Fatalf("fit %v, %v", loaded.Fit, err)
	}
	close(g.open) // the service carries it out all the same
	r.server.CloseClientConnections()
	r.watch(nil)
	r.mustHere("apply", "--auto-approve")
	r.mustHere("plan", "--detailed-exitcode")
	if n := strings.Count(r.dump(), `"manifestId"`); n != 1 {
		t.Errorf("%d apps", n)
	}
}

// An interrupt ends the wait for a lock.
func TestInterruptWhileWaitingForTheLock(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	lease := r.lock()
	p := r.start("apply", "--auto-approve", "--lock-timeout=10m")
	p.says("Waiting for ann@laptop (apply since 09:00:00 UTC) to finish")
	p.signal(syscall.SIGTERM)
	p.ends(130)
	if err := lease.Release(context.Background()); err != nil {
		t.Fatal(err)
	}
	if r.requests() > 0 {
		t.Errorf("%d requests were sent", r.requests())
	}
}

// lock takes the lock of the state as another run.
func (r *rig) lock() state.Lease {
	r.t.Helper()
	lease, err := state.NewLocal(state.LocalOptions{
		Path: r.statePath(), NewID: func() string { return "00000000-0000-4000-8000-00000000000a" },
		Clock: func() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) },
	}).Lease(context.Background(), state.LockInfo{Operation: "apply", Who: "ann@laptop"})
	if err != nil {
		r.t.Fatal(err)
	}
	return lease
}

// An interrupt ends the wait for an answer, and nothing is changed.
func TestInterruptAtTheQuestion(t *testing.T) {
	signals := make(chan os.Signal, 1)
	r := newRig(t, killed)
	defer r.close()
	before := r.dump()
	stdio, out, errs := terminal("")
	stdio.In = reading(func([]byte) (int, error) {
		signals <- os.Interrupt
		select {} // nobody answers
	})
	stdio.Signals = signals
	code := cmd.Run(context.Background(), []string{"-C", r.dir, "apply"}, stdio)
	if code != cmd.ExitInterrupted || !strings.Contains(out.String(), "Nothing was changed.") || !strings.Contains(errs.String(), "Interrupted.") {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
	if r.dump() != before {
		t.Error("the tenant was changed")
	}
}

type reading func([]byte) (int, error)

func (f reading) Read(b []byte) (int, error) { return f(b) }

// An interrupt during a plan ends it at once: there is nothing to save.
func TestInterruptDuringAPlan(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodGet, "/appCatalogs/teamsApps")
	p := r.start("plan")
	<-g.reached
	p.signal(os.Interrupt)
	p.ends(130)
	close(g.open)
}

// A write that does not become visible is waited for; an interrupt ends the
// wait, and what was done is saved.
func TestInterruptDuringReadBack(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	waiting := make(chan struct{}, 1)
	published := false
	r.watch(func(_ int, w http.ResponseWriter, req *http.Request) pass {
		switch {
		case isWrite(req):
			published = true
			return through
		case published && strings.Contains(req.URL.Path, "/appCatalogs/teamsApps"):
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"value":[]}`)) // the list lags behind
			select {
			case waiting <- struct{}{}:
			default:
			}
			return answered
		}
		return through
	})
	p := r.start("apply", "--auto-approve", "--parallelism=1")
	<-waiting
	p.signal(os.Interrupt)
	text := p.ends(130)
	if !strings.Contains(text, "not started") {
		t.Errorf("it does not say what is left:\n%s", text)
	}
	r.watch(nil)
	r.mustHere("apply", "--auto-approve")
	r.mustHere("plan", "--detailed-exitcode")
}

// What an apply did is not lost when its state cannot be written: it lies in a
// file beside the configuration, and the command that is printed brings it back.
func TestEmergencyFile(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodPost, "/userAssignments/assign")
	p := r.start("apply", "--auto-approve")
	<-g.reached
	// A folder in the place of the file cannot be replaced by one, whoever asks.
	if err := os.MkdirAll(filepath.Join(r.statePath(), "in-the-way"), 0o700); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	text := p.ends(1)
	files, err := filepath.Glob(filepath.Join(r.dir, "emergency-*.state.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("emergency files: %v, %v\n%s", files, err, text)
	}
	info, err := os.Stat(files[0])
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	command := "teamsform -C " + r.dir + " state push " + files[0]
	if !strings.Contains(text, "\n  "+command+"\n") {
		t.Fatalf("it does not print %q:\n%s", command, text)
	}
	if err := os.RemoveAll(r.statePath()); err != nil {
		t.Fatal(err)
	}
	startIn(t, strings.Fields(command)[1:]...).ends(0)
	r.mustHere("plan", "--detailed-exitcode")
	loaded, err := r.readState()
	if err != nil || loaded.Journal != nil || len(loaded.State.Rows) != 3 {
		t.Errorf("after the push: %+v, %v", loaded, err)
	}
}

// The journal alone brings back the same.
func TestEmergencyFileIsNotNeeded(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodPost, "/userAssignments/assign")
	p := r.start("apply", "--auto-approve")
	<-g.reached
	if err := os.MkdirAll(filepath.Join(r.statePath(), "in-the-way"), 0o700); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	p.ends(1)
	if err := os.RemoveAll(r.statePath()); err != nil {
		t.Fatal(err)
	}
	r.watch(nil)
	r.mustHere("apply", "--auto-approve")
	r.mustHere("plan", "--detailed-exitcode")
}

// Of two applies at once one waits, or fails and names the other.
func TestTwoAppliesAtOnce(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodPost, "/appCatalogs/teamsApps")
	first := r.start("apply", "--auto-approve")
	<-g.reached
	sent := r.requests()
	if text := r.start("apply", "--auto-approve").ends(5); !strings.Contains(text, "is locked by") || !strings.Contains(text, "for apply since") {
		t.Errorf("it does not name the holder:\n%s", text)
	}
	waiting := r.start("apply", "--auto-approve", "--lock-timeout=5m")
	waiting.says("Waiting for ")
	if n := r.requests(); n != sent {
		t.Errorf("%d requests were sent beside the run that holds the lock", n-sent)
	}
	close(g.open)
	first.ends(0)
	if text := waiting.ends(0); !strings.Contains(text, "No changes") {
		t.Errorf("the second run had something to do:\n%s", text)
	}
}

// A run whose lock is taken away stops, and saves what it has done as long as
// nobody else has written.
func TestLockLost(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodPost, "/appCatalogs/teamsApps")
	p := r.start("apply", "--auto-approve", "--parallelism=1")
	<-g.reached
	if err := os.Remove(r.statePath() + ".lock"); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	if text := p.ends(1); !strings.Contains(text, "the lock on the state is lost") {
		t.Errorf("it does not say why:\n%s", text)
	}
	loaded, err := r.readState()
	if err != nil || loaded.State == nil || len(loaded.State.Objects) != 1 {
		t.Fatalf("state: %+v, %v", loaded, err)
	}
	r.watch(nil)
	r.mustHere("apply", "--auto-approve")
	r.mustHere("plan", "--detailed-exitcode")
}

// Where another run has written meanwhile, its state stays, and what this one
// did goes into the emergency file.
func TestLockLostToAnother(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodPost, "/configurations/TeamsAppSetupPolicy")
	p := r.start("apply", "--auto-approve", "--parallelism=1")
	<-g.reached
	if err := os.Remove(r.statePath() + ".lock"); err != nil {
		t.Fatal(err)
	}
	r.mustHere("apply", "--auto-approve")
	want, err := os.ReadFile(r.statePath())
	if err != nil {
		t.Fatal(err)
	}
	close(g.open)
	text := p.ends(1)
	if !strings.Contains(text, "has changed since it was read") || !strings.Contains(text, "state push --force "+r.dir+"/emergency-") {
		t.Errorf("it does not say what to do:\n%s", text)
	}
	if got, err := os.ReadFile(r.statePath()); err != nil || string(got) != string(want) {
		t.Errorf("the other run's state was touched: %v", err)
	}
	r.mustHere("plan", "--detailed-exitcode")
}
