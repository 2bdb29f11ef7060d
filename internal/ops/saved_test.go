package ops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/internal/teamsadmin"
	"pgregory.net/rapid"
)

// planPath is where a world saves its plan.
func (w *world) planPath() string { return filepath.Join(w.dir, ".teamsform", "plan.json") }

// save makes a plan in a healthy world and writes it to a file.
func (w *world) save(o applyOptions) *ops.Planned {
	w.t.Helper()
	fate := w.fate
	defer func() { w.fate = fate }()
	w.fate = forever()
	p := &ops.Plan{Runtime: w.runtime(), Source: w.source(), Choice: ops.Choice{Destroy: o.destroy, Adopt: o.adopt}, Out: w.planPath()}
	return p.Run(context.Background())
}

// applyFile applies the plan that was saved last.
func (w *world) applyFile(o applyOptions) *ops.Applied {
	op := &ops.Apply{Runtime: w.runtime(), Source: w.source(), PlanFile: w.planPath(), Parallelism: max(o.parallelism, 1)}
	res := op.Run(context.Background())
	w.fate.bury()
	return res
}

func (w *world) applySaved(o applyOptions) *ops.Applied {
	w.t.Helper()
	if p := w.save(o); p.Diags.HasErrors() {
		return &ops.Applied{Planned: *p}
	}
	return w.applyFile(o)
}

// fork makes a second world that is in everything like the first.
func (w *world) fork(dir string) *world {
	w.t.Helper()
	w.close()
	if err := os.RemoveAll(dir); err != nil {
		w.t.Fatal(err)
	}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(w.dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), raw, 0o644)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	own := &world{t: w.t, dir: dir, fate: forever(), now: w.now, ids: w.ids, disk: &disk{doc: bytes.Clone(w.disk.doc), meta: w.disk.meta, journal: bytes.Clone(w.disk.journal)}}
	for _, each := range []*world{w, own} {
		if each.tenant, err = emulator.Open(context.Background(), emulator.Options{
			Path: filepath.Join(each.dir, ".teamsform", "tenant.db"), Clock: each.clock, NewID: each.newID, NoSync: true,
		}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.t.Cleanup(own.close)
	return own
}

// Applying a plan by way of a file leaves the same tenant and the same state as
// applying it directly, whatever the configuration is and whatever others did.
// The file is valid, reads as the plan does, and comes back as it was.
func TestSavedPlanIsThePlan(t *testing.T) {
	checks(t, 25)
	schema := planSchema(t)
	dir, other := t.TempDir(), t.TempDir()
	icons(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		w, p := genWorld(rt, dir)
		defer w.close()
		for range rapid.IntRange(0, 1).Draw(rt, "steps before") {
			w.write("main.teams.hcl", genConfig(rt, p))
			w.meddle(rt)
			w.converge()
		}
		w.write("main.teams.hcl", genConfig(rt, p))
		w.meddle(rt)
		if strings.Contains(text(w.plan(applyOptions{adopt: true}).Diags), "Policy still in use") {
			w.letGoOfPolicies()
		}
		twin := w.fork(other)
		defer twin.close()
		planned := twin.save(applyOptions{adopt: true})
		if planned.Diags.HasErrors() {
			rt.Fatalf("plan: %s", text(planned.Diags))
		}
		checkFile(rt, schema, twin, planned)
		direct, saved := w.apply(applyOptions{adopt: true}), twin.applyFile(applyOptions{})
		for _, res := range []*ops.Applied{direct, saved} {
			if err := clean(res); err != nil {
				rt.Fatal(err)
			}
		}
		if d := cmp.Diff(w.dump()+w.records(), twin.dump()+twin.records()); d != "" {
			rt.Fatalf("by way of a file it ends otherwise (-direct +saved):\n%s", d)
		}
		if err := twin.settled(); err != nil {
			rt.Fatal(err)
		}
		// Once is enough.
		if did := saved.Plan.Size() > 0; did {
			if res := twin.applyFile(applyOptions{}); summaries(res) != ops.SummaryPlanApplied {
				rt.Fatalf("applied again: %s", text(res.Diags))
			}
		}
	})
}

// checkFile judges the file of a plan that was just made.
func checkFile(t tester, schema *jsonschema.Schema, w *world, planned *ops.Planned) {
	t.Helper()
	raw, err := os.ReadFile(w.planPath())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	f, diags := planfile.Open(w.planPath(), teams.Kinds(), table.NewStrings(teams.PolicyTypes()...))
	if diags.HasErrors() {
		t.Fatalf("%s\n%s", text(diags), raw)
	}
	var again bytes.Buffer
	if err := planfile.Write(&again, f); err != nil {
		t.Fatal(err)
	}
	if again.String() != string(raw) {
		t.Fatalf("written again it differs:\n%s", cmp.Diff(string(raw), again.String()))
	}
	var before, after strings.Builder
	for b, p := range map[*strings.Builder]*planfile.File{&before: planned.Saved, &after: f} {
		if err := view.Plan(b, view.Style{}, p.Plan, view.PlanOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(before.String(), after.String()); d != "" {
		t.Fatalf("the file reads otherwise than the plan (-plan +file):\n%s", d)
	}
}

func planSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema", "plan.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("plan.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// summaries are the errors of a run in short.
func summaries(res *ops.Applied) string {
	return strings.Join(onlyErrors(res), "; ")
}

func onlyErrors(res *ops.Applied) []string {
	var out []string
	for _, d := range res.Diags {
		if d.Severity == 1 {
			out = append(out, d.Summary)
		}
	}
	return out
}

// A run that applies a plan file and dies is put right by the next one. The old
// file is then refused, or does no harm.
func TestCrashWithPlanFile(t *testing.T) {
	for i, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.dying.saved, s.after.saved = true, true
			between := s.between
			s.between = func(w *world) {
				w.fate = forever()
				if res := w.applyFile(applyOptions{}); !res.Diags.HasErrors() {
					if err := clean(res); err != nil {
						w.t.Errorf("the old plan, applied again after a crash: %v", err)
					}
				} else if c, _ := diag.Worst(res.Diags); c != diag.ClassRefused {
					w.t.Errorf("the old plan, applied again after a crash: %s", text(res.Diags))
				}
				if between != nil {
					between(w)
				}
			}
			crashEverywhere(t, s, 1, func(event int) bool { return event%7 == i%7 })
		})
	}
}

// A change of somebody else between plan and apply is kept, and refused on
// exactly the objects that it concerns; the rest of the plan is applied.
func TestForeignChangeIsRefusedAlone(t *testing.T) {
	ctx := context.Background()
	dir := quickstart(t)
	for _, c := range []struct {
		name   string
		before bool // apply once, then change the files
		meddle func(*world)
		failed []string // "ADDRESS: words of the problem"
		held   []string
	}{
		{name: "nothing"},
		{name: "a policy of the same name was made", meddle: func(w *world) {
			w.check(w.foreign().Control.CreatePolicy(ctx, teamsadmin.SetupPolicy, teamsadmin.Policy{Name: "Trusted uploaders"}))
		}, failed: []string{"setup_policy.trusted: it exists by now"}, held: []string{"policy_assignment.trusted_admins", "policy_assignment.trusted"}},
		{name: "what the plan writes was changed", before: true, meddle: func(w *world) {
			w.check(w.foreign().Control.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "Frontline", map[string]json.RawMessage{"AppPresetList": teamsadmin.AppsValue([]string{teams.WellKnownApps()["calling"]}, false)}))
		}, failed: []string{"setup_policy.frontline: installed_apps has another value"}},
		{name: "what the plan does not write was changed", before: true, meddle: func(w *world) {
			w.check(w.foreign().Control.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "Frontline", map[string]json.RawMessage{"AllowUserPinning": teamsadmin.BoolValue(false)}))
		}},
		{name: "it is so already", before: true, meddle: func(w *world) {
			w.check(w.foreign().Control.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "Trusted uploaders", map[string]json.RawMessage{"AllowSideLoading": teamsadmin.BoolValue(false)}))
		}},
		{name: "it was deleted", before: true, meddle: func(w *world) {
			conn := w.foreign()
			groups, err := conn.Control.GroupAssignments(ctx)
			w.check(err)
			for _, g := range groups {
				if g.PolicyName == "Frontline" {
					w.check(conn.Control.UnassignGroup(ctx, g.PolicyType, g.GroupID))
				}
			}
			w.check(conn.Control.DeletePolicy(ctx, teamsadmin.SetupPolicy, "Frontline"))
		}, failed: []string{"setup_policy.frontline: it is gone"}},
		{name: "somebody who gets a policy got another", meddle: func(w *world) {
			w.check(w.foreign().Control.CreatePolicy(ctx, teamsadmin.SetupPolicy, teamsadmin.Policy{Name: "Foreign"}))
			w.assignByHand("ana@contoso.example", "Foreign")
		}, failed: []string{"policy_assignment.trusted: changed their policy"}},
		{name: "somebody joined, and somebody left", meddle: func(w *world) {
			w.movePeople(func(p *genPeopleFile) {
				p.drop("raj@contoso.example")
				p.add("zoe@contoso.example")
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, dir)
			defer w.end()
			if c.before {
				w.mustApply(applyOptions{})
				w.edit("helpdesk.teams.hcl", "installed_apps     = [app.helpdesk]", "installed_apps     = []")
				w.edit("main.teams.hcl", "upload_custom_apps = true", "upload_custom_apps = false")
			}
			if p := w.save(applyOptions{}); p.Diags.HasErrors() {
				t.Fatal(text(p.Diags))
			}
			if c.meddle != nil {
				c.meddle(w)
			}
			res := w.applyFile(applyOptions{})
			if res.Diags.HasErrors() || res.Outcome == nil {
				t.Fatalf("%s", text(res.Diags))
			}
			var failed, held []string
			for _, p := range res.Outcome.Problems {
				if p.HeldBy != "" {
					held = append(held, p.Addr.String())
				} else {
					failed = append(failed, fmt.Sprintf("%s: %v", p.Addr, p.Err))
				}
			}
			if len(failed) != len(c.failed) {
				t.Fatalf("failed: %q, want %q", failed, c.failed)
			}
			for i, want := range c.failed {
				at, words, _ := strings.Cut(want, ": ")
				if !strings.HasPrefix(failed[i], at+":") || !strings.Contains(failed[i], words) {
					t.Errorf("failed: %s, want %s", failed[i], want)
				}
			}
			if d := cmp.Diff(c.held, held); d != "" {
				t.Errorf("held back (-want +got):\n%s", d)
			}
			if n := res.Plan.Size() - len(failed) - len(held) - len(res.Outcome.Gone); len(c.failed) == 0 && res.Outcome.Done != n {
				t.Errorf("%d done of %d", res.Outcome.Done, n)
			}
		})
	}
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) assignByHand(upn, policy string) {
	w.t.Helper()
	e, err := w.tenant.Effective(context.Background(), upn)
	w.check(err)
	w.check(assignPolicy(context.Background(), w.foreign(), e.UserID, policy))
}

// genPeopleFile is people.json as far as this test changes it.
type genPeopleFile struct{ doc map[string]any }

func (p *genPeopleFile) users() []any { return p.doc["users"].([]any) }

func (p *genPeopleFile) drop(upn string) {
	var left []any
	for _, u := range p.users() {
		if u.(map[string]any)["upn"] != upn {
			left = append(left, u)
		}
	}
	p.doc["users"] = left
}

func (p *genPeopleFile) add(upn string) {
	p.doc["users"] = append(p.users(), map[string]any{"upn": upn, "name": "Zoe Zander"})
}

// movePeople changes who is in the directory.
func (w *world) movePeople(change func(*genPeopleFile)) {
	w.t.Helper()
	path := filepath.Join(w.dir, "people.json")
	raw, err := os.ReadFile(path)
	w.check(err)
	p := &genPeopleFile{}
	w.check(json.Unmarshal(raw, &p.doc))
	change(p)
	raw, err = json.Marshal(p.doc)
	w.check(err)
	w.close()
	if w.tenant, err = emulator.Open(context.Background(), emulator.Options{
		Path: filepath.Join(w.dir, ".teamsform", "tenant.db"), People: raw, Clock: w.clock, NewID: w.newID, NoSync: true,
	}); err != nil {
		w.t.Fatal(err)
	}
}

// A plan that is older than three days is refused, and so is one that says of
// itself until when it holds, or that it is not whole.
func TestPlanFileEnds(t *testing.T) {
	w := newWorld(t, quickstart(t))
	defer w.end()
	saved := func(change func(*planfile.File)) {
		p := w.save(applyOptions{})
		if p.Diags.HasErrors() {
			t.Fatal(text(p.Diags))
		}
		change(p.Saved)
		w.check(planfile.Save(w.planPath(), p.Saved))
	}
	for _, c := range []struct {
		change func(*planfile.File)
		later  time.Duration
		want   string
	}{
		{func(f *planfile.File) { f.Plan.Header.NotAfter = f.Plan.Header.PlannedAt.Add(time.Hour) }, 59 * time.Minute, ""},
		{func(f *planfile.File) { f.Plan.Header.NotAfter = f.Plan.Header.PlannedAt.Add(time.Hour) }, 61 * time.Minute, ops.SummaryPlanEnded},
		{func(f *planfile.File) { f.Plan.Incomplete = []string{"The catalog could not be read."} }, 0, ops.SummaryPlanIncomplete},
		{func(*planfile.File) {}, 73 * time.Hour, ops.SummaryPlanTooOld},
		{func(*planfile.File) {}, 71 * time.Hour, ""},
	} {
		saved(c.change)
		w.mu.Lock()
		w.now = w.now.Add(c.later)
		w.mu.Unlock()
		res := w.verify()
		if got := summariesOf(res); got != c.want {
			t.Errorf("after %s: %s, want %q", c.later, text(res.Diags), c.want)
		}
	}
}

func (w *world) verify() *ops.Verified {
	v := &ops.VerifyPlan{Runtime: w.runtime(), Source: w.source(), File: w.planPath()}
	return v.Run(context.Background())
}

func summariesOf(v *ops.Verified) string {
	return summaries(&ops.Applied{Planned: ops.Planned{Diags: v.Diags}})
}

// The state may have been written since the plan, if a plan made again does the
// same.
func TestStateMovedSincePlan(t *testing.T) {
	dir := quickstart(t)
	for _, c := range []struct {
		name string
		move func(*world)
		want string
	}{
		{"records only", func(w *world) {
			rm := &ops.StateRemove{Runtime: w.runtime(), Source: w.source(), Patterns: []string{"org_settings"}}
			if res := rm.Run(context.Background()); res.Diags.HasErrors() {
				t.Fatal(text(res.Diags))
			}
		}, ""},
		{"another change", func(w *world) {
			w.edit("main.teams.hcl", "Trusted uploaders", "Trusted people")
			w.mustApply(applyOptions{})
			w.edit("main.teams.hcl", "Trusted people", "Trusted uploaders")
		}, ops.SummaryPlanSerial},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, dir)
			defer w.end()
			w.mustApply(applyOptions{})
			w.edit("trusted.csv", "upn", "upn\ntom@contoso.example")
			if p := w.save(applyOptions{}); p.Diags.HasErrors() {
				t.Fatal(text(p.Diags))
			}
			c.move(w)
			w.fate = forever()
			if v := w.verify(); c.want == "" && (v.Diags.HasErrors() || !v.Moved) || c.want != "" && summariesOf(v) != ops.SummaryPlanDiffers {
				t.Errorf("verify: %v, %s", v.Moved, text(v.Diags))
			}
			res := w.applyFile(applyOptions{})
			if got := summaries(res); got != c.want {
				t.Fatalf("%s, want %q", text(res.Diags), c.want)
			}
			if c.want == "" {
				if err := clean(res); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
