package people

import "strings"

// Set finds repeated names. It is an open hash table of positions in a
// list of names, so that a million names cost one allocation and no copies.
// Names compare without regard to case.
type Set struct {
	slots []uint64 // upper half of the hash, then position in the list plus one; 0 is free
	mask  uint64
}

// NewSet returns a set with room for up to most names.
func NewSet(most int) *Set {
	size := 16
	for size < 2*most {
		size *= 2
	}
	return &Set{slots: make([]uint64, size), mask: uint64(size - 1)}
}

// Add notes that name will stand at the end of names, unless an equal one
// stands there already: then it returns that one's position.
func (s *Set) Add(names []Name, name Name) (first int, repeated bool) {
	h := hashName(name)
	i := home(h) & s.mask
	for ; s.slots[i] != 0; i = (i + 1) & s.mask {
		if s.slots[i]>>32 != h>>32 {
			continue
		}
		if at := int(uint32(s.slots[i])) - 1; sameName(names[at], name) {
			return at, true
		}
	}
	s.slots[i] = h>>32<<32 | uint64(len(names)+1)
	return 0, false
}

// home spreads the upper half of a hash, or of a slot, over the table.
func home(h uint64) uint64 { return h >> 32 * 0x9e3779b1 >> 4 }

func sameName(a, b Name) bool {
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
func hashName(n Name) uint64 {
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
	return h ^ h<<32
}
