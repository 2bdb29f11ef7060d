package assess

import (
	"context"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// Reader reads what decides access from a tenant. What a plan has read already
// is not asked for again.
type Reader struct {
	Tenant  *teams.Reading
	Kinds   *schema.Registry
	Strings *table.Strings
	Model   string // access model, as a configuration says it
	// Nested also reads the members of groups in groups where only direct members
	// count, to be able to say so to somebody who wonders.
	Nested bool
}

// deciding are the kinds whose objects decide access.
func (r *Reader) deciding() []string {
	out := []string{teams.OrgSettings, teams.App, teams.SetupPolicy}
	if r.appCentric() {
		return append(out, availabilityKind)
	}
	return append(out, teams.PermissionPolicy)
}

func (r *Reader) appCentric() bool { return r.Model == "app_centric" }

// World returns have with what was missing: every kind that decides access, and
// rows.
func (r *Reader) World(ctx context.Context, have engine.World) (engine.World, error) {
	out := engine.World{Objects: map[string][]engine.Object{}, Rows: have.Rows, HasRows: have.HasRows}
	for kind, list := range have.Objects {
		out.Objects[kind] = list
	}
	collections := r.Tenant.Collections(r.Kinds)
	for _, name := range r.deciding() {
		c := collections[name]
		if _, read := out.Objects[name]; read || c == nil {
			continue
		}
		list := []engine.Object{}
		err := c.List(ctx, engine.Scope{}, func(o engine.Object) error {
			list = append(list, o)
			return nil
		})
		if err != nil {
			return out, fmt.Errorf("list of %s: %w", c.Kind().Plural, err)
		}
		out.Objects[name] = list
	}
	if out.HasRows {
		return out, nil
	}
	out.HasRows, out.Rows = true, nil
	if err := r.Tenant.Rows().Rows(ctx, r.Strings, func(row table.Row) { out.Rows = append(out.Rows, row) }); err != nil {
		return out, fmt.Errorf("list of policy assignments: %w", err)
	}
	table.Sort(out.Rows)
	return out, nil
}

// directory reads everybody, and the members of the groups that decide
// anything: direct members for policies, all for the lists of apps.
func (r *Reader) directory(ctx context.Context, worlds ...*material) (*access.Directory, error) {
	everybody, err := r.Tenant.Everybody(ctx)
	if err != nil {
		return nil, fmt.Errorf("list of people: %w", err)
	}
	people := make([]access.Person, len(everybody))
	for i, p := range everybody {
		people[i] = access.Person{ID: p.ID, Guest: p.Guest, Disabled: p.Disabled}
	}
	var direct, nested []table.ID
	for _, w := range worlds {
		for _, g := range w.grants {
			direct = append(direct, g.Group)
		}
		for _, a := range w.apps {
			nested = append(nested, a.Available.Groups...)
			nested = append(nested, a.Installed.Groups...)
		}
	}
	if r.Nested {
		direct, nested = nil, append(nested, direct...)
	}
	members, err := r.members(ctx, direct, nested)
	if err != nil {
		return nil, err
	}
	groups := make([]access.Group, 0, len(members))
	for id, m := range members {
		groups = append(groups, access.Group{ID: id, Name: m.Name})
	}
	d := access.NewDirectory(people, groups, r.Tenant.PersonName)
	for id, m := range members {
		d.SetMembers(d.FindGroup(id), m.People, m.Groups)
	}
	return d, nil
}

func (r *Reader) members(ctx context.Context, direct, nested []table.ID) (map[table.ID]teams.GroupMembers, error) {
	out, err := r.Tenant.Members(ctx, unique(direct), false)
	if err != nil {
		return nil, err
	}
	deep, err := r.Tenant.Members(ctx, unique(nested), true)
	for id, m := range deep {
		out[id] = m
	}
	return out, err
}

func unique(ids []table.ID) []table.ID {
	out := slices.Clone(ids)
	slices.SortFunc(out, table.ID.Compare)
	return slices.Compact(out)
}

// Now reads the tenant as it is.
func (r *Reader) Now(ctx context.Context) (*access.Tenant, error) {
	world, err := r.World(ctx, engine.World{})
	if err != nil {
		return nil, err
	}
	m, err := r.gather(ctx, world, nil)
	if err != nil {
		return nil, err
	}
	d, err := r.directory(ctx, m)
	if err != nil {
		return nil, err
	}
	return m.tenant(d), nil
}
