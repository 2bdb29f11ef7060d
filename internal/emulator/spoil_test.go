package emulator_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/emulator"
)

// rig is a tenant whose time a test moves.
type rig struct {
	*client
	t      *testing.T
	tenant *emulator.Tenant
	now    time.Time
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	r.tenant = open(t, func(o *emulator.Options) { o.Clock = func() time.Time { return r.now } })
	r.client = admin(t, r.tenant)
	return r
}

// wrong lets things go wrong from here on.
func (r *rig) wrong(specs ...string) {
	r.t.Helper()
	if err := r.tenant.ClearFaults(context.Background()); err != nil {
		r.t.Fatal(err)
	}
	for _, s := range specs {
		f, err := emulator.ParseFault(s)
		if err != nil {
			r.t.Fatal(err)
		}
		if err := r.tenant.AddFaults(context.Background(), f); err != nil {
			r.t.Fatal(err)
		}
	}
}

// raw sends a request without wanting an answer.
func (r *rig) raw(method, path, body string, headers ...string) (int, string, error) {
	root := policyRoot
	if strings.HasPrefix(path, "/v1.0") {
		root = graphRoot
	}
	req, err := http.NewRequest(method, root+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	res, err := r.tenant.RoundTripper().RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := res.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return res.StatusCode, b.String(), nil
		}
	}
}

const setupPolicies = "/Skype.Policy/configurations/TeamsAppSetupPolicy"

// seen is the description of the policy P in the list and by itself, "-" where
// it is not there.
func (r *rig) seen() (list, one string) {
	r.t.Helper()
	read := func(status int, body string) string {
		_, after, found := strings.Cut(body, `"Tag:P"`)
		if status != 200 || !found {
			return "-"
		}
		_, after, _ = strings.Cut(after, `"Description":`)
		return strings.Trim(after[:strings.IndexAny(after, ",}")], `"`)
	}
	status, body, _ := r.raw("GET", setupPolicies, "")
	list = read(status, body)
	status, body, _ = r.raw("GET", setupPolicies+"/configuration/P", "")
	return list, read(status, body)
}

func (r *rig) wantSeen(what, list, one string) {
	r.t.Helper()
	if gotList, gotOne := r.seen(); gotList != list || gotOne != one {
		r.t.Errorf("%s: listed as %s, read as %s; want %s and %s", what, gotList, gotOne, list, one)
	}
}

// paint gives the policy P a description.
func (r *rig) paint(colour string, headers ...string) (int, error) {
	status, _, err := r.raw("PUT", setupPolicies+"/configuration/P", `{"Description":"`+colour+`"}`, headers...)
	return status, err
}

func TestReadsThatLag(t *testing.T) {
	r := newRig(t)
	createPolicy(r.client, setup, "P", `"Description":"red"`)
	r.wrong("lag:on=setup_policy,for=1m")
	_, _ = r.paint("blue")
	r.wantSeen("at once", "red", "red")
	r.now = r.now.Add(30 * time.Second)
	_, _ = r.paint("green")
	r.wantSeen("painted again", "red", "red")
	r.now = r.now.Add(40 * time.Second)
	r.wantSeen("the first window is over", "blue", "blue")
	r.now = r.now.Add(time.Minute)
	r.wantSeen("later", "green", "green")
	r.wrong()
	_, _ = r.paint("pink")
	r.wantSeen("without faults", "pink", "pink")
	r.wrong("lag:on=app")
	_, _ = r.paint("grey")
	r.wantSeen("another part lags", "grey", "grey")
	r.wrong("lag")
	r.want(204, "DELETE", setupPolicies+"/configuration/P", nil)
	r.wantSeen("deleted", "grey", "grey")
	createPolicy(r.client, setup, "P", `"Description":"new"`)
	r.wantSeen("made anew", "grey", "grey")
	r.wrong()
	_, _ = r.paint("prompt")
	r.wantSeen("a prompt change ends it", "prompt", "prompt")
}

func TestListsThatLag(t *testing.T) {
	r := newRig(t)
	r.wrong("list-lag:for=1m")
	createPolicy(r.client, setup, "P", `"Description":"red"`)
	r.wantSeen("at once", "-", "red")
	r.now = r.now.Add(2 * time.Minute)
	r.wantSeen("later", "red", "red")
}

func TestReadsThatFlap(t *testing.T) {
	r := newRig(t)
	createPolicy(r.client, setup, "P", `"Description":"red"`)
	r.wrong("flapping:for=1m")
	_, _ = r.paint("blue")
	for range 3 {
		r.wantSeen("inside", "red", "blue")
	}
	r.now = r.now.Add(2 * time.Minute)
	r.wantSeen("later", "blue", "blue")
}

// What is slow counts later for people too; what only lags counts at once.
func TestSlowChangesCountLater(t *testing.T) {
	r := newRig(t)
	usable := func() int {
		e, err := r.tenant.Effective(context.Background(), "ada@contoso.example")
		if err != nil {
			r.t.Fatal(err)
		}
		return len(e.Usable)
	}
	listed := func() int { return r.want(200, "GET", "/v1.0/appCatalogs/teamsApps", nil).length("value") }
	r.wrong("slow-publish:on=app,for=1h", "slow-delete:on=app,for=2h")
	id := publish(r.client, helpdeskID, "1.0.0")
	if n, m := listed(), usable(); n != 0 || m != 0 {
		t.Errorf("published: %d listed, %d usable", n, m)
	}
	r.now = r.now.Add(61 * time.Minute)
	if n, m := listed(), usable(); n != 1 || m != 1 {
		t.Errorf("an hour later: %d listed, %d usable", n, m)
	}
	r.want(204, "DELETE", "/v1.0/appCatalogs/teamsApps/"+id, nil)
	if n, m := listed(), usable(); n != 1 || m != 1 {
		t.Errorf("deleted: %d listed, %d usable", n, m)
	}
	r.want(404, "DELETE", "/v1.0/appCatalogs/teamsApps/"+id, nil)
	r.now = r.now.Add(121 * time.Minute)
	if n, m := listed(), usable(); n != 0 || m != 0 {
		t.Errorf("two hours later: %d listed, %d usable", n, m)
	}
}

func TestPolicyIsHeldForAWhileAfterItsLastHolder(t *testing.T) {
	r := newRig(t)
	createPolicy(r.client, setup, "P", "")
	user := r.want(200, "GET", "/v1.0/users", nil).text("value/0/id")
	assign := func(name string) {
		r.want(204, "PATCH", "/Skype.Policy/users/"+user+"/policies/"+setup, `{"PolicyName":"`+name+`"}`)
	}
	r.wrong("slow-unassign:for=5m")
	assign("P")
	assign("")
	if status, body, _ := r.raw("DELETE", setupPolicies+"/configuration/P", ""); status < 400 || !strings.Contains(body, "currently assigned") {
		t.Errorf("at once: %d %s", status, body)
	}
	r.now = r.now.Add(6 * time.Minute)
	r.want(204, "DELETE", setupPolicies+"/configuration/P", nil)
}

// Answers that say something else than what was done.
func TestAnswersThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		fault  string
		status int // 0: the connection breaks
		done   bool
		body   string
	}{
		{fault: "throttle:retry-after=2", status: 429},
		{fault: "refuse:status=502", status: 502},
		{fault: "cut", status: 0},
		{fault: "lost-answer", status: 0, done: true},
		{fault: "no-op", status: 200},
		{fault: "error-in-200", status: 200, done: true, body: "BadGateway"},
		{fault: "400-but-done", status: 400, done: true},
	} {
		t.Run(c.fault, func(t *testing.T) {
			r := newRig(t)
			createPolicy(r.client, setup, "P", `"Description":"red"`)
			want := map[bool]string{true: "blue", false: "red"}[c.done]
			status, body, err := r.raw("PUT", setupPolicies+"/configuration/P", `{"Description":"blue"}`, emulator.FaultHeader, c.fault)
			if status != c.status || (err == nil) != (c.status != 0) || !strings.Contains(body, c.body) {
				t.Errorf("status %d, %v: %s", status, err, body)
			}
			r.wantSeen("the next request is as it should be", want, want)
			// What the service refuses itself is refused as ever.
			if c.status == 200 || c.status == 400 {
				if status, _, _ := r.raw("PUT", setupPolicies+"/configuration/None", `{}`, emulator.FaultHeader, c.fault); status != 404 {
					t.Errorf("a policy that is not there: %d", status)
				}
			}
		})
	}
}

func TestPartOfABatch(t *testing.T) {
	r := newRig(t)
	createPolicy(r.client, setup, "P", "")
	id := policyID(r.client, setup, "P")
	var value []map[string]string
	for i := range 4 {
		user := r.want(200, "GET", "/v1.0/users", nil).text("value/" + string(rune('0'+i)) + "/id")
		value = append(value, map[string]string{"@odata.type": "#microsoft.graph.teamsAdministration.teamsPolicyUserAssignment", "userId": user, "policyType": setup, "policyId": id})
	}
	r.want(500, "POST", "/v1.0/admin/teams/policy/userAssignments/assign", map[string]any{"value": value}, emulator.FaultHeader, "partial-batch")
	held := 0
	for _, v := range value {
		e, err := r.tenant.Effective(context.Background(), v["userId"])
		if err != nil {
			t.Fatal(err)
		}
		if e.SetupPolicy.Name == "P" {
			held++
		}
	}
	if held != 2 {
		t.Errorf("%d of 4 hold the policy, want 2", held)
	}
}

// Faults stand in the tenant's file: other processes meet them too, and they
// are counted over all of them.
func TestStandingFaultsAreShared(t *testing.T) {
	r := newRig(t)
	r.wrong("refuse:status=500,times=3")
	other := open(t, func(o *emulator.Options) { o.Path = r.tenant.Path() })
	for n, c := range []*client{r.client, admin(t, other), r.client} {
		if a := c.want(500, "GET", "/v1.0/users", nil); a.status != 500 {
			t.Errorf("request %d: %d", n, a.status)
		}
	}
	r.want(200, "GET", "/v1.0/users", nil)
	list, err := other.StandingFaults(context.Background())
	if err != nil || len(list) != 1 || list[0].Struck != 3 {
		t.Errorf("standing: %+v, %v", list, err)
	}
}

func TestFaultHeaderIsChecked(t *testing.T) {
	r := newRig(t)
	a := r.want(400, "GET", "/v1.0/users", nil, emulator.FaultHeader, "bad")
	if !strings.Contains(string(a.body), "there is no fault") {
		t.Errorf("%s", a.body)
	}
}
