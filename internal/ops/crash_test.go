package ops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// A story is what the crash test tells again and again: a run dies at one of
// its events, then perhaps somebody edits the files, then another run has to
// put everything right.
type story struct {
	name    string
	before  func(*world)
	dying   applyOptions
	between func(*world)
	after   applyOptions
	// apps is how many apps the catalog has at the end.
	apps int
	// loose leaves out of the comparison what depends on how far the dead run
	// came and may: values that are let go as they stand.
	loose func(string) string
}

func (s *story) tell(w *world, dying *fate) *ops.Applied {
	if s.before != nil {
		s.before(w)
	}
	w.fate = dying
	w.apply(s.dying)
	if s.between != nil {
		s.between(w)
	}
	w.fate = forever()
	return w.apply(s.after)
}

func applied(w *world) { w.mustApply(applyOptions{}) }

func withoutHelpdesk(w *world) { w.write("helpdesk.teams.hcl", "# The helpdesk has been given up.\n") }

func stories() []story {
	return []story{
		{name: "apply", apps: 1},
		{name: "apply, helpdesk removed before the next", between: withoutHelpdesk, loose: withoutGlobalPermission},
		{name: "apply, block renamed before the next", apps: 1, between: func(w *world) {
			w.edit("main.teams.hcl", "setup_policy.trusted", "setup_policy.uploaders")
			w.edit("main.teams.hcl", `setup_policy "trusted"`, `setup_policy "uploaders"`)
		}},
		{name: "apply, policy named otherwise before the next", apps: 1, between: func(w *world) {
			w.edit("main.teams.hcl", "Trusted uploaders", "Trusted people")
		}},
		{
			name: "apply of a removal", before: func(w *world) { applied(w); withoutHelpdesk(w) },
		},
		{name: "apply of another name", apps: 1, before: func(w *world) {
			applied(w)
			w.edit("main.teams.hcl", "Trusted uploaders", "Trusted people")
		}},
		{name: "apply of another name and back", apps: 1, before: func(w *world) {
			applied(w)
			w.edit("main.teams.hcl", "Trusted uploaders", "Trusted people")
		}, between: func(w *world) { w.edit("main.teams.hcl", "Trusted people", "Trusted uploaders") }},
		{name: "apply of an update", apps: 1, before: func(w *world) {
			applied(w)
			w.edit("packages/helpdesk/manifest.json", `"1.0.0"`, `"1.1.0"`)
			w.edit("helpdesk.teams.hcl", `["activity", "chat", app.helpdesk]`, `[app.helpdesk, "chat"]`)
			w.write("trusted.csv", "upn\nana@contoso.example\ntom@contoso.example\n")
		}},
		{name: "destroy", before: applied, dying: applyOptions{destroy: true}, after: applyOptions{destroy: true}},
		{name: "destroy, then apply", apps: 1, before: applied, dying: applyOptions{destroy: true}, loose: withoutAdopted},
	}
}

func TestCrashAnywhere(t *testing.T) {
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			crashEverywhere(t, s, 1, func(int) bool { return true })
		})
	}
}

// Runs that send side by side have no fixed order of events, so a sample will do.
func TestCrashSideBySide(t *testing.T) {
	for i, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			crashEverywhere(t, s, 4, func(event int) bool { return event%9 == i%9 })
		})
	}
}

// crashEverywhere tells a story once to the end and then once per event and
// outcome of that event.
func crashEverywhere(t *testing.T, s story, parallelism int, pick func(event int) bool) {
	s.dying.parallelism, s.after.parallelism = parallelism, parallelism
	dir := quickstart(t)
	whole := newWorld(t, dir)
	life := forever()
	if err := clean(s.tell(whole, life)); err != nil {
		t.Fatalf("without a crash: %v", err)
	}
	want := s.ending(whole)
	whole.end()
	if len(life.log) < 10 {
		t.Fatalf("only %d events; the wrappers do not see the run", len(life.log))
	}
	// Reads before the first line of the journal are those of a plan; one of
	// them stands for all.
	planned := max(slices.Index(life.log, "append to journal")-1, 0)
	for event := planned; event < len(life.log); event++ {
		if !pick(event) {
			continue
		}
		for _, happens := range []bool{false, true} {
			if happens && strings.HasPrefix(life.log[event], "GET ") {
				continue // a read whose answer is lost is a read that was not made
			}
			name := fmt.Sprintf("event %d of %d (%s), happens: %v", event+1, len(life.log), life.log[event], happens)
			w := newWorld(t, dir)
			dying := &fate{last: event, happens: happens}
			res := s.tell(w, dying)
			if !dying.dead {
				t.Fatalf("%s: the run did not die", name)
			}
			if err := s.check(w, res, want); err != nil {
				t.Errorf("%s:\n%v", name, err)
			}
			w.end()
			if t.Failed() && !testing.Verbose() {
				return
			}
		}
	}
}

// The same with the state in files, as it is kept on a machine: a sample.
func TestCrashWithFiles(t *testing.T) {
	dir := quickstart(t)
	run := func(dying *fate) (*world, *ops.Applied) {
		if err := os.RemoveAll(filepath.Join(dir, ".teamsform")); err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, dir)
		w.local, w.fate = true, dying
		w.apply(applyOptions{})
		w.fate = forever()
		return w, w.apply(applyOptions{})
	}
	life := forever()
	whole, _ := run(life)
	want := whole.dump()
	whole.end()
	for event := 9; event < len(life.log); event += 4 {
		w, res := run(&fate{last: event, happens: event%8 == 1})
		err := clean(res)
		if err == nil {
			err = w.settled()
		}
		if d := cmp.Diff(want, w.dump()); d != "" && err == nil {
			err = errors.New(d)
		}
		left, _ := filepath.Glob(filepath.Join(dir, ".teamsform", "*journal*"))
		if len(left) > 0 && err == nil {
			err = fmt.Errorf("left behind: %v", left)
		}
		if err != nil {
			t.Errorf("event %d (%s): %v", event+1, life.log[event], err)
		}
		w.end()
	}
}

// end leaves the folder to the next world.
func (w *world) end() {
	w.close()
	w.restore()
}

// A run that puts a crash right may crash itself.
func TestCrashTwice(t *testing.T) {
	seed := uint64(20260304)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := quickstart(t)
	for _, s := range stories() {
		whole := newWorld(t, dir)
		life := forever()
		s.tell(whole, life)
		want := s.ending(whole)
		whole.end()
		for range 12 {
			first, second := random.IntN(len(life.log)), random.IntN(len(life.log))
			once := s
			before := s.before
			between := s.between
			w := newWorld(t, dir)
			once.before = nil
			if before != nil {
				before(w)
			}
			w.fate = &fate{last: first, happens: random.IntN(2) == 0}
			w.apply(s.dying)
			if between != nil {
				between(w)
			}
			once.between, once.dying = nil, s.after
			res := once.tell(w, &fate{last: second, happens: random.IntN(2) == 0})
			if err := s.check(w, res, want); err != nil {
				t.Errorf("seed %d, %s, events %d and %d:\n%v", seed, s.name, first+1, second+1, err)
			}
			w.end()
		}
	}
}

// ending is everything that the end of a story is judged by.
func (s *story) ending(w *world) string {
	end := w.dump() + "\n" + w.records()
	if s.loose != nil {
		end = s.loose(end)
	}
	return end
}

// check judges the end of a story that a crash interrupted.
func (s *story) check(w *world, res *ops.Applied, want string) error {
	if err := clean(res); err != nil {
		return fmt.Errorf("the next run: %w", err)
	}
	if d := cmp.Diff(want, s.ending(w)); d != "" {
		return fmt.Errorf("tenant or state differ from an uninterrupted run (-want +got):\n%s", d)
	}
	raw, err := w.tenant.Dump(context.Background())
	if err != nil {
		return err
	}
	if n := len(parseDump(w.t, raw).Apps); n != s.apps {
		return fmt.Errorf("%d apps in the catalog, want %d", n, s.apps)
	}
	if bytes.Count(w.disk.journal, []byte("\n")) > 1 || w.disk.aside > 0 || w.disk.leased != nil {
		return fmt.Errorf("left behind: journal %q, %d aside, lease %v", w.disk.journal, w.disk.aside, w.disk.leased)
	}
	if s.after.destroy {
		p := w.plan(s.after)
		if p.Diags.HasErrors() || !p.Plan.Empty() || p.Plan.ToRecord() > 0 {
			return fmt.Errorf("there is still something to destroy: %s\n%s", text(p.Diags), describePlan(p))
		}
		return nil
	}
	return w.settled()
}

// records is what the state remembers, without what the history alone makes:
// serials, runs, ids.
func (w *world) records() string {
	w.t.Helper()
	if w.disk.doc == nil {
		return "no state"
	}
	s, err := state.DecodeWith(bytes.NewReader(w.disk.doc), table.NewStrings(teams.PolicyTypes()...), state.DecodeOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for _, o := range s.Objects {
		c := *o
		if c.Kind == teams.App {
			c.ID = "catalog id"
		}
		c.Pending = nil // how far a change had become visible depends on the moment
		raw, err := json.Marshal(c)
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", raw)
	}
	for _, r := range s.Rows {
		fmt.Fprintf(&b, "%s %s %s %s %s\n", s.Strings.Name(r.Type), r.User, s.Strings.Name(r.Policy), s.Strings.Name(r.Addr), s.Strings.Name(r.Adopted))
	}
	for name, raw := range s.Outputs {
		fmt.Fprintf(&b, "output %s %s\n", name, raw)
	}
	return generated.ReplaceAllString(b.String(), "an id")
}

// generated matches the ids that world.newID makes.
var generated = regexp.MustCompile(`[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}`)

// withoutAdopted leaves out what adopted objects were like before: a destroy
// forgets it with the object, and the next apply adopts the object as it is.
func withoutAdopted(end string) string { return adoptedValues.ReplaceAllString(end, "") }

var adoptedValues = regexp.MustCompile(`"Adopted":\{.*?\},"Owned"`)

// withoutGlobalPermission leaves the values of the Global permission policy
// out of a dump: they are let go as they stand.
func withoutGlobalPermission(dump string) string {
	return globalPermission.ReplaceAllString(dump, "")
}

var globalPermission = regexp.MustCompile(`(?s)"TeamsAppPermissionPolicy": \[\s*\{\s*"name": "Global".*?\}\s*\}`)
