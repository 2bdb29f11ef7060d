package access_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/access"
)

// cases is how many random tenants are compared.
func cases(fast, full int) int {
	if os.Getenv("TEAMSFORM_TESTS") == "full" {
		return full
	}
	return fast
}

func answerOf(v access.Verdict) answer {
	return answer{v.Discover, v.Use, v.Installed, v.Meeting, v.Pinned, v.Messaging}
}

// The model and the plain evaluator give the same answer for every person and
// app of every tenant, one by one, by class, and as a difference of two.
func TestModelAgreesWithBruteForce(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(cases(5_000, 100_000)) {
		d := dice{rand.New(rand.NewPCG(seed, 1))}
		was := d.tenant()
		is := d.change(was)
		dir := was.directory()
		before, after := access.New(was.snapshot(dir)), access.New(is.snapshot(dir))
		oneByOne(t, seed, was, before)
		oneByOne(t, seed, is, after)
		sideBySide(t, seed, was, is, access.Compare(before, after), seen)
		if t.Failed() {
			return
		}
	}
	// The seeds are fixed, so this cannot fail by chance: what is compared
	// really occurs.
	for _, what := range []string{"discover true", "discover false", "use true", "installed true", "installed false", "pinned true", "pinned false", "moved", "upload true", "upload false"} {
		if seen[what] < 100 {
			t.Errorf("%q occurs %d times only", what, seen[what])
		}
	}
}

func oneByOne(t *testing.T, seed uint64, w *world, model *access.Tenant) {
	t.Helper()
	for u, who := range w.users {
		person := model.Directory.Find(who.id)
		for _, a := range w.apps {
			place := model.FindApp(a.id)
			want, got := w.ask(u, a), answerOf(model.Verdict(person, place))
			if got != want {
				t.Errorf("seed %d: person %d, %s: the model says %+v, the rules %+v", seed, u, a.id, got, want)
			}
			e := model.Explain(person, place)
			checkExplanation(t, seed, e, want.use)
		}
		up, steps := model.ExplainUpload(person)
		if want := w.mayUpload(u); up.Personal != want || up.Team != want || up != model.Upload(person) {
			t.Errorf("seed %d: person %d: upload %+v, the rules say %v", seed, u, up, want)
		} else if !slices.ContainsFunc(steps, func(s access.Step) bool { return s.Decides && s.OK == want }) {
			t.Errorf("seed %d: person %d: no step decides upload %v: %+v", seed, u, want, steps)
		}
	}
}

// checkExplanation holds the chain against the verdict: one step decides, all
// before it said yes, and it says what the verdict says.
func checkExplanation(t *testing.T, seed uint64, e access.Explanation, use bool) {
	t.Helper()
	for _, s := range e.Steps {
		if !s.Decides && !s.OK {
			t.Errorf("seed %d: %s says no and does not decide", seed, s.Rule)
		}
		if !s.Decides {
			continue
		}
		if s.OK != use || e.Decision != s.Text || s.Text == "" {
			t.Errorf("seed %d: %s decides %v, the verdict is %v", seed, s.Rule, s.OK, use)
		}
		return
	}
	t.Errorf("seed %d: nothing decides", seed)
}

// sideBySide compares classes and changes with the difference of two worlds.
func sideBySide(t *testing.T, seed uint64, was, is *world, c *access.Comparison, seen map[string]int) {
	t.Helper()
	ids := map[string]bool{}
	for _, w := range []*world{was, is} {
		for _, a := range w.apps {
			ids[a.id] = true
		}
	}
	got, want := map[string]string{}, map[string]string{}
	for _, ch := range c.Changes() {
		app := ""
		if ch.App >= 0 {
			app = c.App(ch.App).ID
		}
		if len(ch.Causes) == 0 && ch.Ability != access.Pinned {
			t.Errorf("seed %d: %s of %s changes and nothing causes it", seed, ch.Ability, app)
		}
		for person := range c.Before.Directory.People {
			if c.ClassOf(person) == ch.Class {
				got[fmt.Sprint(person, " ", ch.Ability, " ", app)] = fmt.Sprint(ch.Gain, ch.From, ch.To)
			}
		}
	}
	total := 0
	for i := range c.Classes {
		total += c.Classes[i].Count
	}
	if total != len(was.users) {
		t.Errorf("seed %d: classes hold %d of %d people", seed, total, len(was.users))
	}
	for u := range was.users {
		person := c.Before.Directory.Find(was.users[u].id)
		if a, b := was.mayUpload(u), is.mayUpload(u); a != b {
			want[fmt.Sprint(person, " upload ")] = fmt.Sprint(b, 0, 0)
		}
		for id := range ids {
			differ(want, fmt.Sprint(person), id, answerTo(was, u, id), answerTo(is, u, id))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seed %d: changes (-rules +model):\n%s", seed, diff)
	}
	for key, value := range want {
		var person, ability, app string
		_, _ = fmt.Sscan(key, &person, &ability, &app)
		var gain bool
		var from, to int
		_, _ = fmt.Sscan(value, &gain, &from, &to)
		seen[fmt.Sprint(ability, " ", gain)]++
		if from > 0 && to > 0 {
			seen["moved"]++
		}
	}
}

func answerTo(w *world, u int, id string) answer {
	for _, a := range w.apps {
		if a.id == id {
			return w.ask(u, a)
		}
	}
	return answer{}
}

func differ(want map[string]string, person, app string, was, is answer) {
	note := func(what string, was, is bool) {
		if was != is {
			want[person+" "+what+" "+app] = fmt.Sprint(is, 0, 0)
		}
	}
	note("discover", was.discover, is.discover)
	note("use", was.use, is.use)
	note("installed", was.installed, is.installed)
	if was.pinned != is.pinned {
		want[person+" pinned "+app] = fmt.Sprint(was.pinned == 0, was.pinned, is.pinned)
	}
}
