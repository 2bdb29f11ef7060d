package assess

import (
	"context"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// View is a tenant that can be asked by the names that people use.
type View struct {
	*access.Tenant
	Classes *access.Comparison // of the tenant with itself

	world engine.World   // objects as read, or as planned
	byRef map[string]int // apps by manifest id, address and display name, folded
	twice map[string]bool
}

// Look reads the tenant as it is.
func (r *Reader) Look(ctx context.Context, cfg *config.Config) (*View, error) {
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
	return r.view(ctx, m.tenant(d), m, cfg)
}

// After is the tenant once the plan that was compared is carried out.
func (r *Reader) After(ctx context.Context, c *Comparison, cfg *config.Config) (*View, error) {
	return r.view(ctx, c.Comparison.After, c.after, cfg)
}

func (r *Reader) view(ctx context.Context, t *access.Tenant, m *material, cfg *config.Config) (*View, error) {
	v := &View{Tenant: t, Classes: access.Compare(t, t), world: m.world, byRef: map[string]int{}, twice: map[string]bool{}}
	entries, err := r.Tenant.CatalogEntries(ctx)
	if err != nil {
		return nil, err
	}
	byManifest := map[string]int{}
	for _, e := range entries {
		byManifest[e.ManifestID] = t.FindApp(e.ID)
	}
	for id, a := range m.addrs {
		v.refer(a.String(), t.FindApp(id))
	}
	if cfg != nil {
		for _, inst := range cfg.Instances {
			manifest, _ := inst.Attrs["manifest_id"].(string)
			if at, known := byManifest[strings.ToLower(manifest)]; known && inst.Kind.Name == teams.App {
				v.refer(inst.Addr.String(), at)
			}
		}
	}
	for manifest, at := range byManifest {
		v.refer(manifest, at)
	}
	for at, a := range t.AllApps() {
		if a.Name != "" {
			v.refer(a.Name, at)
		}
	}
	return v, nil
}

func (v *View) refer(name string, app int) {
	name = strings.ToLower(name)
	if was, known := v.byRef[name]; known && was != app {
		v.twice[name] = true
	}
	v.byRef[name] = app
}

// App finds an app by address, App ID, External app ID or name; -1 when there
// is none, and ambiguous when there are several of that name.
func (v *View) App(ref string) (app int, ambiguous bool) {
	if at := v.FindApp(ref); at >= 0 {
		return at, false
	}
	name := strings.ToLower(strings.TrimSpace(ref))
	at, known := v.byRef[name]
	if !known {
		return -1, false
	}
	return at, v.twice[name]
}

// AppOf finds the app of an expect block.
func (v *View) AppOf(app any) int {
	switch app := app.(type) {
	case string:
		return v.FindApp(app)
	case schema.Ref:
		if at := v.FindApp(app.Addr.String()); at >= 0 {
			return at
		}
		if at, known := v.byRef[strings.ToLower(app.Addr.String())]; known {
			return at
		}
	}
	return -1
}

// Apps lists the organisation's own apps, by name.
func (v *View) Custom() []int {
	var out []int
	for at, a := range v.AllApps() {
		if !a.Foreign {
			out = append(out, at)
		}
	}
	return sortedBy(out, func(at int) string { return strings.ToLower(v.AllApps()[at].Name) + "\x00" + v.AllApps()[at].ID })
}

// Person finds somebody by sign-in name or object id; -1 for nobody.
func (v *View) Person(name string) int {
	name = strings.TrimSpace(name)
	if id, err := table.ParseID(name); err == nil {
		return v.Directory.Find(id)
	}
	for at := range v.Directory.People {
		if strings.EqualFold(v.Directory.Name(at), name) {
			return at
		}
	}
	return -1
}

// Near lists sign-in names that are like one that nobody has.
func (v *View) Names(yield func(string) bool) {
	for at := range v.Directory.People {
		if !yield(v.Directory.Name(at)) {
			return
		}
	}
}
