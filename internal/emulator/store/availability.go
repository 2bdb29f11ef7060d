package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// What a tenant with app-centric management keeps of each app: whether it is
// blocked, whom it is available to, whom it is installed for. An app that
// nobody has saved has no entry and goes with the organisation's default.

// Types of an audience.
const (
	Everyone       = "Everyone"
	UsersAndGroups = "UsersAndGroups"
	Noone          = "Noone"
)

// Access models of a tenant.
const (
	ModelPolicies   = "policies"
	ModelAppCentric = "app_centric"
)

// MaxAudienceChange is how many users and groups one change may name. The
// bound is documented of the admin centre only.
const MaxAudienceChange = 99

// Assignee is one person or group of an audience.
type Assignee struct {
	ID ids.ID    `json:"id"`
	By string    `json:"by"` // object id of who added it
	At time.Time `json:"at"`
}

// Audience is whom an app is available to, or installed for.
type Audience struct {
	Type    string     `json:"type"` // empty: never saved
	Users   []Assignee `json:"users,omitempty"`
	Groups  []Assignee `json:"groups,omitempty"`
	By      string     `json:"by,omitempty"`
	Updated time.Time  `json:"updated"`
}

// Saved tells whether somebody has saved it for this app alone.
func (a Audience) Saved() bool { return a.Type != "" }

// AppRecord is what the tenant keeps of one app.
type AppRecord struct {
	Blocked   bool     `json:"blocked,omitempty"`
	Available Audience `json:"available"`
	Installed Audience `json:"installed"`
	Version   string   `json:"version,omitempty"` // that is installed, as the caller said
}

// AudienceRefusal says why an audience cannot be changed so.
type AudienceRefusal struct{ Message string }

func (e *AudienceRefusal) Error() string { return e.Message }

func refuseAudience(format string, args ...any) error {
	return &AudienceRefusal{fmt.Sprintf(format, args...)}
}

// AppRecord reads what the tenant keeps of an app; nothing gives a zero value.
func (tx *Tx) AppRecord(id string) (AppRecord, error) {
	var r AppRecord
	b := tx.b.Bucket(bktAvail)
	if b == nil { // the file is older than this bucket
		return r, nil
	}
	err := get(b, []byte(strings.ToLower(id)), &r)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return r, err
}

// PutAppRecord keeps something of an app.
func (tx *Tx) PutAppRecord(id string, r AppRecord) error {
	b, err := tx.b.CreateBucketIfNotExists(bktAvail)
	if err != nil {
		return err
	}
	tx.touch(PartAvailability, []byte(strings.ToLower(id)), bktAvail)
	return put(b, []byte(strings.ToLower(id)), r)
}

func (tx *Tx) deleteAppRecord(id string) error {
	b := tx.b.Bucket(bktAvail)
	if b == nil {
		return nil
	}
	tx.touch(PartAvailability, []byte(strings.ToLower(id)), bktAvail)
	return b.Delete([]byte(strings.ToLower(id)))
}

// AudienceChange is one change of an audience: to everyone or no one, or some
// users and groups more or fewer.
type AudienceChange struct {
	Type          string
	Remove        bool
	Users, Groups []string // object ids
}

// Apply makes the change. The rules are those of the real service as far as
// they are known: lists grow and shrink, nothing replaces them.
func (tx *Tx) Apply(a *Audience, c AudienceChange, by string) error {
	if c.Type != UsersAndGroups {
		if len(c.Users)+len(c.Groups) > 0 {
			return refuseAudience("Users and Groups should be null when AppAssignmentType is Everyone or Noone")
		}
		*a = Audience{Type: c.Type, By: by, Updated: tx.Now()}
		return nil
	}
	switch n := len(c.Users) + len(c.Groups); {
	case n == 0:
		return refuseAudience("Users or Groups must be given when AppAssignmentType is UsersAndGroups")
	case n > MaxAudienceChange:
		return refuseAudience("%d users and groups in one call, which takes at most %d", n, MaxAudienceChange)
	case c.Remove && a.Type != UsersAndGroups:
		return refuseAudience("nobody can be removed from an assignment that is not to users and groups")
	}
	users, err := tx.assignees(c.Users, by, c.Remove, func(id ids.ID) bool { return tx.HasUser(id) })
	if err != nil {
		return err
	}
	groups, err := tx.assignees(c.Groups, by, c.Remove, func(id ids.ID) bool { _, err := tx.Group(id); return err == nil })
	if err != nil {
		return err
	}
	next := Audience{Type: UsersAndGroups, By: by, Updated: tx.Now()}
	if a.Type == UsersAndGroups {
		next.Users, next.Groups = a.Users, a.Groups
	}
	if c.Remove {
		next.Users, next.Groups = without(next.Users, users), without(next.Groups, groups)
	} else {
		next.Users, next.Groups = with(next.Users, users), with(next.Groups, groups)
	}
	*a = next
	return nil
}

// assignees reads object ids. Who is to be added must be in the directory;
// who is to be removed may be gone.
func (tx *Tx) assignees(list []string, by string, remove bool, known func(ids.ID) bool) ([]Assignee, error) {
	out := make([]Assignee, 0, len(list))
	for _, s := range list {
		id, err := ids.Parse(s)
		if err != nil || !remove && !known(id) {
			return nil, refuseAudience("%q is not in the directory", s)
		}
		out = append(out, Assignee{ID: id, By: by, At: tx.Now()})
	}
	return out, nil
}

func with(list, more []Assignee) []Assignee {
	out := slices.Clone(list)
	for _, m := range more {
		if !holds(out, m.ID) {
			out = append(out, m)
		}
	}
	return out
}

func without(list, gone []Assignee) []Assignee {
	return slices.DeleteFunc(slices.Clone(list), func(a Assignee) bool { return holds(gone, a.ID) })
}

func holds(list []Assignee, id ids.ID) bool {
	return slices.ContainsFunc(list, func(a Assignee) bool { return a.ID == id })
}

// dropGoneAssignees takes people and groups that are gone out of every
// audience. An audience that was all theirs stays one of nobody.
func (tx *Tx) dropGoneAssignees() error {
	changed := map[string]AppRecord{}
	err := tx.AppRecords(func(id string, r AppRecord) error {
		before := len(r.Available.Users) + len(r.Available.Groups) + len(r.Installed.Users) + len(r.Installed.Groups)
		for _, a := range []*Audience{&r.Available, &r.Installed} {
			a.Users = slices.DeleteFunc(a.Users, func(x Assignee) bool { return !tx.HasUser(x.ID) })
			a.Groups = slices.DeleteFunc(a.Groups, func(x Assignee) bool { _, err := tx.Group(x.ID); return err != nil })
		}
		if len(r.Available.Users)+len(r.Available.Groups)+len(r.Installed.Users)+len(r.Installed.Groups) != before {
			changed[id] = r
		}
		return nil
	})
	for id, r := range changed {
		err = errors.Join(err, tx.PutAppRecord(id, r))
	}
	return err
}

// AppRecords goes through what the tenant keeps of apps, in order of app id.
func (tx *Tx) AppRecords(yield func(id string, r AppRecord) error) error {
	b := tx.b.Bucket(bktAvail)
	if b == nil {
		return nil
	}
	return b.ForEach(func(k, _ []byte) error {
		var r AppRecord
		if err := get(b, k, &r); err != nil {
			return err
		}
		return yield(string(k), r)
	})
}
