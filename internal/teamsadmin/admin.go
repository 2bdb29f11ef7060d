package teamsadmin

import (
	"context"
	"encoding/json"
)

// PolicyType names a type of Teams policy on the wire.
type PolicyType string

// The types that concern apps.
const (
	SetupPolicy      PolicyType = "TeamsAppSetupPolicy"
	PermissionPolicy PolicyType = "TeamsAppPermissionPolicy"
)

// Global is the name of the policy of each type that holds for whoever has no other. It always exists; deleting it
// puts Microsoft's defaults back.
const Global = "Global"

// Reader reads the policy plane.
type Reader interface {
	// SetupPolicies and PermissionPolicies return all policies of the type, Global included, sorted by name.
	SetupPolicies(ctx context.Context) ([]Policy, error)
	// PermissionPolicies: on a tenant with app-centric management what it returns means nothing.
	PermissionPolicies(ctx context.Context) ([]Policy, error)
	// GroupAssignments returns every policy assigned to a group, of all types, sorted by type, rank and group.
	GroupAssignments(ctx context.Context) ([]GroupAssignment, error)
	// OrgAppSettings returns the organisation's settings for apps. For a minute or so after a change it may return the
	// old ones, and the new ones, and the old ones again.
	OrgAppSettings(ctx context.Context) (OrgAppSettings, error)
	AvailabilityReader
}

// Admin reads and writes the policy plane. A write is accepted long before it is in effect, and on a tenant with
// app-centric management one to a permission policy is accepted and has no effect at all: read back.
//
// A failed write is an *Error, or an *AmbiguousError when its answer was lost; test with IsAmbiguous.
type Admin interface {
	Reader
	// CreatePolicy makes a policy. Properties it does not name are copied from Global by the service.
	CreatePolicy(ctx context.Context, typ PolicyType, p Policy) error
	// UpdatePolicy changes the named properties and leaves the others. A list is replaced whole.
	UpdatePolicy(ctx context.Context, typ PolicyType, name string, changes map[string]json.RawMessage) error
	// DeletePolicy deletes a policy, or resets Global. The service refuses while the policy is assigned, and for a
	// while after.
	DeletePolicy(ctx context.Context, typ PolicyType, name string) error
	// AssignGroup gives the direct members of a group a policy. Rank counts from 1, the lowest wins; zero lets the
	// service put it last. Others at or behind that rank move back by one.
	AssignGroup(ctx context.Context, typ PolicyType, groupID, policy string, rank int) error
	// UnassignGroup takes the policy of that type from the group; the ranks behind it close up.
	UnassignGroup(ctx context.Context, typ PolicyType, groupID string) error
	// SetCustomAppInteraction sets the organisation's switch for custom apps. It rewrites the whole settings object,
	// so a change that somebody else makes between its read and its write is lost.
	SetCustomAppInteraction(ctx context.Context, allowed bool) error
	AvailabilityAdmin
}

// GroupAssignment is a policy assigned to a group.
type GroupAssignment struct {
	GroupID    string
	PolicyType PolicyType
	PolicyName string // without "Tag:"
	Rank       int    // counts from 1 within the type
}

// OrgAppSettings are the organisation's settings for apps.
type OrgAppSettings struct {
	// CustomAppInteraction: users may interact with custom apps.
	CustomAppInteraction bool
	// Properties are all settings as they were read, this one included.
	Properties map[string]json.RawMessage
}
