package teams

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// Availability is the kind of whom an app is available to and installed for.
const Availability = "app_availability"

// modelPolicies is the access model with permission policies.
const modelPolicies = "policies"

func availabilityKind() *schema.Kind {
	return &schema.Kind{
		Name: Availability, Version: 1, Title: "app availability", Plural: "app availabilities", Rank: schema.RankAvailability, Delay: delay.Availability(),
		Doc: "Whom an app is available to and installed for, on tenants with app-centric management (Teams admin centre: Teams apps > Manage apps, the app's \"Users and groups\" and \"Installed for\"). " +
			"Every app has an availability: the block changes it, and removing the block leaves it as it stands. An app that is first published under one is submitted for approval, restricted, and approved only then.",
		KeyAttr: availabilityKey, Attached: "app", Compiled: true, Models: []string{modelAppCentric}, Check: checkAvailability,
		Attrs: []*schema.Attr{
			{Name: availabilityKey, Derived: true, Quiet: true, Type: schema.String{Fold: true}, Doc: "The app's manifest id; of an app of the store or of Microsoft, its id."},
			{Name: "app", Required: true, Quiet: true, Type: schema.OneApp{Known: WellKnownApps()}, Doc: "The app: app.NAME or store_app.NAME."},
			{Name: "saved", Label: "Set for this app", Derived: true, Type: schema.Bool{}, Unset: schema.LetGo, Narrow: narrowAfter, Doc: "Whether the availability is set for the app itself. Where nobody has set it, it follows the organisation's default."},
			{
				Name: "available_to", Label: "Available to", Type: schema.Audience{}, Unset: schema.LetGo, AffectsAccess: true, Narrow: narrowAudience,
				Doc: "Who may use the app: \"everyone\" (guests included), \"no_one\", or users and groups. Groups inside groups count. Removing the attribute leaves it as it is.",
			},
			{
				Name: "installed_for", Label: "Installed for", Type: schema.Audience{}, Unset: schema.LetGo, AffectsAccess: true, Narrow: narrowAudience,
				Doc: "Whom the app is installed for. It appears for those of them who may use it.",
			},
		},
	}
}

// availabilityKey is the attribute that is the natural key: the manifest id is
// known before the tenant has given the app its catalog id.
const availabilityKey = "external_id"

func checkAvailability(attrs schema.Attrs) []schema.Problem {
	_, to := attrs["available_to"]
	_, in := attrs["installed_for"]
	if !to && !in {
		return []schema.Problem{{Summary: "Nothing to manage", Detail: "The block says neither available_to nor installed_for. Add one of them, or remove the block."}}
	}
	return nil
}

// narrowAfter puts a change before all permissions.
func narrowAfter(_, after any) any { return after }

// narrowAudience gives a change of an audience its direction. Who only leaves
// leaves first; who only comes comes last. A change that does both is made in
// one step at the end, those who come first: between the two nobody who is in
// both is without the app, and nobody has it who shall not.
func narrowAudience(before, after any) any {
	if before == nil || covers(before, after) {
		return after
	}
	return before
}

// covers reports whether everybody of the second audience is in the first one,
// by the principals that they name.
func covers(all, some any) bool {
	word, in := schema.AudienceParts(all)
	part, of := schema.AudienceParts(some)
	switch {
	case word == schema.Everyone, part == schema.NoOne:
		return true
	case word == schema.NoOne, part == schema.Everyone:
		return false
	}
	return len(schema.Missing(of, in)) == 0
}

// availabilities is the collection of whom apps are available to.
type availabilities struct {
	*Writing
	kind *schema.Kind
}

var (
	_ engine.Writer     = (*availabilities)(nil)
	_ engine.Principals = (*availabilities)(nil)
)

func (c *availabilities) Kind() *schema.Kind { return c.kind }

// Batch implements engine.Writer. An app takes some calls of its own; a batch is
// what one journal line announces.
func (c *availabilities) Batch() (size, parallel int) { return 10, 4 }

// List yields the availability of every app of the organisation, and of those
// of Microsoft and the store that somebody has set. The lists of people and
// groups take a call for each app that has one.
func (c *availabilities) List(ctx context.Context, scope engine.Scope, yield func(engine.Object) error) error {
	rows, err := c.availabilityList(ctx)
	if err != nil {
		return err
	}
	apps, err := c.catalogList(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, id := range scope.Known {
		known[strings.ToLower(id)] = true
	}
	custom := map[string]int{}
	for i, app := range apps {
		custom[strings.ToLower(app.ID)] = i
	}
	for _, row := range rows {
		i, own := custom[row.ID]
		if !own && !row.Available.Saved && !row.Installed.Saved && !known[row.ID] && !c.asked(row.ID) {
			continue
		}
		if row, err = c.detail(ctx, row); err != nil {
			return err
		}
		o := engine.Object{ID: row.ID, Key: row.ID, Unset: !row.Available.Saved && !row.Installed.Saved, Attrs: schema.Attrs{
			"app": row.ID, "saved": row.Available.Saved, "available_to": audienceOf(row.Available), "installed_for": audienceOf(row.Installed),
		}}
		if own {
			o.Key, o.Name = apps[i].ExternalID, apps[i].DisplayName
		} else if name := wellKnownName(row.ID); name != "" {
			o.Name = name
		}
		o.Attrs[availabilityKey] = o.Key
		if err := yield(o); err != nil {
			return err
		}
	}
	return nil
}

// asked reports whether a block of this run names the app.
func (t *Reading) asked(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wanted[id]
}

// ask remembers an app that is not in the catalog and that a block names.
func (t *Reading) ask(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wanted[strings.ToLower(id)] = true
}

func wellKnownName(id string) string {
	for name, known := range WellKnownApps() {
		if known == id {
			return name
		}
	}
	return ""
}

// availabilityList fetches the listing of all apps once.
func (t *Reading) availabilityList(ctx context.Context) ([]teamsadmin.AppAvailability, error) {
	list, err := t.available.get(ctx, t.admin.AppAvailabilities)
	return list, closed(err)
}

// closed turns a refusal of the identity as a whole into the engine's word.
func closed(err error) error {
	if teamsadmin.IsClosed(err) {
		return fmt.Errorf("%w: %w", engine.ErrClosed, err)
	}
	return err
}

// detail completes a row of the listing with the people and groups of its
// lists. It asks once until the app is written.
func (t *Reading) detail(ctx context.Context, row teamsadmin.AppAvailability) (teamsadmin.AppAvailability, error) {
	if row.Available.Type != teamsadmin.UsersAndGroups && row.Installed.Type != teamsadmin.UsersAndGroups {
		return row, nil
	}
	t.mu.Lock()
	known, ok := t.details[row.ID]
	t.mu.Unlock()
	if ok {
		return known, nil
	}
	full, err := t.admin.AppAvailability(ctx, row.ID)
	if err != nil {
		return row, closed(err)
	}
	t.mu.Lock()
	t.details[row.ID] = full
	t.mu.Unlock()
	return full, nil
}

// dropApp forgets what was read of an app.
func (t *Reading) dropApp(id string) {
	t.available.drop()
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.details, strings.ToLower(id))
}

// audienceOf gives an audience of the service as plain data.
func audienceOf(a teamsadmin.AppAudience) any {
	switch a.Type {
	case teamsadmin.Everyone:
		return schema.Everyone
	case teamsadmin.Noone:
		return schema.NoOne
	default: // a list
	}
	var list []string
	for _, g := range a.Groups {
		list = append(list, schema.PrincipalGroup+g)
	}
	for _, u := range a.Users {
		list = append(list, schema.PrincipalUser+u)
	}
	return schema.AudienceOf(list)
}

// Apply implements engine.Writer.
func (c *availabilities) Apply(ctx context.Context, ops []*engine.Op, report func(engine.Result)) error {
	for _, op := range ops {
		id, err := c.one(ctx, op)
		report(engine.Result{Op: op, ID: id, Err: err, InDoubt: ambiguous(err), Doubtful: badRequest(err)})
	}
	return nil
}

func (c *availabilities) one(ctx context.Context, op *engine.Op) (string, error) {
	id := op.ID
	if app, ok := op.After["app"].(string); ok {
		id = strings.ToLower(app)
	}
	if op.Action == engine.Delete || id == "" {
		return id, fmt.Errorf("%s: an app's availability is neither made nor deleted", op.Addr)
	}
	now, err := c.present(ctx, id)
	if err != nil {
		return id, err
	}
	defer c.dropApp(id)
	if wanted, ok := op.After["available_to"]; ok {
		if err := c.change(ctx, id, teamsadmin.Available, now.Available, wanted); err != nil {
			return id, err
		}
	} else if op.After["saved"] == true && !now.Available.Saved {
		// As it is, but for this app: from now on no default changes it.
		if err := c.control.SetAudience(ctx, id, teamsadmin.Available, now.Available.Type); err != nil {
			return id, err
		}
	}
	if wanted, ok := op.After["installed_for"]; ok {
		return id, c.change(ctx, id, teamsadmin.Installed, now.Installed, wanted)
	}
	return id, nil
}

// present reads one app as it is just now: lists grow and shrink by differences,
// which must be those of the moment.
func (c *availabilities) present(ctx context.Context, id string) (teamsadmin.AppAvailability, error) {
	c.dropApp(id)
	a, err := c.admin.AppAvailability(ctx, id)
	if teamsadmin.IsClosed(err) {
		err = fmt.Errorf("only a signed-in person can change whom apps are available to: %w", err)
	}
	return a, err
}

// change brings an audience to what is wanted: those who come are added before
// those who leave are removed, so that it is never empty in between.
func (c *availabilities) change(ctx context.Context, id string, of teamsadmin.AudienceOf, now teamsadmin.AppAudience, wanted any) error {
	word, list := schema.AudienceParts(wanted)
	switch word {
	case schema.Everyone, schema.NoOne:
		typ := teamsadmin.Everyone
		if word == schema.NoOne {
			typ = teamsadmin.Noone
		}
		if now.Type == typ && now.Saved {
			return nil
		}
		return c.control.SetAudience(ctx, id, of, typ)
	}
	var has []string
	if now.Type == teamsadmin.UsersAndGroups {
		_, has = schema.AudienceParts(audienceOf(now))
	}
	if come := schema.Missing(list, has); len(come) > 0 {
		users, groups, err := principals(come)
		if err == nil {
			err = c.control.AddToAudience(ctx, id, of, users, groups)
		}
		if err != nil {
			return err
		}
	}
	leave := schema.Missing(has, list)
	if len(leave) == 0 {
		return nil
	}
	users, groups, err := principals(leave)
	if err != nil {
		return err
	}
	return c.control.RemoveFromAudience(ctx, id, of, users, groups)
}

// principals tells people and groups apart.
func principals(list []string) (users, groups []string, err error) {
	for _, p := range list {
		if id, ok := strings.CutPrefix(p, schema.PrincipalUser); ok {
			users = append(users, id)
		} else if id, ok := strings.CutPrefix(p, schema.PrincipalGroup); ok {
			groups = append(groups, id)
		} else {
			err = errors.Join(err, fmt.Errorf("%q is neither a user nor a group", p))
		}
	}
	return users, groups, err
}

// NamePrincipals implements engine.Principals.
func (t *Reading) NamePrincipals(ctx context.Context, list []string) (map[string]string, error) {
	users, groups, err := principals(list)
	if err != nil {
		return nil, err
	}
	if err := t.people.NameGroups(ctx, groups); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, g := range groups {
		out[schema.PrincipalGroup+g] = t.people.GroupName(g)
	}
	ids := make([]table.ID, 0, len(users))
	var unknown []string
	for _, u := range users {
		id, err := table.ParseID(u)
		if err != nil {
			return nil, err
		}
		if ids = append(ids, id); t.people.UserName(id) == id.String() {
			unknown = append(unknown, u)
		}
	}
	if _, err := t.people.ResolveBatched(ctx, unknown); err != nil {
		return nil, err
	}
	for i, u := range users {
		out[schema.PrincipalUser+u] = t.people.UserName(ids[i])
	}
	return out, nil
}
