package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
)

const (
	assignPath   = "/v1.0/admin/teams/policy/userAssignments/assign"
	unassignPath = "/v1.0/admin/teams/policy/userAssignments/unassign"
	configs      = "/v1.0/admin/teams/userConfigurations"
)

func entry(user, kind, policy string) map[string]any {
	m := map[string]any{"@odata.type": "#microsoft.graph.teamsAdministration.teamsPolicyUserAssignment", "userId": user, "policyType": kind}
	if policy != "" {
		m["policyId"] = policy
	}
	return m
}

func value(entries ...map[string]any) map[string]any { return map[string]any{"value": entries} }

// effective gives "type name assignmentType" of a person's entries.
func effective(c *client, user string) string {
	c.t.Helper()
	a := c.want(200, "GET", configs+"/"+user+"?$select=effectivePolicyAssignments", nil)
	var out []string
	for i := range a.length("effectivePolicyAssignments") {
		at := fmt.Sprintf("effectivePolicyAssignments/%d/", i)
		out = append(out, a.text(at+"policyType")+" "+a.text(at+"policyAssignment/displayName")+" "+a.text(at+"policyAssignment/assignmentType"))
	}
	return strings.Join(out, ", ")
}

func TestPolicyIDs(t *testing.T) {
	c := admin(t, open(t, nil))
	createPolicy(c, setup, "Pilot & 'co'", "")
	for _, name := range []string{"Global", "FirstLineWorker", "Tag:FirstLineWorker", "firstlineworker", "pilot & ''co''"} {
		if id := policyID(c, setup, name); len(id) != 43 {
			t.Errorf("%s: policy id %q", name, id)
		}
	}
	a := c.want(200, "GET", "/v1.0/admin/teams/policy/getPolicyId(type='TeamsAppSetupPolicy',name='firstlineworker')", nil)
	same(t, "name", a.text("value/0/name"), "Tag:FirstLineWorker")
	if n := c.want(200, "GET", "/v1.0/admin/teams/policy/getPolicyId(type='TeamsAppSetupPolicy',name='Nope')", nil).length("value"); n != 0 {
		t.Errorf("%d ids of a policy that is not there", n)
	}
	c.want(400, "GET", "/v1.0/admin/teams/policy/getPolicyId(type='TeamsMeetingPolicy',name='Global')", nil)
	c.want(400, "GET", "/v1.0/admin/teams/policy/getPolicyId(type='TeamsAppSetupPolicy')", nil)
}

func TestAssignAndUnassign(t *testing.T) {
	c := admin(t, open(t, nil))
	createPolicy(c, setup, "Pilot", "")
	createPolicy(c, permission, "Trusted", "")
	ada, ben := userID(c, "ada@contoso.example"), userID(c, "ben@contoso.example")
	pilot, trusted := policyID(c, setup, "Pilot"), policyID(c, permission, "Trusted")
	same(t, "before", effective(c, ada), "")
	if a := c.want(204, "POST", assignPath, value(entry(ada, setup, pilot), entry(ada, permission, trusted), entry(ben, setup, pilot))); len(a.body) != 0 {
		t.Errorf("204 with a body: %s", a.body)
	}
	same(t, "ada", effective(c, ada), "TeamsAppSetupPolicy Tag:Pilot direct, TeamsAppPermissionPolicy Tag:Trusted direct")
	c.want(204, "POST", assignPath, value(entry(ada, setup, policyID(c, setup, "FirstLineWorker"))))
	same(t, "ada again", effective(c, ada), "TeamsAppSetupPolicy Tag:FirstLineWorker direct, TeamsAppPermissionPolicy Tag:Trusted direct")
	c.want(204, "POST", unassignPath, value(entry(ada, setup, ""), entry(ben, setup, pilot)))
	c.want(204, "POST", unassignPath, value(entry(ben, setup, ""))) // nothing left: fine
	same(t, "ada in the end", effective(c, ada), "TeamsAppPermissionPolicy Tag:Trusted direct")
	same(t, "ben in the end", effective(c, ben), "")
}

func TestOneBadAssignmentSpoilsAll(t *testing.T) {
	c := admin(t, open(t, func(o *emulator.Options) { o.MaxAssignments = 3 }))
	createPolicy(c, setup, "Pilot", "")
	ada, pilot := userID(c, "ada@contoso.example"), policyID(c, setup, "Pilot")
	missing := "11111111-1111-4111-8111-111111111111"
	for name, tc := range map[string]struct {
		bad  map[string]any
		says string
	}{
		"unknown user":        {entry(missing, setup, pilot), missing},
		"upn instead of id":   {entry("ada@contoso.example", setup, pilot), "ada@contoso.example"},
		"unknown policy id":   {entry(ada, setup, "nope"), "nope"},
		"id of another type":  {entry(ada, permission, pilot), pilot},
		"unknown type":        {entry(ada, "TeamsMeetingPolicy", pilot), "TeamsMeetingPolicy"},
		"the Global policy":   {entry(ada, setup, policyID(c, setup, "Global")), "Global"},
		"another odata type":  {map[string]any{"@odata.type": "#microsoft.graph.user", "userId": ada, "policyType": setup, "policyId": pilot}, "#microsoft.graph.user"},
		"an unknown property": {map[string]any{"userId": ada, "policyType": setup, "policyId": pilot, "colour": "red"}, "colour"},
	} {
		a := c.do("POST", assignPath, value(entry(ada, setup, pilot), tc.bad))
		if a.status != 400 || !strings.Contains(a.text("error/message"), tc.says) {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
		}
	}
	four := value(entry(ada, setup, pilot), entry(ada, setup, pilot), entry(ada, setup, pilot), entry(ada, setup, pilot))
	c.want(400, "POST", assignPath, four)
	c.want(400, "POST", assignPath, value())
	c.want(400, "POST", unassignPath, value(entry(missing, setup, "")))
	same(t, "ada", effective(c, ada), "")
}

func TestUserConfigurations(t *testing.T) {
	c := admin(t, open(t, nil))
	createPolicy(c, setup, "Pilot", "")
	ada, dev := userID(c, "ada@contoso.example"), groupID(c, "Developers")
	c.want(204, "PATCH", "/Skype.Policy/groupPolicyAssignments/"+dev+"/policyTypes/"+setup, `{"PolicyName":"Pilot","Rank":1}`)
	a := c.want(200, "GET", configs+"/"+ada, nil)
	pilot := policyID(c, setup, "Pilot")
	at := "effectivePolicyAssignments/0/policyAssignment/"
	if a.text(at+"groupId") != dev || a.text(at+"policyId") != pilot || a.text(at+"assignmentType") != "group" || a.text("tenantId") != emulator.DefaultTenantID {
		t.Errorf("configuration: %s", a.body)
	}
	c.want(404, "GET", configs+"/11111111-1111-4111-8111-111111111111", nil)
	c.want(400, "GET", configs+"/ada@contoso.example", nil)
	c.want(400, "GET", configs+"?$select=colour", nil)
	c.want(400, "GET", configs+"?$top=1000", nil)
	n, upns := pages(c, configs+"?$top=4&$select=userPrincipalName", "userPrincipalName")
	if n != 3 || len(upns) != 11 {
		t.Errorf("%d pages, %d people", n, len(upns))
	}
	a = c.want(200, "GET", configs+"?$filter=userPrincipalName in ('ada@contoso.example','ben@contoso.example')&$select=id,effectivePolicyAssignments", nil)
	if a.length("value") != 2 {
		t.Errorf("filtered: %s", a.body)
	}
	guest := userID(c, "kim_partner.example#EXT#@contoso.example")
	same(t, "guest", c.want(200, "GET", configs+"/"+guest, nil).text("accountType"), "guest")
	same(t, "user of a configuration", c.want(200, "GET", configs+"/"+ada+"/user", nil).text("userPrincipalName"), "ada@contoso.example")
}

func TestAppSettings(t *testing.T) {
	c := admin(t, open(t, nil))
	const path = "/v1.0/teamwork/teamsAppSettings"
	if c.want(200, "GET", path, nil).get("allowUserRequestsForAppAccess") != true {
		t.Error("a new tenant lets people ask for apps")
	}
	c.want(204, "PATCH", path, `{"@odata.type":"#microsoft.graph.teamsAppSettings","allowUserRequestsForAppAccess":false}`)
	a := c.want(200, "GET", path, nil)
	if a.get("allowUserRequestsForAppAccess") != false || a.get("isUserPersonalScopeResourceSpecificConsentEnabled") != true {
		t.Errorf("after the change: %s", a.body)
	}
	c.want(400, "PATCH", path, `{"colour":1}`)
	c.want(400, "PATCH", path, `{"allowUserRequestsForAppAccess":"yes"}`)
	c.want(400, "PATCH", path, `{"isChatResourceSpecificConsentEnabled":true}`)
	c.want(204, "PATCH", "/beta/teamwork/teamsAppSettings", `{"isChatResourceSpecificConsentEnabled":true}`)
	if c.want(200, "GET", "/beta/teamwork/teamsAppSettings", nil).get("isChatResourceSpecificConsentEnabled") != true {
		t.Error("the beta property was not kept")
	}
}
