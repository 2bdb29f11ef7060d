package ops_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/faults"
	"github.com/teamsform/teamsform/internal/ops"
)

// refuse spoils every write whose path contains part.
func refuse(method, part string) func(*http.Request) spoiled {
	return func(r *http.Request) spoiled {
		if r.Method == method && strings.Contains(r.URL.Path, part) {
			return spoiled{status: http.StatusForbidden}
		}
		return spoiled{}
	}
}

// changed lists what a plan would touch, one word per object and group of rows.
func changed(p *ops.Planned) []string {
	var out []string
	for _, c := range p.Plan.Changes {
		out = append(out, fmt.Sprintf("%s %s", c.Action, c.Addr))
	}
	for _, g := range p.Plan.RowGroups {
		out = append(out, fmt.Sprintf("%s %d rows of %s", g.Action, g.Count, g.Policy))
	}
	slices.Sort(out)
	return out
}

// One refusal holds back what needs it, by name, and nothing else.
func TestPartialFailure(t *testing.T) {
	for _, c := range []struct {
		name         string
		before       func(*world)
		spoil        func(*http.Request) spoiled
		failed, held int
		heldBy       []string // what is held back, and by what
		rest         []string // what the next plan does
	}{
		{
			name: "app refused", spoil: refuse(http.MethodPost, "/appCatalogs/teamsApps"), failed: 1, held: 3,
			heldBy: []string{
				"permission_policy.global by app.helpdesk", "policy_assignment.frontline by setup_policy.frontline",
				"setup_policy.frontline by app.helpdesk",
			},
			rest: []string{
				"create app.helpdesk", "create policy_assignment.frontline", "create setup_policy.frontline", "update permission_policy.global",
			},
		},
		{
			name: "assignment refused", spoil: refuse(http.MethodPost, "/userAssignments/assign"), failed: 2,
			rest: []string{"create 2 rows of Trusted uploaders"},
		},
		{
			name: "group refused", spoil: refuse(http.MethodPatch, "/groupPolicyAssignments/"), failed: 2,
			rest: []string{"create policy_assignment.frontline", "create policy_assignment.trusted_admins"},
		},
		{
			name: "restriction refused", before: func(w *world) { w.customApps(false) },
			spoil:  refuse(http.MethodPut, "/TeamsAppSetupPolicy/configuration/Global"),
			failed: 1, held: 1, heldBy: []string{"org_settings by a restriction that failed"},
			rest: []string{"update org_settings", "update setup_policy.global"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, quickstart(t))
			if c.before != nil {
				c.before(w)
			}
			w.fate, w.spoil = forever(), c.spoil
			res := w.apply(applyOptions{})
			if res.Diags.HasErrors() || res.Outcome == nil {
				t.Fatalf("the run itself failed: %s", text(res.Diags))
			}
			if res.Outcome.Failed != c.failed || res.Outcome.Held != c.held {
				t.Errorf("%d failed and %d held back, want %d and %d", res.Outcome.Failed, res.Outcome.Held, c.failed, c.held)
			}
			var held []string
			for _, p := range res.Outcome.Problems {
				if p.HeldBy != "" {
					held = append(held, fmt.Sprintf("%s by %s", p.Addr, p.HeldBy))
				} else if p.Err == nil {
					t.Errorf("%s failed without a reason", p.What)
				}
			}
			slices.Sort(held)
			if !slices.Equal(held, c.heldBy) {
				t.Errorf("held back: %q, want %q", held, c.heldBy)
			}
			w.spoil = nil
			if got := changed(w.mustPlan(applyOptions{})); !slices.Equal(got, c.rest) {
				t.Errorf("the next plan does %q, want %q", got, c.rest)
			}
			w.mustApply(applyOptions{})
			if err := w.settled(); err != nil {
				t.Error(err)
			}
			if got := w.uploaders(); !slices.Equal(got, trusted) {
				t.Errorf("%v may upload at the end", got)
			}
		})
	}
}

// An old object stays when the one that is to replace it could not be made.
func TestNewNameRefused(t *testing.T) {
	w := newWorld(t, quickstart(t))
	applied(w)
	w.edit("main.teams.hcl", "Trusted uploaders", "Trusted people")
	w.fate, w.spoil = forever(), refuse(http.MethodPost, "/configurations/TeamsAppSetupPolicy")
	res := w.apply(applyOptions{})
	if res.Outcome == nil || res.Outcome.Failed != 1 || res.Outcome.Done != 0 {
		t.Fatalf("outcome %+v: %s", res.Outcome, text(res.Diags))
	}
	if got := w.uploaders(); !slices.Equal(got, trusted) {
		t.Errorf("%v may upload after a rename that failed", got)
	}
	w.spoil = nil
	w.mustApply(applyOptions{})
	if err := w.settled(); err != nil {
		t.Error(err)
	}
}

// The first refusal ends a run that is told to stop on errors.
func TestStopOnError(t *testing.T) {
	w := newWorld(t, quickstart(t))
	w.spoil = refuse(http.MethodPost, "/appCatalogs/teamsApps")
	op := &ops.Apply{Runtime: w.runtime(), Source: w.source(), Parallelism: 1, StopOnError: true}
	res := op.Run(context.Background())
	if res.Outcome == nil || res.Outcome.Failed != 1 || res.Outcome.Held != 0 {
		t.Fatalf("outcome %+v: %s", res.Outcome, text(res.Diags))
	}
	for _, line := range w.fate.log {
		if strings.HasPrefix(line, "POST /Skype.Policy") || strings.HasPrefix(line, "PATCH ") {
			t.Errorf("after the failure it went on with %s", line)
		}
	}
	w.spoil = nil
	w.mustApply(applyOptions{})
	if err := w.settled(); err != nil {
		t.Error(err)
	}
}

// The answer to each write is lost in turn: reading back settles it, in the
// same run when it was carried out, in the next when it was not.
func TestAnswerLost(t *testing.T) {
	dir := quickstart(t)
	writes := 0
	count := newWorld(t, dir)
	count.see = func(r *http.Request) {
		if isWrite(r) {
			writes++
		}
	}
	count.mustApply(applyOptions{})
	want := count.dump() + count.records()
	count.end()
	if writes < 8 {
		t.Fatalf("only %d writes", writes)
	}
	for n := range writes {
		for _, arrives := range []bool{true, false} {
			name := fmt.Sprintf("write %d of %d, carried out: %v", n+1, writes, arrives)
			w := newWorld(t, dir)
			seen := 0
			w.spoil = func(r *http.Request) spoiled {
				if !isWrite(r) {
					return spoiled{}
				}
				if seen++; seen-1 != n {
					return spoiled{}
				}
				return spoiled{lost: arrives, cut: !arrives}
			}
			w.fate = forever()
			res := w.apply(applyOptions{})
			err := clean(res)
			if arrives && err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !arrives && (err == nil || res.Diags.HasErrors()) {
				t.Errorf("%s: it was not reported: %s", name, text(res.Diags))
			}
			w.mustApply(applyOptions{})
			if got := w.dump() + w.records(); got != want {
				t.Errorf("%s: the end is another one:\n%s", name, got)
			}
			if err := w.settled(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			w.end()
		}
	}
}

// A service that throttles is waited for.
func TestThrottled(t *testing.T) {
	w := newWorld(t, quickstart(t))
	for _, f := range []faults.Fault{
		{Status: 429, RetryAfter: 30, Times: 2, PathPrefix: "/v1.0/groups"},
		{Status: 429, RetryAfter: 5, Times: 2, Method: http.MethodPost, PathPrefix: "/v1.0/appCatalogs"},
		{Status: 429, RetryAfter: 7, Times: 2, Method: http.MethodPut, PathPrefix: "/Skype.Policy"},
		{Status: 503, RetryAfter: 2, Times: 2, Method: http.MethodPost, PathPrefix: "/Skype.Policy"},
		{Status: 429, Times: 1, Method: http.MethodPatch, PathPrefix: "/Skype.Policy/groupPolicyAssignments"},
		{Status: 429, RetryAfter: 60, Times: 3, Method: http.MethodPost, PathPrefix: "/v1.0/admin/teams/policy/userAssignments/assign"},
	} {
		w.tenant.Faults().Add(f)
	}
	start := w.clock()
	w.mustApply(applyOptions{})
	if n := w.tenant.Faults().Spoiled(); n != 12 {
		t.Errorf("%d requests were throttled, want 12", n)
	}
	if waited := w.clock().Sub(start).Seconds(); waited < 30*2+60*3-2 {
		t.Errorf("it waited %.0f s, less than it was told to", waited)
	}
	if err := w.settled(); err != nil {
		t.Error(err)
	}
}

// Who leaves between the plan and the apply is skipped and named; ending the
// row of one who has left is success.
func TestLeaverDuringApply(t *testing.T) {
	w := newWorld(t, quickstart(t))
	applied(w)
	w.write("trusted.csv", "upn\nana@contoso.example\nlee@contoso.example\nmia@contoso.example\n")
	people, err := os.ReadFile(filepath.Join(w.dir, "people.json"))
	if err != nil {
		t.Fatal(err)
	}
	w.fate = forever()
	op := &ops.Apply{Runtime: w.runtime(), Source: w.source(), Parallelism: 1}
	op.Confirm = func(*ops.Planned) (bool, error) {
		left := strings.NewReplacer(
			`{ "upn": "raj@contoso.example", "name": "Raj Patel" },`, "",
			`{ "upn": "lee@contoso.example", "name": "Lee Novak" },`, "",
			`"lee@contoso.example", `, "",
		).Replace(string(people))
		other, err := emulator.Open(context.Background(), emulator.Options{
			Path: filepath.Join(w.dir, ".teamsform", "tenant.db"), People: []byte(left), Clock: w.clock, NewID: w.newID, NoSync: true,
		})
		if err != nil {
			return false, err
		}
		return true, other.Close()
	}
	res := op.Run(context.Background())
	if err := clean(res); err != nil {
		t.Fatal(err)
	}
	if want := []string{"lee@contoso.example"}; !slices.Equal(res.Outcome.Gone, want) {
		t.Errorf("skipped: %q, want %q", res.Outcome.Gone, want)
	}
	if res.Outcome.Failed+res.Outcome.Held > 0 || res.Outcome.Done != 2 {
		t.Errorf("outcome %+v, want 2 done", res.Outcome)
	}
	w.write("trusted.csv", "upn\nana@contoso.example\nmia@contoso.example\n")
	if err := w.settled(); err != nil {
		t.Error(err)
	}
	if got, want := w.uploaders(), []string{"ana@contoso.example", "kim@contoso.example", "mia@contoso.example"}; !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("%v may upload", got)
	}
}

// Rows of someone else that a block takes over are let go with the block; rows
// that it made itself are ended, also when both went in one batch.
func TestTakenRowsAndOwnRows(t *testing.T) {
	w := newWorld(t, quickstart(t))
	w.edit("main.teams.hcl", `users "trusted"`, `setup_policy "other" { name = "Other" }
users "trusted"`)
	w.mustApply(applyOptions{})
	w.write("trusted.csv", "upn\n")
	w.mustApply(applyOptions{})
	ctx := context.Background()
	if err := w.assign("ana@contoso.example", "Other"); err != nil {
		t.Fatal(err)
	}
	w.write("trusted.csv", "upn\nana@contoso.example\nraj@contoso.example\n")
	w.mustApply(applyOptions{})
	w.edit("main.teams.hcl", `policy_assignment "trusted" {
  policy = setup_policy.trusted
  users  = users.trusted
}`, "")
	w.mustApply(applyOptions{})
	for upn, want := range map[string]string{"ana@contoso.example": "direct", "raj@contoso.example": "global"} {
		e, err := w.tenant.Effective(ctx, upn)
		if err != nil {
			t.Fatal(err)
		}
		if e.SetupPolicy.Source != want {
			t.Errorf("%s has %+v, want it from %s", upn, e.SetupPolicy, want)
		}
	}
}

// assign is somebody else who gives a person a setup policy.
func (w *world) assign(upn, policy string) error {
	ctx := context.Background()
	conn := w.foreign()
	e, err := w.tenant.Effective(ctx, upn)
	if err != nil {
		return err
	}
	return assignPolicy(ctx, conn, e.UserID, policy)
}
