package ops_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/teamsadmin"
	"pgregory.net/rapid"
)

// checks sets how many cases a property test draws. Failures name their seed.
func checks(t *testing.T, fast int) {
	t.Helper()
	n := fast
	if os.Getenv("TEAMSFORM_TESTS") == "full" {
		n = 8 * fast
	}
	for name, value := range map[string]string{"rapid.checks": fmt.Sprint(n), "rapid.nofailfile": "true"} {
		f := flag.Lookup(name)
		if before := f.Value.String(); before == f.DefValue {
			if err := f.Value.Set(value); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = f.Value.Set(before) })
		}
	}
}

// After an apply the next plan is empty, whatever the configuration was before
// and whatever others did to the tenant in between.
func TestPlanAfterApplyIsEmpty(t *testing.T) {
	checks(t, 100)
	dir := t.TempDir()
	icons(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		w, p := genWorld(rt, dir)
		defer w.close()
		for range rapid.IntRange(2, 4).Draw(rt, "steps") {
			w.write("main.teams.hcl", genConfig(rt, p))
			w.meddle(rt)
			w.converge()
		}
	})
}

// Losing the state costs nobody anything: the next run recognises what it
// made, adopts the rest, and changes nothing in the tenant.
func TestLostStateChangesNothing(t *testing.T) {
	checks(t, 50)
	dir := t.TempDir()
	icons(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		w, p := genWorld(rt, dir)
		defer w.close()
		for range rapid.IntRange(1, 2).Draw(rt, "steps") {
			w.write("main.teams.hcl", genConfig(rt, p))
			w.converge()
		}
		before, access := w.dump(), w.access()
		w.disk = &disk{}
		if plan := w.mustPlan(applyOptions{adopt: true}); !plan.Plan.Empty() {
			rt.Fatalf("with its state lost, the run would change the tenant:\n%s", describePlan(plan))
		}
		w.mustApply(applyOptions{adopt: true})
		if after := w.dump(); after != before {
			rt.Fatalf("the tenant has changed:\n%s\nto\n%s", before, after)
		}
		if after := w.access(); after != access {
			rt.Fatalf("access has changed:\n%s\nto\n%s", access, after)
		}
		if err := w.settled(); err != nil {
			rt.Fatal(err)
		}
		w.write("main.teams.hcl", genConfig(rt, p))
		w.converge()
	})
}

// genWorld is a fresh tenant with people, beside which somebody else works.
func genWorld(rt *rapid.T, dir string) (*world, *packages) {
	writeFile(rt, dir+"/people.json", genPeople(rt))
	w := newWorld(rt, dir)
	err := w.foreign().Control.CreatePolicy(context.Background(), teamsadmin.SetupPolicy, teamsadmin.Policy{Name: "Foreign"})
	if err != nil {
		rt.Fatal(err)
	}
	return w, newPackages(w)
}

// converge applies and wants an empty plan. A policy that others still hold
// must not be deleted: they are told, and it is applied again.
func (w *world) converge() {
	w.t.Helper()
	config := func() string {
		raw, _ := os.ReadFile(w.dir + "/main.teams.hcl")
		return string(raw)
	}
	w.fate = forever()
	res := w.apply(applyOptions{adopt: true})
	if strings.Contains(text(res.Diags), "Policy still in use") {
		w.letGoOfPolicies()
		w.fate = forever()
		res = w.apply(applyOptions{adopt: true})
	}
	if err := clean(res); err != nil {
		w.t.Fatalf("apply: %v\n%s", err, config())
	}
	if err := w.settled(); err != nil {
		w.t.Fatalf("%v\n%s", err, config())
	}
}

// letGoOfPolicies has everybody else give up what they hold.
func (w *world) letGoOfPolicies() {
	ctx := context.Background()
	conn := w.foreign()
	for i := range genUsers {
		e, err := w.tenant.Effective(ctx, genUser(i))
		if err != nil {
			w.t.Fatal(err)
		}
		for _, typ := range []string{"TeamsAppSetupPolicy", "TeamsAppPermissionPolicy"} {
			// The service may refuse where there is nothing to end.
			_ = conn.Graph.UnassignPolicy(ctx, []msgraph.Assignment{{UserID: e.UserID, PolicyType: typ}})
		}
	}
	groups, err := conn.Control.GroupAssignments(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, g := range groups {
		if err := conn.Control.UnassignGroup(ctx, g.PolicyType, g.GroupID); err != nil {
			w.t.Fatal(err)
		}
	}
}

// access is who may do what, as text.
func (w *world) access() string {
	var b strings.Builder
	for i := range genUsers {
		e, err := w.tenant.Effective(context.Background(), genUser(i))
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s upload %v, pinned %v, installed %v, usable %v\n", e.UPN, e.MayUpload, e.Pinned, e.Installed, e.Usable)
	}
	return b.String()
}

// meddle is what others do to the tenant between two runs. What the service
// refuses them does not happen.
func (w *world) meddle(rt *rapid.T) {
	w.later(7 * 24 * time.Hour) // what is changed back at once could be a read that lags
	ctx := context.Background()
	conn := w.foreign()
	all, err := conn.Control.SetupPolicies(ctx)
	if err != nil {
		rt.Fatal(err)
	}
	some := rapid.SampledFrom(all)
	for range rapid.IntRange(0, 3).Draw(rt, "foreign changes") {
		switch rapid.IntRange(0, 6).Draw(rt, "foreign change") {
		case 0:
			_ = conn.Control.SetCustomAppInteraction(ctx, rapid.Bool().Draw(rt, "on"))
		case 1:
			_ = conn.Control.UpdatePolicy(ctx, teamsadmin.SetupPolicy, some.Draw(rt, "policy").Name, map[string]json.RawMessage{
				rapid.SampledFrom([]string{"AllowSideLoading", "AllowUserPinning"}).Draw(rt, "switch"): teamsadmin.BoolValue(rapid.Bool().Draw(rt, "on")),
			})
		case 2:
			_ = conn.Control.UpdatePolicy(ctx, teamsadmin.SetupPolicy, some.Draw(rt, "policy").Name, map[string]json.RawMessage{
				"AppPresetList": teamsadmin.AppsValue(nil, false), "Description": teamsadmin.TextValue("changed by hand"),
			})
		case 3:
			e, err := w.tenant.Effective(ctx, genUser(rapid.IntRange(0, genUsers-1).Draw(rt, "user")))
			if err != nil {
				rt.Fatal(err)
			}
			_ = assignPolicy(ctx, conn, e.UserID, some.Draw(rt, "policy").Name)
		case 4:
			e, err := w.tenant.Effective(ctx, genUser(rapid.IntRange(0, genUsers-1).Draw(rt, "user")))
			if err != nil {
				rt.Fatal(err)
			}
			_ = conn.Graph.UnassignPolicy(ctx, []msgraph.Assignment{{UserID: e.UserID, PolicyType: "TeamsAppSetupPolicy"}})
		case 5:
			groups, err := conn.Control.GroupAssignments(ctx)
			if err != nil {
				rt.Fatal(err)
			}
			if len(groups) > 0 {
				g := rapid.SampledFrom(groups).Draw(rt, "group")
				_ = conn.Control.UnassignGroup(ctx, g.PolicyType, g.GroupID)
				if rapid.Bool().Draw(rt, "another policy") {
					_ = conn.Control.AssignGroup(ctx, g.PolicyType, g.GroupID, "Foreign", rapid.IntRange(0, 3).Draw(rt, "rank"))
				}
			}
		case 6:
			_ = conn.Control.DeletePolicy(ctx, teamsadmin.SetupPolicy, some.Draw(rt, "policy").Name)
		}
	}
}

// The organisation's switch goes on last: nobody gains by it what the same
// apply takes from them.
func TestSwitchGoesOnLast(t *testing.T) {
	checks(t, 50)
	dir := t.TempDir()
	icons(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		w, p := genWorld(rt, dir)
		defer w.close()
		w.write("main.teams.hcl", genConfig(rt, p))
		w.converge()
		w.customApps(false)
		w.write("main.teams.hcl", genConfig(rt, p))
		var gained []string
		w.see = func(r *http.Request) {
			if isWrite(r) {
				gained = append(gained, w.uploaders()...)
			}
		}
		w.converge()
		w.see = nil
		end := w.uploaders()
		for _, upn := range gained {
			if !slices.Contains(end, upn) {
				rt.Fatalf("%s could upload in passing; at the end %v may", upn, end)
			}
		}
	})
}
