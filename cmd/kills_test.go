//go:build unix

package cmd_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/emulator/faults"
)

// The kill test starts the built program, kills it from outside (SIGKILL, which
// it cannot notice) at a random moment of an apply, perhaps edits the files, and
// has the next apply put everything right. The tenant is served by the test and
// knows nothing of it.
//
// A moment is either a request, before or after it was carried out, or a time.
// Every kill has a seed of its own; TEAMSFORM_KILL_SEED repeats one.

// A spoiler makes a tenant difficult: it says what becomes of request n of a run.
type spoiler struct {
	name string
	slow bool // makes a run wait for half a minute
	// fault is one of the tenant's own, in place of do.
	fault faults.Name
	do    func(random *rand.Rand, n int, w http.ResponseWriter, req *http.Request) pass
}

// What the tenant accepts and does not do is none of them: it is pending until its
// window is over, however the run ended.
//
// spoilers are the ways in which services fail, one in some eight requests.
func spoilers() []spoiler {
	refuse := func(status int, after string) func(*rand.Rand, int, http.ResponseWriter, *http.Request) pass {
		return func(random *rand.Rand, _ int, w http.ResponseWriter, _ *http.Request) pass {
			if random.IntN(8) > 0 {
				return through
			}
			if after != "" {
				w.Header().Set("Retry-After", after)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, `{"error":{"code":"Spoiled","message":"spoiled by the test"}}`)
			return answered
		}
	}
	return []spoiler{
		{name: "throttled", do: refuse(http.StatusTooManyRequests, "0")},
		{name: "outage", do: refuse(http.StatusServiceUnavailable, "0")},
		{name: "gateway", slow: true, do: refuse(http.StatusBadGateway, "0")},
		{name: "answer lost", do: func(random *rand.Rand, _ int, _ http.ResponseWriter, req *http.Request) pass {
			if isWrite(req) && random.IntN(4) == 0 {
				return lose
			}
			return through
		}},
		{name: "connection cut", slow: true, do: func(random *rand.Rand, _ int, _ http.ResponseWriter, _ *http.Request) pass {
			if random.IntN(16) == 0 {
				return cut
			}
			return through
		}},
		{name: "error in a 200", slow: true, fault: faults.ErrorIn200},
		{name: "400 but done", slow: true, fault: faults.DoneIn400},
		{name: "part of a batch", slow: true, fault: faults.PartialBatch},
	}
}

// A twist is what somebody does to the files between the kill and the next run.
type twist struct {
	name string
	do   func(*rig)
}

func twists() []twist {
	return []twist{
		{"nothing", func(*rig) {}},
		{"block removed", func(r *rig) {
			if err := os.Remove(filepath.Join(r.dir, "policy.teams.hcl")); err != nil {
				r.t.Fatal(err)
			}
		}},
		{"block renamed", func(r *rig) {
			r.edit("main.teams.hcl", "setup_policy.pilot", "setup_policy.testers")
			r.edit("main.teams.hcl", `setup_policy "pilot"`, `setup_policy "testers"`)
			r.edit("policy.teams.hcl", `permission_policy "pilot"`, `permission_policy "testers"`)
		}},
		{"policy named otherwise", func(r *rig) { r.edit("main.teams.hcl", `"Pilot"`, `"Testers"`) }},
	}
}

// kills says how many clean kills there are, and how many per spoiler.
func kills() (clean, spoiled int) {
	if n, err := strconv.Atoi(os.Getenv("TEAMSFORM_KILLS")); err == nil {
		return n * 6 / 10, (n - n*6/10 + len(spoilers()) - 1) / len(spoilers())
	}
	if os.Getenv("TEAMSFORM_TESTS") == "full" {
		return 300, 40
	}
	return 22, 1
}

func TestKills(t *testing.T) {
	if _, err := os.Stat(killed); err != nil {
		t.Fatal(err)
	}
	seed, only := uint64(time.Now().UnixNano()), os.Getenv("TEAMSFORM_KILL_SEED")
	want := map[string]string{}
	for _, tw := range twists() {
		r := newRig(t, killed)
		tw.do(r)
		r.mustHere("apply", "--auto-approve")
		want[tw.name] = r.dump()
		r.close()
	}
	whole := newRig(t, killed)
	firstWrite := -1
	var mu sync.Mutex
	whole.watch(func(n int, _ http.ResponseWriter, req *http.Request) pass {
		mu.Lock()
		defer mu.Unlock()
		if isWrite(req) && firstWrite < 0 {
			firstWrite = n
		}
		return through
	})
	began := time.Now()
	whole.start("apply", "--auto-approve").ends(0)
	k := &killer{t: t, want: want, took: time.Since(began), from: firstWrite - 1, requests: whole.requests()}
	whole.close()
	if k.from < 3 || k.requests < k.from+10 {
		t.Fatalf("%d requests, the first write is %d; the test does not see the run", k.requests, firstWrite)
	}
	if only != "" {
		k.repeat(only)
		return
	}
	clean, spoiled := kills()
	jobs := make(chan job)
	go func() {
		defer close(jobs)
		for i := range clean {
			jobs <- job{seed: seed + uint64(i)}
		}
		for n, s := range spoilers() {
			if spoiled == 1 && s.slow {
				continue
			}
			for i := range spoiled {
				jobs <- job{seed: seed + uint64(clean+n*spoiled+i), spoiler: s}
			}
		}
	}()
	var wg sync.WaitGroup
	for range 8 { // runs mostly wait
		wg.Go(func() {
			for j := range jobs {
				k.one(j)
			}
		})
	}
	wg.Wait()
	total := int(k.told.Load())
	t.Logf("first seed %d: %d runs, %d killed in the middle, %d of them with a journal, %d had ended already",
		seed, total, k.died.Load(), k.journals.Load(), k.late.Load())
	if full := os.Getenv("TEAMSFORM_TESTS") == "full" && os.Getenv("TEAMSFORM_KILLS") == ""; full && total < 500 {
		t.Errorf("%d kills, want 500", total)
	}
	if total < 25 {
		t.Errorf("%d kills, want at least 25", total)
	}
}

type job struct {
	seed    uint64
	spoiler spoiler
}

func (j job) String() string { return fmt.Sprintf("%d/%s", j.seed, j.spoiler.name) }

type killer struct {
	t        *testing.T
	want     map[string]string
	took     time.Duration // of a run that nobody kills
	from     int           // number of the request before its first write
	requests int           // how many it sends

	told, died, late, journals atomic.Int64
}

// repeat tells one kill again: SEED/SPOILER as a failure prints it.
func (k *killer) repeat(text string) {
	number, name, _ := strings.Cut(text, "/")
	seed, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		k.t.Fatalf("TEAMSFORM_KILL_SEED=%s: %v", text, err)
	}
	for _, s := range append(spoilers(), spoiler{}) {
		if s.name == name {
			k.one(job{seed, s})
		}
	}
}

// one kills a run and has the next one put everything right.
func (k *killer) one(j job) {
	k.t.Run(j.String(), func(t *testing.T) {
		random := rand.New(rand.NewPCG(j.seed, 0))
		r := newRig(t, killed)
		defer r.close()
		tw := twists()[random.IntN(len(twists()))]
		moment := k.kill(r, j, random)
		k.told.Add(1)
		loaded, err := r.readState()
		if err != nil {
			t.Fatalf("%s: the state cannot be read: %v", moment, err)
		}
		if loaded.Journal != nil {
			k.journals.Add(1)
		}
		tw.do(r)
		r.watch(nil)
		code, text := r.here("apply", "--auto-approve")
		if code != cmd.ExitOK {
			t.Fatalf("%s, %s: the next apply: exit code %d\n%s", moment, tw.name, code, text)
		}
		if d := cmp.Diff(k.want[tw.name], r.dump()); d != "" {
			t.Errorf("%s, %s: the tenant (-want +got):\n%s", moment, tw.name, d)
		}
		if code, text := r.here("plan", "--detailed-exitcode"); code != cmd.ExitOK || strings.Contains(text, "to record") {
			t.Errorf("%s, %s: the plan is not empty: exit code %d\n%s", moment, tw.name, code, text)
		}
		if left := r.left(); len(left) > 0 {
			t.Errorf("%s, %s: left behind: %v", moment, tw.name, left)
		}
	})
}

// kill starts an apply and kills it; it returns the moment in words.
func (k *killer) kill(r *rig, j job, random *rand.Rand) string {
	at, after := k.from+random.IntN(k.requests-k.from), random.IntN(2) == 0
	delay := time.Duration(random.Int64N(int64(k.took)))
	byTime := random.IntN(3) == 0
	moment := fmt.Sprintf("killed at request %d of about %d, after it was carried out: %v", at, k.requests, after)
	if byTime {
		moment = fmt.Sprintf("killed after %v of about %v", delay, k.took)
	}
	ready := make(chan struct{})
	var p *process
	var mu sync.Mutex // guards random, which spoilers share
	r.watch(func(n int, w http.ResponseWriter, req *http.Request) pass {
		<-ready
		if isWrite(req) {
			if _, err := r.readState(); err != nil {
				r.t.Errorf("during the run the state cannot be read: %v", err)
			}
		}
		if !byTime && n == at && !after {
			_ = p.cmd.Process.Kill()
			return cut
		}
		how := through
		if j.spoiler.do != nil {
			mu.Lock()
			how = j.spoiler.do(random, n, w, req)
			mu.Unlock()
		}
		if !byTime && n == at && how == through {
			_ = p.cmd.Process.Kill()
			return lose
		}
		return how
	})
	if j.spoiler.fault != "" {
		r.tenant.Faults().Add(faults.Fault{Name: j.spoiler.fault, Percent: 25, Seed: int(j.seed % 1000)})
		defer r.tenant.Faults().Clear()
	}
	p = r.start("apply", "--auto-approve")
	if byTime {
		timer := time.AfterFunc(delay, func() { _ = p.cmd.Process.Kill() })
		defer timer.Stop()
	}
	close(ready)
	<-p.end
	if p.code == -1 {
		k.died.Add(1)
	} else {
		k.late.Add(1)
	}
	return moment
}
