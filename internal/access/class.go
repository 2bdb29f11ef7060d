package access

import (
	"cmp"
	"slices"
)

// Class is a number of people whom every rule of the compared tenants treats
// alike: same policies from the same source, same places in the apps' lists,
// guests or not, enabled or not.
type Class struct {
	Guest    bool
	Disabled bool
	Count    int
	Sample   []int // the first people, by place; at most samples of them

	held [2][2]uint32 // by tenant (before, after) and type (setup, permission)
	in   []uint64     // bits of the lists that the class is in
}

// samples is how many people of a class are kept by name.
const samples = 5

// sorting cuts the directory into classes: all people start together, and each
// fact that tells people apart cuts every class into those who have it and
// those who do not. It costs one step per membership, whatever the number of
// facts or classes.
type sorting struct {
	of       []uint32 // by person
	parent   []uint32 // of each class ever made; those with members at the end are the leaves
	fact     []fact
	children map[[2]uint64]uint32
}

// fact is what tells a class from its parent.
type fact struct {
	what factKind
	slot uint32 // tenant*2 + type, or the list
	val  uint32 // the holding, or bits of the account
}

type factKind uint8

const (
	factAccount factKind = iota
	factHeld
	factIn
)

const (
	isGuest    = 1
	isDisabled = 2
)

func (s *sorting) child(class uint32, f fact) uint32 {
	key := [2]uint64{uint64(class)<<32 | uint64(f.val), uint64(f.what)<<32 | uint64(f.slot)}
	c, known := s.children[key]
	if !known {
		c = uint32(len(s.parent))
		s.parent, s.fact = append(s.parent, class), append(s.fact, f)
		s.children[key] = c
	}
	return c
}

// cut refines every class by the value that of gives each person.
func (s *sorting) cut(what factKind, slot uint32, of func(person int) uint32) {
	var lastClass, lastVal, lastChild uint32
	fresh := true
	for p, class := range s.of {
		val := of(p)
		if fresh || class != lastClass || val != lastVal {
			lastClass, lastVal, fresh = class, val, false
			lastChild = s.child(class, fact{what, slot, val})
		}
		s.of[p] = lastChild
	}
}

// classes sorts everybody of two tenants with one directory.
func (c *Comparison) classify() {
	people := c.Before.Directory.People
	s := &sorting{of: make([]uint32, len(people)), parent: []uint32{0}, fact: []fact{{}}, children: map[[2]uint64]uint32{}}
	s.cut(factAccount, 0, func(p int) uint32 {
		var bits uint32
		if people[p].Guest {
			bits |= isGuest
		}
		if people[p].Disabled {
			bits |= isDisabled
		}
		return bits
	})
	for i, t := range []*Tenant{c.Before, c.After} {
		for j, of := range [][]uint32{t.setupOf, t.permissionOf} {
			if j == 1 && t.Model == AppCentric {
				continue // permission policies decide nothing there
			}
			s.cut(factHeld, uint32(i*2+j), func(p int) uint32 { return of[p] })
		}
	}
	c.lists = c.joinLists()
	for list, members := range c.lists {
		for _, p := range members {
			s.of[p] = s.child(s.of[p], fact{factIn, uint32(list), 1})
		}
	}
	c.collect(s)
}

// joinLists numbers the lists of both tenants; the same list is one.
func (c *Comparison) joinLists() [][]int32 {
	var out [][]int32
	byKey := map[string]int{}
	for i, t := range []*Tenant{c.Before, c.After} {
		c.listAt[i] = make([]int, len(t.audiences))
		for j, a := range t.audiences {
			at, known := byKey[a.key]
			if !known {
				at = len(out)
				byKey[a.key] = at
				out = append(out, a.members)
			}
			c.listAt[i][j] = at
		}
	}
	return out
}

// collect makes the classes that somebody is in, the largest first.
func (c *Comparison) collect(s *sorting) {
	at := map[uint32]int{}
	c.of = s.of
	for p, leaf := range s.of {
		i, known := at[leaf]
		if !known {
			i = len(c.Classes)
			at[leaf] = i
			c.Classes = append(c.Classes, s.describe(leaf, (len(c.lists)+63)/64))
		}
		class := &c.Classes[i]
		class.Count++
		if len(class.Sample) < samples {
			class.Sample = append(class.Sample, p)
		}
		c.of[p] = uint32(i)
	}
	order := make([]int, len(c.Classes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.Classes[b].Count, c.Classes[a].Count) })
	sorted, place := make([]Class, len(order)), make([]uint32, len(order))
	for to, from := range order {
		sorted[to], place[from] = c.Classes[from], uint32(to)
	}
	c.Classes = sorted
	for p := range c.of {
		c.of[p] = place[c.of[p]]
	}
}

// describe collects the facts from a leaf up to the root.
func (s *sorting) describe(leaf uint32, words int) Class {
	class := Class{in: make([]uint64, words)}
	for at := leaf; at != 0; at = s.parent[at] {
		switch f := s.fact[at]; f.what {
		case factAccount:
			class.Guest, class.Disabled = f.val&isGuest != 0, f.val&isDisabled != 0
		case factHeld:
			class.held[f.slot/2][f.slot%2] = f.val
		case factIn:
			class.in[f.slot/64] |= 1 << (f.slot % 64)
		}
	}
	return class
}

// traits of a class in the tenant before (0) or after (1).
func (c *Comparison) traits(class *Class, when int) traits {
	return traits{
		setup: class.held[when][0], permission: class.held[when][1], disabled: class.Disabled,
		in: func(audience int) bool {
			list := c.listAt[when][audience]
			return class.in[list/64]>>(list%64)&1 == 1
		},
	}
}
