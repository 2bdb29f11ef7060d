package teamsadmin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

const groupID = "d8ebfa45-0f28-4d2d-9bcc-b158a49e2d17"

const orgSettings = `{"isAppsEnabled":true,"isSideloadedAppsInteractionEnabled":true,"lobTextColor":"","lobBackground":"#fff",` +
	`"lobLogo":"","lobLogomark":"","appSettingsList":[{"id":"x","isEnabled":true}],"somethingNew":{"a":[1,"<&>"]}}`

// apiCall is a method with what it sends last, as "METHOD path", the operation's name, and the body.
type apiCall struct {
	method string
	call   func(context.Context, *teamsadmin.HTTP) error
	reply  string
	want   string
}

var calls = []apiCall{
	{
		"SetupPolicies",
		func(ctx context.Context, h *teamsadmin.HTTP) error { _, err := h.SetupPolicies(ctx); return err },
		`[]`, "GET /Skype.Policy/configurations/TeamsAppSetupPolicy Get-CsTeamsAppSetupPolicy",
	},
	{
		"PermissionPolicies",
		func(ctx context.Context, h *teamsadmin.HTTP) error { _, err := h.PermissionPolicies(ctx); return err },
		`[]`, "GET /Skype.Policy/configurations/TeamsAppPermissionPolicy Get-CsTeamsAppPermissionPolicy",
	},
	{
		"GroupAssignments",
		func(ctx context.Context, h *teamsadmin.HTTP) error { _, err := h.GroupAssignments(ctx); return err },
		`[]`, "GET /Skype.Policy/groupPolicyAssignments Get-CsGroupPolicyAssignment",
	},
	{
		"OrgAppSettings",
		func(ctx context.Context, h *teamsadmin.HTTP) error { _, err := h.OrgAppSettings(ctx); return err },
		orgSettings, "GET /Teams.MiddletierService/tenantWideAppsSettingsGlobal Get-CsTeamsSettingsCustomApp",
	},
	{
		"CreatePolicy",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			return h.CreatePolicy(ctx, teamsadmin.SetupPolicy, teamsadmin.Policy{
				Name: "Tag:Pilot R&D", Properties: map[string]json.RawMessage{
					"Description":          teamsadmin.TextValue("a <b> & c"),
					"AllowSideLoading":     teamsadmin.BoolValue(false),
					"PinnedAppBarApps":     teamsadmin.AppsValue([]string{"b", "a"}, true),
					"AppPresetList":        teamsadmin.AppsValue([]string{"a"}, false),
					"PinnedMessageBarApps": teamsadmin.AppsValue(nil, true),
				},
			})
		},
		``, "POST /Skype.Policy/configurations/TeamsAppSetupPolicy New-CsTeamsAppSetupPolicy\n" +
			`{"AllowSideLoading":false,"AppPresetList":[{"Id":"a"}],"Description":"a <b> & c","Identity":"Pilot R&D",` +
			`"PinnedAppBarApps":[{"Id":"b","Order":1},{"Id":"a","Order":2}],"PinnedMessageBarApps":[]}`,
	},
	{
		"UpdatePolicy",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			return h.UpdatePolicy(ctx, teamsadmin.PermissionPolicy, "Tag:A/B #1", map[string]json.RawMessage{
				"PrivateCatalogAppsType": teamsadmin.TextValue("AllowedAppList"),
				"PrivateCatalogApps":     json.RawMessage(`null`),
			})
		},
		``, "PUT /Skype.Policy/configurations/TeamsAppPermissionPolicy/configuration/A%2FB%20%231 Set-CsTeamsAppPermissionPolicy\n" +
			`{"PrivateCatalogApps":[],"PrivateCatalogAppsType":"AllowedAppList"}`,
	},
	{
		"DeletePolicy",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			return h.DeletePolicy(ctx, teamsadmin.SetupPolicy, "Pilot")
		},
		``, "DELETE /Skype.Policy/configurations/TeamsAppSetupPolicy/configuration/Pilot Remove-CsTeamsAppSetupPolicy",
	},
	{
		"AssignGroup",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			return h.AssignGroup(ctx, teamsadmin.SetupPolicy, groupID, "Tag:Pilot", 2)
		},
		``, "PATCH /Skype.Policy/groupPolicyAssignments/" + groupID + "/policyTypes/TeamsAppSetupPolicy New-CsGroupPolicyAssignment\n" +
			`{"PolicyName":"Pilot","Rank":2}`,
	},
	{
		"UnassignGroup",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			return h.UnassignGroup(ctx, teamsadmin.SetupPolicy, groupID)
		},
		``, "DELETE /Skype.Policy/groupPolicyAssignments/" + groupID + "/policyTypes/TeamsAppSetupPolicy Remove-CsGroupPolicyAssignment",
	},
	{
		"SetCustomAppInteraction",
		func(ctx context.Context, h *teamsadmin.HTTP) error { return h.SetCustomAppInteraction(ctx, false) },
		orgSettings, "PUT /Teams.MiddletierService/tenantWideAppsSettingsGlobal Set-CsTeamsSettingsCustomApp\n" +
			`{"LobBackground":"#fff","LobLogo":"","LobLogomark":"","LobTextColor":"","appSettingsList":[{"id":"x","isEnabled":true}],` +
			`"isAppsEnabled":true,"isSideloadedAppsInteractionEnabled":false,"somethingNew":{"a":[1,"<&>"]}}`,
	},
	{
		"AppAvailabilities",
		func(ctx context.Context, h *teamsadmin.HTTP) error { _, err := h.AppAvailabilities(ctx); return err },
		`[]`, "GET /M365.Apps/apps Get-AllM365TeamsApps",
	},
	{
		"AppAvailability",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			_, err := h.AppAvailability(ctx, "a/b")
			return err
		},
		`{"Id":"x"}`, "GET /M365.Apps/apps/a%2Fb Get-M365TeamsApp",
	},
	{
		"AppDefaults",
		func(ctx context.Context, h *teamsadmin.HTTP) error { _, err := h.AppDefaults(ctx); return err },
		`[]`, "GET /M365.Apps/settings Get-M365UnifiedTenantSettings",
	},
	{
		"SetAudience",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			return h.SetAudience(ctx, "x", teamsadmin.Available, teamsadmin.Noone)
		},
		``, "PATCH /M365.Apps/apps/x Update-M365TeamsApp\n" + `{"AppAssignmentType":"Noone"}`,
	},
	{
		"AddToAudience",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			return h.AddToAudience(ctx, "x", teamsadmin.Available, []string{"u"}, []string{"g"})
		},
		``, "PATCH /M365.Apps/apps/x Update-M365TeamsApp\n" + `{"AppAssignmentType":"UsersAndGroups","OperationType":"Add","Users":["u"],"Groups":["g"]}`,
	},
	{
		"RemoveFromAudience",
		func(ctx context.Context, h *teamsadmin.HTTP) error {
			return h.RemoveFromAudience(ctx, "x", teamsadmin.Installed, nil, []string{"g"})
		},
		``, "PATCH /M365.Apps/apps/x Update-M365TeamsApp\n" + `{"AppInstallType":"UsersAndGroups","InstallForOperationType":"Remove","InstallForGroups":["g"]}`,
	},
	{
		"BlockApp",
		func(ctx context.Context, h *teamsadmin.HTTP) error { return h.BlockApp(ctx, "x", false) },
		``, "PATCH /M365.Apps/apps/x Update-M365TeamsApp\n" + `{"IsBlocked":false}`,
	},
	{
		"SetCustomAppsDefault",
		func(ctx context.Context, h *teamsadmin.HTTP) error { return h.SetCustomAppsDefault(ctx, false) },
		``, "PATCH /M365.Apps/settings Update-M365UnifiedTenantSettings\n" + `{"SettingName":"PrivateApp","SettingValue":"None"}`,
	},
}

func TestRequests(t *testing.T) {
	for _, tt := range calls {
		t.Run(tt.method, func(t *testing.T) {
			r := newRig(t, always(200, tt.reply))
			if err := tt.call(context.Background(), r.HTTP); err != nil {
				t.Fatal(err)
			}
			sent := r.service.Sent()
			last := sent[len(sent)-1]
			if diff := cmp.Diff(tt.want, essence(last)); diff != "" {
				t.Error(diff)
			}
			for _, header := range []string{"Authorization: Bearer s3cret", "User-Agent: teamsform/test", "X-Ms-Correlation-Id: 00000000-0000-4000-8000-0000000000"} {
				if !strings.Contains(last, "\n"+header) {
					t.Errorf("no header %s:\n%s", header, last)
				}
			}
			if want := 1; tt.method == "SetCustomAppInteraction" && len(sent) != 2 || tt.method != "SetCustomAppInteraction" && len(sent) != want {
				t.Errorf("%d requests", len(sent))
			}
			if diff := cmp.Diff([]string{teamsadmin.Audience + "/.default"}, r.cred.Scopes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// essence leaves of a request what differs from call to call.
func essence(sent string) string {
	head, body, _ := strings.Cut(sent, "\n\n")
	lines := strings.Split(head, "\n")
	text := strings.Replace(lines[0], root, "", 1)
	for _, line := range lines[1:] {
		if name, found := strings.CutPrefix(line, "X-Ms-Cmdletname: "); found {
			text += " " + name
		}
	}
	if body != "" {
		text += "\n" + body
	}
	return text
}

// What ReadOnly returns must not be able to write, whatever it is asserted to be.
func TestReadOnlyHasNoWrite(t *testing.T) {
	r := newRig(t, always(200, `[]`))
	reader := r.ReadOnly()
	if _, ok := reader.(teamsadmin.Admin); ok {
		t.Error("it is an Admin in disguise")
	}
	reads := []string{
		"AppAvailabilities", "AppAvailability", "AppDefaults", "Calls", "GroupAssignments", "OrgAppSettings",
		"PermissionPolicies", "SetupPolicies",
	}
	if diff := cmp.Diff(reads, methods(reflect.TypeOf(reader))); diff != "" {
		t.Error(diff)
	}
	all := []string{
		"AddToAudience", "AppAvailabilities", "AppAvailability", "AppDefaults", "AssignGroup", "BlockApp", "Calls",
		"CreatePolicy", "DeletePolicy", "GroupAssignments", "OrgAppSettings", "PermissionPolicies", "ReadOnly",
		"RemoveFromAudience", "SetAudience", "SetCustomAppInteraction", "SetCustomAppsDefault", "SetupPolicies",
		"UnassignGroup", "UpdatePolicy",
	}
	if diff := cmp.Diff(all, methods(reflect.TypeOf(r.HTTP))); diff != "" {
		t.Error(diff)
	}
	for _, tt := range calls {
		r := newRig(t, always(200, tt.reply))
		if err := tt.call(context.Background(), r.HTTP); err != nil {
			t.Fatal(err)
		}
		_, isRead := reflect.TypeOf(reader).MethodByName(tt.method)
		lines := r.service.Lines()
		if get := strings.HasPrefix(lines[len(lines)-1], "GET "); get != isRead {
			t.Errorf("%s sends %v", tt.method, lines)
		}
	}
}

func methods(typ reflect.Type) []string {
	names := make([]string, typ.NumMethod())
	for i := range names {
		names[i] = typ.Method(i).Name
	}
	return names
}

func TestWritesAreSentOnce(t *testing.T) {
	reads := reflect.TypeFor[*teamsadmin.Reads]()
	for _, tt := range calls {
		if _, isRead := reads.MethodByName(tt.method); isRead {
			continue
		}
		sent := 0
		r := newRig(t, func(_ int, r *http.Request, _ string) (*http.Response, error) {
			if r.Method == http.MethodGet {
				return httpxtest.Reply(200, tt.reply)
			}
			sent++
			return nil, io.ErrUnexpectedEOF
		})
		if err := tt.call(context.Background(), r.HTTP); !teamsadmin.IsAmbiguous(err) || sent != 1 {
			t.Errorf("%s: %v after %d requests", tt.method, err, sent)
		}
		sent = 0
		r = newRig(t, func(_ int, r *http.Request, _ string) (*http.Response, error) {
			if sent++; sent == 1 {
				return httpxtest.Reply(429, "", "Retry-After", "3")
			}
			return httpxtest.Reply(200, tt.reply)
		})
		if err := tt.call(context.Background(), r.HTTP); err != nil {
			t.Errorf("%s after throttling: %v", tt.method, err)
		}
	}
}

func TestReadsAreSentAgain(t *testing.T) {
	r := newRig(t, func(n int, _ *http.Request, _ string) (*http.Response, error) {
		if n == 1 {
			return nil, io.ErrUnexpectedEOF
		}
		return httpxtest.Reply(200, `[]`)
	})
	if _, err := r.SetupPolicies(context.Background()); err != nil || len(r.service.Sent()) != 2 {
		t.Errorf("%v after %d requests", err, len(r.service.Sent()))
	}
}

func TestErrorShapes(t *testing.T) {
	for _, tt := range []struct{ body, code, message string }{
		{`{"error":{"code":"Forbidden","message":"no role"}}`, "Forbidden", "no role"},
		{`{"Message":"policy is assigned"}`, "", "policy is assigned"},
		{`{"errorCode":"BadRequest","message":"body of the tenantWideAppsSettings cannot be null"}`, "BadRequest", "body of the tenantWideAppsSettings cannot be null"},
		{`{"code":"NotFound","message":"m"}`, "NotFound", "m"},
		{`{"errorCode":40301,"message":null}`, "40301", ""},
		{`{"error":"text","message":"m"}`, "", "m"},
		{`{"error":null}`, "", `{"error":null}`},
		{`"just a text"`, "", `"just a text"`},
		{"<html>\n</html>", "", "<html> </html>"},
		{``, "", ""},
	} {
		r := newRig(t, always(409, tt.body))
		_, err := r.SetupPolicies(context.Background())
		var e *teamsadmin.Error
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v", tt.body, err)
		}
		want := &teamsadmin.Error{
			Status: 409, Code: tt.code, Message: tt.message, CorrelationID: "00000000-0000-4000-8000-000000000001",
			Method: "GET", Path: "/Skype.Policy/configurations/TeamsAppSetupPolicy",
		}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("%s\n%s", tt.body, diff)
		}
		if !strings.Contains(err.Error(), "000000000001") || !strings.Contains(err.Error(), tt.message) {
			t.Errorf("text %q", err)
		}
	}
}

func TestPredicates(t *testing.T) {
	status := func(code int, headers ...string) error {
		r := newRig(t, always(code, "", headers...), func(o *teamsadmin.Options) { o.MaxTries = 1 })
		return r.DeletePolicy(context.Background(), teamsadmin.SetupPolicy, "Pilot")
	}
	for _, tt := range []struct {
		err                                       error
		notFound, forbidden, throttled, ambiguous bool
	}{
		{status(404), true, false, false, false},
		{status(403), false, true, false, false},
		{status(401), false, true, false, false},
		{status(429), false, false, true, false},
		{status(500), false, false, false, true},
		{status(503), false, false, false, true},
		{status(503, "Retry-After", "1"), false, false, false, false},
		{status(400), false, false, false, false},
		{nil, false, false, false, false},
	} {
		got := []bool{
			teamsadmin.IsNotFound(tt.err), teamsadmin.IsForbidden(tt.err),
			teamsadmin.IsThrottled(tt.err), teamsadmin.IsAmbiguous(tt.err),
		}
		if diff := cmp.Diff([]bool{tt.notFound, tt.forbidden, tt.throttled, tt.ambiguous}, got); diff != "" {
			t.Errorf("%v\n%s", tt.err, diff)
		}
	}
}

func TestWarningsAreLogged(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, always(200, `[]`, "X-Ms-ConfigApi-PowerShell-WarningMessage", "this will\x1b go away"),
		func(o *teamsadmin.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	if _, err := r.SetupPolicies(context.Background()); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "this will go away") {
		t.Errorf("logged %q", text)
	}
}

func TestNewHTTPWantsWhatItNeeds(t *testing.T) {
	if _, err := teamsadmin.NewHTTP(teamsadmin.Options{Root: root}); err == nil {
		t.Error("a transport without a credential was made")
	}
}

func TestDiscovery(t *testing.T) {
	fail := true
	r := newRig(t, func(_ int, r *http.Request, _ string) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/serviceDiscovery") {
			if fail {
				return httpxtest.Reply(403, `{"Message":"no role"}`)
			}
			return httpxtest.Reply(200, `{"Endpoints":{"ConfigApiEndpoint":"config.test","AdminServiceEndpoint":"admin.eu.test"},
				"Headers":{"X-MS-Forest":"eu1","Authorization":"Bearer stolen"}}`)
		}
		return httpxtest.Reply(200, `[]`)
	}, func(o *teamsadmin.Options) { o.Discover = true })
	ctx := context.Background()
	if _, err := r.SetupPolicies(ctx); !teamsadmin.IsForbidden(err) {
		t.Errorf("got %v", err)
	}
	fail = false
	for range 3 {
		if _, err := r.SetupPolicies(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.DeletePolicy(ctx, teamsadmin.SetupPolicy, "x"); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"GET /Teams.Tenant/serviceDiscovery":                                           2,
		"GET /Skype.Policy/configurations/TeamsAppSetupPolicy":                         3,
		"DELETE /Skype.Policy/configurations/TeamsAppSetupPolicy/configuration/{name}": 1,
	}
	if diff := cmp.Diff(want, r.Calls()); diff != "" {
		t.Error(diff)
	}
	sent := r.service.Sent()
	for _, header := range []string{"X-Ms-Target-Uri: https://admin.eu.test/", "X-Ms-Forest: eu1", "Authorization: Bearer s3cret"} {
		if !strings.Contains(sent[len(sent)-1], "\n"+header+"\n") {
			t.Errorf("no header %s:\n%s", header, sent[len(sent)-1])
		}
	}
}

func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{
		`{"error":{"code":"a","message":"b"}}`, `{"Message":"m"}`, `{"errorCode":"c","message":"m"}`, `[]`, `"`, "\xff\x1b[2J", strings.Repeat("x", 9000),
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := newRig(t, always(400, body))
		_, err := r.SetupPolicies(context.Background())
		var e *teamsadmin.Error
		if !errors.As(err, &e) || e.Status != 400 {
			t.Fatalf("got %v", err)
		}
		if text := err.Error(); len(text) > 10_000 || strings.ContainsAny(text, "\n\r\x1b\x00") {
			t.Errorf("%d bytes: %.200q", len(text), text)
		}
	})
}
