package teamsadmin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// An app as documented: what the commands print, with the spellings that were seen.
const printedApp = `{"Id":"AAAAAAAA-0000-4000-8000-000000000001","IsBlocked":"Unblocked",
	"AvailableTo":{"AssignmentType":"UsersandGroups","LastUpdatedTimestamp":"2026-01-05T09:00:00Z","AssignedBy":"x",
		"Users":[{"Id":"B0000000-0000-4000-8000-000000000002","AssignedBy":"x","LastUpdatedTimeStamp":"y"},{"Id":"a0000000-0000-4000-8000-000000000002"}],"Groups":null},
	"InstalledFor":{"AppInstallType":"NoOne","InstallForUsers":null,"InstallForGroups":null,"InstalledBy":null,"InstalledSource":null,"Version":null}}`

func TestReadAvailability(t *testing.T) {
	r := newRig(t, always(200, printedApp))
	got, err := r.AppAvailability(context.Background(), "x")
	want := teamsadmin.AppAvailability{
		ID: "aaaaaaaa-0000-4000-8000-000000000001",
		Available: teamsadmin.AppAudience{
			Type: teamsadmin.UsersAndGroups, Saved: true,
			Users: []string{"a0000000-0000-4000-8000-000000000002", "b0000000-0000-4000-8000-000000000002"}, Groups: []string{},
		},
		Installed: teamsadmin.AppAudience{Type: teamsadmin.Noone, Users: []string{}, Groups: []string{}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	r = newRig(t, always(200, "["+printedApp+`,{"Id":"0","IsBlocked":true,"AvailableTo":{"AssignmentType":"everyone"},"InstalledFor":{}}]`))
	list, err := r.AppAvailabilities(context.Background())
	if err != nil || len(list) != 2 || list[0].ID != "0" || !list[0].Blocked || list[0].Available.Saved || list[0].Available.Type != teamsadmin.Everyone {
		t.Errorf("%+v, %v", list, err)
	}
	for _, bad := range []string{`{}`, `{"Id":"x","IsBlocked":"perhaps"}`, `{"Id":"x","AvailableTo":{"AssignmentType":"Some"}}`, `null`, `[]`, `"x"`} {
		if got, err := newRig(t, always(200, bad)).AppAvailability(context.Background(), "x"); err == nil {
			t.Errorf("%s was read as %+v", bad, got)
		}
	}
}

func TestDefaults(t *testing.T) {
	r := newRig(t, always(200, `[{"SettingName":"DefaultApp","SettingValue":"All"},{"SettingName":"PrivateApp","SettingValue":"None"},
		{"SettingName":"GlobalApp","SettingValue":"Odd"},{"SettingName":"EnableCopilotExtensibility","SettingValue":"Some","Users":["x"]}]`))
	d, err := r.AppDefaults(context.Background())
	if err != nil || d.Microsoft == nil || !*d.Microsoft || d.Custom == nil || *d.Custom || d.Store != nil {
		t.Errorf("%+v, %v", d, err)
	}
}

// Long lists go in several calls, groups first, and no call mixes the audiences.
func TestLongListsGoInSeveralCalls(t *testing.T) {
	var users, groups []string
	for i := range 150 {
		users = append(users, fmt.Sprintf("u%d", i))
	}
	for i := range 100 {
		groups = append(groups, fmt.Sprintf("g%d", i))
	}
	r := newRig(t, always(200, ``))
	if err := r.AddToAudience(context.Background(), "x", teamsadmin.Available, users, groups); err != nil {
		t.Fatal(err)
	}
	var counts []string
	for _, sent := range r.service.Sent() {
		_, raw, _ := strings.Cut(sent, "\n\n")
		var body struct{ Users, Groups []string }
		if err := json.Unmarshal([]byte(raw), &body); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, fmt.Sprintf("%d+%d", len(body.Groups), len(body.Users)))
	}
	if diff := cmp.Diff([]string{"99+0", "1+98", "0+52"}, counts); diff != "" {
		t.Error(diff)
	}
	r = newRig(t, always(200, ``))
	if err := r.AddToAudience(context.Background(), "x", teamsadmin.Available, nil, nil); err != nil || len(r.service.Sent()) != 0 {
		t.Errorf("nothing to add: %v, %d calls", err, len(r.service.Sent()))
	}
}

// What fails after some of it was done is not certain to have failed.
func TestHalfALongListIsAmbiguous(t *testing.T) {
	refuseFrom := func(n int) *rig {
		return newRig(t, func(i int, _ *http.Request, _ string) (*http.Response, error) {
			if i >= n {
				return httpxtest.Reply(400, `{"error":{"code":"BadRequest","message":"no"}}`)
			}
			return httpxtest.Reply(200, ``)
		})
	}
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for first, ambiguous := range map[int]bool{0: false, 1: true} {
		r := refuseFrom(first + 1)
		if first == 0 {
			r = newRig(t, always(400, `{"error":{"code":"BadRequest","message":"no"}}`))
		}
		err := r.AddToAudience(context.Background(), "x", teamsadmin.Available, many, nil)
		if err == nil || teamsadmin.IsAmbiguous(err) != ambiguous {
			t.Errorf("refused from call %d on: %v, ambiguous %v", first, err, teamsadmin.IsAmbiguous(err))
		}
	}
}

func TestAppCentricIsClosed(t *testing.T) {
	ctx := context.Background()
	refused := newRig(t, always(401, `{"error":{"code":"Unauthorized","message":"no"}}`))
	elsewhere := newRig(t, always(200, `[]`), func(o *teamsadmin.Options) { o.AppCentric = false })
	for name, r := range map[string]*rig{"application": refused, "no way there": elsewhere} {
		_, err := r.AppAvailabilities(ctx)
		_, err2 := r.AppDefaults(ctx)
		_, err3 := r.AppAvailability(ctx, "x")
		for i, e := range []error{err, err2, err3, r.BlockApp(ctx, "x", true), r.SetAudience(ctx, "x", teamsadmin.Available, teamsadmin.Everyone), r.SetCustomAppsDefault(ctx, true)} {
			if !teamsadmin.IsClosed(e) {
				t.Errorf("%s, call %d: %v", name, i, e)
			}
		}
	}
	if n := len(elsewhere.service.Sent()); n != 0 {
		t.Errorf("%d calls to a service that is not there", n)
	}
	if _, err := newRig(t, always(401, `{}`)).SetupPolicies(ctx); teamsadmin.IsClosed(err) {
		t.Error("another service was taken for it")
	}
}

// The client and the emulated tenant understand each other.
func TestAvailabilityOfATenant(t *testing.T) {
	ctx := context.Background()
	clock := httpxtest.NewClock()
	tenant, err := emulator.Open(ctx, emulator.Options{
		Path: filepath.Join(t.TempDir(), "tenant.db"), Clock: clock.Now, NewID: httpxtest.IDs(), NoSync: true, AccessModel: emulator.ModelAppCentric,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer tenant.Close()
	client := func(token string) *teamsadmin.HTTP {
		return newRig(t, nil, func(o *teamsadmin.Options) {
			o.Credential, o.Transport, o.Clock, o.Sleep = &httpxtest.Credential{Token: token}, tenant.RoundTripper(), clock.Now, clock.Sleep
		}).HTTP
	}
	h := client(emulator.AdminToken(tenant.Info().ID))
	const shifts = "42f6c1da-a241-483a-a3cc-4f5be9185951"
	state := func() teamsadmin.AppAvailability {
		t.Helper()
		a, err := h.AppAvailability(ctx, shifts)
		if err != nil {
			t.Fatal(err)
		}
		list, err := h.AppAvailabilities(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range list {
			if row.ID == shifts && (row.Available.Type != a.Available.Type || row.Available.Saved != a.Available.Saved || row.Blocked != a.Blocked) {
				t.Errorf("listed as %+v, by itself %+v", row, a)
			}
		}
		return a
	}
	if a := state(); a.Available.Saved || a.Available.Type != teamsadmin.Everyone || a.Blocked {
		t.Errorf("fresh: %+v", a)
	}
	ada, err := tenant.Effective(ctx, "ada@contoso.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error {
			return h.AddToAudience(ctx, shifts, teamsadmin.Available, []string{ada.UserID}, nil)
		}, "UsersAndGroups 1 Noone 0 false"},
		{func() error { return h.SetAudience(ctx, shifts, teamsadmin.Installed, teamsadmin.Everyone) }, "UsersAndGroups 1 Everyone 0 false"},
		{func() error { return h.BlockApp(ctx, shifts, true) }, "UsersAndGroups 1 Everyone 0 true"},
		{func() error {
			return h.RemoveFromAudience(ctx, shifts, teamsadmin.Available, []string{ada.UserID, ada.UserID}, nil)
		}, "UsersAndGroups 0 Everyone 0 true"},
		{func() error { return h.SetAudience(ctx, shifts, teamsadmin.Available, teamsadmin.Noone) }, "Noone 0 Everyone 0 true"},
		{func() error { return h.BlockApp(ctx, shifts, false) }, "Noone 0 Everyone 0 false"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		a := state()
		if got := fmt.Sprint(a.Available.Type, len(a.Available.Users), a.Installed.Type, len(a.Installed.Users), a.Blocked); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(step.want, " ", "") {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
	if err := h.SetCustomAppsDefault(ctx, false); err != nil {
		t.Fatal(err)
	}
	if d, err := h.AppDefaults(ctx); err != nil || *d.Custom || !*d.Store || !*d.Microsoft {
		t.Errorf("%+v, %v", d, err)
	}
	app := client(emulator.AppToken(tenant.Info().ID, emulator.RoleTeamsAdministrator))
	if _, err := app.AppAvailabilities(ctx); !teamsadmin.IsClosed(err) {
		t.Errorf("an application reads: %v", err)
	}
	if err := app.BlockApp(ctx, shifts, true); !teamsadmin.IsClosed(err) {
		t.Errorf("an application writes: %v", err)
	}
}

// Whatever comes as an app is either read whole or refused.
func FuzzAvailability(f *testing.F) {
	f.Add(printedApp)
	f.Add(`{"Id":"x","IsBlocked":true,"AvailableTo":{"AssignmentType":"Everyone"}}`)
	f.Add(`{"Id":"x","AvailableTo":{"AssignmentType":"Noone","Users":{"Id":"y"}}}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		a, err := newRig(t, always(200, body)).AppAvailability(context.Background(), "x")
		if err != nil {
			return
		}
		if a.ID == "" || !json.Valid([]byte(body)) {
			t.Errorf("read from %q: %+v", body, a)
		}
		for _, x := range []teamsadmin.AppAudience{a.Available, a.Installed} {
			if x.Type != teamsadmin.Everyone && x.Type != teamsadmin.Noone && x.Type != teamsadmin.UsersAndGroups || x.Users == nil || x.Groups == nil {
				t.Errorf("audience %+v", x)
			}
		}
	})
}
