package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/people"
)

// start is a snapshot with the given objects.
func start(objects string) []byte {
	return []byte(`{"format":1,
		"users":[{"upn":"a@x.example"},{"upn":"b@x.example"}],
		"groups":[{"name":"G","members":["a@x.example"]},{"name":"H"},{"name":"Twin","id":"00000000-0000-4000-8000-000000000001"},{"name":"twin","id":"00000000-0000-4000-8000-000000000002"}],
		"objects":` + objects + `}`)
}

func TestAFreshTenantStartsFromASnapshot(t *testing.T) {
	c := admin(t, open(t, func(o *emulator.Options) {
		o.People = start(`{
			"policies": {"TeamsAppSetupPolicy": [
				{"name":"Pilot","values":{"AllowSideLoading":true,"Unknown":{"x":1},"PinnedAppBarApps":null}},
				{"name":"global","values":{"AllowSideLoading":false}}]},
			"user_assignments": [{"type":"TeamsAppSetupPolicy","policy":"pilot","users":["B@x.example"]}],
			"group_assignments": [{"type":"TeamsAppSetupPolicy","group":"H","policy":"Pilot","rank":7},{"type":"TeamsAppSetupPolicy","group":"g","policy":"Global","rank":2}],
			"apps": [{"id":"AAAAAAAA-0000-4000-8000-000000000001","manifest_id":"` + helpdeskID + `","versions":[{"version":"2.0.0","state":"published","name":"Helpdesk"},{"version":"3.0.0","state":"submitted","name":"Helpdesk 3"}]}],
			"org": {"apps":{"isSideloadedAppsInteractionEnabled":false,"lobLogo":null,"appSettingsList":null},"requests":{"allowUserRequestsForAppAccess":false}}}`)
	}))
	list := c.want(200, "GET", "/Skype.Policy/configurations/"+setup, nil)
	if list.length("") != -1 || strings.Count(string(list.body), "Identity") != 2 || strings.Contains(string(list.body), "FirstLine") || strings.Contains(string(list.body), "Unknown") {
		t.Errorf("policies: %s", list.body)
	}
	same(t, "b", effective(c, userID(c, "b@x.example")), "TeamsAppSetupPolicy Tag:Pilot direct")
	same(t, "ranks", ranks(c, map[string]string{groupID(c, "G"): "G", groupID(c, "H"): "H"}), "1:G=Global 2:H=Pilot")
	org := c.want(200, "GET", "/Teams.MiddletierService/tenantWideAppsSettingsGlobal", nil)
	if org.get("isSideloadedAppsInteractionEnabled") != false || org.get("isAppsEnabled") != true || org.length("appSettingsList") != 0 {
		t.Errorf("org: %s", org.body)
	}

	const app = "/v1.0/appCatalogs/teamsApps/aaaaaaaa-0000-4000-8000-000000000001"
	got := c.want(200, "GET", app+"?$expand=appDefinitions", nil)
	same(t, "name", got.text("displayName"), "Helpdesk")
	same(t, "state of the newest", got.text("appDefinitions/1/publishingState"), "submitted")
	c.want(409, "POST", apps, pack(t, manifest(helpdeskID, "9.0.0")))
	c.want(409, "POST", app+"/appDefinitions", pack(t, manifest(helpdeskID, "2.0.0")))
	c.want(204, "POST", app+"/appDefinitions", pack(t, manifest(helpdeskID, "4.0.0")))
	got = c.want(200, "GET", app+"?$expand=appDefinitions", nil)
	if got.length("appDefinitions") != 1 || got.text("appDefinitions/0/version") != "4.0.0" {
		t.Errorf("after publishing: %s", got.body)
	}
	c.want(204, "DELETE", app, nil)
}

func TestPoliciesThatASnapshotDoesNotHaveStay(t *testing.T) {
	with := admin(t, open(t, func(o *emulator.Options) { o.People = start(`{}`) }))
	without := admin(t, open(t, nil))
	for _, path := range []string{"/Skype.Policy/configurations/" + setup, "/Skype.Policy/configurations/" + permission, "/Teams.MiddletierService/tenantWideAppsSettingsGlobal"} {
		same(t, path, string(with.want(200, "GET", path, nil).body), string(without.want(200, "GET", path, nil).body))
	}
}

func TestASnapshotThatMakesNoSense(t *testing.T) {
	for name, tc := range map[string]struct{ objects, says string }{
		"unknown part":       {`{"rollouts":[]}`, `unknown field "rollouts"`},
		"not an object":      {`[]`, "cannot unmarshal"},
		"unknown type":       {`{"policies":{"TeamsMeetingPolicy":[]}}`, `"TeamsMeetingPolicy"`},
		"policy twice":       {`{"policies":{"TeamsAppSetupPolicy":[{"name":"P"},{"name":"Tag:p"}]}}`, "exists already"},
		"policy no name":     {`{"policies":{"TeamsAppSetupPolicy":[{"name":" "}]}}`, "no name"},
		"wrong value":        {`{"policies":{"TeamsAppSetupPolicy":[{"name":"P","values":{"AllowSideLoading":"yes"}}]}}`, "AllowSideLoading must be true or false"},
		"unknown policy":     {`{"user_assignments":[{"type":"TeamsAppSetupPolicy","policy":"P","users":["a@x.example"]}]}`, "policy P"},
		"assigned type":      {`{"user_assignments":[{"type":"X","policy":"Global","users":[]}]}`, `"X"`},
		"unknown user":       {`{"user_assignments":[{"type":"TeamsAppSetupPolicy","policy":"Global","users":["z@x.example"]}]}`, "z@x.example"},
		"unknown group":      {`{"group_assignments":[{"type":"TeamsAppSetupPolicy","policy":"Global","group":"Z"}]}`, "group Z, of which there are 0"},
		"ambiguous group":    {`{"group_assignments":[{"type":"TeamsAppSetupPolicy","policy":"Global","group":"Twin"}]}`, "of which there are 2"},
		"permission policy":  {`{"group_assignments":[{"type":"TeamsAppPermissionPolicy","policy":"Global","group":"H"}]}`, "cannot be assigned to groups"},
		"catalog id":         {`{"apps":[{"id":"1","manifest_id":"x","versions":[]}]}`, `"1" is not a GUID`},
		"no versions":        {`{"apps":[{"id":"00000000-0000-4000-8000-000000000009","manifest_id":"x"}]}`, "no versions"},
		"unknown state":      {`{"apps":[{"id":"00000000-0000-4000-8000-000000000009","manifest_id":"x","versions":[{"version":"1","state":"lost"}]}]}`, `"lost"`},
		"manifest id twice":  {`{"apps":[{"id":"00000000-0000-4000-8000-000000000009","manifest_id":"x","versions":[{"version":"1","state":"published"}]},{"id":"00000000-0000-4000-8000-000000000008","manifest_id":"X","versions":[{"version":"1","state":"published"}]}]}`, "manifest id x"},
		"catalog id twice":   {`{"apps":[{"id":"00000000-0000-4000-8000-000000000009","manifest_id":"x","versions":[{"version":"1","state":"published"}]},{"id":"00000000-0000-4000-8000-000000000009","manifest_id":"y","versions":[{"version":"1","state":"published"}]}]}`, "exists already"},
		"settings not a map": {`{"org":{"apps":7}}`, "org.apps"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tenant.db")
			o := options(path)
			o.People = start(tc.objects)
			_, err := emulator.Open(context.Background(), o)
			var bad *people.Error
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), tc.says) || bad.Remedy == "" {
				t.Fatalf("open: %v, want %q", err, tc.says)
			}
			// Corrected, it starts the tenant as if nothing had happened.
			o.People = start(`{"policies":{"TeamsAppSetupPolicy":[{"name":"P"}]}}`)
			tenant, err := emulator.Open(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer closeTenant(t, tenant)
			if n := counts(t, tenant); n.Users != 2 || n.Apps != 0 || n.Policies != 3 {
				t.Errorf("%+v", n)
			}
		})
	}
}

func TestAResetStartsFromTheSnapshotAgain(t *testing.T) {
	file := start(`{"policies":{"TeamsAppSetupPolicy":[{"name":"P"}]}}`)
	tenant := open(t, func(o *emulator.Options) { o.People = file })
	c := admin(t, tenant)
	c.want(204, "DELETE", "/Skype.Policy/configurations/"+setup+"/configuration/P", nil)
	if err := tenant.Reset(context.Background(), emulator.Options{People: file}); err != nil {
		t.Fatal(err)
	}
	c.want(200, "GET", "/Skype.Policy/configurations/"+setup+"/configuration/P", nil)
}

// FuzzSnapshot looks for objects that break the reader, or that are refused
// without a way out.
func FuzzSnapshot(f *testing.F) {
	f.Add(`{"policies":{"TeamsAppSetupPolicy":[{"name":"P","values":{"PinnedAppBarApps":[{"Id":"x"}]}}]},"user_assignments":[{"type":"teamsappsetuppolicy","policy":"tag:p","users":["a@x.example"]}]}`)
	f.Add(`{"group_assignments":[{"type":"TeamsAppSetupPolicy","group":"H","policy":"Global","rank":-1},{"type":"TeamsAppSetupPolicy","group":"G","policy":"Global"}]}`)
	f.Add(`{"apps":[{"id":"00000000-0000-4000-8000-000000000009","manifest_id":"x","versions":[{"version":"1","state":"rejected","name":""}]}],"org":{"apps":null,"requests":{}}}`)
	f.Add(`null`)
	dir := f.TempDir()
	n := 0
	f.Fuzz(func(t *testing.T, objects string) {
		n++
		o := options(filepath.Join(dir, fmt.Sprint(n), "tenant.db"))
		o.People = start(objects)
		tenant, err := emulator.Open(context.Background(), o)
		if err != nil {
			var bad *people.Error
			if !errors.As(err, &bad) || bad.Remedy == "" {
				t.Fatalf("error without a remedy: %v", err)
			}
			return
		}
		defer closeTenant(t, tenant)
		if _, err := tenant.Dump(context.Background()); err != nil {
			t.Fatalf("a tenant that cannot be read: %v", err)
		}
		c := &client{t: t, http: httpClient(tenant), token: emulator.AdminToken(tenant.Info().ID)}
		c.want(200, "GET", apps+"?$expand=appDefinitions", nil)
	})
}
