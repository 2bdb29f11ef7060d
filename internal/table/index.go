package table

import (
	"encoding/binary"
	"strings"
)

// Index finds positions in a list that the caller keeps, by the hash of what
// stands there: an open hash table of eight bytes a slot, so that a million
// names cost one allocation and no copies.
type Index struct {
	slots []uint64 // upper half of the hash, then the position plus one; 0 is free
	mask  uint64
	used  int
}

// NewIndex returns an index with room for up to most positions.
func NewIndex(most int) *Index {
	size := 16
	for size < 2*most {
		size *= 2
	}
	return &Index{slots: make([]uint64, size), mask: uint64(size - 1)}
}

// home spreads the upper half of a hash, or of a slot, over the table.
func home(h uint64) uint64 { return h >> 32 * 0x9e3779b1 >> 4 }

// Find returns the first position that was added with the hash h and for which
// same holds.
func (x *Index) Find(h uint64, same func(at int) bool) (at int, found bool) {
	for i := home(h) & x.mask; x.slots[i] != 0; i = (i + 1) & x.mask {
		if x.slots[i]>>32 != h>>32 {
			continue
		}
		if at := int(uint32(x.slots[i])) - 1; same(at) {
			return at, true
		}
	}
	return 0, false
}

// Add adds a position with its hash. Whether an equal one is there already is
// not asked. It reports false, and adds nothing, when the index is full: make a
// larger one then.
func (x *Index) Add(h uint64, at int) bool {
	if 2*x.used >= len(x.slots) {
		return false
	}
	i := home(h) & x.mask
	for x.slots[i] != 0 {
		i = (i + 1) & x.mask
	}
	x.slots[i] = h>>32<<32 | uint64(at+1)
	x.used++
	return true
}

// Hash is the hash of an id for an [Index].
func (id ID) Hash() uint64 {
	const odd = 0x9e3779b97f4a7c15
	return (binary.LittleEndian.Uint64(id[:8]) ^ binary.LittleEndian.Uint64(id[8:])*odd) * odd
}

// FoldHash is the hash of a name for an [Index]; names that [FoldEqual] have
// equal hashes.
func FoldHash(s string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			s = strings.ToLower(s)
			break
		}
	}
	h := uint64(offset)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(lower(s[i]))) * prime
	}
	return h ^ h<<32
}

// FoldEqual reports whether two names are the same without regard to case.
func FoldEqual(x, y string) bool {
	// Two names that fold to the same text agree byte by byte as far as both
	// are ASCII: folding goes character by character.
	for i := 0; i < len(x) && i < len(y); i++ {
		switch {
		case x[i] >= 0x80 || y[i] >= 0x80:
			return strings.ToLower(x) == strings.ToLower(y) //nolint:staticcheck // as names are folded everywhere else; EqualFold knows more pairs
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
