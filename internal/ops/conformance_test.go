package ops_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/teams"
)

// The conformance suite: every kind walks through its life (create, change,
// reorder, unset, clear, delete, adopt, import), first in a tenant where all goes
// well, then in one where something goes wrong all the time. Each step must come
// to the same tenant and the same state as where all goes well: so nothing is
// lost, nothing made twice, and the state has exactly what was done. While a
// fault lasts, a plan after the apply is empty or pending; and at no moment may
// anybody do what they may neither before nor after the step.

// conformanceFaults are all that the full layer goes through. Those that the
// service would recover from are struck in turn, so that something gets through.
func conformanceFaults() []string {
	return []string{
		"throttle:retry-after=2,percent=30,seed=1", "throttle:percent=30,seed=2", "refuse:status=503,retry-after=1,percent=30,seed=3", "refuse:status=500,percent=20,seed=4",
		"cut:percent=15,seed=5", "lost-answer:every=2", "no-op:times=1", "error-in-200:every=2", "400-but-done:every=2", "partial-batch:every=2",
		"lag:for=2m", "lag:for=3h", "list-lag:for=10m", "flapping:for=5m", "slow-publish:for=1h", "slow-delete:for=2h", "slow-unassign:for=10m",
	}
}

// Every kind has a row, and every row says something about every step.
func TestConformanceIsComplete(t *testing.T) {
	var rows []string
	for _, r := range conformanceRows() {
		rows = append(rows, r.kind)
		for _, step := range conformanceSteps() {
			_, has := r.steps[step]
			if not := r.not[step]; has == (not != "") {
				t.Errorf("%s, %s: there is either a step or a reason why there is none", r.kind, step)
			}
		}
		if _, err := emulator.ParseFault(r.fault); err != nil {
			t.Errorf("%s: %v", r.kind, err)
		}
	}
	for _, k := range teams.Kinds().Kinds() {
		if !slices.Contains(rows, k.Name) {
			t.Errorf("%s is registered and has no row in conformanceRows", k.Name)
		}
		if k.Delay.Window == 0 {
			t.Errorf("%s does not say how long reads may lag behind its changes", k.Name)
		}
	}
}

func TestConformance(t *testing.T) {
	for _, row := range conformanceRows() {
		t.Run(row.kind, func(t *testing.T) {
			t.Parallel()
			want := walk(t, row, "", nil)
			list := []string{row.fault}
			if fullLayer() {
				list = conformanceFaults()
			}
			for _, fault := range list {
				t.Run(fault, func(t *testing.T) { walk(t, row, fault, want) })
			}
		})
	}
}

// conformancePeople is the directory of every walk.
func conformancePeople() string {
	var users []string
	for i := range genUsers {
		users = append(users, fmt.Sprintf(`{"upn":%q}`, genUser(i)))
	}
	return fmt.Sprintf(
		`{"users":[%s],"groups":[{"name":"Group 0","members":["u3@contoso.example"]},{"name":"Group 1","members":["u3@contoso.example","u4@contoso.example"]}]}`, strings.Join(users, ","))
}

// conformance is the world of one walk.
type conformance struct {
	*world
	packages *packages
	row      conformanceRow
	fault    string
}

// walk takes a kind through its life and returns what each step came to. want is
// what it must come to; nil accepts anything that plans as empty afterwards.
func walk(t *testing.T, row conformanceRow, fault string, want map[string]string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	icons(t, dir)
	writeFile(t, dir+"/people.json", conformancePeople())
	c := &conformance{world: newWorldLike(t, dir, emulator.Options{AccessModel: row.model}), row: row, fault: fault}
	defer c.close()
	c.packages = newPackages(c.world)
	c.write("main.teams.hcl", c.config(""))
	c.mustApply(applyOptions{})
	got := map[string]string{}
	for _, step := range conformanceSteps() {
		if _, has := row.steps[step]; !has {
			continue
		}
		if err := c.step(step); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		got[step] = c.dump() + c.records()
		if d := cmp.Diff(want[step], got[step]); want != nil && d != "" {
			t.Fatalf("%s: tenant or state are not as where all goes well (-want +got):\n%s", step, d)
		}
	}
	return got
}

func (c *conformance) config(blocks string) string {
	model := c.row.model
	if model == "" {
		model = emulator.ModelPolicies
	}
	return "tenant {\n  driver = \"emulated\"\n  people = \"people.json\"\n  access_model = \"" + model + "\"\n}\n" + c.row.base + "\n" + blocks + "\n"
}

// wrong switches the fault on, counting from the start.
func (c *conformance) wrong(on bool) {
	c.t.Helper()
	ctx := context.Background()
	if err := c.tenant.ClearFaults(ctx); err != nil {
		c.t.Fatal(err)
	}
	if !on || c.fault == "" {
		return
	}
	f, err := emulator.ParseFault(c.fault)
	if err == nil {
		err = c.tenant.AddFaults(ctx, f)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// step brings the tenant to the next configuration while the fault lasts, then
// looks at it when all is well again.
func (c *conformance) step(step string) error {
	c.later(7 * 24 * time.Hour)
	if f := c.row.before[step]; f != nil {
		f(c)
	}
	c.later(7 * 24 * time.Hour)
	c.write("main.teams.hcl", c.config(c.row.steps[step]))
	watched := c.watch()
	c.wrong(true)
	err := c.reach()
	c.wrong(false)
	c.see = nil
	if err != nil {
		return err
	}
	c.later(7 * 24 * time.Hour) // whatever is late has come
	if err := c.reach(); err != nil {
		return fmt.Errorf("when all is well again: %w", err)
	}
	if err := c.settled(); err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	return watched(step)
}

// reach applies until a plan is empty, as a pipeline does that runs every hour.
// An accepted change that is never to be seen is sent again as its message says.
func (c *conformance) reach() error {
	var last error
	for range 8 {
		c.fate = forever()
		res := c.apply(applyOptions{adopt: true})
		last = clean(res)
		p := c.plan(applyOptions{adopt: true})
		neverSeen := strings.Contains(text(res.Diags)+text(p.Diags), "Accepted, but never to be seen")
		switch {
		case neverSeen:
			c.recordTenant()
		case p.Diags.HasErrors():
			last = errors.New(text(p.Diags))
		case last == nil && p.Plan.Empty():
			return nil
		case last == nil:
			last = fmt.Errorf("the plan after the apply is not empty:\n%s", describePlan(p))
		}
		c.later(time.Hour)
	}
	return last
}

// recordTenant is apply --refresh-only.
func (c *conformance) recordTenant() {
	op := &ops.Apply{Runtime: c.runtime(), Source: c.source(), Choice: ops.Choice{RefreshOnly: true}, Parallelism: 1}
	if res := op.Run(context.Background()); res.Diags.HasErrors() {
		c.t.Errorf("apply --refresh-only: %s", text(res.Diags))
	}
	c.fate.bury()
}

// watch notes what everybody may do now and after each write. What it returns
// compares that with the end.
func (c *conformance) watch() func(step string) error {
	before := c.rights()
	during := map[string]string{}
	c.see = func(r *http.Request) {
		if isWrite(r) {
			for right := range c.rights() {
				during[right] = r.Method + " " + r.URL.Path
			}
		}
	}
	return func(step string) error {
		after := c.rights()
		for right, write := range during {
			if !before[right] && !after[right] {
				return fmt.Errorf("%s: %s in passing, after %s", step, right, write)
			}
		}
		return nil
	}
}

// rights are what people may do, as sentences.
func (c *conformance) rights() map[string]bool {
	out := map[string]bool{}
	for i := range genUsers {
		e, err := c.tenant.Effective(context.Background(), genUser(i))
		if err != nil {
			c.t.Fatal(err)
		}
		if e.MayUpload {
			out[e.UPN+" may upload"] = true
		}
		for _, app := range e.Usable {
			out[e.UPN+" may use "+app] = true
		}
	}
	return out
}
