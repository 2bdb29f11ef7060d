package ops

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// exporter is one export: what was read, and the blocks it becomes.
type exporter struct {
	*session
	out    *Exported
	adopt  bool
	root   string
	blocks map[string][]config.NewBlock // by file

	objects map[string][]engine.Object  // by kind, in the order of their blocks
	at      map[objectKey]addr.Instance // blocks of objects
	apps    map[string]addr.Instance    // blocks of apps, by catalog id
	rows    map[objectKey][]string      // direct holders, by policy
	groups  map[string]teams.GroupName  // by object id
	labels  map[string]string           // of groups, by object id
	lists   map[string][]string         // people by file
	taken   map[addr.Instance]bool      // labels of assignments
}

// objectKey names an object by kind and folded natural key.
type objectKey struct{ kind, key string }

func keyed(kind, key string) objectKey { return objectKey{kind, schema.FoldKey(key)} }

func newExporter(s *session, out *Exported, adopt bool) *exporter {
	return &exporter{
		session: s, out: out, adopt: adopt, root: s.cfg.Settings.Root, blocks: map[string][]config.NewBlock{},
		objects: map[string][]engine.Object{}, at: map[objectKey]addr.Instance{}, apps: map[string]addr.Instance{}, rows: map[objectKey][]string{},
		lists: map[string][]string{}, taken: map[addr.Instance]bool{},
	}
}

// read lists every collection once and makes the blocks.
func (x *exporter) read(ctx context.Context) error {
	collections := x.reading.Collections(x.kinds)
	for _, k := range x.kinds.Kinds() {
		c := collections[k.Name]
		switch {
		case k.Input || c == nil:
			continue
		case k.Compiled && !slices.Contains(k.Models, x.cfg.Tenant.AccessModel):
			continue // nothing that anybody could miss
		case len(k.Models) > 0 && !slices.Contains(k.Models, x.cfg.Tenant.AccessModel):
			x.skip(k.Plural, fmt.Sprintf("mean nothing on a tenant whose access model is %s", x.cfg.Tenant.AccessModel))
			continue
		case !k.Generated && fileOf(k.Name) == "":
			x.cannot(k.Plural, "this version does not write them down")
			continue
		}
		if err := x.list(ctx, c); err != nil {
			return err
		}
	}
	for _, k := range x.kinds.Kinds() {
		if !k.Generated && !k.Compiled {
			x.declareKind(k)
		}
	}
	if err := x.readAssignments(ctx); err != nil {
		return err
	}
	x.declareAssignments()
	if err := x.declareAvailabilities(ctx); err != nil {
		return err
	}
	return x.readUnknown(ctx, collections)
}

// list reads one collection and leaves out what cannot be managed here.
func (x *exporter) list(ctx context.Context, c engine.Collection) error {
	k := c.Kind()
	err := c.List(ctx, engine.Scope{}, func(o engine.Object) error {
		what := fmt.Sprintf("%s %q", k.Title, calledBy(k, o))
		switch {
		case k.BuiltIn != nil && k.BuiltIn(o.Key):
			x.skip(what, "built in: it can be assigned, not changed")
		case o.Mark != "" && o.Mark != x.root:
			x.skip(what, fmt.Sprintf("managed by the configuration root %q", o.Mark))
		default:
			x.objects[k.Name] = append(x.objects[k.Name], o)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("list of %s: %w", k.Plural, err)
	}
	slices.SortFunc(x.objects[k.Name], func(a, b engine.Object) int {
		return cmp.Or(
			-compareBool(k.IsReserved(a.Key), k.IsReserved(b.Key)),
			cmp.Compare(strings.ToLower(calledBy(k, a)), strings.ToLower(calledBy(k, b))), cmp.Compare(a.Key, b.Key))
	})
	return nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// calledBy is what people call an object.
func calledBy(k *schema.Kind, o engine.Object) string {
	if k.NameAttr != "" && o.Name != "" {
		return o.Name
	}
	return o.Key
}

// readAssignments reads who holds which policy directly, and the names of the
// groups that policies are assigned to.
func (x *exporter) readAssignments(ctx context.Context) error {
	holders := x.reading.Rows()
	var rows []table.Row
	if err := holders.Rows(ctx, x.strings, func(r table.Row) { rows = append(rows, r) }); err != nil {
		return fmt.Errorf("list of policy assignments: %w", err)
	}
	for _, r := range rows {
		k := keyed(x.strings.Name(r.Type), x.strings.Name(r.Policy))
		x.rows[k] = append(x.rows[k], config.PersonName(holders.Name(r.User), r.User.String()))
	}
	var ids []string
	for _, o := range x.objects[teams.GroupAssignment] {
		if id, _ := o.Attrs["group"].(string); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range x.audienceGroups() {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	var err error
	if x.groups, err = x.reading.GroupNames(ctx, ids); err != nil {
		return fmt.Errorf("names of groups: %w", err)
	}
	return nil
}

// readUnknown reports the properties that no attribute stands for.
func (x *exporter) readUnknown(ctx context.Context, collections map[string]engine.Collection) error {
	for _, k := range x.kinds.Kinds() {
		c, able := collections[k.Name].(teams.Unknowns)
		if !able || len(x.objects[k.Name]) == 0 {
			continue
		}
		list, err := c.Unknown(ctx)
		if err != nil {
			return fmt.Errorf("properties of %s: %w", k.Plural, err)
		}
		empty, hasValue := map[string]bool{}, map[string]bool{}
		for _, u := range list {
			set, none := u.Names()
			for _, name := range set {
				hasValue[name] = true
				v := UnknownValue{Kind: k.Name, Key: u.Key, Property: name, JSON: string(u.Properties[name])}
				if a, ok := x.at[keyed(k.Name, u.Key)]; ok {
					v.Addr = a.String()
				}
				x.out.Unknown = append(x.out.Unknown, v)
			}
			for _, name := range none {
				empty[name] = true
			}
		}
		for name := range hasValue {
			delete(empty, name)
		}
		if names := slices.Sorted(maps.Keys(empty)); len(names) > 0 {
			x.out.UnknownOf = append(x.out.UnknownOf, ExportNote{What: k.Plural, Attrs: names, Why: "empty in all of them"})
		}
	}
	return nil
}

func (x *exporter) skip(what, why string) {
	x.out.Skipped = append(x.out.Skipped, ExportNote{What: what, Why: why})
}

func (x *exporter) cannot(what, why string, attrs ...string) {
	x.out.Cannot = append(x.out.Cannot, ExportNote{What: what, Attrs: attrs, Why: why})
}
