package access

import "github.com/teamsform/teamsform/internal/table"

// Model is a tenant's access model.
type Model uint8

// The access models.
const (
	Policies   Model = iota // permission policies, per person
	AppCentric              // availability, per app
)

// The policy types, as rows name them.
const (
	SetupType      = "setup_policy"
	PermissionType = "permission_policy"
)

// Global is the name of the policy of those who have no other.
const Global = "Global"

// Snapshot is what decides access in one tenant at one moment. It is given to
// [New] and must not be changed afterwards.
type Snapshot struct {
	Model     Model
	Directory *Directory

	// CustomApps is the organisation-wide switch for custom apps.
	CustomApps bool
	// CustomAppsDefault says who may use custom apps whose availability was
	// never saved: everybody or nobody. Only on app-centric tenants.
	CustomAppsDefault bool

	Apps       []App
	Setup      []SetupPolicy
	Permission []PermissionPolicy
	Grants     []Grant // policies assigned to groups

	// Rows are the policies that people hold directly, in key order; their
	// types and policies are names of Names.
	Rows  []table.Row
	Names *table.Strings
}

// App is one app. Apps that policies list without being among Apps are taken
// to be Microsoft's or the store's; a custom app that has left the catalog
// therefore stays among them, unpublished, as long as policies list it.
type App struct {
	// ID is how policies name the app: the catalog id in lower case, or
	// anything unique for an app that has none yet.
	ID   string
	Name string
	// Foreign is an app of Microsoft or the store. Whether it may be used is
	// not judged here: it counts as usable.
	Foreign   bool
	Published bool   // a version of it is published
	Blocked   bool   // blocked for the whole organisation
	Hold      string // reason of an emergency hold, "" without one

	// On app-centric tenants.
	Available Audience
	Installed Audience // installed for them by the organisation
}

// Reach says how an [Audience] is given.
type Reach uint8

// The reaches.
const (
	Unset    Reach = iota // availability: never saved, the organisation's default holds; installs: nobody
	Nobody                // no one
	Everyone              // everyone, guests included
	Listed                // the people and groups of the lists
)

// Audience says for whom something is. Groups count with everybody in them,
// also through other groups.
type Audience struct {
	Reach  Reach
	People []table.ID
	Groups []table.ID
}

// SetupPolicy is an app setup policy. Apps are named by [App.ID].
type SetupPolicy struct {
	Name        string
	Upload      bool // "Upload custom apps"
	UserPinning bool // people keep pins of their own
	Pinned      []string
	Installed   []string
	Messaging   []string // pinned message extensions
	Meeting     []string // preset in meetings
}

// PermissionPolicy is what an app permission policy says of custom apps.
type PermissionPolicy struct {
	Name string
	// Only: the listed apps are allowed and no others; else all but the listed.
	Only bool
	Apps []string
}

// Grant is a policy assigned to a group. It reaches the group's direct members
// only.
type Grant struct {
	Type   string // SetupType or PermissionType
	Group  table.ID
	Policy string
	Rank   int // the lowest wins
}
