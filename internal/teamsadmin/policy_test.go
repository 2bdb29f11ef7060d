package teamsadmin_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/teamsadmin"
)

const livePolicies = `[
	{"Identity":"Tag:Pilot","Key":{"ScopeClass":"Tag"},"AllowSideLoading":true,"AllowUserPinning":null,"Description":null,
	 "PinnedAppBarApps":[{"Id":"second","Order":2},{"Id":"first","Order":1,"Extra":"kept"}],"AppPresetList":{"Id":"only"},"PinnedMessageBarApps":null},
	{"Identity":"Global","Description":"default","AllowSideLoading":false}]`

func TestPolicies(t *testing.T) {
	r := newRig(t, always(200, livePolicies))
	policies, err := r.SetupPolicies(context.Background())
	if err != nil || len(policies) != 2 {
		t.Fatalf("%v, error %v", policies, err)
	}
	if policies[0].Name != "Global" || policies[1].Name != "Pilot" {
		t.Errorf("names %q, %q", policies[0].Name, policies[1].Name)
	}
	pilot := policies[1]
	if _, there := pilot.Property("Identity"); there {
		t.Error("the name is among the properties")
	}
	if raw, _ := pilot.Property("key"); string(raw) != `{"ScopeClass":"Tag"}` {
		t.Errorf("an unknown property became %s", raw)
	}
	apps := func(name string) any {
		list, known := pilot.Apps(name)
		return []any{list, known}
	}
	for name, want := range map[string]any{
		"PinnedAppBarApps":     []any{[]teamsadmin.AppRef{{ID: "first", Order: 1}, {ID: "second", Order: 2}}, true},
		"AppPresetList":        []any{[]teamsadmin.AppRef{{ID: "only"}}, true},
		"PinnedMessageBarApps": []any{[]teamsadmin.AppRef(nil), true},
		"PinnedCallingBarApps": []any{[]teamsadmin.AppRef(nil), false},
		"AllowSideLoading":     []any{[]teamsadmin.AppRef(nil), false},
	} {
		if diff := cmp.Diff(want, apps(name)); diff != "" {
			t.Errorf("%s\n%s", name, diff)
		}
	}
	for name, want := range map[string][2]bool{
		"AllowSideLoading": {true, true}, "allowsideloading": {true, true}, "AllowUserPinning": {false, false},
		"Nothing": {false, false}, "Key": {false, false},
	} {
		value, known := pilot.Bool(name)
		if [2]bool{value, known} != want {
			t.Errorf("%s: %v, %v", name, value, known)
		}
	}
	for name, want := range map[string]bool{"Description": true, "Nothing": false, "AllowSideLoading": false} {
		if value, known := pilot.Text(name); value != "" || known != want {
			t.Errorf("%s: %q, %v", name, value, known)
		}
	}
	if text, known := policies[0].Text("Description"); text != "default" || !known {
		t.Errorf("%q, %v", text, known)
	}
}

func TestAnswersThatAreNoPolicies(t *testing.T) {
	for _, body := range []string{``, `null`, `"x"`, `[1]`, `[{"Description":"nameless"}]`, `[{"Identity":"Tag:"}]`, `[{"Identity":5}]`} {
		r := newRig(t, always(200, body))
		if got, err := r.SetupPolicies(context.Background()); err == nil {
			t.Errorf("%s was read as %v", body, got)
		}
	}
	r := newRig(t, always(200, `{"Identity":"Global"}`)) // an array of one that lost its brackets
	if got, err := r.SetupPolicies(context.Background()); err != nil || len(got) != 1 || got[0].Name != "Global" {
		t.Errorf("%v, error %v", got, err)
	}
}

// A property that was read can be written back, with what is unknown about it, in the order it had.
func TestListsGoBackWhole(t *testing.T) {
	r := newRig(t, always(200, ``))
	err := r.UpdatePolicy(context.Background(), teamsadmin.SetupPolicy, "Pilot", map[string]json.RawMessage{
		"PinnedAppBarApps":            json.RawMessage(`[{"Id":"second","Order":7},{"Id":"first","Order":3,"Extra":"kept"}]`),
		"AdditionalCustomizationApps": json.RawMessage(`[{"Id":"a","Name":"renamed"}]`),
		"SomethingNew":                json.RawMessage(`"as it is"`),
	})
	want := "PUT /Skype.Policy/configurations/TeamsAppSetupPolicy/configuration/Pilot Set-CsTeamsAppSetupPolicy\n" +
		`{"AdditionalCustomizationApps":[{"Id":"a","Name":"renamed"}],` +
		`"PinnedAppBarApps":[{"Extra":"kept","Id":"first","Order":1},{"Id":"second","Order":2}],"SomethingNew":"as it is"}`
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, essence(r.service.Sent()[0])); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	ctx := context.Background()
	props := func(name, value string) map[string]json.RawMessage {
		return map[string]json.RawMessage{name: json.RawMessage(value)}
	}
	for name, call := range map[string]func(h *teamsadmin.HTTP) error{
		"a list as a text": func(h *teamsadmin.HTTP) error {
			return h.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "P", props("AppPresetList", `"[{\"Id\":\"a\"}]"`))
		},
		"a list of texts": func(h *teamsadmin.HTTP) error {
			return h.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "P", props("apppresetlist", `["a"]`))
		},
		"an app without an id": func(h *teamsadmin.HTTP) error {
			return h.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "P", props("PinnedAppBarApps", `[{"Order":1}]`))
		},
		"no JSON": func(h *teamsadmin.HTTP) error {
			return h.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "P", props("Description", `oops`))
		},
		"the name as a property": func(h *teamsadmin.HTTP) error {
			return h.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "P", props("identity", `"Q"`))
		},
		"a null among the apps": func(h *teamsadmin.HTTP) error {
			return h.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "P", props("PinnedAppBarApps", `[null]`))
		},
		"another type": func(h *teamsadmin.HTTP) error {
			return h.DeletePolicy(ctx, "TeamsMeetingPolicy", "P")
		},
		"no name":          func(h *teamsadmin.HTTP) error { return h.DeletePolicy(ctx, teamsadmin.SetupPolicy, "Tag:") },
		"a path as a name": func(h *teamsadmin.HTTP) error { return h.DeletePolicy(ctx, teamsadmin.SetupPolicy, "..") },
		"a second Global": func(h *teamsadmin.HTTP) error {
			return h.CreatePolicy(ctx, teamsadmin.SetupPolicy, teamsadmin.Policy{Name: "global"})
		},
		"a policy without a name": func(h *teamsadmin.HTTP) error {
			return h.CreatePolicy(ctx, teamsadmin.SetupPolicy, teamsadmin.Policy{})
		},
		"a permission policy for a group": func(h *teamsadmin.HTTP) error {
			return h.AssignGroup(ctx, teamsadmin.PermissionPolicy, groupID, "P", 1)
		},
		"a negative rank": func(h *teamsadmin.HTTP) error { return h.AssignGroup(ctx, teamsadmin.SetupPolicy, groupID, "P", -1) },
		"no policy":       func(h *teamsadmin.HTTP) error { return h.AssignGroup(ctx, teamsadmin.SetupPolicy, groupID, "", 1) },
		"no group":        func(h *teamsadmin.HTTP) error { return h.UnassignGroup(ctx, teamsadmin.SetupPolicy, "") },
	} {
		r := newRig(t, always(200, ``))
		if err := call(r.HTTP); err == nil || len(r.service.Sent()) != 0 {
			t.Errorf("%s: error %v, %d requests", name, err, len(r.service.Sent()))
		}
	}
	r := newRig(t, always(200, ``))
	if err := r.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "P", nil); err != nil || len(r.service.Sent()) != 0 {
		t.Errorf("no change: error %v, %d requests", err, len(r.service.Sent()))
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{"Tag:Pilot": "Pilot", "tag:Pilot": "Pilot", "Pilot": "Pilot", "Tag": "Tag", "": ""} {
		if got := teamsadmin.BareName(name); got != want {
			t.Errorf("%q became %q", name, got)
		}
	}
	if !teamsadmin.SameName("Tag:PILOT", "pilot") || teamsadmin.SameName("Pilot", "Pilot 2") {
		t.Error("names are compared wrongly")
	}
}

func TestGroupAssignments(t *testing.T) {
	r := newRig(t, always(200, `[
		{"GroupId":"g2","PolicyType":"TeamsAppSetupPolicy","PolicyName":"Tag:Kiosk","Rank":2,"CreatedBy":"x"},
		{"groupId":"g1","policyType":"TeamsAppSetupPolicy","policyName":"Pilot","priority":1},
		{"GroupId":"g3","PolicyType":"TeamsMeetingPolicy","PolicyName":"AllOn","Rank":1}]`))
	got, err := r.GroupAssignments(context.Background())
	want := []teamsadmin.GroupAssignment{
		{GroupID: "g1", PolicyType: "TeamsAppSetupPolicy", PolicyName: "Pilot", Rank: 1},
		{GroupID: "g2", PolicyType: "TeamsAppSetupPolicy", PolicyName: "Kiosk", Rank: 2},
		{GroupID: "g3", PolicyType: "TeamsMeetingPolicy", PolicyName: "AllOn", Rank: 1},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
	for _, body := range []string{`[{"GroupId":"g"}]`, `[{"PolicyType":"T"}]`, `[{"GroupId":"g","PolicyType":"T","Rank":"one"}]`, `[7]`} {
		r := newRig(t, always(200, body))
		if _, err := r.GroupAssignments(context.Background()); err == nil {
			t.Errorf("%s was accepted", body)
		}
	}
}

func TestOrgSwitch(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, always(200, orgSettings))
	got, err := r.OrgAppSettings(ctx)
	if err != nil || !got.CustomAppInteraction || string(got.Properties["lobBackground"]) != `"#fff"` {
		t.Errorf("%+v, error %v", got, err)
	}
	for name, body := range map[string]string{
		"without the list":      `{"isSideloadedAppsInteractionEnabled":true}`,
		"with a null list":      `{"isSideloadedAppsInteractionEnabled":true,"appSettingsList":null}`,
		"with a list as a text": `{"isSideloadedAppsInteractionEnabled":true,"appSettingsList":"[]"}`,
		"without the switch":    `{"appSettingsList":[]}`,
		"with a null switch":    `{"isSideloadedAppsInteractionEnabled":null,"appSettingsList":[]}`,
		"null":                  `null`,
	} {
		r := newRig(t, always(200, body))
		if err := r.SetCustomAppInteraction(ctx, true); err == nil || len(r.service.Sent()) != 1 {
			t.Errorf("settings %s: error %v, %d requests", name, err, len(r.service.Sent()))
		}
	}
}
