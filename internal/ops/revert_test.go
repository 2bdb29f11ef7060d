package ops_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/ops"
	"pgregory.net/rapid"
)

// revert plans to take the plan back that was applied last, and saves that.
func (w *world) revert() *ops.Planned {
	w.t.Helper()
	applied := w.planPath() + ".applied"
	raw, err := os.ReadFile(w.planPath())
	w.check(err)
	w.check(os.WriteFile(applied, raw, 0o600))
	w.fate = forever()
	p := &ops.Plan{Runtime: w.runtime(), Source: w.source(), Revert: applied, Out: w.planPath()}
	return p.Run(context.Background())
}

// Taking an applied plan back leaves the tenant as it was before that plan,
// unless the plan that does it says what does not come back.
func TestRevertBringsBack(t *testing.T) {
	checks(t, 25)
	dir := t.TempDir()
	icons(t, dir)
	whole, part := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w, p := genWorld(rt, dir)
		defer w.close()
		w.write("main.teams.hcl", genConfig(rt, p))
		w.converge()
		before, access := undescribed(w.dump()), w.access()
		w.write("main.teams.hcl", genConfig(rt, p))
		res := w.apply(applyOptions{saved: true, adopt: true})
		if res.Diags.HasErrors() {
			return // a policy that others hold, say: nothing was applied
		}
		if err := clean(res); err != nil {
			rt.Fatal(err)
		}
		if res.Plan.Size() == 0 {
			return
		}
		back := w.revert()
		if back.Diags.HasErrors() {
			rt.Fatalf("revert: %s", text(back.Diags))
		}
		if err := clean(w.applyFile(applyOptions{})); err != nil {
			rt.Fatalf("apply of the plan that takes back: %v\n%s", err, describePlan(back))
		}
		if len(back.Plan.Irreversible) > 0 {
			part++
			return
		}
		whole++
		if d := cmp.Diff(before, undescribed(w.dump())); d != "" {
			rt.Fatalf("the tenant is not as it was (-before +after):\n%s\n%s", d, describePlan(back))
		}
		if d := cmp.Diff(access, w.access()); d != "" {
			rt.Fatalf("access is not as it was (-before +after):\n%s", d)
		}
	})
	t.Logf("%d plans were taken back whole, %d in part", whole, part)
}

// undescribed takes an empty description for none, as the service does.
func undescribed(dump string) string {
	return strings.ReplaceAll(dump, `"Description": null`, `"Description": ""`)
}

// Only a plan that was applied can be taken back, and not while another run is
// not settled.
func TestRevertRefuses(t *testing.T) {
	w := newWorld(t, quickstart(t))
	defer w.end()
	if p := w.save(applyOptions{}); p.Diags.HasErrors() {
		t.Fatal(text(p.Diags))
	}
	if p := w.revert(); !strings.Contains(text(p.Diags), ops.SummaryNotApplied) {
		t.Errorf("a plan that was not applied: %s", text(p.Diags))
	}
	if p := w.save(applyOptions{}); p.Diags.HasErrors() {
		t.Fatal(text(p.Diags))
	}
	w.fate = &fate{last: 8}
	w.applyFile(applyOptions{})
	if p := w.revert(); !strings.Contains(text(p.Diags), "Earlier run was interrupted") {
		t.Errorf("after a crash: %s", text(p.Diags))
	}
	// The plan whose apply was cut short is known once the next apply has settled
	// it, and can be taken back as far as it came.
	raw, err := os.ReadFile(w.planPath())
	w.check(err)
	w.mustApply(applyOptions{})
	w.check(os.WriteFile(w.planPath(), raw, 0o600))
	if p := w.revert(); p.Diags.HasErrors() {
		t.Errorf("after the crash was settled: %s", text(p.Diags))
	}
}
