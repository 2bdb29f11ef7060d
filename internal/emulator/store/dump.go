package store

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

type dump struct {
	Tenant   string                     `json:"tenant"`
	Apps     []dumpApp                  `json:"apps"`
	Policies map[string][]dumpPolicy    `json:"policies"`
	Users    map[string][]dumpUserGrant `json:"userAssignments"`
	Groups   map[string][]dumpGrant     `json:"groupAssignments"`
	Records  map[string]dumpRecord      `json:"appRecords,omitempty"` // by manifest id, or by app id for apps that are not in the catalog
	Switch   OrgSwitch                  `json:"orgSwitch"`
	Defaults Defaults                   `json:"defaults"`
	Settings AppSettings                `json:"appSettings"`
}

type dumpApp struct {
	ID          string           `json:"id"`
	ManifestID  string           `json:"manifestId"`
	Definitions []dumpDefinition `json:"definitions"`
}

type dumpDefinition struct {
	Version string `json:"version"`
	State   string `json:"state"`
	Digest  string `json:"digest"`
}

type dumpPolicy struct {
	Name   string                     `json:"name"`
	Values map[string]json.RawMessage `json:"values"`
}

type dumpUserGrant struct {
	User   string `json:"user"`
	Policy string `json:"policy"`
}

type dumpGrant struct {
	Group  string `json:"group"`
	Policy string `json:"policy"`
}

type dumpRecord struct {
	Blocked   bool         `json:"blocked"`
	Available dumpAudience `json:"available"`
	Installed dumpAudience `json:"installed"`
}

type dumpAudience struct {
	Type   string   `json:"type,omitempty"`
	Users  []string `json:"users,omitempty"`
	Groups []string `json:"groups,omitempty"`
}

// Dump writes everything but the directory in a canonical form.
func (tx *Tx) Dump() ([]byte, error) {
	d := dump{
		Tenant: tx.s.info.ID, Apps: []dumpApp{},
		Policies: map[string][]dumpPolicy{}, Users: map[string][]dumpUserGrant{}, Groups: map[string][]dumpGrant{},
	}
	err := firstError(
		func() error { return tx.dumpApps(&d) },
		func() error { return tx.dumpPolicies(&d) },
		func() error { return tx.dumpRecords(&d) },
		func() (err error) { d.Switch, err = tx.OrgSwitch(); return err },
		func() (err error) { d.Defaults, err = tx.Defaults(); return err },
		func() (err error) { d.Settings, err = tx.AppSettings(); return err },
	)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(d, "", " ")
}

func (tx *Tx) dumpApps(d *dump) error {
	err := tx.Apps(func(a App) error {
		out := dumpApp{ID: a.ID.String(), ManifestID: a.ManifestID}
		for _, def := range a.Definitions {
			out.Definitions = append(out.Definitions, dumpDefinition{def.Version, def.State, def.Digest})
		}
		d.Apps = append(d.Apps, out)
		return nil
	})
	slices.SortFunc(d.Apps, func(a, b dumpApp) int { return strings.Compare(a.ManifestID, b.ManifestID) })
	return err
}

func (tx *Tx) dumpRecords(d *dump) error {
	d.Records = map[string]dumpRecord{}
	return tx.AppRecords(func(id string, r AppRecord) error {
		if a, err := tx.FindApp(id); err == nil {
			id = a.ManifestID
		}
		d.Records[id] = dumpRecord{r.Blocked, dumpAudienceOf(r.Available), dumpAudienceOf(r.Installed)}
		return nil
	})
}

func dumpAudienceOf(a Audience) dumpAudience {
	out := dumpAudience{Type: a.Type}
	for _, u := range a.Users {
		out.Users = append(out.Users, u.ID.String())
	}
	for _, g := range a.Groups {
		out.Groups = append(out.Groups, g.ID.String())
	}
	slices.Sort(out.Users)
	slices.Sort(out.Groups)
	return out
}

func (tx *Tx) dumpPolicies(d *dump) error {
	for _, t := range PolicyTypes() {
		all, err := tx.Policies(t)
		if err != nil {
			return err
		}
		names := map[uint32]string{}
		d.Policies[t], d.Users[t], d.Groups[t] = []dumpPolicy{}, []dumpUserGrant{}, []dumpGrant{}
		for _, p := range all {
			names[p.Number] = p.Name
			d.Policies[t] = append(d.Policies[t], dumpPolicy{p.Name, p.Values})
		}
		err = tx.DirectAll(t, func(user ids.ID, policy uint32) error {
			u, err := tx.User(user)
			d.Users[t] = append(d.Users[t], dumpUserGrant{strings.ToLower(u.UPN), names[policy]})
			return err
		})
		if err != nil {
			return err
		}
		slices.SortFunc(d.Users[t], func(a, b dumpUserGrant) int { return strings.Compare(a.User, b.User) })
		grants, err := tx.GroupGrants(t)
		if err != nil {
			return err
		}
		for _, g := range grants {
			d.Groups[t] = append(d.Groups[t], dumpGrant{g.Group.String(), names[g.Policy]})
		}
	}
	return nil
}
