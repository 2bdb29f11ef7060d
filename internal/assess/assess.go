package assess

import (
	"context"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
)

// Assessor implements engine.Assessor with the model of internal/access.
type Assessor struct {
	Reader *Reader
	// Found is what the last assessment compared; nil before one.
	Found *Comparison
}

var _ engine.Assessor = (*Assessor)(nil)

// Comparison is a tenant before and after a plan.
type Comparison struct {
	*access.Comparison
	Changes []access.Change

	by     [][]string // by change: addresses of what is behind it
	before *material
	after  *material
}

// Assess implements engine.Assessor.
func (a *Assessor) Assess(ctx context.Context, in engine.AssessInput) (*engine.Impact, hcl.Diagnostics) {
	a.Reader.Strings = in.Strings
	c, during, err := a.Reader.compare(ctx, in)
	if err != nil {
		return nil, diag.FromError("The tenant could not be read", err)
	}
	a.Found = c
	run := &assessment{in: in, c: c, during: during, r: a.Reader}
	return run.impact(ctx), nil
}

// compare reads what is missing and lays both sides beside each other. during
// is the tenant at the moment in which new apps are published.
func (r *Reader) compare(ctx context.Context, in engine.AssessInput) (*Comparison, *access.Tenant, error) {
	before, err := r.World(ctx, in.Before)
	if err != nil {
		return nil, nil, err
	}
	after := in.After
	for kind, list := range before.Objects {
		if _, read := in.Before.Objects[kind]; !read {
			after.Objects = withKind(after.Objects, kind, list)
		}
	}
	if !in.After.HasRows {
		after.Rows, after.HasRows = before.Rows, true
	}
	after = copied(before, after, in.Plan)
	was, err := r.gather(ctx, before, nil)
	if err != nil {
		return nil, nil, err
	}
	is, err := r.gather(ctx, after, in.Plan)
	if err != nil {
		return nil, nil, err
	}
	meanwhile, err := r.gather(ctx, published(before, in.Plan), nil)
	if err != nil {
		return nil, nil, err
	}
	meanwhile.apps = newApps(was.apps, is.apps)
	d, err := r.directory(ctx, was, is)
	if err != nil {
		return nil, nil, err
	}
	// Apps that a plan removes are custom on both sides.
	c := &Comparison{Comparison: access.Compare(was.tenant(d), is.tenant(d)), before: was, after: is}
	c.Changes = c.Comparison.Changes()
	return c, meanwhile.tenant(d), nil
}

func withKind(objects map[string][]engine.Object, kind string, list []engine.Object) map[string][]engine.Object {
	out := map[string][]engine.Object{kind: list}
	for k, l := range objects {
		out[k] = l
	}
	return out
}

// published is the tenant once the operations up to the publication of new
// apps are done: restrictions that need no new id are made, the rest is not.
func published(before engine.World, plan *engine.Plan) engine.World {
	out := engine.World{Objects: map[string][]engine.Object{}, Rows: before.Rows, HasRows: true}
	for kind, list := range before.Objects {
		for _, o := range list {
			attrs := schema.Attrs{}
			for name, v := range o.Attrs {
				attrs[name] = v
			}
			o.Attrs = attrs
			out.Objects[kind] = append(out.Objects[kind], o)
		}
	}
	for _, op := range plan.Ops {
		if op.Phase != engine.Tighten {
			continue
		}
		if o := find(out.Objects[op.Kind.Name], op.Key); o != nil {
			for name, v := range op.After {
				o.Attrs[name] = v
			}
		}
	}
	return out
}

// newApps are the apps of before, and those that only after has as they are
// when they have just been published: nobody has said anything of them yet.
func newApps(before, after []access.App) []access.App {
	out := slices.Clone(before)
	for _, a := range after {
		if !slices.ContainsFunc(before, func(b access.App) bool { return b.ID == a.ID }) {
			out = append(out, access.App{ID: a.ID, Name: a.Name, Published: a.Published})
		}
	}
	return out
}

// isNew reports whether a plan publishes an app for the first time.
func (c *Comparison) isNew(app access.App) bool {
	return !app.Foreign && app.Published && c.Before.FindApp(app.ID) < 0
}

// addrOf finds the planned change behind a cause.
func (a *assessment) addrOf(cause access.Cause) []planned {
	switch cause.Kind {
	case access.ByOrgSwitch, access.ByOrgDefault:
		return a.changes(teams.OrgSettings, "")
	case access.ByApp:
		if at, known := a.c.after.addrs[cause.App]; known {
			return []planned{{addr: at}}
		}
		return a.changes(availabilityKind, cause.App)
	case access.ByAvailability:
		return a.changes(availabilityKind, cause.App)
	case access.ByPolicy:
		return a.changes(cause.Type, cause.Policy)
	case access.ByGroup:
		if list := a.changes(teams.GroupAssignment, cause.Type+"/"+cause.Group.String()); list != nil {
			return list
		}
		return a.changes(teams.GroupAssignment, cause.Type+"/"+cause.Left.String())
	case access.ByRow:
		return a.rows(cause)
	}
	return nil
}
