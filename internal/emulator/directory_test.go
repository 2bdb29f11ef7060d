package emulator_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
)

// people makes a people file of n users and one group with all of them.
func crowd(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"users":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"upn":"user%07d@contoso.example","name":"User %d","mail":"user%d@contoso.example"}`, i, i, i)
	}
	b.WriteString(`],"groups":[{"name":"All","members":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"user%07d@contoso.example"`, i)
	}
	b.WriteString(`]}]}`)
	return []byte(b.String())
}

// pages follows a listing to its end and gives the number of pages and the
// values of one property.
func pages(c *client, path, property string, headers ...string) (int, []string) {
	c.t.Helper()
	var out []string
	n := 0
	for path != "" {
		a := c.want(200, "GET", path, nil, headers...)
		n++
		for i := range a.length("value") {
			out = append(out, a.text(fmt.Sprintf("value/%d/%s", i, property)))
		}
		path = a.text("@odata.nextLink")
	}
	return n, out
}

func TestUsersArePaged(t *testing.T) {
	c := admin(t, open(t, func(o *emulator.Options) { o.People = crowd(250) }))
	for _, tc := range []struct {
		query string
		pages int
	}{{"", 3}, {"?$top=999", 1}, {"?$top=125&$select=id,userPrincipalName", 2}, {"?%24top=124", 3}, {"?$top=250", 1}} {
		n, upns := pages(c, "/v1.0/users"+tc.query, "userPrincipalName")
		if n != tc.pages {
			t.Errorf("users%s: %d pages, want %d", tc.query, n, tc.pages)
		}
		slices.Sort(upns)
		if len(slices.Compact(upns)) != 250 || upns[249] != "user0000249@contoso.example" {
			t.Errorf("users%s: %d different users", tc.query, len(upns))
		}
	}
	for _, bad := range []string{"0", "1000", "x", "-1"} {
		c.want(400, "GET", "/v1.0/users?$top="+bad, nil)
	}
	same(t, "stale token", c.want(400, "GET", "/v1.0/users?$skiptoken=zzz", nil).text("error/code"), "Directory_ExpiredPageToken")
}

func TestCountNeedsConsistencyLevel(t *testing.T) {
	c := admin(t, open(t, func(o *emulator.Options) { o.People = crowd(150) }))
	eventual := []string{"ConsistencyLevel", "eventual"}
	a := c.want(200, "GET", "/v1.0/users?$count=true", nil, eventual...)
	if a.get("@odata.count") != 150.0 {
		t.Errorf("count is %v, want 150", a.get("@odata.count"))
	}
	if n := c.want(200, "GET", a.text("@odata.nextLink"), nil, eventual...).get("@odata.count"); n != nil {
		t.Errorf("the second page has a count: %v", n)
	}
	if n := c.want(200, "GET", "/v1.0/users?$count=true", nil).get("@odata.count"); n != nil {
		t.Errorf("without the header there is a count: %v", n)
	}
	a = c.want(400, "GET", "/v1.0/users/$count", nil)
	same(t, "code", a.text("error/code"), "Request_BadRequest")
	same(t, "message", a.text("error/message"), "$count is not currently supported.")
	same(t, "plain count", string(c.want(200, "GET", "/v1.0/users/$count", nil, eventual...).body), "150")
}

func TestUserIsFoundByIDAndUPN(t *testing.T) {
	c := admin(t, open(t, nil))
	id := userID(c, "ADA@contoso.example")
	same(t, "by id", c.want(200, "GET", "/v1.0/users/"+strings.ToUpper(id), nil).text("userPrincipalName"), "ada@contoso.example")
	same(t, "in parentheses", c.want(200, "GET", "/v1.0/users('ada@contoso.example')", nil).text("id"), id)
	guest := c.want(200, "GET", "/v1.0/users/"+url.PathEscape("kim_partner.example#EXT#@contoso.example")+"?$select=userType,mail,accountEnabled,externalUserState", nil)
	same(t, "guest", string(guest.body), `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users(userType,mail,accountEnabled,externalUserState)/$entity",`+
		`"mail":"kim@partner.example","accountEnabled":true,"userType":"Guest","externalUserState":"Accepted"}`)
	a := c.want(404, "GET", "/v1.0/users/nobody@contoso.example", nil)
	same(t, "code", a.text("error/code"), "Request_ResourceNotFound")
	if !strings.Contains(a.text("error/message"), "nobody@contoso.example") {
		t.Errorf("message %q does not name the user", a.text("error/message"))
	}
	if c.want(200, "GET", "/v1.0/users/"+id, nil).get("accountEnabled") != nil {
		t.Error("accountEnabled comes without $select")
	}
	c.want(400, "GET", "/v1.0/users/"+id+"?$select=shoeSize", nil)
}

func TestUserFilters(t *testing.T) {
	c := admin(t, open(t, nil))
	ada := userID(c, "ada@contoso.example")
	many := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("'user%d@contoso.example'", i)
		}
		return "userPrincipalName in (" + strings.Join(list, ",") + ")"
	}
	for _, tc := range []struct {
		filter string
		status int
		found  int
	}{
		{"userPrincipalName eq 'ADA@contoso.example'", 200, 1},
		{"userPrincipalName eq 'nobody@contoso.example'", 200, 0},
		{"userPrincipalName in ('ada@contoso.example', 'ben@contoso.example','nobody@contoso.example')", 200, 2},
		{"userPrincipalName eq 'ada@contoso.example' or userPrincipalName eq 'ben@contoso.example'", 200, 2},
		{"userPrincipalName in ('ada@contoso.example','ada@contoso.example')", 200, 1},
		{"id eq '" + ada + "'", 200, 1},
		{"id in ('" + ada + "')", 200, 1},
		{"id eq 'x'", 400, 0},
		{many(15), 200, 0},
		{many(16), 400, 0},
		{"userPrincipalName ne 'ada@contoso.example'", 400, 0},
		{"displayName eq 'Ada Holm'", 400, 0},
		{"userPrincipalName eq", 400, 0},
		{"userPrincipalName eq 'open", 400, 0},
		{"startswith(userPrincipalName,'a')", 400, 0},
	} {
		a := c.want(tc.status, "GET", "/v1.0/users?$filter="+url.QueryEscape(tc.filter), nil)
		if tc.status == 200 && a.length("value") != tc.found {
			t.Errorf("%s: %d users, want %d", tc.filter, a.length("value"), tc.found)
		}
	}
	a := c.want(200, "GET", "/v1.0/users?$count=true&$top=1&$filter="+url.QueryEscape("userPrincipalName in ('ada@contoso.example','ben@contoso.example')"), nil, "ConsistencyLevel", "eventual")
	if a.get("@odata.count") != 2.0 || a.length("value") != 1 {
		t.Errorf("filtered page: count %v, %d users", a.get("@odata.count"), a.length("value"))
	}
	if rest := c.want(200, "GET", a.text("@odata.nextLink"), nil, "ConsistencyLevel", "eventual"); rest.length("value") != 1 || rest.get("@odata.nextLink") != nil {
		t.Errorf("second filtered page: %s", rest.body)
	}
}

func TestGroupsAndMembers(t *testing.T) {
	c := admin(t, open(t, nil))
	all := groupID(c, "everyone AT work")
	same(t, "by mail", c.want(200, "GET", "/v1.0/groups?$filter=mail eq 'SUPPORT@contoso.example'", nil).text("value/0/displayName"), "Support")
	same(t, "by id", c.want(200, "GET", "/v1.0/groups/"+all, nil).text("displayName"), "Everyone at work")
	same(t, "404", c.want(404, "GET", "/v1.0/groups/00000000-0000-0000-0000-000000000001", nil).text("error/code"), "Request_ResourceNotFound")
	c.want(400, "GET", "/v1.0/groups/Support", nil)
	if n, names := pages(c, "/v1.0/groups?$top=3", "displayName"); n != 2 || len(names) != 4 {
		t.Errorf("groups: %d pages, %v", n, names)
	}

	a := c.want(200, "GET", "/v1.0/groups?$count=true&$top=1&$filter="+url.QueryEscape("id in ('"+all+"','"+groupID(c, "Support")+"','11111111-1111-4111-8111-111111111111')"), nil, "ConsistencyLevel", "eventual")
	if a.get("@odata.count") != 2.0 || c.want(200, "GET", a.text("@odata.nextLink"), nil).length("value") != 1 {
		t.Errorf("by two ids: %s", a.body)
	}
	if n := c.want(200, "GET", "/v1.0/groups?$count=true&$top=1", nil, "ConsistencyLevel", "eventual").get("@odata.count"); n != 4.0 {
		t.Errorf("count of groups: %v", n)
	}
	c.want(400, "GET", "/v1.0/groups?$filter=id eq 'x'", nil)
	c.want(400, "GET", "/v1.0/groups?$filter=displayName ne 'x'", nil)
	c.want(400, "GET", "/v1.0/groups?$select=colour", nil)

	for _, tc := range []struct {
		path        string
		users, subs int
		pages       int
	}{
		{"/members", 1, 3, 1},
		{"/members?$top=2", 1, 3, 2},
		{"/members/microsoft.graph.user", 1, 0, 1},
		{"/transitiveMembers", 9, 3, 1},
		{"/transitiveMembers?$top=5", 9, 3, 3},
		{"/transitiveMembers/microsoft.graph.user?$top=4", 9, 0, 3},
	} {
		n, kinds := pages(c, "/v1.0/groups/"+all+tc.path, "@odata.type")
		users, subs := 0, 0
		for _, k := range kinds {
			switch k {
			case "#microsoft.graph.group":
				subs++
			default:
				users++
			}
		}
		if n != tc.pages || users != tc.users || subs != tc.subs {
			t.Errorf("%s: %d pages, %d users, %d groups; want %d, %d, %d", tc.path, n, users, subs, tc.pages, tc.users, tc.subs)
		}
	}
	same(t, "count", string(c.want(200, "GET", "/v1.0/groups/"+all+"/transitiveMembers/$count", nil, "ConsistencyLevel", "eventual").body), "12")
	a = c.want(200, "GET", "/v1.0/groups/"+all+"/transitiveMembers/microsoft.graph.user?$count=true&$top=1", nil, "ConsistencyLevel", "eventual")
	if a.get("@odata.count") != 9.0 {
		t.Errorf("count of people: %v", a.get("@odata.count"))
	}
}

func TestGroupCyclesEnd(t *testing.T) {
	people := `{"users":[{"upn":"a@x.example"}],"groups":[{"name":"One","groups":["Two"],"members":["a@x.example"]},{"name":"Two","groups":["One"]}]}`
	c := admin(t, open(t, func(o *emulator.Options) { o.People = []byte(people) }))
	_, kinds := pages(c, "/v1.0/groups/"+groupID(c, "Two")+"/transitiveMembers", "@odata.type")
	same(t, "members of a cycle", strings.Join(kinds, " "), "#microsoft.graph.user #microsoft.graph.group")
}

func TestCheckMemberGroups(t *testing.T) {
	c := admin(t, open(t, nil))
	all, dev, support := groupID(c, "Everyone at work"), groupID(c, "Developers"), groupID(c, "Support")
	a := c.want(200, "POST", "/v1.0/users/ada@contoso.example/checkMemberGroups", map[string]any{"groupIds": []string{all, dev, support}})
	if a.length("value") != 2 || a.text("value/0") != all || a.text("value/1") != dev {
		t.Errorf("ada is in %s", a.body)
	}
	tooMany := make([]string, 21)
	for i := range tooMany {
		tooMany[i] = all
	}
	c.want(400, "POST", "/v1.0/users/ada@contoso.example/checkMemberGroups", map[string]any{"groupIds": tooMany})
	c.want(404, "POST", "/v1.0/users/nobody@contoso.example/checkMemberGroups", map[string]any{"groupIds": []string{all}})
}

func TestGetByIDsLeavesOutWhatIsMissing(t *testing.T) {
	c := admin(t, open(t, nil))
	ada, support := userID(c, "ada@contoso.example"), groupID(c, "Support")
	missing := "11111111-1111-4111-8111-111111111111"
	a := c.want(200, "POST", "/v1.0/directoryObjects/getByIds", map[string]any{"ids": []string{ada, missing, support}, "types": []string{"user", "group"}})
	if a.length("value") != 2 || a.text("value/0/@odata.type") != "#microsoft.graph.user" || a.text("value/1/displayName") != "Support" {
		t.Errorf("objects: %s", a.body)
	}
	if n := c.want(200, "POST", "/v1.0/directoryObjects/getByIds", map[string]any{"ids": []string{ada, support}, "types": []string{"user"}}).length("value"); n != 1 {
		t.Errorf("%d users, want 1", n)
	}
	many := make([]string, 1001)
	for i := range many {
		many[i] = missing
	}
	c.want(200, "POST", "/v1.0/directoryObjects/getByIds", map[string]any{"ids": many[:1000]})
	c.want(400, "POST", "/v1.0/directoryObjects/getByIds", map[string]any{"ids": many})
}

func TestOrganization(t *testing.T) {
	tenant := open(t, func(o *emulator.Options) {
		o.TenantID, o.TenantName = "AAAAAAAA-0000-4000-8000-000000000001", "Fabrikam"
	})
	a := admin(t, tenant).want(200, "GET", "/v1.0/organization?$select=id,displayName", nil)
	same(t, "organization", string(a.body), `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#organization","value":[{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Fabrikam"}]}`)
}
