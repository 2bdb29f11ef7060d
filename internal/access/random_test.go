package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/table"
)

// Random tenants: at most 8 people, 4 groups, 4 apps, 3 policies of a type
// beside Global.

func idOf(space byte, n int) table.ID {
	// Spread over the id space, so that the order of ids is not that of numbers.
	return table.ID{byte(n * 97), byte(n*41 + 7), space, 15: byte(n)}
}

type dice struct{ *rand.Rand }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func (d dice) some(n int) []int {
	var out []int
	for i := range n {
		if d.chance(40) {
			out = append(out, i)
		}
	}
	d.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func (d dice) apps(w *world) []string {
	var out []string
	for _, i := range d.some(len(w.apps)) {
		out = append(out, w.apps[i].id)
	}
	return out
}

func (d dice) lists(w *world) lists {
	l := lists{who: []string{"default", "none", "everyone", "some", "some", "some"}[d.IntN(6)]}
	if l.who == "some" {
		l.users, l.groups = d.some(len(w.users)), d.some(len(w.groups))
	}
	return l
}

func (d dice) policy(n int) string {
	if k := d.IntN(n + 2); k < n {
		return fmt.Sprintf("Policy %d", k)
	}
	return ""
}

// tenant draws a whole tenant.
func (d dice) tenant() *world {
	w := &world{appCentric: d.chance(50), orgSwitch: d.chance(85), orgDefault: d.chance(50)}
	for i := range 1 + d.IntN(8) {
		w.users = append(w.users, &user{id: idOf(1, i), guest: d.chance(20), disabled: d.chance(10)})
	}
	for i := range d.IntN(5) {
		w.groups = append(w.groups, &group{id: idOf(2, i), users: d.some(len(w.users))})
	}
	for _, g := range w.groups {
		if d.chance(40) {
			g.groups = d.some(len(w.groups)) // circles and a group in itself among them
		}
	}
	for i := range 1 + d.IntN(4) {
		w.apps = append(w.apps, d.app(w, i))
	}
	d.policies(w)
	return w
}

func (d dice) app(w *world, i int) *app {
	a := &app{id: fmt.Sprintf("app-%d", i), foreign: d.chance(10), published: d.chance(85), blocked: d.chance(10), available: d.lists(w), install: d.lists(w)}
	if d.chance(8) {
		a.hold = "spam"
	}
	return a
}

func (d dice) policies(w *world) {
	w.setup, w.permission, w.assigned = nil, nil, nil
	for i := range 1 + d.IntN(4) {
		name := "Global"
		if i > 0 {
			name = fmt.Sprintf("Policy %d", i-1)
		}
		w.setup = append(w.setup, &setup{name: name, upload: d.chance(50), pinned: d.apps(w), installed: d.apps(w), messaging: d.apps(w), meeting: d.apps(w)})
	}
	for i := range 1 + d.IntN(4) {
		name := "Global"
		if i > 0 {
			name = fmt.Sprintf("Policy %d", i-1)
		}
		w.permission = append(w.permission, &permission{name: name, block: d.chance(50), apps: d.apps(w)})
	}
	for _, u := range w.users {
		u.setup, u.permission = d.policy(len(w.setup)-1), d.policy(len(w.permission)-1)
	}
	for _, forSetup := range []bool{true, false} {
		n := len(w.permission) - 1
		if forSetup {
			n = len(w.setup) - 1
		}
		for rank, g := range d.Perm(len(w.groups)) {
			if p := d.policy(n); p != "" {
				w.assigned = append(w.assigned, assigned{forSetup, g, p, rank*2 + 1})
			}
		}
	}
}

// change draws a tenant that differs from w in places; the directory stays.
func (d dice) change(w *world) *world {
	next := &world{appCentric: w.appCentric, orgSwitch: w.orgSwitch, orgDefault: w.orgDefault, groups: w.groups, setup: w.setup, permission: w.permission, assigned: w.assigned}
	for _, u := range w.users {
		c := *u
		next.users = append(next.users, &c)
	}
	// Policies that stay name the apps they named: an app that goes would be
	// taken for one of the store's.
	keep := d.chance(50)
	for i, a := range w.apps {
		if c := *a; keep || a.foreign || !d.chance(10) {
			if d.chance(30) {
				c = *d.app(w, i)
				c.foreign = a.foreign
			}
			next.apps = append(next.apps, &c)
		}
	}
	if len(next.apps) == 0 || d.chance(15) {
		a := d.app(w, len(w.apps))
		a.foreign = false
		next.apps = append(next.apps, a)
	}
	if d.chance(15) {
		next.orgSwitch, next.orgDefault = !w.orgSwitch, d.chance(50)
	}
	d.policies(next)
	if keep { // the same policies and rows, other apps
		next.setup, next.permission, next.assigned = w.setup, w.permission, w.assigned
		for i, u := range w.users {
			next.users[i].setup, next.users[i].permission = u.setup, u.permission
		}
	}
	return next
}

// directory hands the people and groups to the model.
func (w *world) directory() *access.Directory {
	var people []access.Person
	var groups []access.Group
	for _, u := range w.users {
		people = append(people, access.Person{ID: u.id, Guest: u.guest, Disabled: u.disabled})
	}
	for _, g := range w.groups {
		groups = append(groups, access.Group{ID: g.id, Name: fmt.Sprint("G", g.id[15])})
	}
	d := access.NewDirectory(people, groups, nil)
	for _, g := range w.groups {
		var members, inner []table.ID
		for _, u := range g.users {
			members = append(members, w.users[u].id)
		}
		for _, i := range g.groups {
			inner = append(inner, w.groups[i].id)
		}
		d.SetMembers(d.FindGroup(g.id), members, inner)
	}
	return d
}

// snapshot hands the tenant to the model.
func (w *world) snapshot(d *access.Directory) *access.Snapshot {
	names := table.NewStrings(access.PermissionType, access.SetupType)
	s := &access.Snapshot{Directory: d, CustomApps: w.orgSwitch, CustomAppsDefault: w.orgDefault, Names: names}
	if w.appCentric {
		s.Model = access.AppCentric
	}
	for _, a := range w.apps {
		s.Apps = append(s.Apps, access.App{
			ID: a.id, Foreign: a.foreign, Published: a.published, Blocked: a.blocked, Hold: a.hold,
			Available: w.audience(a.available), Installed: w.audience(a.install),
		})
	}
	for _, p := range w.setup {
		s.Setup = append(s.Setup, access.SetupPolicy{Name: p.name, Upload: p.upload, Pinned: p.pinned, Installed: p.installed, Messaging: p.messaging, Meeting: p.meeting})
	}
	for _, p := range w.permission {
		s.Permission = append(s.Permission, access.PermissionPolicy{Name: p.name, Only: !p.block, Apps: p.apps})
	}
	for _, a := range w.assigned {
		typ := access.PermissionType
		if a.setupPolicy {
			typ = access.SetupType
		}
		s.Grants = append(s.Grants, access.Grant{Type: typ, Group: w.groups[a.group].id, Policy: a.policy, Rank: a.rank})
	}
	for _, u := range w.users {
		if u.setup != "" {
			s.Rows = append(s.Rows, table.Row{User: u.id, Type: names.Sym(access.SetupType), Policy: names.Sym(u.setup)})
		}
		if u.permission != "" {
			s.Rows = append(s.Rows, table.Row{User: u.id, Type: names.Sym(access.PermissionType), Policy: names.Sym(u.permission)})
		}
	}
	slices.SortFunc(s.Rows, table.CompareKey)
	return s
}

func (w *world) audience(l lists) access.Audience {
	a := access.Audience{Reach: map[string]access.Reach{"default": access.Unset, "none": access.Nobody, "everyone": access.Everyone, "some": access.Listed}[l.who]}
	for _, u := range l.users {
		a.People = append(a.People, w.users[u].id)
	}
	for _, g := range l.groups {
		a.Groups = append(a.Groups, w.groups[g].id)
	}
	return a
}
