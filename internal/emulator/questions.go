package emulator

import (
	"context"
	"fmt"

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
	Installed        []string // likewise; pinned apps are installed too
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
	err := t.store.View(ctx, func(tx *store.Tx) error {
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
		return e.apps(tx, setup.Policy, permission.Policy, org.IsSideloadedAppsInteractionEnabled)
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

// apps fills in what the person sees. Custom apps that they may not use do not
// appear, pinned or not; ids that are not custom apps of the catalog are taken
// as apps of Microsoft or the store, which everybody may use here.
func (e *Effective) apps(tx *store.Tx, setup, permission store.Policy, customApps bool) error {
	hidden := map[string]bool{}
	err := tx.Apps(func(a store.App) error {
		id := a.ID.String()
		if customApps && a.PublishedDefinition() != nil && store.Allows(permission, id) {
			e.Usable = append(e.Usable, id)
		} else {
			hidden[id] = true
		}
		return nil
	})
	seen := map[string]bool{}
	for _, id := range setup.AppIDs("PinnedAppBarApps") {
		if !hidden[id] {
			e.Pinned = append(e.Pinned, id)
		}
	}
	for _, id := range append(setup.AppIDs("AppPresetList"), e.Pinned...) {
		if !hidden[id] && !seen[id] {
			seen[id] = true
			e.Installed = append(e.Installed, id)
		}
	}
	return err
}

// MayUpload goes through the people who may upload custom apps, in order of
// user id, until yield says stop.
func (t *Tenant) MayUpload(ctx context.Context, yield func(upn string) bool) error {
	return t.store.View(ctx, func(tx *store.Tx) error {
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
