package emulator

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/store"
)

// availability restores what a snapshot holds of each app.
func (o *objects) availability(tx *store.Tx) error {
	for _, r := range o.Availability {
		if r.App == "" {
			return fmt.Errorf("an availability names no app")
		}
		rec := store.AppRecord{Blocked: r.Blocked}
		for _, part := range []struct {
			from *objectAudience
			to   *store.Audience
		}{{r.Available, &rec.Available}, {r.Installed, &rec.Installed}} {
			if part.from == nil {
				continue
			}
			a, err := part.from.restore(tx)
			if err != nil {
				return fmt.Errorf("availability of app %s: %w", r.App, err)
			}
			*part.to = a
		}
		if err := tx.PutAppRecord(strings.ToLower(r.App), rec); err != nil {
			return err
		}
	}
	return nil
}

func (a *objectAudience) restore(tx *store.Tx) (store.Audience, error) {
	out := store.Audience{Type: a.Type, Updated: tx.Now(), By: "snapshot"}
	if a.Type != store.Everyone && a.Type != store.UsersAndGroups && a.Type != store.Noone {
		return out, fmt.Errorf("type %q is none of Everyone, UsersAndGroups, Noone", a.Type)
	}
	if a.Type != store.UsersAndGroups && len(a.Users)+len(a.Groups) > 0 {
		return out, fmt.Errorf("%s has no list of users and groups", a.Type)
	}
	for _, ref := range a.Users {
		u, err := tx.FindUser(ref)
		if err != nil {
			return out, fmt.Errorf("%s is not among the users", ref)
		}
		out.Users = append(out.Users, store.Assignee{ID: u.ID, At: out.Updated, By: out.By})
	}
	for _, ref := range a.Groups {
		g, err := tx.FindGroup(ref)
		if err != nil {
			return out, fmt.Errorf("%s is not among the groups", ref)
		}
		out.Groups = append(out.Groups, store.Assignee{ID: g.ID, At: out.Updated, By: out.By})
	}
	return out, nil
}
