package auth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// neverExpires is the exp claim of minted tokens: 2100-01-01. Minting takes no
// clock, so that the same arguments always give the same token.
const neverExpires = 4102444800

// AllScopes are the delegated permissions that an administrator's token has.
func AllScopes() []string {
	return []string{
		"AppCatalog.ReadWrite.All", "AppCatalog.Submit", "AuditLogsQuery.Read.All",
		"Directory.Read.All", "GroupMember.Read.All", "Organization.Read.All",
		"TeamsAppInstallation.ReadWriteAndConsentForUser", "TeamsPolicyUserAssign.ReadWrite.All",
		"TeamsUserConfiguration.Read.All", "TeamworkAppSettings.ReadWrite.All", "User.Read.All",
		"user_impersonation",
	}
}

// Claims are the parts of a token that the tenant looks at.
type Claims struct {
	Audience  string   `json:"aud,omitempty"`
	TenantID  string   `json:"tid"`
	ObjectID  string   `json:"oid"`
	UPN       string   `json:"upn,omitempty"`
	AppID     string   `json:"appid,omitempty"`
	TokenKind string   `json:"idtyp"` // "user" or "app"
	Scopes    string   `json:"scp,omitempty"`
	Roles     []string `json:"roles,omitempty"`
	Wids      []string `json:"wids,omitempty"`
	Expires   int64    `json:"exp"`
}

// Mint writes an unsigned token ("alg":"none").
func Mint(c Claims) string {
	if c.Expires == 0 {
		c.Expires = neverExpires
	}
	body, _ := json.Marshal(c) // strings and numbers only: cannot fail
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + enc.EncodeToString(body) + "."
}

// AdminToken is a signed-in Teams administrator with every scope.
func AdminToken(tenantID string) string {
	return Mint(Claims{
		TenantID: tenantID, ObjectID: derived(tenantID, "person", "admin"), UPN: "admin@emulated.example",
		TokenKind: "user", Scopes: strings.Join(AllScopes(), " "), Wids: []string{TeamsAdministrator},
	})
}

// AppToken is an application with the given application permissions. A GUID
// among them is a directory role (see TeamsAdministrator).
func AppToken(tenantID string, roles ...string) string {
	c := Claims{
		TenantID: tenantID, ObjectID: derived(tenantID, "servicePrincipal", "app"),
		AppID: derived(tenantID, "application", "app"), TokenKind: "app",
	}
	for _, r := range roles {
		if _, err := ids.Parse(r); err == nil {
			c.Wids = append(c.Wids, strings.ToLower(r))
		} else {
			c.Roles = append(c.Roles, r)
		}
	}
	return Mint(c)
}

// UserToken is a signed-in person of the directory without any role.
func UserToken(tenantID, upn string, scopes ...string) string {
	return Mint(Claims{
		TenantID: tenantID, ObjectID: derived(tenantID, "user", upn), UPN: upn,
		TokenKind: "user", Scopes: strings.Join(scopes, " "),
	})
}

func derived(tenantID, kind, name string) string {
	t, _ := ids.Parse(tenantID) // a malformed tenant id is refused when the token is used
	return ids.Derive(t, kind, name).String()
}

// Reasons for which a token is refused. Each one answers 401.
var (
	ErrMissing   = errors.New("access token is empty")
	ErrMalformed = errors.New("access token is not a JSON web token")
	ErrExpired   = errors.New("access token has expired")
	ErrTenant    = errors.New("access token was issued for another tenant")
)

// Parse reads an Authorization header.
func Parse(header, tenantID string, now time.Time) (Identity, error) {
	scheme, token, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return Identity{}, ErrMissing
	}
	parts := strings.Split(strings.TrimSpace(token), ".")
	if len(parts) != 3 {
		return Identity{}, ErrMalformed
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var c Claims
	if err := json.Unmarshal(raw, &c); err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if !strings.EqualFold(c.TenantID, tenantID) {
		return Identity{}, ErrTenant
	}
	if now.Unix() >= c.Expires {
		return Identity{}, ErrExpired
	}
	return Identity{
		TenantID: strings.ToLower(c.TenantID), ObjectID: strings.ToLower(c.ObjectID), UPN: c.UPN, AppID: c.AppID,
		App: c.TokenKind == "app", Scopes: strings.Fields(c.Scopes), Roles: c.Roles, DirectoryRoles: c.Wids,
	}, nil
}
