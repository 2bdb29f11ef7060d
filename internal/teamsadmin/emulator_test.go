package teamsadmin_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// onTenant makes clients of both planes of a fresh emulated tenant.
func onTenant(t *testing.T) (*teamsadmin.HTTP, *msgraph.Client) {
	t.Helper()
	clock := httpxtest.NewClock()
	tenant, err := emulator.Open(context.Background(), emulator.Options{
		Path: filepath.Join(t.TempDir(), "tenant.db"), Clock: clock.Now, NewID: httpxtest.IDs(), NoSync: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tenant.Close(); err != nil {
			t.Error(err)
		}
	})
	token := &httpxtest.Credential{Token: emulator.AdminToken(tenant.Info().ID)}
	admin := newRig(t, nil, func(o *teamsadmin.Options) {
		o.Credential, o.Transport, o.Clock, o.Sleep, o.Discover = token, tenant.RoundTripper(), clock.Now, clock.Sleep, true
	})
	graph, err := msgraph.New(msgraph.Options{
		Root: "https://graph.microsoft.com", Credential: token, Transport: tenant.RoundTripper(),
		Clock: clock.Now, Sleep: clock.Sleep, NewID: httpxtest.IDs(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return admin.HTTP, graph
}

func policy(t *testing.T, h teamsadmin.Reader, name string) (teamsadmin.Policy, bool) {
	t.Helper()
	list, err := h.SetupPolicies(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if teamsadmin.SameName(p.Name, name) {
			return p, true
		}
	}
	return teamsadmin.Policy{}, false
}

func TestPolicyOfATenant(t *testing.T) {
	ctx := context.Background()
	h, graph := onTenant(t)
	if p, there := policy(t, h.ReadOnly(), teamsadmin.Global); !there {
		t.Fatal("no Global policy")
	} else if on, known := p.Bool("AllowSideLoading"); !on || !known {
		t.Errorf("Global: AllowSideLoading is %v, known %v", on, known)
	}
	err := h.CreatePolicy(ctx, teamsadmin.SetupPolicy, teamsadmin.Policy{Name: "Pilot R&D", Properties: map[string]json.RawMessage{
		"AllowSideLoading": teamsadmin.BoolValue(false),
		"PinnedAppBarApps": teamsadmin.AppsValue([]string{"b", "a"}, true),
	}})
	if err != nil {
		t.Fatal(err)
	}
	p, there := policy(t, h, "pilot r&d")
	pinned, _ := p.Apps("PinnedAppBarApps")
	want := []teamsadmin.AppRef{{ID: "b", Order: 1}, {ID: "a", Order: 2}}
	if diff := cmp.Diff(want, pinned); !there || diff != "" {
		t.Errorf("there %v\n%s", there, diff)
	}
	err = h.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "Pilot R&D", map[string]json.RawMessage{
		"PinnedAppBarApps": teamsadmin.AppsValue([]string{"a"}, true),
		"AppPresetList":    teamsadmin.AppsValue([]string{"c"}, false),
	})
	if err != nil {
		t.Fatal(err)
	}
	p, _ = policy(t, h, "Pilot R&D")
	pinned, _ = p.Apps("PinnedAppBarApps")
	preset, _ := p.Apps("AppPresetList")
	if on, known := p.Bool("AllowSideLoading"); on || !known || len(pinned) != 1 || len(preset) != 1 {
		t.Errorf("after the update: AllowSideLoading %v, pinned %v, installed %v", on, pinned, preset)
	}
	groups, err := graph.GroupByName(ctx, "Support")
	if err != nil || len(groups) != 1 {
		t.Fatalf("%v, error %v", groups, err)
	}
	if err := h.AssignGroup(ctx, teamsadmin.SetupPolicy, groups[0].ID, "Pilot R&D", 0); err != nil {
		t.Fatal(err)
	}
	assigned, err := h.GroupAssignments(ctx)
	wantAssigned := []teamsadmin.GroupAssignment{
		{GroupID: groups[0].ID, PolicyType: teamsadmin.SetupPolicy, PolicyName: "Pilot R&D", Rank: 1},
	}
	if diff := cmp.Diff(wantAssigned, assigned); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
	if err := h.DeletePolicy(ctx, teamsadmin.SetupPolicy, "Pilot R&D"); err == nil {
		t.Error("an assigned policy was deleted")
	}
	if err := h.UnassignGroup(ctx, teamsadmin.SetupPolicy, groups[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := h.DeletePolicy(ctx, teamsadmin.SetupPolicy, "Pilot R&D"); err != nil {
		t.Fatal(err)
	}
	if err := h.DeletePolicy(ctx, teamsadmin.SetupPolicy, "Pilot R&D"); !teamsadmin.IsNotFound(err) {
		t.Errorf("deleted twice: %v", err)
	}
}

// A policy made on one plane is assigned to people on the other.
func TestAssignmentAcrossThePlanes(t *testing.T) {
	ctx := context.Background()
	h, graph := onTenant(t)
	if _, err := graph.PolicyID(ctx, msgraph.SetupPolicyType, "Pilot"); !msgraph.IsNotFound(err) {
		t.Errorf("a policy that does not exist: %v", err)
	}
	if err := h.CreatePolicy(ctx, teamsadmin.SetupPolicy, teamsadmin.Policy{Name: "Pilot"}); err != nil {
		t.Fatal(err)
	}
	id, err := graph.PolicyID(ctx, msgraph.SetupPolicyType, "Pilot")
	if err != nil || id == "" {
		t.Fatalf("%q, error %v", id, err)
	}
	if ids, err := graph.PolicyIDs(ctx, msgraph.SetupPolicyType, []string{"Nothing", "Pilot"}); err != nil || ids[0] != "" || ids[1] != id {
		t.Errorf("%v, error %v", ids, err)
	}
	people, err := graph.ResolveUsers(ctx, []string{"ada@contoso.example", "ben@contoso.example"})
	if err != nil {
		t.Fatal(err)
	}
	var batch []msgraph.Assignment
	var ids []string
	for _, p := range people {
		batch = append(batch, msgraph.Assignment{UserID: p.User.ID, PolicyType: msgraph.SetupPolicyType, PolicyID: id})
		ids = append(ids, p.User.ID)
	}
	holders := func() (names []string) {
		err := graph.UserConfigurations(ctx, 5, func(c msgraph.UserConfiguration) error {
			for _, p := range c.Policies {
				if p.PolicyType == msgraph.SetupPolicyType && p.Assignment.AssignmentType == "direct" &&
					msgraph.BarePolicyName(p.Assignment.DisplayName) == "Pilot" {
					names = append(names, c.UserPrincipalName)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	if err := graph.AssignPolicy(ctx, batch); err != nil {
		t.Fatal(err)
	}
	if got := holders(); len(got) != 2 {
		t.Errorf("assigned to %v", got)
	}
	configs, err := graph.UserConfigurationsByID(ctx, append(ids, "00000000-0000-4000-8000-00000000dead"))
	if err != nil || len(configs) != 3 || len(configs[0].Policies) != 1 || configs[2].ID != "" {
		t.Errorf("%+v, error %v", configs, err)
	}
	if err := graph.UnassignPolicy(ctx, batch); err != nil {
		t.Fatal(err)
	}
	if got := holders(); len(got) != 0 {
		t.Errorf("still assigned to %v", got)
	}
}

func TestOrgSwitchOfATenant(t *testing.T) {
	ctx := context.Background()
	h, _ := onTenant(t)
	before, err := h.OrgAppSettings(ctx)
	if err != nil || !before.CustomAppInteraction {
		t.Fatalf("%+v, error %v", before, err)
	}
	if err := h.SetCustomAppInteraction(ctx, false); err != nil {
		t.Fatal(err)
	}
	after, err := h.OrgAppSettings(ctx)
	if err != nil || after.CustomAppInteraction {
		t.Errorf("%+v, error %v", after, err)
	}
	before.CustomAppInteraction = false
	before.Properties["isSideloadedAppsInteractionEnabled"] = json.RawMessage("false")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("something else changed\n%s", diff)
	}
}
