package emulator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/store"
)

// Effective is what a tenant lets one person do. The tenant works it out from
// its own data; nothing here goes over the wire.
type Effective struct {
	UserID           string
	UPN              string
	SetupPolicy      EffectivePolicy
	PermissionPolicy EffectivePolicy
	MayUpload        bool     // org switch on and upload allowed by the setup policy
	Pinned           []string // app ids of the setup policy, in order, as far as the person may use them
	Installed        []string // likewise; pinned apps are installed too, then those that their own records install
	Usable           []string // catalog ids of published custom apps that the person may use, sorted
}

// EffectivePolicy is a policy and why it counts.
type EffectivePolicy struct {
	Name    string // without "Tag:"
	Source  string // "direct", "group" or "global"
	GroupID string // if the source is a group
}

// Effective answers for one person, named by id or UPN.
func (t *Tenant) Effective(ctx context.Context, user string) (Effective, error) {
	var e Effective
	err := t.store.View(store.With(ctx, store.Request{People: true}), func(tx *store.Tx) error {
		u, err := tx.FindUser(user)
		if err != nil {
			return err
		}
		e.UserID, e.UPN = u.ID.String(), u.UPN
		setup, err := tx.EffectiveOf(u.ID, store.SetupPolicy)
		if err != nil {
			return err
		}
		permission, err := tx.EffectiveOf(u.ID, store.PermissionPolicy)
		if err != nil {
			return err
		}
		e.SetupPolicy, e.PermissionPolicy = why(setup), why(permission)
		org, err := tx.OrgSwitch()
		if err != nil {
			return err
		}
		e.MayUpload = org.IsSideloadedAppsInteractionEnabled && setup.Policy.Flag("AllowSideLoading")
		access, err := tx.AccessOf(u.ID)
		if err != nil {
			return err
		}
		return e.apps(tx, access, setup.Policy)
	})
	return e, err
}

func why(p store.EffectivePolicy) EffectivePolicy {
	out := EffectivePolicy{Name: p.Policy.Name, Source: p.Source}
	if p.Source == store.FromGroup {
		out.GroupID = p.Group.String()
	}
	return out
}

// apps fills in what the person sees. Apps that they may not use do not
// appear, pinned or not.
func (e *Effective) apps(tx *store.Tx, access *store.Access, setup store.Policy) error {
	custom, seen := map[string]bool{}, map[string]bool{}
	var own []string // installed by the app's own record
	err := tx.Apps(func(a store.App) error {
		id := a.ID.String()
		may, _ := access.Custom(&a)
		custom[id] = may
		if may {
			e.Usable = append(e.Usable, id)
			if access.InstalledFor(id) {
				own = append(own, id)
			}
		}
		return nil
	})
	may := func(id string) bool {
		if yes, known := custom[id]; known {
			return yes
		}
		yes, _ := access.Other(id)
		return yes
	}
	for _, m := range store.MicrosoftApps() {
		if access.InstalledFor(m.ID) && may(m.ID) {
			own = append(own, m.ID)
		}
	}
	for _, id := range setup.AppIDs("PinnedAppBarApps") {
		if may(id) {
			e.Pinned = append(e.Pinned, id)
		}
	}
	for _, id := range slices.Concat(setup.AppIDs("AppPresetList"), e.Pinned, own) {
		if may(id) && !seen[id] {
			seen[id] = true
			e.Installed = append(e.Installed, id)
		}
	}
	return err
}

// AppAccess is what a tenant lets one person do with one app, worked out from
// its own data by the rules of its access model.
type AppAccess struct {
	Discover  bool   // it stands in their store, under "Built for your org" if it is a custom one
	Use       bool   // they may add and open it
	Installed bool   // an administrator's setting installs it for them
	Pinned    bool   // their setup policy pins it to the app bar
	Why       string // the rule that decided about Use
}

// AppAccess answers for one person, named by id or UPN, and one app: of the
// catalog by catalog id or manifest id, of Microsoft or the public store by its
// id. It gives an error for a person who is not in the directory.
func (t *Tenant) AppAccess(ctx context.Context, user, app string) (AppAccess, error) {
	var out AppAccess
	err := t.store.View(store.With(ctx, store.Request{People: true}), func(tx *store.Tx) error {
		u, err := tx.FindUser(user)
		if err != nil {
			return err
		}
		access, err := tx.AccessOf(u.ID)
		if err != nil {
			return err
		}
		id := strings.ToLower(app)
		if a, err := tx.FindApp(app); err == nil {
			id = a.ID.String()
			out.Use, out.Why = access.Custom(&a)
		} else {
			out.Use, out.Why = access.Other(id)
		}
		out.Discover = out.Use
		setup, err := tx.EffectiveOf(u.ID, store.SetupPolicy)
		if err != nil || !out.Use {
			return err
		}
		in := func(list string) bool {
			return slices.ContainsFunc(setup.Policy.AppIDs(list), func(x string) bool { return strings.EqualFold(x, id) })
		}
		out.Pinned = in("PinnedAppBarApps")
		out.Installed = out.Pinned || in("AppPresetList") || access.InstalledFor(id)
		return nil
	})
	return out, err
}

// MayUse goes through the people who may use an app, in order of user id, until
// yield says stop. The app is named as for AppAccess.
func (t *Tenant) MayUse(ctx context.Context, app string, yield func(upn string) bool) error {
	return t.store.View(store.With(ctx, store.Request{People: true}), func(tx *store.Tx) error {
		rules, err := tx.AccessRules()
		if err != nil {
			return err
		}
		found, err := tx.FindApp(app)
		custom := err == nil
		tx.Users(nil, func(u store.User) bool {
			access := rules.Of(u.ID)
			may, _ := access.Other(app)
			if custom {
				may, _ = access.Custom(&found)
			}
			return !may || yield(u.UPN)
		})
		return ctx.Err()
	})
}

// MayUpload goes through the people who may upload custom apps, in order of
// user id, until yield says stop.
func (t *Tenant) MayUpload(ctx context.Context, yield func(upn string) bool) error {
	return t.store.View(store.With(ctx, store.Request{People: true}), func(tx *store.Tx) error {
		org, err := tx.OrgSwitch()
		if err != nil || !org.IsSideloadedAppsInteractionEnabled {
			return err
		}
		r, err := tx.Resolver(store.SetupPolicy)
		if err != nil {
			return err
		}
		allowed := map[uint32]bool{}
		names, err := tx.PolicyNames(store.SetupPolicy)
		if err != nil {
			return err
		}
		for n, p := range names {
			allowed[n] = p.Flag("AllowSideLoading")
		}
		tx.Users(nil, func(u store.User) bool {
			return !allowed[r.Effective(u.ID).Policy.Number] || yield(u.UPN)
		})
		return ctx.Err()
	})
}

// Dump writes everything but the directory as canonical JSON: equal tenants
// give equal bytes. It leaves out what depends on the history alone: times,
// revisions, opaque ids of policies.
func (t *Tenant) Dump(ctx context.Context) ([]byte, error) {
	var out []byte
	err := t.store.View(ctx, func(tx *store.Tx) error {
		var err error
		out, err = tx.Dump()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dump tenant: %w", err)
	}
	return out, nil
}

// DumpPeople writes the directory as canonical JSON.
func (t *Tenant) DumpPeople(ctx context.Context) ([]byte, error) {
	var out []byte
	err := t.store.View(ctx, func(tx *store.Tx) error {
		var err error
		out, err = tx.DumpDirectory()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dump people: %w", err)
	}
	return out, nil
}
