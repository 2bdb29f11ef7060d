package auth

import "slices"

// Directory roles by their template id, as they stand in the wids claim.
const (
	GlobalAdministrator = "62e90394-69f5-4237-9190-012177145e10"
	TeamsAdministrator  = "69091246-20e8-4a56-aa4d-066075b2a7a8"
	GlobalReader        = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
	TeamsReader         = "1076ac91-f3d9-41a7-a339-dcdf5f480acc"
)

// Identity is who a request comes from.
type Identity struct {
	TenantID       string
	ObjectID       string   // the user, or the service principal
	UPN            string   // empty for an application
	AppID          string   // client id, may be empty
	App            bool     // an application acts for itself, no person is signed in
	Scopes         []string // delegated permissions (scp)
	Roles          []string // application permissions (roles)
	DirectoryRoles []string // template ids (wids)
}

// TeamsAdmin tells whether the identity holds a role that may change Teams
// settings.
func (i Identity) TeamsAdmin() bool {
	return slices.Contains(i.DirectoryRoles, TeamsAdministrator) || slices.Contains(i.DirectoryRoles, GlobalAdministrator)
}

// TeamsReader tells whether the identity may read Teams policies.
func (i Identity) TeamsReader() bool {
	return i.TeamsAdmin() || slices.Contains(i.DirectoryRoles, TeamsReader) || slices.Contains(i.DirectoryRoles, GlobalReader)
}

// Can tells whether the token carries one of the permissions that fit its
// kind: a scope for a person, a role for an application.
func (i Identity) Can(scopes, roles []string) bool {
	have, want := i.Scopes, scopes
	if i.App {
		have, want = i.Roles, roles
	}
	for _, w := range want {
		if slices.Contains(have, w) {
			return true
		}
	}
	return false
}

// Describe names the identity in an error message.
func (i Identity) Describe() string {
	if i.App {
		return "application " + i.ObjectID
	}
	if i.UPN != "" {
		return "user " + i.UPN
	}
	return "user " + i.ObjectID
}
