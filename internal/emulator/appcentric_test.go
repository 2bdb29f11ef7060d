package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/emulator"
)

const m365 = "/M365.Apps"

func appCentric(o *emulator.Options) { o.AccessModel = emulator.ModelAppCentric }

// appCentricWith is an app-centric tenant with the people of a file.
func appCentricWith(file string) func(*emulator.Options) {
	return func(o *emulator.Options) { appCentric(o); withPeople(file)(o) }
}

func saveFor(c *client, app, body string) answer {
	c.t.Helper()
	return c.want(200, "PATCH", m365+"/apps/"+app, body)
}

func may(t testing.TB, tenant *emulator.Tenant, user, app string) emulator.AppAccess {
	t.Helper()
	a, err := tenant.AppAccess(context.Background(), user, app)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func users(t testing.TB, tenant *emulator.Tenant, app string) string {
	t.Helper()
	var out []string
	err := tenant.MayUse(context.Background(), app, func(upn string) bool {
		name, _, _ := strings.Cut(upn, "@")
		out = append(out, name)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

const nestedPeople = `{"users":[{"upn":"ana@x.example"},{"upn":"ben@x.example"},{"upn":"cem@x.example"},{"upn":"guest@y.example","guest":true}],
	"groups":[{"name":"Inner","members":["ana@x.example"]},{"name":"Middle","groups":["Inner"]},{"name":"Outer","members":["ben@x.example"],"groups":["Middle"]}]}`

func TestAvailabilityDecides(t *testing.T) {
	tenant := open(t, appCentricWith(nestedPeople))
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	all := "ana ben cem guest"
	same(t, "never saved", users(t, tenant, app), all)
	same(t, "why", may(t, tenant, "ana@x.example", helpdeskID).Why, "organisation's default")

	c.want(200, "PATCH", m365+"/settings", `{"SettingName":"PrivateApp","SettingValue":"None"}`)
	same(t, "default closed", users(t, tenant, app), "")
	saveFor(c, app, `{"AppAssignmentType":"everyone"}`)
	same(t, "saved as everyone", users(t, tenant, app), all)
	c.want(200, "PATCH", m365+"/settings", `{"SettingName":"privateapp","SettingValue":"all"}`)

	outer := groupID(c, "Outer")
	saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Groups":["`+outer+`"]}`)
	same(t, "nested groups count", users(t, tenant, app), "ana ben")
	saveFor(c, app, `{"AppAssignmentType":"usersandgroups","OperationType":"add","Users":["`+userID(c, "cem@x.example")+`"]}`)
	same(t, "one more", users(t, tenant, app), "ana ben cem")
	saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"Remove","Groups":["`+outer+`"]}`)
	same(t, "group gone", users(t, tenant, app), "cem")
	saveFor(c, app, `{"IsBlocked":true}`)
	same(t, "blocked", users(t, tenant, app), "")
	same(t, "why blocked", may(t, tenant, "cem@x.example", app).Why, "blocked")
	saveFor(c, app, `{"AppAssignmentType":"Everyone"}`)
	same(t, "still blocked", users(t, tenant, app), "")
	saveFor(c, app, `{"IsBlocked":false}`)
	same(t, "as saved meanwhile", users(t, tenant, app), all)
	setSwitch(c, false)
	same(t, "switched off", users(t, tenant, app), "")
	if e := ask(t, tenant, "ana@x.example"); len(e.Usable) != 0 {
		t.Errorf("usable with the switch off: %v", e.Usable)
	}
	setSwitch(c, true)
	saveFor(c, app, `{"AppAssignmentType":"NoOne"}`)
	same(t, "no one", users(t, tenant, app), "")
	if _, err := tenant.AppAccess(context.Background(), "nobody@x.example", app); err == nil {
		t.Error("an answer about nobody")
	}
}

func TestInstallsPerApp(t *testing.T) {
	tenant := open(t, appCentricWith(nestedPeople))
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	saveFor(c, app, `{"AppInstallType":"UsersAndGroups","InstallForOperationType":"Add","InstallForGroups":["`+groupID(c, "Outer")+`"],"InstallVersion":"1.0.0"}`)
	if a := may(t, tenant, "ana@x.example", app); !a.Installed || a.Pinned || !a.Use || !a.Discover {
		t.Errorf("ana: %+v", a)
	}
	if a := may(t, tenant, "cem@x.example", app); a.Installed || !a.Use {
		t.Errorf("cem: %+v", a)
	}
	if e := ask(t, tenant, "ana@x.example"); !slices.Contains(e.Installed, app) {
		t.Errorf("installed: %v", e.Installed)
	}
	// Whoever may not use it gets nothing installed.
	saveFor(c, app, `{"AppAssignmentType":"Noone"}`)
	if a := may(t, tenant, "ana@x.example", app); a != (emulator.AppAccess{Why: "availability"}) {
		t.Errorf("ana, not available: %+v", a)
	}
	if e := ask(t, tenant, "ana@x.example"); slices.Contains(e.Installed, app) {
		t.Errorf("installed: %v", e.Installed)
	}
	a := c.want(200, "GET", m365+"/apps/"+app, nil)
	same(t, "version", a.text("InstalledFor/Version"), "1.0.0")
	same(t, "type", a.text("InstalledFor/AppInstallType"), "UsersAndGroups")
	if a.length("InstalledFor/InstallForGroups") != 1 || a.get("InstalledFor/InstallForUsers") != nil || a.get("AvailableTo/Users") != nil {
		t.Errorf("lists: %s", a.body)
	}
}

// Pins stay a matter of setup policies, and follow whether the app may be used.
func TestPinsWithAppCentricManagement(t *testing.T) {
	tenant := open(t, appCentricWith(nestedPeople))
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	c.want(200, "PUT", policyPath(setup, "Global"), `{"PinnedAppBarApps":[{"Id":"`+app+`"},{"Id":"86fcd49b-61a2-4701-b771-54728cd291fb"}]}`)
	if a := may(t, tenant, "cem@x.example", app); !a.Pinned || !a.Installed {
		t.Errorf("cem: %+v", a)
	}
	saveFor(c, "86fcd49b-61a2-4701-b771-54728cd291fb", `{"IsBlocked":true}`)
	saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Users":["`+userID(c, "ana@x.example")+`"]}`)
	same(t, "cem's pins", strings.Join(ask(t, tenant, "cem@x.example").Pinned, " "), "")
	same(t, "ana's pins", strings.Join(ask(t, tenant, "ana@x.example").Pinned, " "), app)
}

func TestListOfAppsAndDefaults(t *testing.T) {
	tenant := open(t, appCentric)
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	pending := c.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(expensesI, "1.0.0"))).text("id")
	var rows []struct {
		ID          string `json:"Id"`
		IsBlocked   *bool
		AvailableTo map[string]any
	}
	if err := json.Unmarshal(c.want(200, "GET", m365+"/apps", nil).body, &rows); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, r := range rows {
		found[r.ID] = true
		if r.IsBlocked == nil || r.AvailableTo["AssignmentType"] != "Everyone" || r.AvailableTo["LastUpdatedTimestamp"] != nil || r.AvailableTo["AssignedBy"] != nil {
			t.Errorf("never saved: %+v", r)
		}
		if _, lists := r.AvailableTo["Users"]; lists {
			t.Errorf("the list names users: %+v", r)
		}
	}
	if len(rows) != 10 || !found[app] || !found[pending] || !found["86fcd49b-61a2-4701-b771-54728cd291fb"] {
		t.Errorf("%d apps: %v", len(rows), found)
	}
	// A default concerns the apps of its class that nobody has saved.
	saveFor(c, app, `{"AppAssignmentType":"Everyone"}`)
	c.want(200, "PATCH", m365+"/settings", `{"SettingName":"PrivateApp","SettingValue":"None"}`)
	same(t, "saved", c.want(200, "GET", m365+"/apps/"+app, nil).text("AvailableTo/AssignmentType"), "Everyone")
	same(t, "never saved", c.want(200, "GET", m365+"/apps/"+pending, nil).text("AvailableTo/AssignmentType"), "Noone")
	same(t, "Microsoft's", c.want(200, "GET", m365+"/apps/86fcd49b-61a2-4701-b771-54728cd291fb", nil).text("AvailableTo/AssignmentType"), "Everyone")
	same(t, "settings", string(c.want(200, "GET", m365+"/settings?settingNames=PrivateApp,DefaultApp", nil).body),
		`[{"SettingName":"PrivateApp","SettingValue":"None","Users":null,"Groups":null},{"SettingName":"DefaultApp","SettingValue":"All","Users":null,"Groups":null}]`)
	if n := c.want(200, "GET", m365+"/settings", nil).body; strings.Count(string(n), "SettingName") != 4 {
		t.Errorf("settings: %s", n)
	}
	// An app that is gone takes its record along; published anew it starts afresh.
	c.want(204, "DELETE", apps+"/"+app, nil)
	c.want(404, "GET", m365+"/apps/"+app, nil)
	again := publish(c, helpdeskID, "1.0.0")
	same(t, "anew", c.want(200, "GET", m365+"/apps/"+again, nil).text("AvailableTo/AssignmentType"), "Noone")
}

func TestRefusedAvailability(t *testing.T) {
	tenant := open(t, appCentricWith(nestedPeople))
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	at := m365 + "/apps/" + app
	ana := userID(c, "ana@x.example")
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf(`"00000000-0000-4000-8000-%012x"`, i))
	}
	for name, body := range map[string]string{
		"nothing":               `{}`,
		"two families":          `{"IsBlocked":true,"AppAssignmentType":"Everyone"}`,
		"both audiences":        `{"AppAssignmentType":"Everyone","AppInstallType":"Everyone"}`,
		"everyone with users":   `{"AppAssignmentType":"Everyone","Users":["` + ana + `"]}`,
		"no operation":          `{"AppAssignmentType":"UsersAndGroups","Users":["` + ana + `"]}`,
		"unknown operation":     `{"AppAssignmentType":"UsersAndGroups","OperationType":"Set","Users":["` + ana + `"]}`,
		"no type":               `{"OperationType":"Add","Users":["` + ana + `"]}`,
		"unknown type":          `{"AppAssignmentType":"Some"}`,
		"nobody to add":         `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add"}`,
		"not in the directory":  `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Users":["00000000-0000-4000-8000-00000000dead"]}`,
		"user as group":         `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Groups":["` + ana + `"]}`,
		"remove from everyone":  `{"AppAssignmentType":"UsersAndGroups","OperationType":"Remove","Users":["` + ana + `"]}`,
		"more than a call does": `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Users":[` + strings.Join(many, ",") + `]}`,
		"unknown property":      `{"Blocked":true}`,
	} {
		if a := c.do("PATCH", at, body); a.status != 400 || a.text("error/code") != "BadRequest" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	same(t, "untouched", users(t, tenant, app), "ana ben cem guest")
	same(t, "manifest id", c.want(404, "PATCH", m365+"/apps/"+helpdeskID, `{"IsBlocked":true}`).text("error/code"), "NotAllowed")
	c.want(400, "PATCH", m365+"/settings", `{"SettingName":"PrivateApp","SettingValue":"Some"}`)
	c.want(400, "PATCH", m365+"/settings", `{"SettingName":"Nothing","SettingValue":"All"}`)
	c.want(400, "GET", m365+"/settings?settingNames=Nothing", nil)
	// Whoever is gone can still be taken off a list.
	saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Users":["`+ana+`"]}`)
	saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"Remove","Users":["00000000-0000-4000-8000-00000000dead"]}`)
	same(t, "ana stays", users(t, tenant, app), "ana")
	// A tenant with policies has no such service.
	same(t, "other model", admin(t, open(t, nil)).want(409, "GET", m365+"/apps", nil).text("error/code"), "NotAllowed")
}

func TestOnlyPeopleManageApps(t *testing.T) {
	tenant := open(t, appCentric)
	app := as(t, tenant, emulator.AppToken(tenant.Info().ID, emulator.RoleTeamsAdministrator, "AppCatalog.ReadWrite.All"))
	for _, try := range [][2]string{{"GET", m365 + "/apps"}, {"GET", m365 + "/settings"}, {"PATCH", m365 + "/settings"}} {
		a := app.want(401, try[0], try[1], `{}`)
		same(t, "challenge", a.header.Get("WWW-Authenticate"), `Bearer token_types="app_asserted_user_v1 service_asserted_app_v1"`)
	}
	as(t, tenant, emulator.UserToken(tenant.Info().ID, "ada@contoso.example", "user_impersonation")).want(403, "GET", m365+"/apps", nil)
}

// A permission policy can be written where access is decided per app, and the
// answers are those of a success: nothing happens.
func TestPermissionPoliciesMeanNothing(t *testing.T) {
	tenant := open(t, appCentric)
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	before := dumpOf(t, tenant)
	createPolicy(c, permission, "None", `"PrivateCatalogAppsType":"AllowedAppList"`)
	a := c.want(200, "PUT", policyPath(permission, "Global"), `{"PrivateCatalogAppsType":"AllowedAppList"}`)
	same(t, "answer", a.text("PrivateCatalogAppsType"), "AllowedAppList")
	c.want(204, "DELETE", policyPath(permission, "Global"), nil)
	same(t, "tenant", dumpOf(t, tenant), before)
	if !may(t, tenant, "ada@contoso.example", app).Use {
		t.Error("a permission policy counts")
	}
	// What a person sees of the catalog follows availability.
	saveFor(c, app, `{"AppAssignmentType":"Noone"}`)
	ada := as(t, tenant, emulator.UserToken(tenant.Info().ID, "ada@contoso.example", "AppCatalog.Read.All"))
	if n := ada.want(200, "GET", apps, nil).length("value"); n != 0 {
		t.Errorf("ada sees %d apps", n)
	}
}

// Setup policies install nothing new; what they install can be taken away.
func TestSetupPoliciesInstallNothingNew(t *testing.T) {
	c := admin(t, open(t, appCentric))
	const viva, chat = `{"Id":"d2c6f111-ffad-42a0-b65e-ee00425598aa"}`, `{"Id":"86fcd49b-61a2-4701-b771-54728cd291fb"}`
	c.want(400, "PUT", policyPath(setup, "Global"), `{"AppPresetList":[`+viva+`,`+chat+`]}`)
	c.want(400, "POST", "/Skype.Policy/configurations/"+setup, `{"Identity":"P","AppPresetList":[`+chat+`]}`)
	createPolicy(c, setup, "P", `"AppPresetList":[`+viva+`],"PinnedAppBarApps":[`+chat+`]`)
	c.want(200, "PUT", policyPath(setup, "P"), `{"AppPresetList":[]}`)
	c.want(400, "PUT", policyPath(setup, "P"), `{"AppPresetList":[`+viva+`]}`)
	c.want(200, "PUT", policyPath(setup, "P"), `{"AppPresetMeetingList":[`+viva+`],"Description":"x"}`)
}

// An app in review is visible to nobody, can be restricted, and keeps that when
// it is approved.
func TestRestrictedInReview(t *testing.T) {
	tenant := open(t, appCentricWith(nestedPeople))
	c := admin(t, tenant)
	app := c.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(helpdeskID, "1.0.0"))).text("id")
	same(t, "in review", users(t, tenant, app), "")
	same(t, "why", may(t, tenant, "ana@x.example", app).Why, "not published")
	saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Users":["`+userID(c, "ana@x.example")+`"]}`)
	a := c.want(200, "GET", apps+"/"+app+"/appDefinitions", nil)
	c.want(200, "PATCH", definitionPath(app, a.text("value/0/id")), `{"publishingState":"published"}`, "If-Match", a.text("value/0/@odata.etag"))
	same(t, "approved", users(t, tenant, app), "ana")

	strict := open(t, func(o *emulator.Options) { appCentric(o); o.NoReview = true })
	if strict.TakesReview() || !tenant.TakesReview() {
		t.Error("the tenants do not say whether they take apps in review")
	}
	c = admin(t, strict)
	app = c.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(helpdeskID, "1.0.0"))).text("id")
	c.want(404, "PATCH", m365+"/apps/"+app, `{"IsBlocked":true}`)
}

// People who leave are gone from every list.
func TestLeaversLeaveTheLists(t *testing.T) {
	tenant := open(t, appCentricWith(nestedPeople))
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Users":["`+userID(c, "cem@x.example")+`"],"Groups":["`+groupID(c, "Inner")+`"]}`)
	if _, _, err := tenant.ReplaceFrom(context.Background(), []byte(`{"users":[{"upn":"ben@x.example"}],"groups":[]}`), nil); err != nil {
		t.Fatal(err)
	}
	a := c.want(200, "GET", m365+"/apps/"+app, nil)
	if a.text("AvailableTo/AssignmentType") != "UsersAndGroups" || a.get("AvailableTo/Users") != nil || a.get("AvailableTo/Groups") != nil {
		t.Errorf("lists: %s", a.body)
	}
	same(t, "nobody is left", users(t, tenant, app), "")
}

// audience is a plain model of one app's availability.
type audience struct {
	kind          string
	users, groups map[string]bool
	blocked       bool
}

// TestAvailabilityAgainstAModel compares who may use an app with a model after
// random changes, for people in nested groups.
func TestAvailabilityAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tenant := open(t, appCentricWith(nestedPeople))
		c := admin(t, tenant)
		app := publish(c, helpdeskID, "1.0.0")
		inside := map[string][]string{"Inner": {"ana"}, "Middle": {"ana"}, "Outer": {"ana", "ben"}}
		names := []string{"ana", "ben", "cem"}
		m := audience{users: map[string]bool{}, groups: map[string]bool{}}
		open := true
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			switch step := rapid.SampledFrom([]string{"Everyone", "Noone", "user", "user", "group", "group", "block", "default"}).Draw(rt, "step"); step {
			case "Everyone", "Noone":
				saveFor(c, app, `{"AppAssignmentType":"`+step+`"}`)
				m = audience{kind: step, users: map[string]bool{}, groups: map[string]bool{}, blocked: m.blocked}
			case "block":
				m.blocked = rapid.Bool().Draw(rt, "blocked")
				saveFor(c, app, fmt.Sprintf(`{"IsBlocked":%v}`, m.blocked))
			case "default":
				open = rapid.Bool().Draw(rt, "open")
				c.want(200, "PATCH", m365+"/settings", fmt.Sprintf(`{"SettingName":"PrivateApp","SettingValue":%q}`, map[bool]string{true: "All", false: "None"}[open]))
			default:
				add := m.kind != "UsersAndGroups" || rapid.Bool().Draw(rt, "add")
				op := map[bool]string{true: "Add", false: "Remove"}[add]
				if m.kind != "UsersAndGroups" {
					m.kind, m.users, m.groups = "UsersAndGroups", map[string]bool{}, map[string]bool{}
				}
				if step == "user" {
					u := rapid.SampledFrom(names).Draw(rt, "user")
					saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"`+op+`","Users":["`+userID(c, u+"@x.example")+`"]}`)
					m.users[u] = add
				} else {
					g := rapid.SampledFrom([]string{"Inner", "Middle", "Outer"}).Draw(rt, "group")
					saveFor(c, app, `{"AppAssignmentType":"UsersAndGroups","OperationType":"`+op+`","Groups":["`+groupID(c, g)+`"]}`)
					m.groups[g] = add
				}
			}
			for _, u := range append(slices.Clone(names), "guest") {
				want := m.kind == "Everyone" || m.kind == "" && open || m.kind == "UsersAndGroups" && (m.users[u] || slices.ContainsFunc([]string{"Inner", "Middle", "Outer"}, func(g string) bool {
					return m.groups[g] && slices.Contains(inside[g], u)
				}))
				upn := u + "@x.example"
				if u == "guest" {
					upn = "guest@y.example"
				}
				if got := may(t, tenant, upn, app).Use; got != (want && !m.blocked) {
					rt.Fatalf("%s may use it: %v, want %v (%+v)", u, got, want && !m.blocked, m)
				}
			}
		}
	})
}
