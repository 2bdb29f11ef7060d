package emulator

import (
	"context"

	"github.com/teamsform/teamsform/internal/emulator/people"
	"github.com/teamsform/teamsform/internal/emulator/store"
)

// Progress is told how many of all entries are written.
type Progress func(done, total int)

// Replace makes d the people and groups of the tenant. Who is gone takes their
// assignments along. The people file that was applied last counts as applied
// still: only when it changes do its people come back.
func (t *Tenant) Replace(ctx context.Context, d *people.Directory, progress Progress) error {
	return t.store.Import(ctx, store.Import{Directory: d, Progress: progress})
}

// ReplaceFrom is Replace with the people and groups of a people file.
func (t *Tenant) ReplaceFrom(ctx context.Context, data []byte, progress Progress) (users, groups int, err error) {
	d, err := people.Parse(data, t.store.TenantID())
	if err != nil {
		return 0, 0, err
	}
	return len(d.Users), len(d.Groups), t.Replace(ctx, d, progress)
}

// Reset makes the tenant a fresh one with the people of a file (nil: the
// built-in organisation), and what a snapshot holds beside them. All of it
// happens in one step: until then the tenant is as it was.
func (t *Tenant) Reset(ctx context.Context, o Options) error {
	p := peopleFile{data: o.People}
	want, err := o.fresh(&p)
	if err != nil {
		return err
	}
	return p.apply(ctx, t.store, store.Import{Reset: &want})
}

// Fresh tells which tenant a Reset would make.
func (o Options) Fresh() (Info, error) {
	i, err := o.fresh(&peopleFile{data: o.People})
	return Info{ID: i.ID, Name: i.Name, AccessModel: i.AccessModel}, err
}

func (o Options) fresh(p *peopleFile) (store.Info, error) {
	want, err := o.want(p, "")
	defaults := defaultInfo()
	want.ID, want.Name, want.AccessModel = orDefault(want.ID, defaults.ID), orDefault(want.Name, defaults.Name), orDefault(want.AccessModel, defaults.AccessModel)
	return want, err
}

func defaultInfo() store.Info {
	return store.Info{ID: DefaultTenantID, Name: DefaultTenantName, AccessModel: ModelPolicies}
}

// Counts says how much a tenant holds.
type Counts struct {
	Users    int `json:"users"`
	Groups   int `json:"groups"`
	Apps     int `json:"apps"`
	Policies int `json:"policies"` // those of a new tenant included
}

// Counts counts what the tenant holds.
func (t *Tenant) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := t.store.View(ctx, func(tx *store.Tx) error {
		c.Users = tx.CountUsers()
		tx.Groups(nil, func(store.Group) bool { c.Groups++; return true })
		if err := tx.Apps(func(store.App) error { c.Apps++; return nil }); err != nil {
			return err
		}
		for _, kind := range store.PolicyTypes() {
			list, err := tx.Policies(kind)
			if err != nil {
				return err
			}
			c.Policies += len(list)
		}
		return nil
	})
	return c, err
}
