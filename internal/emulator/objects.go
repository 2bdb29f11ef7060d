package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/people"
	"github.com/teamsform/teamsform/internal/emulator/policies"
	"github.com/teamsform/teamsform/internal/emulator/store"
)

// objects are what a snapshot holds beside people. A fresh tenant starts with
// them; later they are not looked at again, since the tenant has a life of its
// own by then.
type objects struct {
	Policies map[string][]struct {
		Name   string                     `json:"name"`
		Values map[string]json.RawMessage `json:"values"`
	} `json:"policies"`
	GroupAssignments []objectGrant   `json:"group_assignments"`
	UserAssignments  []objectHolders `json:"user_assignments"`
	Apps             []objectApp     `json:"apps"`
	Availability     []objectRecord  `json:"availability"`
	Org              struct {
		Apps     json.RawMessage `json:"apps"`     // as the policy plane has them
		Requests json.RawMessage `json:"requests"` // as Graph has them
		Defaults json.RawMessage `json:"defaults"` // availability of apps that nobody has saved, by setting
	} `json:"org"`
}

type objectGrant struct {
	Type   string `json:"type"`
	Group  string `json:"group"` // id, or a name that is unique
	Policy string `json:"policy"`
	Rank   int    `json:"rank"`
}

// objectHolders are the people who hold one policy directly.
type objectHolders struct {
	Type   string   `json:"type"`
	Policy string   `json:"policy"`
	Users  []string `json:"users"` // user principal names or ids
}

type objectApp struct {
	ID         string `json:"id"`
	ManifestID string `json:"manifest_id"`
	Versions   []struct {
		Version string `json:"version"`
		State   string `json:"state"`
		Name    string `json:"name"`
	} `json:"versions"`
}

// objectRecord is what a tenant with app-centric management keeps of one app.
type objectRecord struct {
	App       string          `json:"app"` // catalog id
	Blocked   bool            `json:"blocked"`
	Available *objectAudience `json:"available_to"` // nil: nobody has saved it
	Installed *objectAudience `json:"installed_for"`
}

type objectAudience struct {
	Type   string   `json:"type"`
	Users  []string `json:"users"`  // user principal names or ids
	Groups []string `json:"groups"` // ids
}

// readObjects reads the objects of a people file, nil if it has none.
func readObjects(f *people.File) (*objects, error) {
	raw := f.Objects()
	if raw == nil {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	o := &objects{}
	if err := dec.Decode(o); err != nil {
		return nil, wrongObjects(errors.New(strings.TrimPrefix(err.Error(), "json: ")))
	}
	for t := range o.Policies {
		if _, ok := store.PolicyTypeName(t); !ok {
			return nil, wrongObjects(fmt.Errorf("the emulated tenant has no policies of type %q", t))
		}
	}
	return o, nil
}

func wrongObjects(err error) error {
	return &people.Error{
		Message: "objects: " + err.Error(),
		Remedy:  "correct it or make a new snapshot; without \"objects\" the file gives people and groups only",
	}
}

// restore puts the objects into a tenant that has its people but nothing else.
func (o *objects) restore(tx *store.Tx) error {
	for _, step := range []func(*store.Tx) error{o.policies, o.apps, o.availability, o.userAssignments, o.groupAssignments, o.settings} {
		if err := step(tx); err != nil {
			return wrongObjects(err)
		}
	}
	return nil
}

func (o *objects) policies(tx *store.Tx) error {
	for _, t := range store.PolicyTypes() {
		given, ok := o.Policies[t]
		if !ok {
			continue
		}
		var list []store.Policy
		for _, p := range given {
			values, err := policies.Known(t, p.Values)
			if err != nil {
				return fmt.Errorf("policy %s of type %s: %w", p.Name, t, err)
			}
			if strings.TrimSpace(p.Name) == "" {
				return fmt.Errorf("a policy of type %s has no name", t)
			}
			list = append(list, store.Policy{Name: p.Name, Values: values})
		}
		if err := tx.RestorePolicies(t, list); err != nil {
			return err
		}
	}
	return nil
}

func (o *objects) apps(tx *store.Tx) error {
	for _, a := range o.Apps {
		id, err := ids.Parse(a.ID)
		if err != nil {
			return fmt.Errorf("catalog id %q is %w", a.ID, err)
		}
		app := store.App{ID: id, ManifestID: strings.ToLower(a.ManifestID)}
		for _, v := range a.Versions {
			if v.State != store.Published && v.State != store.Submitted && v.State != store.Rejected || v.Version == "" {
				return fmt.Errorf("app %s has version %q in state %q, which is none of submitted, published, rejected", a.ID, v.Version, v.State)
			}
			app.Definitions = append(app.Definitions, store.Definition{
				Version: v.Version, State: v.State, DisplayName: v.Name, InReview: v.State != store.Published,
			})
		}
		if a.ManifestID == "" || len(app.Definitions) == 0 {
			return fmt.Errorf("app %s has no manifest id or no versions", a.ID)
		}
		if err := tx.RestoreApp(app); err != nil {
			return err
		}
	}
	return nil
}

func (o *objects) userAssignments(tx *store.Tx) error {
	for _, h := range o.UserAssignments {
		p, err := assignable(tx, h.Type, h.Policy)
		if err != nil {
			return err
		}
		holders := make([]ids.ID, 0, len(h.Users))
		for _, ref := range h.Users {
			u, err := tx.FindUser(ref)
			if err != nil {
				return fmt.Errorf("policy %s is assigned to %s, who is not among the users", h.Policy, ref)
			}
			holders = append(holders, u.ID)
		}
		slices.SortFunc(holders, ids.Compare) // the order that the store is fast in
		for _, id := range holders {
			if err := tx.Assign(id, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *objects) groupAssignments(tx *store.Tx) error {
	list := slices.Clone(o.GroupAssignments)
	slices.SortStableFunc(list, func(a, b objectGrant) int { return cmp.Compare(a.Rank, b.Rank) })
	for _, g := range list {
		p, err := assignable(tx, g.Type, g.Policy)
		if err != nil {
			return err
		}
		group, err := tx.FindGroup(g.Group)
		if err != nil {
			found := tx.GroupsByName(g.Group)
			if len(found) != 1 {
				return fmt.Errorf("policy %s is assigned to group %s, of which there are %d", g.Policy, g.Group, len(found))
			}
			group = found[0]
		}
		if err := tx.AssignGroup(p, store.GroupGrant{Group: group.ID, Created: tx.Now()}, 0); err != nil {
			return err
		}
	}
	return nil
}

func assignable(tx *store.Tx, policyType, name string) (store.Policy, error) {
	t, ok := store.PolicyTypeName(policyType)
	if !ok {
		return store.Policy{}, fmt.Errorf("the emulated tenant has no policies of type %q", policyType)
	}
	return tx.Policy(t, name)
}

func (o *objects) settings(tx *store.Tx) error {
	if err := tx.RestoreSettings(o.Org.Apps, o.Org.Requests); err != nil || o.Org.Defaults == nil {
		return err
	}
	d, err := tx.Defaults()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(o.Org.Defaults, &d); err != nil {
		return fmt.Errorf("org.defaults: %w", err)
	}
	for _, v := range []string{d.Microsoft, d.Store, d.Custom} {
		if v != store.DefaultAll && v != store.DefaultNone {
			return fmt.Errorf("org.defaults has the value %q, which is neither All nor None", v)
		}
	}
	return tx.PutDefaults(d)
}
