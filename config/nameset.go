package config

import "strings"

// nameSet finds repeated names. It is an open hash table of positions in a
// list of names, so that a million names cost two allocations and no copies.
// Names compare without regard to case.
type nameSet struct {
	slots []int32 // position in the list, plus one; 0 is free
	mask  uint64
	n     int
}

func newNameSet(expect int) *nameSet {
	size := 16
	for size < expect*2 {
		size *= 2
	}
	return &nameSet{slots: make([]int32, size), mask: uint64(size - 1)}
}

// add notes that name will stand at the end of names, unless an equal one
// stands there already: then it returns that one's position.
func (s *nameSet) add(names []UserName, name UserName) (first int, repeated bool) {
	if 2*(s.n+1) > len(s.slots) {
		s.grow(names)
	}
	i := hashName(name) & s.mask
	for s.slots[i] != 0 {
		if at := int(s.slots[i] - 1); sameName(names[at], name) {
			return at, true
		}
		i = (i + 1) & s.mask
	}
	s.slots[i] = int32(len(names) + 1)
	s.n++
	return 0, false
}

func (s *nameSet) grow(names []UserName) {
	bigger := newNameSet(len(s.slots))
	for i, name := range names {
		j := hashName(name) & bigger.mask
		for bigger.slots[j] != 0 {
			j = (j + 1) & bigger.mask
		}
		bigger.slots[j] = int32(i + 1)
	}
	s.slots, s.mask = bigger.slots, bigger.mask
}

func sameName(a, b UserName) bool {
	if a.UPN == "" || b.UPN == "" {
		return a.UPN == b.UPN && a.ID == b.ID
	}
	// Two names that fold to the same text agree byte by byte as far as both
	// are ASCII: folding goes character by character.
	x, y := a.UPN, b.UPN
	for i := 0; i < len(x) && i < len(y); i++ {
		switch {
		case x[i] >= 0x80 || y[i] >= 0x80:
			return fold(x) == fold(y)
		case lower(x[i]) != lower(y[i]):
			return false
		}
	}
	return len(x) == len(y)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// fold gives names the form in which they compare. It copies only names that
// have letters beyond ASCII, or capitals.
func fold(s string) string { return strings.ToLower(s) }

// hashName mixes the folded bytes of a name (FNV-1a).
func hashName(n UserName) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	if n.UPN == "" {
		for _, c := range n.ID {
			h = (h ^ uint64(c)) * prime
		}
		return h
	}
	s := n.UPN
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			s = fold(s)
			break
		}
	}
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(lower(s[i]))) * prime
	}
	return h ^ h>>32
}
