package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/auth"
)

const tenant = "E1000000-7ea4-4000-8000-000000000001"

var now = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func parse(t *testing.T, token string) auth.Identity {
	t.Helper()
	id, err := auth.Parse("bearer "+token, tenant, now)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestMintedTokensAreUnderstood(t *testing.T) {
	admin := parse(t, auth.AdminToken(tenant))
	if admin.App || !admin.TeamsAdmin() || !admin.TeamsReader() || !slices.Contains(admin.Scopes, "AppCatalog.ReadWrite.All") || admin.UPN == "" {
		t.Errorf("administrator: %+v", admin)
	}
	app := parse(t, auth.AppToken(tenant, "User.Read.All", auth.TeamsReader))
	if !app.App || app.TeamsAdmin() || !app.TeamsReader() || !slices.Equal(app.Roles, []string{"User.Read.All"}) || app.AppID == "" {
		t.Errorf("application: %+v", app)
	}
	user := parse(t, auth.UserToken(tenant, "ada@x.example", "User.Read", "AppCatalog.Submit"))
	if user.App || user.TeamsReader() || !slices.Equal(user.Scopes, []string{"User.Read", "AppCatalog.Submit"}) || user.UPN != "ada@x.example" {
		t.Errorf("person: %+v", user)
	}
	if once, again := auth.AdminToken(tenant), auth.AdminToken(tenant); once != again {
		t.Error("minting is not deterministic")
	}
	seen := map[string]bool{}
	for _, id := range []auth.Identity{admin, app, user} {
		if seen[id.ObjectID] || seen[id.Describe()] {
			t.Errorf("%s twice", id.Describe())
		}
		seen[id.ObjectID], seen[id.Describe()] = true, true
	}
}

func TestPermissionsFitTheKindOfIdentity(t *testing.T) {
	app := auth.Identity{App: true, Roles: []string{"A"}, Scopes: []string{"B"}}
	person := auth.Identity{Roles: []string{"A"}, Scopes: []string{"B"}}
	if !app.Can([]string{"B"}, []string{"A"}) || app.Can([]string{"B"}, nil) || app.Can([]string{"A"}, []string{"B"}) {
		t.Error("an application is judged by its scopes")
	}
	if !person.Can([]string{"x", "B"}, nil) || person.Can([]string{"A"}, []string{"A"}) {
		t.Error("a person is judged by roles")
	}
}

func TestRefusals(t *testing.T) {
	good := auth.AdminToken(tenant)
	for header, want := range map[string]error{
		"":                    auth.ErrMissing,
		"Bearer":              auth.ErrMissing,
		"Bearer ":             auth.ErrMissing,
		"Basic " + good:       auth.ErrMissing,
		"Bearer a.b":          auth.ErrMalformed,
		"Bearer a.!.c":        auth.ErrMalformed,
		"Bearer a.bm8.c":      auth.ErrMalformed,
		"Bearer a.e30.c":      auth.ErrTenant,
		"Bearer " + expired(): auth.ErrExpired,
	} {
		if _, err := auth.Parse(header, tenant, now); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", header, err, want)
		}
	}
}

func expired() string {
	return auth.Mint(auth.Claims{TenantID: tenant, TokenKind: "app", Expires: now.Unix()})
}

// FuzzParse looks for headers that break the reader.
func FuzzParse(f *testing.F) {
	f.Add("Bearer " + auth.AdminToken(tenant))
	f.Add("Bearer a.e30.")
	f.Add("bearer  ..")
	f.Fuzz(func(t *testing.T, header string) {
		id, err := auth.Parse(header, tenant, now)
		if err == nil && id.TenantID == "" {
			t.Errorf("%q gives an identity without a tenant", header)
		}
	})
}
