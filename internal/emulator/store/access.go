package store

import (
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// AccessRules are what a tenant decides by who may use which app. They are
// read once and asked for many people.
//
//	policies     org-wide switch, then the person's permission policy
//	app_centric  org-wide switch, then the app's block, then whom it is available
//	             to, or the organisation's default where nobody has saved that
//
// Nested groups count for availability and never for policies.
type AccessRules struct {
	tx         *Tx
	appCentric bool
	switchedOn bool                 // custom apps may be used at all
	permission *Resolver            // policies
	records    map[string]AppRecord // app_centric, by app id in lower case
	defaults   Defaults             // app_centric
}

// Why an app may be used or not: the rule that decided.
const (
	BySwitch       = "custom apps are switched off"
	ByCatalog      = "not published"
	ByBlock        = "blocked"
	ByAvailability = "availability"
	ByDefault      = "organisation's default"
	ByPolicy       = "permission policy"
	ByNobody       = "not restricted"
)

// AccessRules reads the rules of the tenant as it is now.
func (tx *Tx) AccessRules() (*AccessRules, error) {
	r := &AccessRules{tx: tx, records: map[string]AppRecord{}}
	org, err := tx.OrgSwitch()
	if err != nil {
		return nil, err
	}
	r.switchedOn = org.IsSideloadedAppsInteractionEnabled
	if r.appCentric, err = tx.AppCentric(); err != nil {
		return nil, err
	}
	if !r.appCentric {
		r.permission, err = tx.Resolver(PermissionPolicy)
		return r, err
	}
	if r.defaults, err = tx.Defaults(); err != nil {
		return nil, err
	}
	return r, tx.AppRecords(func(id string, rec AppRecord) error {
		r.records[id] = rec
		return nil
	})
}

// AppCentric tells whether the tenant decides access per app. The file is
// asked: another process may have changed it.
func (tx *Tx) AppCentric() (bool, error) {
	info, err := tx.Current()
	return info.AccessModel == ModelAppCentric, err
}

// Access answers for one person.
type Access struct {
	rules      *AccessRules
	user       ids.ID
	permission Policy          // policies
	groups     map[ids.ID]bool // app_centric: all groups the person is in
}

// Of prepares to answer for one person.
func (r *AccessRules) Of(user ids.ID) *Access {
	a := &Access{rules: r, user: user}
	if r.appCentric {
		a.groups = r.tx.TransitiveGroupsOf(user)
	} else {
		a.permission = r.permission.Effective(user).Policy
	}
	return a
}

// AccessOf is AccessRules for one person alone.
func (tx *Tx) AccessOf(user ids.ID) (*Access, error) {
	r, err := tx.AccessRules()
	if err != nil {
		return nil, err
	}
	return r.Of(user), nil
}

// Custom tells whether the person may use an app of the organisation's
// catalog, and which rule says so.
func (a *Access) Custom(app *App) (bool, string) {
	switch {
	case !a.rules.switchedOn:
		return false, BySwitch
	case app.PublishedDefinition() == nil:
		return false, ByCatalog
	}
	return a.Permitted(app.ID.String())
}

// Permitted is Custom as if the app were published and the switch on.
func (a *Access) Permitted(id string) (bool, string) {
	if !a.rules.appCentric {
		return Allows(a.permission, id), ByPolicy
	}
	return a.available(id, a.rules.defaults.Custom)
}

// Other tells whether the person may use an app that is not in the catalog:
// Microsoft's, or one of the public store. On a tenant with policies everybody
// may use those here.
func (a *Access) Other(id string) (bool, string) {
	switch d := a.rules.defaults; {
	case !a.rules.appCentric:
		return true, ByNobody
	case IsMicrosoftApp(id):
		return a.available(id, d.Microsoft)
	default:
		return a.available(id, d.Store)
	}
}

func (a *Access) available(id, otherwise string) (bool, string) {
	r := a.rules.records[strings.ToLower(id)]
	switch {
	case r.Blocked:
		return false, ByBlock
	case !r.Available.Saved():
		return otherwise == DefaultAll, ByDefault
	}
	return a.in(r.Available), ByAvailability
}

// InstalledFor tells whether the app's own record installs it for the person,
// which has an effect only if they may use it.
func (a *Access) InstalledFor(id string) bool {
	return a.rules.appCentric && a.in(a.rules.records[strings.ToLower(id)].Installed)
}

// in tells whether the person belongs to an audience, directly or through
// groups at any depth.
func (a *Access) in(x Audience) bool {
	switch x.Type {
	case Everyone:
		return true
	case UsersAndGroups:
		return holds(x.Users, a.user) || slices.ContainsFunc(x.Groups, func(g Assignee) bool { return a.groups[g.ID] })
	}
	return false
}

// FindApp finds an app of the catalog by catalog id or manifest id.
func (tx *Tx) FindApp(ref string) (App, error) {
	if id, err := ids.Parse(ref); err == nil {
		if app, err := tx.App(id); err == nil {
			return app, nil
		}
	}
	return tx.AppByManifestID(ref)
}
