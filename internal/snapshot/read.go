package snapshot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// rawValue is JSON as a service sent it.
type rawValue = json.RawMessage

// snapReader reads a tenant into a snapshot. Every listing is read once; only
// the members of groups take a call each, some at a time.
type snapReader struct {
	graph *msgraph.Reader
	admin teamsadmin.Reader
	out   *Tenant
	diags hcl.Diagnostics

	progress func(what string, done int)
	mu       sync.Mutex // one report at a time
	done     int        // groups whose members are read
}

// reportEvery is how many things of a long listing are read between two
// reports.
const reportEvery = 1000

// report tells how far a listing is.
func (r *snapReader) report(what string, done int) {
	if r.progress != nil && done%reportEvery == 0 {
		r.progress(what, done)
	}
}

// memberReaders is how many groups are read at once. The client bounds its
// requests itself; more would only wait there.
const memberReaders = 4

func (r *snapReader) read(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		r.organisation, r.users, r.groups, r.apps, r.sort, r.members, r.policies, r.assignments, r.grants, r.settings,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *snapReader) organisation(ctx context.Context) error {
	org, err := r.graph.Organization(ctx)
	r.out.id, r.out.name = strings.ToLower(org.ID), org.DisplayName
	return err
}

func (r *snapReader) users(ctx context.Context) error {
	return r.graph.Users(ctx, 0, func(u msgraph.User) error {
		r.out.users = append(r.out.users, snapUser{
			id: strings.ToLower(u.ID), upn: u.UserPrincipalName, name: u.DisplayName,
			guest: strings.EqualFold(u.UserType, "Guest"), disabled: u.AccountEnabled != nil && !*u.AccountEnabled,
		})
		r.report("people", len(r.out.users))
		return nil
	})
}

func (r *snapReader) groups(ctx context.Context) error {
	return r.graph.Groups(ctx, func(g msgraph.Group) error {
		name := g.DisplayName
		if strings.TrimSpace(name) == "" {
			name = strings.ToLower(g.ID)
		}
		r.out.groups = append(r.out.groups, snapGroup{id: strings.ToLower(g.ID), name: name, mail: g.Mail})
		return nil
	})
}

func (r *snapReader) apps(ctx context.Context) error {
	return r.graph.CatalogApps(ctx, func(a msgraph.CatalogApp) error {
		app := snapApp{id: strings.ToLower(a.ID), manifestID: strings.ToLower(a.ExternalID)}
		for _, d := range a.Definitions {
			switch state := strings.ToLower(string(d.PublishingState)); msgraph.PublishingState(state) {
			case msgraph.Submitted, msgraph.Published, msgraph.Rejected:
				app.versions = append(app.versions, snapVersion{version: d.Version, state: state, name: d.DisplayName})
			}
		}
		if len(app.versions) == 0 {
			r.out.left.apps++
			return nil
		}
		r.out.apps = append(r.out.apps, app)
		return nil
	})
}

// sort fixes the places by which people and groups are named from here on.
func (r *snapReader) sort(context.Context) error {
	t := r.out
	t.sortAll()
	t.userAt, t.groupAt = make(map[string]int, len(t.users)), make(map[string]int, len(t.groups))
	for i, u := range t.users {
		t.userAt[u.id] = i
	}
	for i, g := range t.groups {
		t.groupAt[g.id] = i
	}
	return nil
}

// members reads the direct members of all groups.
func (r *snapReader) members(parent context.Context) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	next := make(chan int)
	left := make([]int, len(r.out.groups))
	var wg sync.WaitGroup
	for range memberReaders {
		wg.Go(func() {
			for i := range next {
				var err error
				if left[i], err = r.membersOf(ctx, &r.out.groups[i]); err != nil {
					cancel(err)
				}
				r.groupDone()
			}
		})
	}
	for i := range r.out.groups {
		select {
		case next <- i:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	wg.Wait()
	for _, n := range left {
		r.out.left.members += n
	}
	return context.Cause(ctx)
}

// groupDone reports every group: each takes a call.
func (r *snapReader) groupDone() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	if r.progress != nil {
		r.progress("groups", r.done)
	}
}

// membersOf reads one group. It touches nothing else, so that several may run
// at once.
func (r *snapReader) membersOf(ctx context.Context, g *snapGroup) (left int, err error) {
	err = r.graph.GroupMembers(ctx, g.id, false, func(o msgraph.DirectoryObject) error {
		id := strings.ToLower(o.ID)
		if at, ok := r.out.userAt[id]; ok {
			g.users = append(g.users, at)
		} else if at, ok := r.out.groupAt[id]; ok {
			g.groups = append(g.groups, at)
		} else {
			left++
		}
		return nil
	})
	if msgraph.IsNotFound(err) { // deleted since it was listed
		err = nil
	}
	slices.Sort(g.users)
	slices.Sort(g.groups)
	return left, err
}

func (r *snapReader) policies(ctx context.Context) error {
	r.out.policyAt = map[policyKey]int{}
	for _, list := range []struct {
		typ  teamsadmin.PolicyType
		read func(context.Context) ([]teamsadmin.Policy, error)
	}{{teamsadmin.PermissionPolicy, r.admin.PermissionPolicies}, {teamsadmin.SetupPolicy, r.admin.SetupPolicies}} {
		found, err := list.read(ctx)
		if err != nil {
			return err
		}
		for _, p := range found {
			r.out.policyAt[keyOf(string(list.typ), p.Name)] = len(r.out.policies)
			r.out.policies = append(r.out.policies, snapPolicy{typ: list.typ, name: p.Name, values: p.Properties})
		}
	}
	return nil
}

// assignments reads which policies people hold directly.
func (r *snapReader) assignments(ctx context.Context) error {
	r.out.holders = map[int][]int{}
	read := 0
	err := r.graph.UserConfigurations(ctx, 0, func(u msgraph.UserConfiguration) error {
		read++
		r.report("assignments of people", read)
		for i := range u.Policies {
			p := &u.Policies[i]
			if !strings.EqualFold(p.Assignment.AssignmentType, "direct") || !appPolicy(p.PolicyType) {
				continue
			}
			policy, known := r.out.policyAt[keyOf(p.PolicyType, msgraph.BarePolicyName(p.Assignment.DisplayName))]
			user, here := r.out.userAt[strings.ToLower(u.ID)]
			if !known || !here {
				r.out.left.holders++
				continue
			}
			r.out.holders[policy] = append(r.out.holders[policy], user)
		}
		return nil
	})
	for _, h := range r.out.holders {
		slices.Sort(h)
	}
	return err
}

// appPolicy tells whether a type of policy concerns apps.
func appPolicy(typ string) bool {
	return strings.EqualFold(typ, string(teamsadmin.SetupPolicy)) || strings.EqualFold(typ, string(teamsadmin.PermissionPolicy))
}

func (r *snapReader) grants(ctx context.Context) error {
	list, err := r.admin.GroupAssignments(ctx)
	if err != nil {
		return err
	}
	for _, g := range list {
		if !appPolicy(string(g.PolicyType)) {
			continue
		}
		policy, known := r.out.policyAt[keyOf(string(g.PolicyType), g.PolicyName)]
		group, here := r.out.groupAt[strings.ToLower(g.GroupID)]
		if !known || !here {
			r.out.left.grants++
			continue
		}
		r.out.grants = append(r.out.grants, snapGrant{policy: policy, group: group, rank: g.Rank})
	}
	return nil
}

// settings reads the settings of the organisation. Those of Graph take a
// person: an application does without.
func (r *snapReader) settings(ctx context.Context) error {
	org, err := r.admin.OrgAppSettings(ctx)
	if err != nil {
		return err
	}
	r.out.org = org.Properties
	r.out.requests, err = r.graph.TeamsAppSettings(ctx)
	if msgraph.IsForbidden(err) {
		r.diags = append(r.diags, diag.Warning(nil, "Some settings cannot be read",
			"Whether users may request apps is not in the snapshot: this identity may not read it. Sign in as a person with a Teams administrator role to have it too."))
		return nil
	}
	return err
}
