package emulator

import "github.com/teamsform/teamsform/internal/emulator/auth"

// Directory roles that AppToken takes beside application permissions.
const (
	RoleTeamsAdministrator = auth.TeamsAdministrator
	RoleTeamsReader        = auth.TeamsReader
	RoleGlobalReader       = auth.GlobalReader
)

// AdminToken is the bearer token of a signed-in Teams administrator with every
// permission. Tokens are unsigned: whoever reaches an emulated tenant may be
// anybody in it.
func AdminToken(tenantID string) string { return auth.AdminToken(tenantID) }

// AppToken is the bearer token of an application with the given application
// permissions. A GUID among them is a directory role: without
// RoleTeamsAdministrator an application may change no policy definition.
func AppToken(tenantID string, roles ...string) string { return auth.AppToken(tenantID, roles...) }

// UserToken is the bearer token of a person of the directory without any role.
func UserToken(tenantID, upn string, scopes ...string) string {
	return auth.UserToken(tenantID, upn, scopes...)
}
