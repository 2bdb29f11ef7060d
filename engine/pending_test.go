package engine_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// slowToy is a tenant whose shelves take two hours to show a change.
func slowToy(t *testing.T) *toyTenant {
	tt := newToyTenant(t)
	tt.kinds.Kind("shelf").Delay = schema.Delay{Window: 2 * time.Hour, Why: "a shelf takes two hours", Lost: "shelves without screws fall down"}
	return tt
}

// freeze has listings show the tenant as it is now, until thaw.
func (tt *toyTenant) freeze() {
	tt.stale = map[string]map[string]*engine.Object{}
	for kind, all := range tt.objects {
		tt.stale[kind] = map[string]*engine.Object{}
		for key, o := range all {
			c := *o
			c.Attrs = maps.Clone(o.Attrs)
			tt.stale[kind][key] = &c
		}
	}
}

func (tt *toyTenant) thaw() { tt.stale = nil }

const (
	redShelf  = `shelf "s" { colour = "red" }`
	blueShelf = `shelf "s" { colour = "blue" }`
)

// changed brings a shelf from red to blue while listings go on showing red.
func changedShelf(t *testing.T) (*toyTenant, *state.State) {
	t.Helper()
	tt := slowToy(t)
	s, _ := tt.apply(tt.mustPlan(redShelf, nil), nil)
	tt.freeze()
	s, out := tt.apply(tt.mustPlan(blueShelf, s), s)
	if out.Done != 1 || out.Failed+out.Held != 0 || len(out.Waiting) != 1 || out.Waiting[0].Addr.String() != "shelf.s" {
		t.Fatalf("outcome %+v", out)
	}
	if p := s.Objects[0].Pending; p == nil || string(p.Old) != `{"colour":"red"}` || string(p.New) != `{"colour":"blue"}` || !p.Lagged {
		t.Fatalf("pending %+v", p)
	}
	return tt, s
}

func waiting(p *engine.Plan) [2]int {
	changes, deletions := p.Waiting()
	return [2]int{changes, deletions}
}

// Without the window the first reading after a change would be taken for a
// change by another hand, and be changed back for ever.
func TestOldValueInsideTheWindowIsOurs(t *testing.T) {
	tt, s := changedShelf(t)
	p := tt.mustPlan(blueShelf, s)
	if !p.Empty() || p.ToRecord() != 0 || waiting(p) != [2]int{1, 0} {
		t.Errorf("plan: %v, %d to record, waiting %v", steps(p), p.ToRecord(), waiting(p))
	}
	s.Objects[0].Pending = nil
	if p := tt.mustPlan(blueShelf, s); p.Empty() || p.Changes[0].Reason != engine.ReasonDrift {
		t.Errorf("the window is not what keeps it from being drift: %v", steps(p))
	}
}

// A change of the file inside the window starts from what was sent.
func TestChangeInsideTheWindow(t *testing.T) {
	tt, s := changedShelf(t)
	p := tt.mustPlan(`shelf "s" { colour = "green" }`, s)
	if len(p.Changes) != 1 || p.Changes[0].Attrs[0].Before != "blue" || p.Changes[0].Drifted {
		t.Fatalf("plan: %v, %+v", steps(p), p.Changes[0].Attrs[0])
	}
	s, _ = tt.apply(p, s)
	for _, colour := range []string{"red", "blue", "green"} { // all ours
		tt.stale["shelf"]["s"].Attrs["colour"] = colour
		if p := tt.mustPlan(`shelf "s" { colour = "green" }`, s); !p.Empty() {
			t.Errorf("%s: %v", colour, steps(p))
		}
	}
	tt.stale["shelf"]["s"].Attrs["colour"] = "pink"
	if p := tt.mustPlan(`shelf "s" { colour = "green" }`, s); p.Empty() || !p.Changes[0].Drifted {
		t.Errorf("a value of somebody else's is taken for ours")
	}
}

func TestThirdValueIsDriftAtAnyTime(t *testing.T) {
	for _, later := range []time.Duration{0, time.Hour, 3 * time.Hour} {
		tt, s := changedShelf(t)
		tt.thaw()
		tt.put("shelf", "s", "id-1", schema.Attrs{"colour": "pink"})
		tt.now = tt.now.Add(later)
		p := tt.mustPlan(blueShelf, s)
		if len(p.Changes) != 1 || !p.Changes[0].Drifted || p.Changes[0].Attrs[0].Prior != "blue" || !p.DriftOnly() {
			t.Errorf("after %s: %v", later, steps(p))
		}
	}
}

// What is not to be seen when the window is over is an error that says what may
// be behind it, and how to send it again.
func TestOldValueAfterTheWindow(t *testing.T) {
	tt, s := changedShelf(t)
	tt.now = tt.now.Add(2*time.Hour + time.Minute)
	_, diags := tt.plan(blueShelf, s)
	if len(diags) != 1 || diags[0].Summary != "Accepted, but never to be seen" || diags[0].Subject == nil {
		t.Fatalf("diagnostics %v", diags)
	}
	for _, want := range []string{"a shelf takes two hours", "shelves without screws", "--refresh-only", "Wednesday, 4 March 2026"} {
		if !strings.Contains(diags[0].Detail, want) {
			t.Errorf("no %q in %s", want, diags[0].Detail)
		}
	}
	// A file that wants something else by now goes its way.
	if p := tt.mustPlan(redShelf, s); !p.Empty() {
		t.Errorf("back to red: %v", steps(p))
	}
	if p := tt.mustPlan(`shelf "s" { colour = "green" }`, s); len(p.Ops) != 1 {
		t.Errorf("to green: %v", steps(p))
	}
	if p := tt.mustPlan("", s); len(p.Ops) != 1 || p.Ops[0].Action != engine.Delete {
		t.Errorf("block gone: %v", steps(p))
	}
}

// Equal reads end the window early: three of them over a minute, where a read
// has lagged before. Then a former value is drift again.
func TestThreeEqualReadsEndTheWindow(t *testing.T) {
	tt, s := changedShelf(t)
	tt.thaw()
	for i := range 3 {
		tt.now = tt.now.Add(40 * time.Second)
		p := tt.mustPlan(blueShelf, s)
		if !p.Empty() || waiting(p) != [2]int{0, 0} {
			t.Fatalf("read %d: %v", i+1, steps(p))
		}
		if s, _ = tt.apply(p, s); (s.Objects[0].Pending == nil) != (i == 2) {
			t.Fatalf("after read %d: pending %+v", i+1, s.Objects[0].Pending)
		}
	}
	tt.put("shelf", "s", "id-1", schema.Attrs{"colour": "red"})
	if p := tt.mustPlan(blueShelf, s); p.Empty() {
		t.Error("a change back by another hand goes unnoticed after the window")
	}
}

// Reads in between that show the former value start the count anew, and so do
// reads that follow too closely.
func TestFlappingReadsKeepTheWindowOpen(t *testing.T) {
	tt, s := changedShelf(t)
	old := tt.stale
	for range 4 {
		for _, stale := range []map[string]map[string]*engine.Object{nil, nil, old} {
			tt.now = tt.now.Add(50 * time.Second)
			tt.stale = stale
			s, _ = tt.apply(tt.mustPlan(blueShelf, s), s)
			if s.Objects[0].Pending == nil {
				t.Fatal("the window ended although reads still flap")
			}
		}
	}
	tt.thaw()
	for range 6 {
		tt.now = tt.now.Add(5 * time.Second)
		s, _ = tt.apply(tt.mustPlan(blueShelf, s), s)
	}
	if s.Objects[0].Pending == nil {
		t.Error("six reads within half a minute ended the window")
	}
}

func TestPendingCreation(t *testing.T) {
	tt := slowToy(t)
	tt.freeze()
	s, out := tt.apply(tt.mustPlan(redShelf, nil), nil)
	if out.Done != 1 || len(out.Waiting) != 1 {
		t.Fatalf("outcome %+v", out)
	}
	if p := tt.mustPlan(redShelf, s); !p.Empty() || waiting(p) != [2]int{1, 0} {
		t.Errorf("it is made again: %v", steps(p))
	}
	// Its block goes while it is not listed yet: it must not stay behind.
	if p := tt.mustPlan("", s); len(p.Ops) != 1 || p.Ops[0].Action != engine.Delete || p.Ops[0].ID != "id-1" {
		t.Errorf("block gone: %v", steps(p))
	}
	tt.now = tt.now.Add(3 * time.Hour)
	if _, diags := tt.plan(redShelf, s); !diags.HasErrors() || !strings.Contains(diags[0].Detail, "the creation of shelf.s") {
		t.Errorf("after the window: %v", diags)
	}
}

func TestPendingDeletion(t *testing.T) {
	tt := slowToy(t)
	s, _ := tt.apply(tt.mustPlan(redShelf, nil), nil)
	tt.freeze()
	s, out := tt.apply(tt.mustPlan("", s), s)
	if out.Done != 1 || len(out.Waiting) != 1 || !out.Waiting[0].Deletion || len(s.Objects) != 1 {
		t.Fatalf("outcome %+v, %d records", out, len(s.Objects))
	}
	p := tt.mustPlan("", s)
	if !p.Empty() || p.ToRecord() != 0 || waiting(p) != [2]int{0, 1} {
		t.Errorf("plan: %v, waiting %v", steps(p), waiting(p))
	}
	// Listed again after it was gone: still ours, until three reads agree.
	lagging := tt.stale
	tt.thaw()
	tt.now = tt.now.Add(time.Minute)
	s, _ = tt.apply(tt.mustPlan("", s), s)
	tt.stale = lagging
	if p := tt.mustPlan("", s); !p.Empty() || len(p.Unmanaged) != 0 {
		t.Errorf("listed again: %v, unmanaged %v", steps(p), p.Unmanaged)
	}
	tt.thaw()
	for range 3 {
		tt.now = tt.now.Add(time.Minute)
		s, _ = tt.apply(tt.mustPlan("", s), s)
	}
	if len(s.Objects) != 0 {
		t.Errorf("the record stays: %+v", s.Objects[0])
	}
	tt.put("shelf", "s", "id-9", schema.Attrs{"colour": "pink"})
	if p := tt.mustPlan(`shelf "t" {}`, s); len(p.Unmanaged) != 1 {
		t.Errorf("a new one by another hand: %v", steps(p))
	}
}

func TestDeletionThatNeverComes(t *testing.T) {
	tt := slowToy(t)
	s, _ := tt.apply(tt.mustPlan(redShelf, nil), nil)
	tt.freeze()
	s, _ = tt.apply(tt.mustPlan("", s), s)
	tt.now = tt.now.Add(3 * time.Hour)
	if _, diags := tt.plan("", s); !diags.HasErrors() || !strings.Contains(diags[0].Detail, "the deletion of shelf.s") {
		t.Errorf("diagnostics %v", diags)
	}
	if p := tt.mustPlan(redShelf, s); !p.Empty() || p.ToRecord() != 1 {
		t.Errorf("the block is back: %v, %d to record", steps(p), p.ToRecord())
	}
}

// Somebody deletes the object while our change is pending: that is no lag.
func TestDeletedWhilePending(t *testing.T) {
	tt, s := changedShelf(t)
	tt.stale["shelf"] = map[string]*engine.Object{}
	p := tt.mustPlan(blueShelf, s)
	if len(p.Ops) != 1 || p.Ops[0].Action != engine.Create || p.Changes[0].Reason != engine.ReasonGone {
		t.Errorf("plan: %v", steps(p))
	}
}

// The block comes back while the deletion is pending: it is made anew.
func TestMadeAnewWhileDeletionIsPending(t *testing.T) {
	tt := slowToy(t)
	s, _ := tt.apply(tt.mustPlan(redShelf, nil), nil)
	tt.freeze()
	s, _ = tt.apply(tt.mustPlan("", s), s)
	p := tt.mustPlan(blueShelf, s)
	if len(p.Ops) != 1 || p.Ops[0].Action != engine.Create || len(p.Attention) != 1 {
		t.Fatalf("plan: %v, attention %v", steps(p), p.Attention)
	}
	s, _ = tt.apply(p, s)
	if p := tt.mustPlan(blueShelf, s); !p.Empty() || waiting(p) != [2]int{1, 0} { // the old self is still listed
		t.Errorf("after it: %v, waiting %v", steps(p), waiting(p))
	}
}

// Where no delay is documented, what is accepted and not there is an error of
// its own.
func TestNotThereWithoutADelay(t *testing.T) {
	tt := newToyTenant(t)
	s, _ := tt.apply(tt.mustPlan(redShelf, nil), nil)
	tt.freeze()
	s, out := tt.apply(tt.mustPlan(blueShelf, s), s)
	if out.Failed != 1 || len(out.Waiting) != 0 || !strings.Contains(out.Problems[0].Err.Error(), "no delay is known") {
		t.Errorf("outcome %+v", out)
	}
	if s.Objects[0].Pending != nil {
		t.Errorf("pending %+v", s.Objects[0].Pending)
	}
}

// Nobody gains by what follows a restriction that does not count yet.
func TestLooseningWaitsForARestriction(t *testing.T) {
	tt := slowToy(t)
	const before = `shelf "a" { open = true }
shelf "b" { open = false }`
	const after = `shelf "a" { open = false }
shelf "b" { open = true }`
	s, _ := tt.apply(tt.mustPlan(before, nil), nil)
	tt.freeze()
	s, out := tt.apply(tt.mustPlan(after, s), s)
	if out.Done != 1 || out.Held != 1 || out.Problems[0].HeldBy != "a restriction that is still becoming visible" {
		t.Fatalf("outcome %+v", out)
	}
	// Nor in the next apply, as long as it is not to be seen.
	s, out = tt.apply(tt.mustPlan(after, s), s)
	if out.Done != 0 || out.Held != 1 {
		t.Fatalf("next: outcome %+v", out)
	}
	tt.thaw()
	if _, out = tt.apply(tt.mustPlan(after, s), s); out.Done != 1 || out.Held != 0 {
		t.Errorf("when it is: outcome %+v", out)
	}
}

// With --wait the run ends when everything was read three times over a minute;
// what is never to be seen fails at the end of its window.
func TestWait(t *testing.T) {
	wait := func(most time.Duration) func(*applying.Input) {
		return func(in *applying.Input) { in.Wait, in.WaitFor = true, most }
	}
	for _, c := range []struct {
		name    string
		most    time.Duration
		visible time.Duration // 0: never
		failed  int
		left    int
		out     bool
	}{
		{name: "until it is there", visible: 10 * time.Minute},
		{name: "in time", most: time.Hour, visible: 10 * time.Minute},
		{name: "out of time", most: 5 * time.Minute, visible: 10 * time.Minute, left: 1, out: true},
		{name: "never", failed: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := slowToy(t)
			s, _ := tt.apply(tt.mustPlan(redShelf, nil), nil)
			tt.freeze()
			start := tt.now
			tt.slept = func(int) {
				if c.visible > 0 && tt.now.Sub(start) >= c.visible {
					tt.thaw()
				}
			}
			s, out := tt.apply(tt.mustPlan(blueShelf, s), s, wait(c.most))
			if out.Failed != c.failed || len(out.Waiting) != c.left || (out.WaitedOut > 0) != c.out {
				t.Errorf("outcome %+v", out)
			}
			if done := c.failed+c.left == 0; (s.Objects[0].Pending == nil) != done {
				t.Errorf("pending %+v", s.Objects[0].Pending)
			}
			if tt.lists > 400 {
				t.Errorf("%d listings", tt.lists)
			}
		})
	}
}

// A restriction is waited for before what it holds back.
func TestWaitBeforeLoosening(t *testing.T) {
	tt := slowToy(t)
	s, _ := tt.apply(tt.mustPlan(`shelf "a" { open = true }
shelf "b" { open = false }`, nil), nil)
	tt.freeze()
	start := tt.now
	tt.slept = func(int) {
		if tt.now.Sub(start) >= 10*time.Minute {
			tt.thaw()
		}
	}
	_, out := tt.apply(tt.mustPlan(`shelf "a" { open = false }
shelf "b" { open = true }`, s), s, func(in *applying.Input) { in.Wait = true })
	if out.Done != 2 || out.Held != 0 || len(out.Waiting) != 0 {
		t.Errorf("outcome %+v", out)
	}
}

// The reading right before a write accepts either value inside the window.
func TestAsBecoming(t *testing.T) {
	tt, s := changedShelf(t)
	k := tt.kinds.Kind("shelf")
	for colour, want := range map[string]string{"red": "blue", "blue": "blue", "pink": "pink"} {
		a := engine.Object{Key: "s", Attrs: schema.Attrs{"name": "s", "colour": colour}}
		if got := engine.AsBecoming(k, s.Objects[0], a, tt.now).Attrs["colour"]; got != want {
			t.Errorf("%s reads as %s", colour, got)
		}
	}
	a := engine.Object{Key: "s", Attrs: schema.Attrs{"name": "s", "colour": "red"}}
	if got := engine.AsBecoming(k, s.Objects[0], a, tt.now.Add(3*time.Hour)).Attrs["colour"]; got != "red" {
		t.Errorf("after the window it reads as %s", got)
	}
}
