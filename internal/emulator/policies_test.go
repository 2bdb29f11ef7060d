package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
)

func policyPath(kind, name string) string {
	return "/Skype.Policy/configurations/" + kind + "/configuration/" + url.PathEscape(name)
}

func policyNames(c *client, kind string) string {
	c.t.Helper()
	var list []struct{ Identity string }
	if err := json.Unmarshal(c.want(200, "GET", "/Skype.Policy/configurations/"+kind, nil).body, &list); err != nil {
		c.t.Fatal(err)
	}
	var out []string
	for _, p := range list {
		out = append(out, p.Identity)
	}
	return strings.Join(out, ", ")
}

func TestNewTenantsPolicies(t *testing.T) {
	c := admin(t, open(t, nil))
	same(t, "setup policies", policyNames(c, setup), "Global, Tag:FirstLineWorker")
	same(t, "permission policies", policyNames(c, permission), "Global")
	same(t, "Global", string(c.want(200, "GET", policyPath(setup, "Global"), nil).body),
		`{"Identity":"Global","AppPresetList":[{"Id":"d2c6f111-ffad-42a0-b65e-ee00425598aa"}],`+
			`"PinnedAppBarApps":[{"Id":"14d6962d-6eeb-4f48-8890-de55454bb136","Order":1},{"Id":"86fcd49b-61a2-4701-b771-54728cd291fb","Order":2},`+
			`{"Id":"2a84919f-59d8-4441-a975-2a8c2643b741","Order":3}],"PinnedMessageBarApps":[],"AppPresetMeetingList":[],"AdditionalCustomizationApps":[],`+
			`"PinnedCallingBarApps":[],"Description":null,"AllowSideLoading":true,"AllowUserPinning":true}`)
	same(t, "Global permission", string(c.want(200, "GET", policyPath(permission, "global"), nil).body),
		`{"Identity":"Global","Description":null,"DefaultCatalogAppsType":"BlockedAppList","DefaultCatalogApps":[],`+
			`"GlobalCatalogAppsType":"BlockedAppList","GlobalCatalogApps":[],"PrivateCatalogAppsType":"BlockedAppList","PrivateCatalogApps":[]}`)
}

func TestCreateCopiesGlobal(t *testing.T) {
	c := admin(t, open(t, nil))
	c.want(200, "PUT", policyPath(setup, "Global"), `{"AllowUserPinning":false,"Description":"All of us"}`)
	createPolicy(c, setup, "Pilot", `"AllowSideLoading":false,"PinnedAppBarApps":[{"Id":"a"},{"Id":"b"}]`)
	a := c.want(200, "GET", policyPath(setup, "TAG:pilot"), nil)
	for path, want := range map[string]any{
		"Identity": "Tag:Pilot", "AllowSideLoading": false, "AllowUserPinning": false, "Description": "All of us",
		"PinnedAppBarApps/0/Order": 1.0, "PinnedAppBarApps/1/Order": 2.0, "AppPresetList/0/Id": "d2c6f111-ffad-42a0-b65e-ee00425598aa",
	} {
		if got := a.get(path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	for _, name := range []string{"Pilot", "pilot", "Tag:PILOT", "Global", "FirstLineWorker"} {
		c.want(409, "POST", "/Skype.Policy/configurations/"+setup, map[string]any{"Identity": name})
	}
	c.want(201, "POST", "/Skype.Policy/configurations/"+permission, map[string]any{"Identity": "Pilot"})
	same(t, "names", policyNames(c, setup), "Global, Tag:FirstLineWorker, Tag:Pilot")
}

func TestPolicyNames(t *testing.T) {
	c := admin(t, open(t, nil))
	for _, good := range []string{"Pilot group_1-2", "Global + Helpdesk", "Grüße (neu)", strings.Repeat("x", 64)} {
		c.want(201, "POST", "/Skype.Policy/configurations/"+setup, map[string]any{"Identity": good})
		same(t, "identity", c.want(200, "GET", policyPath(setup, good), nil).text("Identity"), "Tag:"+good)
	}
	for _, bad := range []string{"", "Tag:", " x", "x ", "a/b", `a\b`, "a:b", "a%b", "a#b", "a?b", "a\nb", strings.Repeat("x", 65)} {
		if a := c.do("POST", "/Skype.Policy/configurations/"+setup, map[string]any{"Identity": bad}); a.status != 400 {
			t.Errorf("name %q: status %d", bad, a.status)
		}
	}
}

func TestUpdateMergesAtTheTopAndReplacesLists(t *testing.T) {
	c := admin(t, open(t, nil))
	createPolicy(c, setup, "Pilot", `"AppPresetList":[{"Id":"a"},{"Id":"b"}],"Description":"first"`)
	put := func(status int, body string) answer {
		t.Helper()
		return c.want(status, "PUT", policyPath(setup, "Pilot"), body)
	}
	a := put(200, `{"AppPresetList":[{"Id":"c"}],"AllowUserPinning":false,"Identity":"Tag:Pilot","Key":{"x":1}}`)
	if a.length("AppPresetList") != 1 || a.text("AppPresetList/0/Id") != "c" || a.text("Description") != "first" || a.get("AllowUserPinning") != false {
		t.Errorf("after the change: %s", a.body)
	}
	a = put(200, `{"AppPresetList":"[{\"Id\":\"d\"}]","Description":"second"}`)
	if a.text("AppPresetList/0/Id") != "c" || a.text("Description") != "second" {
		t.Errorf("a list as text must be ignored: %s", a.body)
	}
	a = put(200, `{"AppPresetList":[],"Description":null,"PinnedAppBarApps":[{"Id":"z","Order":7}],"AdditionalCustomizationApps":[{"any":"thing"}]}`)
	if a.length("AppPresetList") != 0 || a.get("Description") != nil || a.get("PinnedAppBarApps/0/Order") != 7.0 || a.text("AdditionalCustomizationApps/0/any") != "thing" {
		t.Errorf("cleared: %s", a.body)
	}
	for _, bad := range []string{
		`{"Colour":1}`, `{"AllowSideLoading":"true"}`, `{"AllowSideLoading":null}`, `{"AppPresetList":null}`, `{"AppPresetList":{}}`,
		`{"AppPresetList":["a"]}`, `{"AppPresetList":[{"id":1}]}`, `{"AppPresetList":[{"Id":"a","Order":1}]}`, `{"PinnedAppBarApps":[{"Order":1}]}`,
		`{"PinnedAppBarApps":[{"Id":"a","Colour":1}]}`, `{"Identity":"Tag:Other"}`, `{"Identity":1}`, `{"Description":1}`, `[]`, `{`, `{} {}`,
	} {
		put(400, bad)
	}
	c.want(400, "PUT", policyPath(permission, "Global"), `{"PrivateCatalogAppsType":"Some"}`)
	c.want(404, "PUT", policyPath(setup, "Nope"), `{}`)
	c.want(404, "GET", policyPath(setup, "Nope"), nil)
	same(t, "error code", c.want(404, "GET", policyPath(setup, "Nope"), nil).text("error/code"), "NotFound")
}

func TestBuiltInAndGlobal(t *testing.T) {
	c := admin(t, open(t, nil))
	c.want(403, "PUT", policyPath(setup, "firstlineworker"), `{"AllowSideLoading":true}`)
	c.want(403, "DELETE", policyPath(setup, "FirstLineWorker"), nil)
	before := string(c.want(200, "GET", policyPath(setup, "Global"), nil).body)
	c.want(200, "PUT", policyPath(setup, "Global"), `{"AllowSideLoading":false,"PinnedAppBarApps":[],"Description":"x"}`)
	c.want(204, "DELETE", policyPath(setup, "Global"), nil)
	same(t, "Global after its deletion", string(c.want(200, "GET", policyPath(setup, "Global"), nil).body), before)
}

func TestDeletePolicy(t *testing.T) {
	c := admin(t, open(t, nil))
	createPolicy(c, setup, "Pilot", "")
	old := policyID(c, setup, "Pilot")
	user := "/Skype.Policy/users/ada@contoso.example/policies/" + setup
	group := "/Skype.Policy/groupPolicyAssignments/" + groupID(c, "Support") + "/policyTypes/" + setup
	c.want(204, "PATCH", user, `{"PolicyName":"Pilot"}`)
	c.want(204, "PATCH", group, `{"PolicyName":"Pilot"}`)
	a := c.want(409, "DELETE", policyPath(setup, "Pilot"), nil)
	if !strings.Contains(a.text("error/message"), "currently assigned to 1 users and 1 groups") {
		t.Errorf("message %q", a.text("error/message"))
	}
	c.want(204, "PATCH", user, `{"PolicyName":""}`)
	c.want(409, "DELETE", policyPath(setup, "Pilot"), nil)
	c.want(204, "DELETE", group, nil)
	c.want(204, "DELETE", policyPath(setup, "Pilot"), nil)
	c.want(404, "DELETE", policyPath(setup, "Pilot"), nil)
	createPolicy(c, setup, "Pilot", "")
	if policyID(c, setup, "Pilot") == old {
		t.Error("a policy that was made anew has its old id")
	}
	ada := userID(c, "ada@contoso.example")
	c.want(400, "POST", assignPath, value(entry(ada, setup, old)))
}

func TestUserGrants(t *testing.T) {
	c := admin(t, open(t, nil))
	createPolicy(c, setup, "Pilot", "")
	ada := userID(c, "ada@contoso.example")
	c.want(204, "PATCH", "/Skype.Policy/users/"+ada+"/policies/teamsappsetuppolicy", `{"PolicyName":"Tag:pilot"}`)
	same(t, "granted", effective(c, ada), "TeamsAppSetupPolicy Tag:Pilot direct")
	c.want(404, "PATCH", "/Skype.Policy/users/nobody@contoso.example/policies/"+setup, `{"PolicyName":"Pilot"}`)
	c.want(404, "PATCH", "/Skype.Policy/users/"+ada+"/policies/"+setup, `{"PolicyName":"Nope"}`)
	c.want(400, "PATCH", "/Skype.Policy/users/"+ada+"/policies/"+setup, `{"PolicyName":"Global"}`)
	c.want(204, "PATCH", "/Skype.Policy/users/"+ada+"/policies/"+setup, `{"PolicyName":null}`)
	same(t, "taken away", effective(c, ada), "")
}

// groupsFile is a people file with n groups, each with the one user.
func groupsFile(n int) []byte {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"name":"G%02d","members":["a@x.example"]}`, i))
	}
	return []byte(`{"users":[{"upn":"a@x.example"},{"upn":"b@x.example"}],"groups":[` + strings.Join(list, ",") + `]}`)
}

func ranks(c *client, names map[string]string) string {
	c.t.Helper()
	var rows []struct {
		GroupID, PolicyType, PolicyName string
		Rank                            int
	}
	if err := json.Unmarshal(c.want(200, "GET", "/Skype.Policy/groupPolicyAssignments", nil).body, &rows); err != nil {
		c.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%d:%s=%s", r.Rank, names[r.GroupID], r.PolicyName))
	}
	return strings.Join(out, " ")
}

func TestGroupRanks(t *testing.T) {
	c := admin(t, open(t, func(o *emulator.Options) { o.People = groupsFile(70) }))
	createPolicy(c, setup, "P", "")
	createPolicy(c, setup, "Q", "")
	createPolicy(c, permission, "T", "")
	id, names := map[string]string{}, map[string]string{}
	for i := range 70 {
		name := fmt.Sprintf("G%02d", i)
		id[name] = groupID(c, name)
		names[id[name]] = name
	}
	path := func(group, kind string) string {
		return "/Skype.Policy/groupPolicyAssignments/" + id[group] + "/policyTypes/" + kind
	}
	grant := func(status int, group, policy string, rank any) {
		t.Helper()
		body := map[string]any{"PolicyName": policy}
		if rank != nil {
			body["Rank"] = rank
		}
		c.want(status, "PATCH", path(group, setup), body)
	}
	grant(204, "G01", "P", 10)
	grant(204, "G02", "Q", nil)
	same(t, "ranks", ranks(c, names), "1:G01=P 2:G02=Q")
	grant(204, "G03", "P", 1)
	grant(204, "G04", "P", -5)
	grant(204, "G05", "Q", 3)
	same(t, "inserted", ranks(c, names), "1:G04=P 2:G03=P 3:G05=Q 4:G01=P 5:G02=Q")
	grant(204, "G05", "Q", nil)
	grant(204, "G05", "Q", 3)
	grant(409, "G05", "Q", 1)
	grant(409, "G05", "P", 3)
	grant(404, "G06", "Nope", 1)
	grant(400, "G06", "Global", 1)
	grant(400, "G06", "", 1)
	grant(400, "G06", "P", 1.5)
	c.want(204, "DELETE", path("G03", setup), nil)
	c.want(404, "DELETE", path("G03", setup), nil)
	same(t, "gap closed", ranks(c, names), "1:G04=P 2:G05=Q 3:G01=P 4:G02=Q")
	c.want(409, "PATCH", path("G06", permission), `{"PolicyName":"T","Rank":1}`)
	c.want(404, "PATCH", "/Skype.Policy/groupPolicyAssignments/11111111-1111-4111-8111-111111111111/policyTypes/"+setup, `{"PolicyName":"P"}`)
	for i := range 60 {
		grant(204, fmt.Sprintf("G%02d", 10+i), "P", nil)
	}
	grant(409, "G09", "P", nil)
	c.want(400, "DELETE", "/Skype.Policy/groupPolicyAssignments/G10/policyTypes/"+setup, nil)
	one := c.want(200, "GET", "/Skype.Policy/groupPolicyAssignments?policyType="+setup+"&groupId="+id["G05"], nil)
	same(t, "one row", one.text("0/GroupId"), id["G05"])
	if one.text("0/CreatedTime") != "2026-11-23T09:00:00Z" || one.text("0/CreatedBy") == "" {
		t.Errorf("row: %s", one.body)
	}
}

func TestAGroupMayBeNamedByMail(t *testing.T) {
	c := admin(t, open(t, nil))
	createPolicy(c, setup, "P", "")
	c.want(204, "PATCH", "/Skype.Policy/groupPolicyAssignments/support@contoso.example/policyTypes/"+setup, `{"PolicyName":"P"}`)
	c.want(404, "PATCH", "/Skype.Policy/groupPolicyAssignments/nobody@contoso.example/policyTypes/"+setup, `{"PolicyName":"P"}`)
	same(t, "row", ranks(c, map[string]string{groupID(c, "Support"): "Support"}), "1:Support=P")
}

func TestOperations(t *testing.T) {
	c := admin(t, open(t, nil))
	createPolicy(c, permission, "Trusted", "")
	const path = "/Skype.Policy/assignments/operations"
	ada, ben := userID(c, "ada@contoso.example"), userID(c, "ben@contoso.example")
	a := c.want(200, "POST", path, map[string]any{
		"PolicyType": permission, "PolicyName": "Trusted", "OperationName": "first",
		"Identities": []string{ada, "BEN@contoso.example", ada, "nobody@contoso.example", "nobody@contoso.example"},
	})
	id := a.text("OperationId")
	a = c.want(200, "GET", path+"/"+id, nil)
	if a.text("OverallStatus") != "Completed" || a.get("CompletedCount") != 3.0 || a.get("ErrorCount") != 1.0 || a.length("UserState") != 3 {
		t.Errorf("operation: %s", a.body)
	}
	same(t, "failure", a.text("UserState/2/Result"), "User not found")
	same(t, "success", a.text("UserState/0/Result"), "Success")
	same(t, "ben", effective(c, ben), "TeamsAppPermissionPolicy Tag:Trusted direct")
	list := c.want(200, "GET", path, nil)
	if list.text("0/OperationId") != id || list.get("0/UserState") != nil {
		t.Errorf("list: %s", list.body)
	}
	c.want(200, "POST", path, map[string]any{"PolicyType": permission, "PolicyName": nil, "Identities": []string{ben}})
	same(t, "ben without", effective(c, ben), "")
	if n := c.want(200, "GET", path, nil); n.get("1/OperationId") == nil || n.get("2/OperationId") != nil {
		t.Errorf("two operations are listed as %s", n.body)
	}

	many := make([]string, 5001)
	for i := range many {
		many[i] = ada
	}
	c.want(200, "POST", path, map[string]any{"PolicyType": permission, "PolicyName": "Trusted", "Identities": many[:5000]})
	c.want(400, "POST", path, map[string]any{"PolicyType": permission, "PolicyName": "Trusted", "Identities": many})
	c.want(400, "POST", path, map[string]any{"PolicyType": permission, "PolicyName": "Trusted", "Identities": []string{}})
	c.want(404, "POST", path, map[string]any{"PolicyType": permission, "PolicyName": "Nope", "Identities": []string{ada}})
	c.want(404, "GET", path+"/11111111-1111-4111-8111-111111111111", nil)
}

func TestOrgSwitch(t *testing.T) {
	c := admin(t, open(t, nil))
	const path = "/Teams.MiddletierService/tenantWideAppsSettingsGlobal"
	a := c.want(200, "GET", path, nil)
	var body map[string]json.RawMessage
	if err := json.Unmarshal(a.body, &body); err != nil || len(body) != 11 {
		t.Fatalf("%d fields: %s", len(body), a.body)
	}
	refused := func(what string) {
		t.Helper()
		a := c.want(400, "PUT", path, body)
		same(t, what, string(a.body), `{"errorCode":"BadRequest","message":"body of the tenantWideAppsSettings cannot be null"}`)
	}
	refused("lower-case keys")
	for key, raw := range body {
		if rest, ok := strings.CutPrefix(key, "lob"); ok {
			delete(body, key)
			body["Lob"+rest] = raw
		}
	}
	body["isSideloadedAppsInteractionEnabled"] = json.RawMessage("false")
	body["appSettingsList"] = json.RawMessage(`[{"id":"x","isEnabled":true}]`)
	c.want(200, "PUT", path, body)
	a = c.want(200, "GET", path, nil)
	if a.get("isSideloadedAppsInteractionEnabled") != false || a.text("appSettingsList/0/id") != "x" || a.text("lobBackground") != "#fff" {
		t.Errorf("after the change: %s", a.body)
	}
	for key := range body {
		raw := body[key]
		delete(body, key)
		refused("without " + key)
		body[key] = raw
	}
	body["appSettingsList"] = json.RawMessage(`null`)
	refused("list is null")
}

func TestServiceDiscovery(t *testing.T) {
	a := admin(t, open(t, nil)).want(200, "GET", "/Teams.Tenant/serviceDiscovery", nil)
	same(t, "endpoint", a.text("Endpoints/AdminServiceEndpoint"), strings.TrimPrefix(policyRoot, "https://"))
	if a.text("Headers/X-MS-Forest") == "" {
		t.Error("no forest")
	}
}
