package teams

import (
	"fmt"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// availabilities are the app_availability blocks of the configuration.
func (c *compilation) availabilities() []*config.Instance {
	var out []*config.Instance
	for _, inst := range c.in.Config.Instances {
		if inst.Kind.Name == Availability {
			out = append(out, inst)
		}
	}
	return out
}

// audienceAttrs are the attributes that name people and groups.
func audienceAttrs() []string { return []string{"available_to", "installed_for"} }

func audienceRefs(inst *config.Instance) []addr.Instance {
	var out []addr.Instance
	for _, name := range audienceAttrs() {
		out = append(out, schema.AudienceRefs(inst.Attrs[name])...)
	}
	return out
}

// available makes one object per app_availability block, with ids in the place
// of blocks.
func (c *compilation) available(instances []*config.Instance) {
	for _, inst := range instances {
		d := &engine.Desired{
			Addr: inst.Addr, Kind: c.availabilityKind, Lifecycle: inst.Lifecycle, Range: inst.DeclRange, Ranges: inst.Ranges,
			DependsOn: inst.DependsOn, Attrs: schema.Attrs{"app": inst.Attrs["app"]}, Input: schema.Attrs{},
		}
		if !c.nameApp(inst, d) {
			continue
		}
		for _, name := range audienceAttrs() {
			if v, ok := inst.Attrs[name]; ok {
				d.Attrs[name] = c.principals(v)
			}
		}
		if _, ok := d.Attrs["available_to"]; ok {
			d.Attrs["saved"] = true
		}
		c.out.Objects = append(c.out.Objects, d)
	}
}

// nameApp gives an availability the natural key of its app.
func (c *compilation) nameApp(inst *config.Instance, d *engine.Desired) bool {
	switch app := inst.Attrs["app"].(type) {
	case string:
		d.Key, d.Name = app, wellKnownName(app)
		c.ask(app)
	case schema.Ref:
		for _, other := range c.in.Config.Instances {
			if other.Addr == app.Addr {
				d.Key, _ = other.Attrs["manifest_id"].(string)
				d.Name, _ = other.Attrs["display_name"].(string)
			}
		}
		d.DependsOn = append(append([]addr.Instance{}, d.DependsOn...), app.Addr)
	}
	d.Attrs[availabilityKey] = d.Key
	if d.Key == "" {
		rng := inst.DeclRange
		c.diags = append(c.diags, diag.Error(&rng, "App without an id", "%s names an app that has no manifest id.", inst.Addr))
	}
	return d.Key != ""
}

// principals puts ids in the place of the blocks that an audience names.
func (c *compilation) principals(v any) any {
	if word, isWord := v.(string); isWord {
		return word
	}
	var list []string
	for _, ref := range schema.AudienceRefs(v) {
		if ref.Kind == "group" {
			list = append(list, schema.PrincipalGroup+c.group[ref])
			continue
		}
		for _, id := range c.ids[ref] {
			list = append(list, schema.PrincipalUser+id.String())
		}
	}
	return schema.AudienceOf(list)
}

// publish says which apps are published only once they are restricted: those
// that are blocked, or not for everyone. With app-centric management a new app
// is otherwise open to whomever the organisation's default says.
func (c *compilation) publish(instances []*config.Instance) {
	if !c.appCentric() {
		return
	}
	by := map[addr.Instance][]addr.Instance{}
	for _, inst := range instances {
		app, ok := inst.Attrs["app"].(schema.Ref)
		if to, managed := inst.Attrs["available_to"]; ok && managed && to != schema.Everyone {
			by[app.Addr] = append(by[app.Addr], inst.Addr)
		}
	}
	c.out.Added, c.out.MadeClosed = map[addr.Instance]schema.Attrs{}, map[addr.Instance]engine.MadeClosed{}
	for _, inst := range c.in.Config.Instances {
		if _, packed := inst.Attrs["package"]; inst.Kind.Name != App || !packed {
			continue
		}
		c.out.Added[inst.Addr] = schema.Attrs{published: true}
		restricted := by[inst.Addr]
		if len(restricted) == 0 && inst.Attrs["blocked"] != true {
			continue
		}
		w := engine.MadeClosed{Attr: published, By: restricted}
		if !c.TakesReview {
			w.Impossible = fmt.Sprintf("%s is published before %s: this tenant takes no restriction of an app in review. Whom the organisation's default for custom apps lets use it (everybody, guests included, unless it is closed) can see it from its publication until the restriction reaches people's clients, which may take three days.",
				inst.Addr, whatRestricts(inst, restricted))
		}
		c.out.MadeClosed[inst.Addr] = w
	}
}

func whatRestricts(inst *config.Instance, by []addr.Instance) string {
	if len(by) > 0 {
		return by[0].String() + " restricts it"
	}
	return "it is blocked"
}
