package assess

import (
	"context"
	"maps"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// availabilityKind is the kind of availability per app.
const availabilityKind = "app_availability"

// vivaConnections is installed by the Global setup policy of a new tenant
// (policy-plane facts 1.1).
const vivaConnections = "d2c6f111-ffad-42a0-b65e-ee00425598aa"

// material is one tenant in the words of the model, all but the directory.
type material struct {
	world  engine.World
	model  access.Model
	org    schema.Attrs
	apps   []access.App
	addrs  map[string]addr.Instance // of managed apps, by id
	setup  []access.SetupPolicy
	perms  []access.PermissionPolicy
	grants []access.Grant
	rows   []table.Row
	names  *table.Strings
}

// gather turns what was read into the words of the model. With a plan it is the
// tenant once the plan is carried out; world must then be that, too.
func (r *Reader) gather(ctx context.Context, world engine.World, plan *engine.Plan) (*material, error) {
	m := &material{world: world, rows: world.Rows, names: r.Strings, org: schema.Attrs{}, addrs: map[string]addr.Instance{}}
	if r.appCentric() {
		m.model = access.AppCentric
	}
	for _, o := range world.Objects[teams.OrgSettings] {
		m.org = o.Attrs
	}
	if err := r.catalog(ctx, m, world, plan); err != nil {
		return nil, err
	}
	for _, o := range world.Objects[teams.SetupPolicy] {
		m.setup = append(m.setup, setupPolicy(o))
	}
	for _, o := range world.Objects[teams.PermissionPolicy] {
		m.perms = append(m.perms, permissionPolicy(o))
	}
	for _, o := range world.Objects[availabilityKind] {
		m.availability(o)
	}
	grants, err := r.grants(ctx, plan)
	for _, g := range grants {
		m.grants = append(m.grants, access.Grant{Type: g.Kind, Group: g.Group, Policy: g.Policy, Rank: g.Rank})
	}
	return m, err
}

func (r *Reader) grants(ctx context.Context, plan *engine.Plan) ([]teams.Grant, error) {
	if plan == nil {
		return r.Tenant.Grants(ctx)
	}
	return r.Tenant.GrantsAfter(ctx, plan.Ops)
}

// catalog lists the apps: those of the catalog, and those that a plan makes. An
// app that a plan deletes stays among them, unpublished.
func (r *Reader) catalog(ctx context.Context, m *material, world engine.World, plan *engine.Plan) error {
	entries, err := r.Tenant.CatalogEntries(ctx)
	if err != nil {
		return err
	}
	byManifest := map[string]int{}
	for _, e := range entries {
		byManifest[e.ManifestID] = len(m.apps)
		m.apps = append(m.apps, access.App{ID: e.ID, Name: e.Name, Published: e.Published})
	}
	for _, o := range world.Objects[teams.App] {
		if at, known := byManifest[strings.ToLower(o.Key)]; known {
			m.apps[at].Blocked = o.Attrs["blocked"] == true
		}
	}
	m.apps = append(m.apps, access.App{ID: vivaConnections, Name: "Viva Connections", Foreign: true})
	for name, id := range teams.WellKnownApps() {
		m.apps = append(m.apps, access.App{ID: id, Name: name, Foreign: true})
	}
	if plan == nil {
		return nil
	}
	for _, op := range plan.Ops {
		if op.Kind.Name != teams.App {
			continue
		}
		at, known := byManifest[strings.ToLower(op.Key)]
		if !known {
			at = len(m.apps)
			byManifest[strings.ToLower(op.Key)] = at
			m.apps = append(m.apps, access.App{ID: op.Addr.String(), Name: op.Name})
		}
		m.addrs[m.apps[at].ID] = op.Addr
		m.apps[at].Published = op.Action != engine.Delete
		if blocked, says := op.After["blocked"].(bool); says {
			m.apps[at].Blocked = blocked
		}
	}
	return nil
}

func setupPolicy(o engine.Object) access.SetupPolicy {
	upload, told := o.Attrs["upload_custom_apps"].(bool)
	pinning, toldPinning := o.Attrs["user_pinning"].(bool)
	return access.SetupPolicy{
		Name: o.Key, Upload: upload || !told, UserPinning: pinning || !toldPinning,
		Pinned: appIDs(o.Attrs["pinned_apps"]), Installed: appIDs(o.Attrs["installed_apps"]),
		Messaging: appIDs(o.Attrs["messaging_pins"]), Meeting: appIDs(o.Attrs["meeting_apps"]),
	}
}

func permissionPolicy(o engine.Object) access.PermissionPolicy {
	p := access.PermissionPolicy{Name: o.Key}
	choice, _ := o.Attrs["custom_apps"].(map[string]any)
	if list, only := choice[schema.AllowOnly]; only {
		p.Only, p.Apps = true, appIDs(list)
		return p
	}
	p.Apps = appIDs(choice[schema.AllowAllBut])
	return p
}

// appIDs reads a list of apps: ids, and references to apps that have none yet.
func appIDs(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case schema.Ref:
			out = append(out, e.Addr.String())
		}
	}
	return out
}

// availability lays what an availability object says over its app.
func (m *material) availability(o engine.Object) {
	id, _ := o.Attrs["app"].(string)
	if ref, late := o.Attrs["app"].(schema.Ref); late {
		id = ref.Addr.String()
	}
	if id == "" {
		id = o.Key
	}
	for i := range m.apps {
		if !strings.EqualFold(m.apps[i].ID, id) {
			continue
		}
		if v, says := o.Attrs["available_to"]; says && o.Attrs["saved"] != false {
			m.apps[i].Available = audience(v)
		}
		if v, says := o.Attrs["installed_for"]; says {
			m.apps[i].Installed = audience(v)
		}
		if blocked, says := o.Attrs["blocked"].(bool); says {
			m.apps[i].Blocked = blocked
		}
	}
}

// audience reads "everyone", "no_one", or a list of people and groups.
func audience(v any) access.Audience {
	switch v := v.(type) {
	case string:
		switch v {
		case "everyone":
			return access.Audience{Reach: access.Everyone}
		case "no_one":
			return access.Audience{Reach: access.Nobody}
		}
	case []any:
		if len(v) == 0 {
			return access.Audience{Reach: access.Nobody}
		}
		a := access.Audience{Reach: access.Listed}
		for _, e := range v {
			text, _ := e.(string)
			what, id, cut := strings.Cut(text, ":")
			if !cut {
				what, id = "group", text
			}
			parsed, err := table.ParseID(id)
			switch {
			case err != nil:
			case what == "user":
				a.People = append(a.People, parsed)
			default:
				a.Groups = append(a.Groups, parsed)
			}
		}
		return a
	}
	return access.Audience{}
}

// tenant makes the model of the material.
func (m *material) tenant(d *access.Directory) *access.Tenant {
	on, told := m.org["custom_app_interaction"].(bool)
	return access.New(&access.Snapshot{
		Model: m.model, Directory: d, CustomApps: on || !told, CustomAppsDefault: m.org["custom_apps_default"] != "no_one",
		Apps: m.apps, Setup: m.setup, Permission: m.perms, Grants: m.grants, Rows: m.rows, Names: m.names,
	})
}

// copied fills in what new policies take over from the policy that they start
// as a copy of: the one named, the one they replace, or Global, as it is once
// the restrictions of the plan are made.
func copied(before, after engine.World, plan *engine.Plan) engine.World {
	out := engine.World{Objects: map[string][]engine.Object{}, Rows: after.Rows, HasRows: after.HasRows}
	maps.Copy(out.Objects, after.Objects)
	for _, op := range plan.Ops {
		if op.Action != engine.Create || !op.Kind.HasHolders {
			continue
		}
		from := op.CopyOf
		if from == "" {
			from, _ = op.Input["copy_of"].(string)
		}
		if from == "" {
			from = access.Global
		}
		base := tightened(find(before.Objects[op.Kind.Name], from), op.Kind, plan)
		list := append([]engine.Object(nil), out.Objects[op.Kind.Name]...)
		for i := range list {
			if schema.FoldKey(list[i].Key) == schema.FoldKey(op.Key) {
				attrs := maps.Clone(base)
				maps.Copy(attrs, list[i].Attrs)
				list[i].Attrs = attrs
			}
		}
		out.Objects[op.Kind.Name] = list
	}
	return out
}

// tightened is an object after the first phase of a plan.
func tightened(o *engine.Object, kind *schema.Kind, plan *engine.Plan) schema.Attrs {
	attrs := schema.Attrs{}
	if o == nil {
		return attrs
	}
	maps.Copy(attrs, o.Attrs)
	for _, op := range plan.Ops {
		if op.Kind == kind && op.Phase == engine.Tighten && schema.FoldKey(op.Key) == schema.FoldKey(o.Key) {
			maps.Copy(attrs, op.After)
		}
	}
	return attrs
}

func find(list []engine.Object, key string) *engine.Object {
	for i := range list {
		if schema.FoldKey(list[i].Key) == schema.FoldKey(key) {
			return &list[i]
		}
	}
	return nil
}
