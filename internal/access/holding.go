package access

import (
	"cmp"
	"slices"

	"github.com/teamsform/teamsform/internal/table"
)

// Source says where a person's effective policy comes from.
type Source uint8

// The sources, weakest first.
const (
	FromGlobal Source = iota
	FromGroup
	FromDirect
)

// Holding is one way of having a policy.
type Holding struct {
	Source Source
	Policy int      // place among the policies of the type
	Group  table.ID // of FromGroup
	Rank   int
}

// hold finds the effective policies of everybody: Global for all, groups from
// the highest rank to the lowest over it, direct assignments over those. What
// is written last counts, so nobody's memberships are ever collected.
func (t *Tenant) hold() {
	name := func(i int) string { return t.setup[i].Name }
	t.setupHoldings, t.setupOf = t.holdings(SetupType, len(t.setup), name)
	name = func(i int) string { return t.permission[i].Name }
	t.permissionHoldings, t.permissionOf = t.holdings(PermissionType, len(t.permission), name)
}

func (t *Tenant) holdings(typ string, policies int, name func(int) string) ([]Holding, []uint32) {
	at := map[string]int{}
	for i := range policies {
		at[fold(name(i))] = i
	}
	list := []Holding{{Source: FromGlobal, Policy: at[fold(Global)]}}
	of := make([]uint32, len(t.Directory.People))
	grants := t.grants(typ)
	slices.Reverse(grants)
	for _, g := range grants {
		policy, known := at[fold(g.Policy)]
		group := t.Directory.FindGroup(g.Group)
		if !known || group < 0 {
			continue
		}
		for _, p := range t.Directory.Groups[group].People {
			of[p] = uint32(len(list))
		}
		list = append(list, Holding{Source: FromGroup, Policy: policy, Group: g.Group, Rank: g.Rank})
	}
	return t.direct(typ, at, list, of), of
}

// grants returns the grants of a type, lowest rank first.
func (t *Tenant) grants(typ string) []Grant {
	var out []Grant
	for _, g := range t.Grants {
		if g.Type == typ {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b Grant) int { return cmp.Compare(a.Rank, b.Rank) })
	return out
}

// direct lays the rows over the groups. Rows and people are both in order of
// id, so the two are walked side by side.
func (t *Tenant) direct(typ string, at map[string]int, list []Holding, of []uint32) []Holding {
	if t.Names == nil {
		return list
	}
	sym := t.Names.Sym(typ)
	byPolicy := map[table.Sym]uint32{} // places in list, from 1
	person := 0
	for i := range t.Rows {
		row := &t.Rows[i]
		if row.Type != sym {
			continue
		}
		for person < len(of) && t.Directory.People[person].ID.Compare(row.User) < 0 {
			person++
		}
		if person == len(of) || t.Directory.People[person].ID != row.User {
			continue // someone who is gone
		}
		place, known := byPolicy[row.Policy]
		if !known {
			policy, exists := at[fold(t.Names.Name(row.Policy))]
			if exists {
				list = append(list, Holding{Source: FromDirect, Policy: policy})
				place = uint32(len(list))
			}
			byPolicy[row.Policy] = place
		}
		if place > 0 {
			of[person] = place - 1
		}
	}
	return list
}

// SetupOf returns the setup policy that a person has, and why.
func (t *Tenant) SetupOf(person int) (Holding, *SetupPolicy) {
	h := t.setupHoldings[t.setupOf[person]]
	return h, t.setup[h.Policy].SetupPolicy
}

// PermissionOf returns the permission policy that a person has, and why.
func (t *Tenant) PermissionOf(person int) (Holding, *PermissionPolicy) {
	h := t.permissionHoldings[t.permissionOf[person]]
	return h, t.permission[h.Policy].PermissionPolicy
}

// HoldingOf returns why a person has the policy of a type that they have.
func (t *Tenant) HoldingOf(typ string, person int) Holding {
	if typ == PermissionType {
		h, _ := t.PermissionOf(person)
		return h
	}
	h, _ := t.SetupOf(person)
	return h
}
