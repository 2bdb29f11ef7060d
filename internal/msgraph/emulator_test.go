package msgraph_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/examples"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/faults"
	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
)

const manifestID = "6b1f0f0e-2f0a-4b6c-9b57-0d6f0a1c2d3e"

// onTenant makes a client of a fresh emulated tenant, all traffic checked against Graph's description.
func onTenant(t *testing.T) (*rig, *emulator.Tenant) {
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
	r := newRig(t, nil, func(o *options) {
		o.Credential = &httpxtest.Credential{Token: emulator.AdminToken(tenant.Info().ID)}
		o.Transport = newContract(t, tenant.RoundTripper(), true)
		o.Clock, o.Sleep = clock.Now, clock.Sleep
	})
	r.clock = clock
	return r, tenant
}

func exampleIcon(t *testing.T, name string) string {
	t.Helper()
	data, err := examples.FS.ReadFile("quickstart/packages/helpdesk/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func appPackage(t *testing.T, version string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"manifest.json": fmt.Sprintf(`{"$schema":"https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json","manifestVersion":"1.16","id":%q,"version":%q,"name":{"short":"Helpdesk","full":"The helpdesk"},
			"description":{"short":"Ask","full":"Ask the helpdesk"},"developer":{"name":"Contoso","websiteUrl":"https://contoso.example",
			"privacyUrl":"https://contoso.example/p","termsOfUseUrl":"https://contoso.example/t"},
			"icons":{"color":"color.png","outline":"outline.png"},"accentColor":"#FFFFFF"}`, manifestID, version),
		"color.png": exampleIcon(t, "color.png"), "outline.png": exampleIcon(t, "outline.png"),
	} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDirectoryOfATenant(t *testing.T) {
	ctx := context.Background()
	r, tenant := onTenant(t)
	org, err := r.Organization(ctx)
	if err != nil || org.ID != tenant.Info().ID || org.DisplayName != tenant.Info().Name {
		t.Errorf("%+v, error %v", org, err)
	}
	var names []string
	first, err := r.UsersFirstPage(ctx, 4)
	if err != nil || first.Total != 11 || len(first.Users) != 4 {
		t.Fatalf("%+v, error %v", first, err)
	}
	byID := map[string]msgraph.User{}
	keep := func(u msgraph.User) error {
		names = append(names, u.UserPrincipalName)
		byID[u.ID] = u
		return nil
	}
	for _, u := range first.Users {
		_ = keep(u)
	}
	if err := r.UsersAfter(ctx, first, keep); err != nil || len(byID) != 11 {
		t.Fatalf("%d users, error %v", len(byID), err)
	}
	if n := r.Calls()["GET /users"]; n != 3 {
		t.Errorf("11 users by 4 took %d calls", n)
	}
	resolved, err := r.ResolveUsers(ctx, append(names, "nobody@contoso.example", "$nobody@contoso.example"))
	if err != nil || len(resolved) != 13 {
		t.Fatalf("%d resolved, error %v", len(resolved), err)
	}
	for i, res := range resolved {
		if res.Found != (i < 11) {
			t.Errorf("%s: found %v", res.Name, res.Found)
		}
		if diff := cmp.Diff(byID[res.User.ID], res.User); diff != "" {
			t.Errorf("%s differs between the listing and the lookup\n%s", res.Name, diff)
		}
	}
	groups, err := r.GroupByName(ctx, "Everyone at work")
	if err != nil || len(groups) != 1 {
		t.Fatalf("%v, error %v", groups, err)
	}
	count := func(transitive bool) (users, groups_ int) {
		err := r.GroupMembers(ctx, groups[0].ID, transitive, func(o msgraph.DirectoryObject) error {
			if o.IsUser() {
				users++
			}
			if o.IsGroup() {
				groups_++
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return users, groups_
	}
	if users, nested := count(false); users != 1 || nested != 3 {
		t.Errorf("%d direct users, %d groups", users, nested)
	}
	if users, nested := count(true); users != 9 || nested != 3 {
		t.Errorf("%d users in all, %d groups", users, nested)
	}
	same, err := r.GroupByID(ctx, groups[0].ID)
	if diff := cmp.Diff(groups, same); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
	support, err := r.GroupByMail(ctx, "support@contoso.example")
	if err != nil || len(support) != 1 || support[0].DisplayName != "Support" {
		t.Errorf("%v, error %v", support, err)
	}
	many, err := r.ResolveGroups(ctx, []msgraph.GroupQuery{{ID: groups[0].ID}, {Name: "Nobody's"}, {Mail: "support@contoso.example"}})
	if diff := cmp.Diff([][]msgraph.Group{groups, {}, support}, many); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
	listed := 0
	if err := r.Groups(ctx, func(msgraph.Group) error { listed++; return nil }); err != nil || listed != 4 {
		t.Errorf("%d groups, error %v", listed, err)
	}
	ada := resolved[0].User.ID
	objects, err := r.GetByIDs(ctx, []string{ada, groups[0].ID, "00000000-0000-4000-8000-00000000dead"}, "user", "group")
	if err != nil || len(objects) != 2 {
		t.Errorf("%v, error %v", objects, err)
	}
	in, err := r.CheckMemberGroups(ctx, ada, []string{groups[0].ID})
	if err != nil || len(in) > 1 {
		t.Errorf("%v, error %v", in, err)
	}
}

func TestCatalogOfATenant(t *testing.T) {
	ctx := context.Background()
	r, _ := onTenant(t)
	app, err := r.PublishApp(ctx, appPackage(t, "1.0.0"), false)
	if err != nil || app.ExternalID != manifestID || !app.IsOrganization() || app.ID == manifestID {
		t.Fatalf("%+v, error %v", app, err)
	}
	if _, err := r.PublishApp(ctx, appPackage(t, "1.0.0"), false); !msgraph.IsAlreadyExists(err) || msgraph.IsAmbiguous(err) {
		t.Errorf("published twice: %v", err)
	}
	if _, err := r.PublishApp(ctx, []byte("no package"), false); !msgraph.IsInvalidPackage(err) {
		t.Errorf("no package: %v", err)
	}
	if _, err := r.UpdateApp(ctx, app.ID, appPackage(t, "1.1.0"), false); err != nil {
		t.Errorf("update: %v", err)
	}
	def, err := r.UpdateApp(ctx, app.ID, appPackage(t, "1.2.0"), true)
	if err != nil || def == nil || !def.PublishingState.Is(msgraph.Submitted) {
		t.Fatalf("submit: %+v, error %v", def, err)
	}
	states := func() string {
		app, err := r.CatalogApp(ctx, app.ID)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, d := range app.Definitions {
			list = append(list, d.Version+" "+strings.ToLower(string(d.PublishingState)))
		}
		return strings.Join(list, ", ")
	}
	if got := states(); got != "1.1.0 published, 1.2.0 submitted" {
		t.Errorf("after the submission: %s", got)
	}
	if err := r.SetPublishingState(ctx, app.ID, def.ID, "c3RhbGU=", msgraph.Published); !msgraph.IsConflict(err) {
		t.Errorf("approval of what has changed: %v", err)
	}
	if err := r.SetPublishingState(ctx, app.ID, def.ID, def.ETag, msgraph.Published); err != nil {
		t.Errorf("approval: %v", err)
	}
	if got := states(); got != "1.2.0 published" {
		t.Errorf("after the approval: %s", got)
	}
	found, err := r.CatalogAppByManifestID(ctx, manifestID)
	if err != nil || len(found) != 1 || found[0].ID != app.ID {
		t.Errorf("%v, error %v", found, err)
	}
	listed := 0
	if err := r.CatalogApps(ctx, func(msgraph.CatalogApp) error { listed++; return nil }); err != nil || listed != 1 {
		t.Errorf("%d apps, error %v", listed, err)
	}
	if err := r.DeleteApp(ctx, app.ID); err != nil {
		t.Error(err)
	}
	if err := r.DeleteApp(ctx, app.ID); !msgraph.IsNotFound(err) {
		t.Errorf("deleted twice: %v", err)
	}
	if _, err := r.CatalogApp(ctx, app.ID); !msgraph.IsNotFound(err) {
		t.Errorf("read after the deletion: %v", err)
	}
}

func TestSettingsAndThrottlingOfATenant(t *testing.T) {
	ctx := context.Background()
	r, tenant := onTenant(t)
	no := false
	if err := r.PatchTeamsAppSettings(ctx, msgraph.TeamsAppSettings{AllowUserRequests: &no}); err != nil {
		t.Fatal(err)
	}
	tenant.Faults().Add(faults.Fault{Status: 429, RetryAfter: 120, Times: 2})
	s, err := r.TeamsAppSettings(ctx)
	if err != nil || s.AllowUserRequests == nil || *s.AllowUserRequests || s.PersonalScopeConsent == nil || !*s.PersonalScopeConsent {
		t.Errorf("%+v, error %v", s, err)
	}
	if diff := cmp.Diff([]time.Duration{2 * time.Minute, 2 * time.Minute}, r.clock.Slept()); diff != "" {
		t.Error(diff)
	}
}

func TestSignedInAsAnApplication(t *testing.T) {
	ctx := context.Background()
	r, tenant := onTenant(t)
	app := newRig(t, nil, func(o *options) {
		o.Credential = &httpxtest.Credential{Token: emulator.AppToken(tenant.Info().ID, "AppCatalog.ReadWrite.All")}
		o.Transport = tenant.RoundTripper()
	})
	if _, err := app.PublishApp(ctx, appPackage(t, "1.0.0"), false); !msgraph.IsForbidden(err) || msgraph.IsAmbiguous(err) {
		t.Errorf("an application published an app: %v", err)
	}
	if _, err := r.PublishApp(ctx, appPackage(t, "1.0.0"), false); err != nil {
		t.Error(err)
	}
}
