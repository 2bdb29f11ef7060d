package ops_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/emulator"
)

// plain is an apply without any of the care of ours: it sends one request, takes
// the answer for the truth, and compares with one reading.
type plain struct{ w *conformance }

func (p plain) send(method, path, body string) (status int) {
	req, err := http.NewRequest(method, "https://tenant.invalid"+path, strings.NewReader(body))
	if err != nil {
		p.w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+emulator.AdminToken(p.w.tenant.Info().ID))
	req.Header.Set("Content-Type", "application/json")
	res, err := p.w.tenant.RoundTripper().RoundTrip(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode == 200 && strings.Contains(string(text), `"error"`) {
		return 502
	}
	return res.StatusCode
}

// believes says what such an apply takes to have happened.
func (p plain) believes(status int, seen bool) string {
	switch {
	case status == 0 || status >= 300:
		return "failed"
	case !seen:
		return "lost"
	}
	return "done"
}

// Each fault leads a plain apply astray: it takes for failed what was done, or
// for done what was not, or gives up where trying again would do. Ours comes to
// the same end as where nothing goes wrong, in the run that met the fault.
func TestPlainApplyGoesWrong(t *testing.T) {
	const policies = "/Skype.Policy/configurations/TeamsAppSetupPolicy"
	blue := func(p plain) string {
		status := p.send("PUT", policies+"/configuration/p", `{"Description":"blue"}`)
		list, err := p.w.foreign().Control.SetupPolicies(context.Background())
		if err != nil {
			return "failed"
		}
		for _, x := range list {
			if text, _ := x.Text("Description"); x.Name == "p" && strings.HasPrefix(text, "blue") {
				return p.believes(status, true)
			}
		}
		return p.believes(status, false)
	}
	move := func(p plain) string {
		var value []string
		id, err := p.w.foreign().Graph.PolicyID(context.Background(), "TeamsAppSetupPolicy", "q")
		if err != nil {
			p.w.t.Fatal(err)
		}
		for i := range 2 {
			e, _ := p.w.tenant.Effective(context.Background(), genUser(i))
			value = append(value, fmt.Sprintf(`{"userId":%q,"policyType":"TeamsAppSetupPolicy","policyId":%q}`, e.UserID, id))
		}
		return p.believes(p.send("POST", "/v1.0/admin/teams/policy/userAssignments/assign", `{"value":[`+strings.Join(value, ",")+`]}`), true)
	}
	drop := func(p plain) string { // take the policy r away from its holder, then delete it
		e, _ := p.w.tenant.Effective(context.Background(), "u5@contoso.example")
		p.send("PATCH", "/Skype.Policy/users/"+e.UserID+"/policies/TeamsAppSetupPolicy", `{"PolicyName":null}`)
		return p.believes(p.send("DELETE", policies+"/configuration/r", ""), true)
	}
	unpublish := func(p plain) string {
		raw, err := p.w.tenant.Dump(context.Background())
		if err != nil {
			p.w.t.Fatal(err)
		}
		path := "/v1.0/appCatalogs/teamsApps/" + parseDump(p.w.t, raw).Apps[0].ID
		return p.believes(p.send("DELETE", path, ""), p.send("GET", path, "") == 404)
	}
	const (
		first = `setup_policy "p" { description = "red" }
setup_policy "q" { upload_custom_apps = false }
setup_policy "r" { upload_custom_apps = false }
app "a0" { package = "packages/app0" }
users "last" { upns = ["u5@contoso.example"] }
policy_assignment "last" {
  policy = setup_policy.r
  users  = users.last
}`
		second = `setup_policy "p" { description = "blue" }
setup_policy "q" { upload_custom_apps = false }
users "some" { upns = ["u0@contoso.example", "u1@contoso.example"] }
policy_assignment "some" {
  policy = setup_policy.q
  users  = users.some
}`
	)
	for _, c := range []struct {
		fault string
		plain func(plain) string
		want  string // what the plain apply believes
	}{
		{fault: "throttle:retry-after=2,times=1", plain: blue, want: "failed"},
		{fault: "throttle:times=1", plain: blue, want: "failed"},
		{fault: "refuse:status=503,retry-after=1,times=1", plain: blue, want: "failed"},
		{fault: "lost-answer:times=1,on=setup_policy", plain: blue, want: "failed"},
		{fault: "error-in-200:times=1,on=setup_policy", plain: blue, want: "failed"},
		{fault: "400-but-done:times=1,on=setup_policy", plain: blue, want: "failed"},
		{fault: "no-op:times=1,on=setup_policy", plain: blue, want: "lost"},
		{fault: "lag:for=10s,on=setup_policy", plain: blue, want: "lost"},
		{fault: "list-lag:for=10s,on=setup_policy", plain: blue, want: "lost"},
		{fault: "flapping:for=1h,on=setup_policy", plain: blue, want: "lost"},
		{fault: "lag:for=1h,on=setup_policy", plain: blue, want: "lost"},
		{fault: "partial-batch:times=1", plain: move, want: "failed"},
		{fault: "slow-unassign:for=10s", plain: drop, want: "failed"},
		{fault: "slow-delete:for=3h,on=app", plain: unpublish, want: "lost"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			start := func() *conformance {
				dir := t.TempDir()
				icons(t, dir)
				writeFile(t, dir+"/people.json", conformancePeople())
				w := &conformance{world: newWorld(t, dir), fault: c.fault}
				w.packages = newPackages(w.world)
				w.write("main.teams.hcl", w.config(first))
				w.mustApply(applyOptions{})
				w.later(7 * 24 * time.Hour)
				w.mustApply(applyOptions{})
				w.wrong(true)
				return w
			}
			w := start()
			if got := c.plain(plain{w}); got != c.want {
				t.Errorf("a plain apply takes it for %s, want %s", got, c.want)
			}
			w = start()
			w.write("main.teams.hcl", w.config(second))
			w.mustApply(applyOptions{})
			noop := strings.HasPrefix(c.fault, "no-op")
			if p := w.mustPlan(applyOptions{}); !p.Plan.Empty() {
				t.Errorf("the plan after ours:\n%s", describePlan(p))
			}
			if got := strings.Contains(w.dump(), `"Description": "blue [teamsform:local]"`); got == noop {
				t.Errorf("the policy is blue: %v", got)
			}
			w.wrong(false)
			w.later(7 * 24 * time.Hour)
			if noop { // told when the window is over, and put right as it says
				if p := w.plan(applyOptions{}); !strings.Contains(text(p.Diags), "Accepted, but never to be seen") {
					t.Errorf("nobody is told: %s", text(p.Diags))
				}
				w.recordTenant()
			}
			w.mustApply(applyOptions{})
			if err := w.settled(); err != nil {
				t.Error(err)
			}
		})
	}
}
