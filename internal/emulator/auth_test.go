package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/auth"
	"github.com/teamsform/teamsform/internal/emulator/faults"
)

func appToken(tenant *emulator.Tenant, roles ...string) string {
	return emulator.AppToken(tenant.Info().ID, roles...)
}

func userToken(tenant *emulator.Tenant, upn string, scopes ...string) string {
	return emulator.UserToken(tenant.Info().ID, upn, scopes...)
}

func TestWithoutAGoodTokenNothingIsSaid(t *testing.T) {
	tenant := open(t, nil)
	id := tenant.Info().ID
	for name, token := range map[string]string{
		"none":           "",
		"nonsense":       "abc",
		"other tenant":   emulator.AdminToken("22222222-2222-4222-8222-222222222222"),
		"expired":        auth.Mint(auth.Claims{TenantID: id, TokenKind: "user", Expires: 1}),
		"unknown person": emulator.UserToken(id, "nobody@contoso.example", "User.Read.All"),
		"disabled":       emulator.UserToken(id, "jon@contoso.example", "User.Read.All"),
		"bad base64":     "a.%%%.c",
		"not an object":  "a.MQ.c",
	} {
		for _, path := range []string{"/v1.0/users", "/v1.0/nowhere", "/Skype.Policy/configurations/TeamsAppSetupPolicy"} {
			a := as(t, tenant, token).do("GET", path, nil)
			if a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: GET %s: status %d, %v", name, path, a.status, a.header)
			}
			if path == "/v1.0/users" && a.text("error/code") != "InvalidAuthenticationToken" {
				t.Errorf("%s: code %q", name, a.text("error/code"))
			}
		}
	}
}

func TestTokensExpireByTheTenantsClock(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tenant := open(t, func(o *emulator.Options) { o.Clock = func() time.Time { return now } })
	c := as(t, tenant, auth.Mint(auth.Claims{
		TenantID: tenant.Info().ID, TokenKind: "app", Roles: []string{"User.Read.All"}, Expires: now.Unix() + 60,
	}))
	c.want(200, "GET", "/v1.0/users", nil)
	now = now.Add(time.Minute)
	c.want(401, "GET", "/v1.0/users", nil)
}

func TestASignedInPersonIsKnownByObjectIDToo(t *testing.T) {
	tenant := open(t, nil)
	ada := userID(admin(t, tenant), "ada@contoso.example")
	for oid, status := range map[string]int{ada: 200, "x": 401, "11111111-1111-4111-8111-111111111111": 401} {
		token := auth.Mint(auth.Claims{TenantID: tenant.Info().ID, ObjectID: oid, TokenKind: "user", Scopes: "User.Read.All"})
		as(t, tenant, token).want(status, "GET", "/v1.0/users", nil)
	}
}

func TestPermissionsByIdentity(t *testing.T) {
	tenant := open(t, nil)
	root := admin(t, tenant)
	app := publish(root, helpdeskID, "1.0.0")
	everyRole := []string{
		"AppCatalog.ReadWrite.All", "TeamworkAppSettings.ReadWrite.All", "TeamsPolicyUserAssign.ReadWrite.All",
		"TeamsUserConfiguration.Read.All", "Directory.Read.All",
	}
	identities := map[string]string{
		"admin":        emulator.AdminToken(tenant.Info().ID),
		"app":          appToken(tenant, everyRole...),
		"app admin":    appToken(tenant, append(everyRole, emulator.RoleTeamsAdministrator)...),
		"app reader":   appToken(tenant, emulator.RoleTeamsReader),
		"bare app":     appToken(tenant),
		"user":         userToken(tenant, "ada@contoso.example", auth.AllScopes()...),
		"scopeless":    userToken(tenant, "ada@contoso.example"),
		"submit only":  userToken(tenant, "ada@contoso.example", "AppCatalog.Submit"),
		"global admin": auth.Mint(auth.Claims{TenantID: tenant.Info().ID, TokenKind: "user", Scopes: "user_impersonation", Wids: []string{auth.GlobalAdministrator}}),
	}
	const catalog, settings, org = "/v1.0/appCatalogs/teamsApps", "/v1.0/teamwork/teamsAppSettings", "/Teams.MiddletierService/tenantWideAppsSettingsGlobal"
	const policies = "/Skype.Policy/configurations/TeamsAppSetupPolicy"
	for _, tc := range []struct {
		who, method, path string
		status            int // 0: anything but 401 and 403
	}{
		{"admin", "GET", catalog, 0},
		{"admin", "DELETE", catalog + "/" + helpdeskID, 0},
		{"app", "GET", catalog, 0},
		{"app", "POST", catalog, 403},
		{"app", "PUT", catalog + "/" + app, 403},
		{"app", "DELETE", catalog + "/" + app, 403},
		{"app admin", "POST", catalog + "/" + app + "/appDefinitions", 403},
		{"bare app", "GET", catalog, 403},
		{"user", "GET", catalog, 0},
		{"user", "POST", catalog, 403},
		{"user", "DELETE", catalog + "/" + app, 403},
		{"submit only", "GET", catalog, 0},
		{"scopeless", "GET", catalog, 403},
		{"admin", "GET", settings, 0},
		{"admin", "PATCH", settings, 0},
		{"app admin", "GET", settings, 403},
		{"app admin", "PATCH", settings, 403},
		{"user", "GET", settings, 0},
		{"user", "PATCH", settings, 403},
		{"app", "GET", "/v1.0/admin/teams/userConfigurations", 0},
		{"bare app", "GET", "/v1.0/admin/teams/userConfigurations", 403},
		{"app", "POST", "/v1.0/admin/teams/policy/userAssignments/assign", 0},
		{"submit only", "POST", "/v1.0/admin/teams/policy/userAssignments/assign", 403},
		{"app", "GET", "/v1.0/users", 0},
		{"bare app", "GET", "/v1.0/users", 403},
		{"bare app", "GET", "/v1.0/organization", 403},
		{"admin", "GET", policies, 0},
		{"app", "GET", policies, 403},
		{"app reader", "GET", policies, 0},
		{"app reader", "POST", policies, 403},
		{"app admin", "POST", policies, 0},
		{"user", "GET", policies, 403},
		{"global admin", "POST", policies, 0},
		{"global admin", "GET", "/v1.0/users", 403},
		{"admin", "PUT", org, 0},
		{"app admin", "GET", org, 0},
		{"app admin", "PUT", org, 403},
	} {
		a := as(t, tenant, identities[tc.who]).do(tc.method, tc.path, "{}")
		refused := a.status == 401 || a.status == 403
		if tc.status == 0 && refused || tc.status != 0 && a.status != tc.status {
			t.Errorf("%s: %s %s: status %d: %s", tc.who, tc.method, tc.path, a.status, a.body)
		}
	}
	same(t, "directory's code", as(t, tenant, identities["bare app"]).do("GET", "/v1.0/users", nil).text("error/code"), "Authorization_RequestDenied")
	a := as(t, tenant, identities["app"]).do("POST", catalog, "{}")
	same(t, "catalog's code", a.text("error/code"), "Forbidden")
	if !strings.Contains(a.text("error/message"), "signed-in person") {
		t.Errorf("an application is not told what is missing: %s", a.body)
	}
}

func TestErrorsCarryRequestIDs(t *testing.T) {
	c := admin(t, open(t, nil))
	a := c.want(404, "GET", "/v1.0/users/nobody@contoso.example", nil, "client-request-id", "my-own-id")
	if a.header.Get("request-id") == "" || a.header.Get("client-request-id") != "my-own-id" || a.header.Get("Date") == "" {
		t.Errorf("headers: %v", a.header)
	}
	same(t, "request-id", a.text("error/innerError/request-id"), a.header.Get("request-id"))
	same(t, "client-request-id", a.text("error/innerError/client-request-id"), "my-own-id")
	same(t, "date", a.text("error/innerError/date"), "2026-11-23T09:00:00")
}

func TestUnknownPathsAreNeverASuccess(t *testing.T) {
	c := admin(t, open(t, nil))
	for _, tc := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/v1.0/nowhere", 404, "error/code"},
		{"GET", "/v1.0", 404, "error/code"},
		{"GET", "/v2.0/users", 404, "error/code"},
		{"GET", "/", 404, "error/code"},
		{"DELETE", "/v1.0/users", 405, "error/code"},
		{"PUT", "/v1.0/appCatalogs/teamsApps", 405, "error/code"},
		{"GET", "/v1.0/users/delta", 501, "error/code"},
		{"GET", "/v1.0/users/ada@contoso.example/teamwork/installedApps", 501, "error/code"},
		{"GET", "/v1.0/security/auditLog/queries", 501, "error/code"},
		{"GET", "/v1.0/users?$search=x", 400, "error/code"},
		{"GET", "/v1.0/users?$orderby=displayName", 501, "error/code"},
		{"GET", "/v1.0/users/%zz", 400, ""},
		{"GET", "/v1.0/admin/teams/policy/other", 404, "error/code"},
		{"GET", "/Skype.Policy/configurations/TeamsMeetingPolicy", 501, "error/code"},
		{"GET", "/Skype.Policy/nowhere", 404, "error/code"},
		{"GET", "/Teams.User/users", 501, "error/code"},
		{"DELETE", "/Teams.MiddletierService/tenantWideAppsSettingsGlobal", 405, "errorCode"},
	} {
		if strings.Contains(tc.path, "%zz") {
			continue // no HTTP client sends such a path
		}
		a := c.do(tc.method, tc.path, nil)
		if a.status != tc.status || a.text(tc.code) == "" {
			t.Errorf("%s %s: status %d, want %d; %s", tc.method, tc.path, a.status, tc.status, a.body)
		}
		if a.status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow header", tc.method, tc.path)
		}
	}
}

func TestFaultsSpoilTheNextRequests(t *testing.T) {
	tenant := open(t, nil)
	c := admin(t, tenant)
	tenant.Faults().Add(faults.Fault{Status: 429, RetryAfter: 3, Times: 2, Method: "GET"})
	tenant.Faults().Add(faults.Fault{Status: 503, Times: 1, PathPrefix: "/Skype.Policy"})
	for range 2 {
		a := c.want(429, "GET", "/v1.0/users", nil, "client-request-id", "x")
		same(t, "Retry-After", a.header.Get("Retry-After"), "3")
		same(t, "code", a.text("error/code"), "TooManyRequests")
		same(t, "inner code", a.text("error/innerError/code"), "429")
		same(t, "status", a.text("error/innerError/status"), "429")
		same(t, "client-request-id", a.header.Get("client-request-id"), "x")
	}
	c.want(200, "GET", "/v1.0/users", nil)
	a := c.want(503, "GET", "/Skype.Policy/groupPolicyAssignments", nil)
	if a.text("error/code") != "ServiceUnavailable" || a.get("error/innerError") != nil || a.header.Get("Retry-After") != "" {
		t.Errorf("policy plane's 503: %v %s", a.header, a.body)
	}
	c.want(200, "GET", "/Skype.Policy/groupPolicyAssignments", nil)
	if n := tenant.Faults().Spoiled(); n != 3 {
		t.Errorf("%d requests were spoiled, want 3", n)
	}
	tenant.Faults().Add(faults.Fault{Status: 503, Times: 5})
	tenant.Faults().Clear()
	c.want(200, "GET", "/v1.0/users", nil)
}
