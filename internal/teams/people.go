package teams

import (
	"context"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams/internal/directory"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// What telling who can do what needs beyond the collections: everybody, the
// members of groups, the true ranks, what is published.

// Person is one user account of the directory.
type Person struct {
	ID              table.ID
	Guest, Disabled bool
}

// Everybody lists all people of the tenant, once per run, and remembers their
// sign-in names.
func (t *Reading) Everybody(ctx context.Context) ([]Person, error) {
	return t.everybody.get(ctx, func(ctx context.Context) ([]Person, error) {
		var out []Person
		err := t.graph.Users(ctx, directory.PageSize, func(u msgraph.User) error {
			p, err := personOf(u)
			if err != nil {
				return err
			}
			t.people.Remember(p.ID, u.UserPrincipalName)
			out = append(out, p)
			return nil
		})
		return out, err
	})
}

func personOf(u msgraph.User) (Person, error) {
	id, err := table.ParseID(u.ID)
	if err != nil {
		return Person{}, fmt.Errorf("user %q: %w", u.ID, err)
	}
	return Person{ID: id, Guest: strings.EqualFold(u.UserType, "Guest"), Disabled: u.AccountEnabled != nil && !*u.AccountEnabled}, nil
}

// PersonName returns a sign-in name that was read before, or the id.
func (t *Reading) PersonName(id table.ID) string { return t.people.UserName(id) }

// GroupMembers are the direct members of one group.
type GroupMembers struct {
	Name           string
	People, Groups []table.ID
}

// Members reads the direct members of groups, and with nested those of the
// groups in them. Each group is asked for once per run. A group that is gone
// has none.
func (t *Reading) Members(ctx context.Context, groups []table.ID, nested bool) (map[table.ID]GroupMembers, error) {
	out := map[table.ID]GroupMembers{}
	queue := append([]table.ID(nil), groups...)
	for i := 0; i < len(queue); i++ {
		if _, done := out[queue[i]]; done {
			continue
		}
		m, err := t.membersOf(ctx, queue[i])
		if err != nil {
			return nil, err
		}
		out[queue[i]] = m
		if nested {
			queue = append(queue, m.Groups...)
		}
	}
	names := make([]string, 0, len(out))
	for id := range out {
		names = append(names, id.String())
	}
	if err := t.people.NameGroups(ctx, names); err != nil {
		return nil, err
	}
	for id, m := range out {
		m.Name = t.people.GroupName(id.String())
		out[id] = m
	}
	return out, nil
}

func (t *Reading) membersOf(ctx context.Context, group table.ID) (GroupMembers, error) {
	t.memberMu.Lock()
	m, known := t.members[group]
	t.memberMu.Unlock()
	if known {
		return m, nil
	}
	err := t.graph.GroupMembers(ctx, group.String(), false, func(o msgraph.DirectoryObject) error {
		id, err := table.ParseID(o.ID)
		switch {
		case err != nil:
			return fmt.Errorf("member %q of group %s: %w", o.ID, group, err)
		case o.IsGroup():
			t.people.RememberGroup(o.ID, o.DisplayName)
			m.Groups = append(m.Groups, id)
		case o.IsUser():
			m.People = append(m.People, id)
		}
		return nil
	})
	if err != nil && !msgraph.IsNotFound(err) {
		return m, fmt.Errorf("members of group %s: %w", t.people.GroupName(group.String()), err)
	}
	t.memberMu.Lock()
	defer t.memberMu.Unlock()
	if t.members == nil {
		t.members = map[table.ID]GroupMembers{}
	}
	t.members[group] = m
	return m, nil
}

// FindPerson looks a person up by sign-in name or object id.
func (t *Reading) FindPerson(ctx context.Context, name string) (table.ID, bool, error) {
	ids, err := t.people.ResolveBatched(ctx, []string{name})
	if err != nil || ids[0] == (table.ID{}) {
		return table.ID{}, false, err
	}
	return ids[0], true, nil
}

// CatalogEntry is one app of the organisation's catalog.
type CatalogEntry struct {
	ID         string // catalog id, lower case
	ManifestID string
	Name       string
	Published  bool
}

// CatalogEntries lists the organisation's apps.
func (t *Reading) CatalogEntries(ctx context.Context) ([]CatalogEntry, error) {
	apps, err := t.catalogList(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]CatalogEntry, len(apps))
	for i, a := range apps {
		out[i] = CatalogEntry{ID: strings.ToLower(a.ID), ManifestID: strings.ToLower(a.ExternalID), Name: a.DisplayName}
		for _, d := range a.Definitions {
			out[i].Published = out[i].Published || strings.EqualFold(string(d.PublishingState), string(msgraph.Published))
		}
	}
	return out, nil
}

// Grant is a policy assigned to a group, at its true rank.
type Grant struct {
	Kind   string // kind of the policy
	Group  table.ID
	Policy string
	Rank   int
}

// Grants lists the policies assigned to groups.
func (t *Reading) Grants(ctx context.Context) ([]Grant, error) {
	list, err := t.groups.get(ctx, t.admin.GroupAssignments)
	if err != nil {
		return nil, err
	}
	return grantsOf(list)
}

func grantsOf(list []teamsadmin.GroupAssignment) ([]Grant, error) {
	var out []Grant
	for _, a := range list {
		kind := kindOfType(string(a.PolicyType))
		if kind == "" {
			continue
		}
		group, err := table.ParseID(a.GroupID)
		if err != nil {
			return nil, fmt.Errorf("group assignment of %q: %w", a.GroupID, err)
		}
		out = append(out, Grant{Kind: kind, Group: group, Policy: a.PolicyName, Rank: a.Rank})
	}
	return out, nil
}

// GrantsAfter is Grants once operations on group assignments are carried out,
// in their order: a group that is inserted pushes those behind it down, and one
// that goes closes its gap.
func (t *Reading) GrantsAfter(ctx context.Context, ops []*engine.Op) ([]Grant, error) {
	list, err := t.groups.get(ctx, t.admin.GroupAssignments)
	if err != nil {
		return nil, err
	}
	list = append([]teamsadmin.GroupAssignment(nil), list...)
	for _, op := range ops {
		if op.Kind.Name != GroupAssignment {
			continue
		}
		kind, group, ok := strings.Cut(op.Key, "/")
		if !ok {
			continue
		}
		typ := wireType(kind)
		at := place(list, typ, group, op)
		policy, _ := op.After["policy"].(string)
		if policy == "" {
			policy = policyOfGroup(list, typ, group)
		}
		list = withoutGroup(list, typ, group)
		if op.Action == engine.Delete {
			continue
		}
		for i := range list {
			if strings.EqualFold(string(list[i].PolicyType), string(typ)) && list[i].Rank >= at {
				list[i].Rank++
			}
		}
		list = append(list, teamsadmin.GroupAssignment{PolicyType: typ, GroupID: group, PolicyName: policy, Rank: at})
	}
	return grantsOf(list)
}

func policyOfGroup(list []teamsadmin.GroupAssignment, typ teamsadmin.PolicyType, group string) string {
	for _, a := range list {
		if strings.EqualFold(string(a.PolicyType), string(typ)) && strings.EqualFold(a.GroupID, group) {
			return a.PolicyName
		}
	}
	return ""
}

// withoutGroup takes a group's policy of a type out and closes the gap.
func withoutGroup(list []teamsadmin.GroupAssignment, typ teamsadmin.PolicyType, group string) []teamsadmin.GroupAssignment {
	gap := 0
	var out []teamsadmin.GroupAssignment
	for _, a := range list {
		if strings.EqualFold(string(a.PolicyType), string(typ)) && strings.EqualFold(a.GroupID, group) {
			gap = a.Rank
			continue
		}
		out = append(out, a)
	}
	for i := range out {
		if gap > 0 && strings.EqualFold(string(out[i].PolicyType), string(typ)) && out[i].Rank > gap {
			out[i].Rank--
		}
	}
	return out
}

// KnownMembers returns the members of a group that was read before.
func (t *Reading) KnownMembers(group table.ID) GroupMembers {
	t.memberMu.Lock()
	defer t.memberMu.Unlock()
	return t.members[group]
}
