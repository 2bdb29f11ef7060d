package snapshot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// Tenant is a tenant as data. WriteTo gives the file that an emulated
// tenant starts from.
type Tenant struct {
	id, name string
	users    []snapUser  // by user principal name
	groups   []snapGroup // by name, then id
	policies []snapPolicy
	holders  map[int][]int // people by place who hold a policy directly, by its place
	grants   []snapGrant
	apps     []snapApp // by manifest id
	org      map[string]rawValue
	requests msgraph.TeamsAppSettings

	userAt, groupAt map[string]int // by id in lower case
	policyAt        map[policyKey]int
	left            leftOut
}

type snapUser struct {
	id, upn, name   string
	guest, disabled bool
}

type snapGroup struct {
	id, name, mail string
	users, groups  []int // direct members by place, ascending
}

type snapPolicy struct {
	typ    teamsadmin.PolicyType
	name   string
	values map[string]rawValue
}

// policyKey names a policy; names compare without regard to case.
type policyKey struct{ typ, name string }

func keyOf(typ, name string) policyKey {
	return policyKey{strings.ToLower(typ), strings.ToLower(name)}
}

type snapGrant struct {
	policy, group, rank int
}

type snapApp struct {
	id, manifestID string
	versions       []snapVersion
}

type snapVersion struct{ version, state, name string }

// leftOut counts what a snapshot cannot hold.
type leftOut struct {
	members, holders, grants, apps int
}

// Take reads a tenant. progress, if any, is told how many things of a kind have
// been read; it may be called from several goroutines, never at the same time.
// The diagnostics say what is missing.
func Take(ctx context.Context, graph *msgraph.Reader, admin teamsadmin.Reader, progress func(what string, done int)) (*Tenant, hcl.Diagnostics, error) {
	reader := &snapReader{graph: graph, admin: admin, out: &Tenant{}, progress: progress}
	if err := reader.read(ctx); err != nil {
		return nil, nil, err
	}
	return reader.out, append(reader.diags, reader.out.left.warnings()...), nil
}

// warnings say what is missing from a snapshot.
func (l leftOut) warnings() hcl.Diagnostics {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{l.members, "members of groups that are neither people nor groups, or are gone"},
		{l.holders, "assignments to people who are gone or of policies that are not listed"},
		{l.grants, "assignments to groups that are gone or of policies that are not listed"},
		{l.apps, "apps without a version that is visible"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if parts == nil {
		return nil
	}
	return hcl.Diagnostics{diag.Warning(nil, "Snapshot is not complete", "Left out: %s.", strings.Join(parts, "; "))}
}

// Counts says how much a snapshot holds.
type Counts struct {
	Users            int `json:"users"`
	Groups           int `json:"groups"`
	Apps             int `json:"apps"`
	Policies         int `json:"policies"`
	UserAssignments  int `json:"user_assignments"`
	GroupAssignments int `json:"group_assignments"`
}

// Counts counts what is in the snapshot.
func (t *Tenant) Counts() Counts {
	c := Counts{Users: len(t.users), Groups: len(t.groups), Apps: len(t.apps), Policies: len(t.policies), GroupAssignments: len(t.grants)}
	for _, h := range t.holders {
		c.UserAssignments += len(h)
	}
	return c
}

// Name and ID tell which tenant it is, masked if the snapshot is.
func (t *Tenant) Name() string { return t.name }

// ID is the tenant's id.
func (t *Tenant) ID() string { return t.id }

// sortAll puts everything in the order of the file, which does not depend on
// the order of the services' listings.
func (t *Tenant) sortAll() {
	slices.SortFunc(t.users, func(a, b snapUser) int { return compareFold(a.upn, b.upn, a.id, b.id) })
	slices.SortFunc(t.groups, func(a, b snapGroup) int { return compareFold(a.name, b.name, a.id, b.id) })
	slices.SortFunc(t.apps, func(a, b snapApp) int { return compareFold(a.manifestID, b.manifestID, a.id, b.id) })
}

// compareFold orders by the first pair without regard to case, then by the
// second.
func compareFold(a, b, thenA, thenB string) int {
	if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
		return c
	}
	return strings.Compare(thenA, thenB)
}
