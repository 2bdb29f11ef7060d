package emulator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/emulator"
)

func ask(t testing.TB, tenant *emulator.Tenant, user string) emulator.Effective {
	t.Helper()
	e, err := tenant.Effective(context.Background(), user)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func uploaders(t testing.TB, tenant *emulator.Tenant) []string {
	t.Helper()
	var out []string
	err := tenant.MayUpload(context.Background(), func(upn string) bool {
		out = append(out, upn)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func setSwitch(c *client, on bool) {
	c.t.Helper()
	c.want(200, "PUT", "/Teams.MiddletierService/tenantWideAppsSettingsGlobal", fmt.Sprintf(`{"isAppsEnabled":true,"isAppsPurchaseEnabled":true,
		"isExternalAppsEnabledByDefault":true,"isLicenseBasedPinnedAppsEnabled":false,"isTenantWideAutoInstallEnabled":false,
		"isSideloadedAppsInteractionEnabled":%v,"LobTextColor":"","LobBackground":"","LobLogo":"","LobLogomark":"","appSettingsList":[]}`, on))
}

func TestEffective(t *testing.T) {
	tenant := open(t, nil)
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	hidden := c.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(expensesI, "1.0.0"))).text("id")
	e := ask(t, tenant, "ada@contoso.example")
	if e.SetupPolicy.Source != "global" || e.SetupPolicy.Name != "Global" || !e.MayUpload || !slices.Equal(e.Usable, []string{app}) {
		t.Errorf("fresh: %+v", e)
	}
	createPolicy(c, setup, "Pins", `"AllowSideLoading":false,"AppPresetList":[{"Id":"x"}],"PinnedAppBarApps":[{"Id":"`+app+`","Order":2},{"Id":"`+hidden+`","Order":3},{"Id":"y","Order":1}]`)
	createPolicy(c, permission, "None", `"PrivateCatalogAppsType":"AllowedAppList"`)
	support := groupID(c, "Support")
	c.want(204, "PATCH", "/Skype.Policy/groupPolicyAssignments/"+support+"/policyTypes/"+setup, `{"PolicyName":"Pins"}`)
	e = ask(t, tenant, strings.ToUpper("ben@contoso.example"))
	if e.SetupPolicy != (emulator.EffectivePolicy{Name: "Pins", Source: "group", GroupID: support}) || e.MayUpload {
		t.Errorf("through the group: %+v", e)
	}
	same(t, "pinned", strings.Join(e.Pinned, " "), "y "+app)
	same(t, "installed", strings.Join(e.Installed, " "), "x y "+app)
	c.want(204, "PATCH", "/Skype.Policy/users/ben@contoso.example/policies/"+permission, `{"PolicyName":"None"}`)
	e = ask(t, tenant, "ben@contoso.example")
	if e.PermissionPolicy.Source != "direct" || len(e.Usable) != 0 || strings.Join(e.Pinned, " ") != "y" {
		t.Errorf("not permitted: %+v", e)
	}
	setSwitch(c, false)
	e = ask(t, tenant, "ada@contoso.example")
	if e.MayUpload || len(e.Usable) != 0 {
		t.Errorf("switched off: %+v", e)
	}
	if _, err := tenant.Effective(context.Background(), "nobody@contoso.example"); err == nil {
		t.Error("an answer about nobody")
	}
}

func TestMayUpload(t *testing.T) {
	tenant := open(t, nil)
	c := admin(t, tenant)
	if n := len(uploaders(t, tenant)); n != 11 {
		t.Errorf("%d people may upload in a fresh tenant, want 11", n)
	}
	createPolicy(c, setup, "Developers", `"AllowSideLoading":true`)
	c.want(200, "PUT", policyPath(setup, "Global"), `{"AllowSideLoading":false}`)
	if got := uploaders(t, tenant); len(got) != 0 {
		t.Errorf("uploaders: %v", got)
	}
	c.want(204, "PATCH", "/Skype.Policy/groupPolicyAssignments/"+groupID(c, "Developers")+"/policyTypes/"+setup, `{"PolicyName":"Developers"}`)
	c.want(204, "PATCH", "/Skype.Policy/users/hana@contoso.example/policies/"+setup, `{"PolicyName":"Developers"}`)
	c.want(204, "PATCH", "/Skype.Policy/users/dev@contoso.example/policies/"+setup, `{"PolicyName":"FirstLineWorker"}`)
	same(t, "uploaders", strings.Join(uploaders(t, tenant), " "), "ada@contoso.example hana@contoso.example")
	setSwitch(c, false)
	if got := uploaders(t, tenant); len(got) != 0 {
		t.Errorf("uploaders with the switch off: %v", got)
	}
	n := 0
	setSwitch(c, true)
	if err := tenant.MayUpload(context.Background(), func(string) bool { n++; return false }); err != nil || n != 1 {
		t.Errorf("stopped after %d, %v", n, err)
	}
}

// world is a plain model of assignments: who has what, looked up the slow way.
type world struct {
	members map[string][]string // group -> users
	direct  map[string]string   // user -> policy
	ranked  []string            // groups by rank
	held    map[string]string   // group -> policy
}

func (w *world) effective(user string) string {
	if p := w.direct[user]; p != "" {
		return "TeamsAppSetupPolicy Tag:" + p + " direct"
	}
	for _, g := range w.ranked {
		if slices.Contains(w.members[g], user) {
			return "TeamsAppSetupPolicy Tag:" + w.held[g] + " group"
		}
	}
	return ""
}

// TestPrecedence compares the tenant with the model after random changes: for
// each person alone and for all of them in one listing.
func TestPrecedence(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{members: map[string][]string{}, direct: map[string]string{}, held: map[string]string{}}
		file, users := w.file(rt)
		tenant := open(t, withPeople(file))
		c := admin(t, tenant)
		for _, p := range []string{"P", "Q", "R"} {
			createPolicy(c, setup, p, "")
		}
		for range rapid.IntRange(0, 12).Draw(rt, "steps") {
			w.step(rt, c, users)
		}
		listed := map[string]string{}
		for path := configs + "?$top=3"; path != ""; {
			a := c.want(200, "GET", path, nil)
			for i := range a.length("value") {
				at := fmt.Sprintf("value/%d/", i)
				if a.length(at+"effectivePolicyAssignments") > 0 {
					p := at + "effectivePolicyAssignments/0/"
					listed[a.text(at+"userPrincipalName")] = a.text(p+"policyType") + " " + a.text(p+"policyAssignment/displayName") + " " + a.text(p+"policyAssignment/assignmentType")
				}
			}
			path = a.text("@odata.nextLink")
		}
		for _, u := range users {
			want := w.effective(u)
			if got := effective(c, userID(c, u)); got != want {
				rt.Fatalf("%s has %q, want %q", u, got, want)
			}
			if listed[u] != want {
				rt.Fatalf("%s is listed with %q, want %q", u, listed[u], want)
			}
		}
	})
}

func (w *world) file(rt *rapid.T) (string, []string) {
	var users, quoted, groups []string
	for i := range rapid.IntRange(1, 9).Draw(rt, "users") {
		users = append(users, fmt.Sprintf("u%d@x.example", i))
		quoted = append(quoted, fmt.Sprintf(`{"upn":"u%d@x.example"}`, i))
	}
	for i := range rapid.IntRange(0, 4).Draw(rt, "groups") {
		g := fmt.Sprintf("G%d", i)
		w.members[g] = rapid.SliceOfNDistinct(rapid.SampledFrom(users), 0, len(users), rapid.ID).Draw(rt, "members of "+g)
		list := `"` + strings.Join(w.members[g], `","`) + `"`
		if list == `""` {
			list = ""
		}
		// The group before is a member too: nested groups must not count.
		nested := ""
		if i > 0 {
			nested = fmt.Sprintf(`"G%d"`, i-1)
		}
		groups = append(groups, fmt.Sprintf(`{"name":%q,"members":[%s],"groups":[%s]}`, g, list, nested))
	}
	return `{"users":[` + strings.Join(quoted, ",") + `],"groups":[` + strings.Join(groups, ",") + `]}`, users
}

func (w *world) step(rt *rapid.T, c *client, users []string) {
	policy := rapid.SampledFrom([]string{"P", "Q", "R"}).Draw(rt, "policy")
	user := rapid.SampledFrom(users).Draw(rt, "user")
	switch kind := rapid.SampledFrom([]string{"grant", "take", "group", "ungroup"}).Draw(rt, "step"); {
	case kind == "grant":
		c.want(204, "PATCH", "/Skype.Policy/users/"+user+"/policies/"+setup, `{"PolicyName":"`+policy+`"}`)
		w.direct[user] = policy
	case kind == "take":
		c.want(204, "POST", unassignPath, value(entry(userID(c, user), setup, "")))
		delete(w.direct, user)
	case len(w.members) > 0:
		g := fmt.Sprintf("G%d", rapid.IntRange(0, len(w.members)-1).Draw(rt, "group"))
		path := "/Skype.Policy/groupPolicyAssignments/" + groupID(c, g) + "/policyTypes/" + setup
		at := slices.Index(w.ranked, g)
		switch {
		case kind == "ungroup" && at >= 0:
			c.want(204, "DELETE", path, nil)
			w.ranked = slices.Delete(w.ranked, at, at+1)
		case kind == "group" && at < 0:
			rank := rapid.IntRange(1, 6).Draw(rt, "rank")
			c.want(204, "PATCH", path, map[string]any{"PolicyName": policy, "Rank": rank})
			w.ranked = slices.Insert(w.ranked, min(rank-1, len(w.ranked)), g)
			w.held[g] = policy
		}
	}
}
