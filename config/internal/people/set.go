package people

import (
	"github.com/teamsform/teamsform/internal/table"
)

// Set finds repeated names. It is an index of positions in a list of names, so
// that a million names cost one allocation and no copies. Names compare without
// regard to case.
type Set struct{ index *table.Index }

// NewSet returns a set with room for up to most names.
func NewSet(most int) *Set { return &Set{table.NewIndex(most)} }

// Add notes that name will stand at the end of names, unless an equal one
// stands there already: then it returns that one's position.
func (s *Set) Add(names []Name, name Name) (first int, repeated bool) {
	h := hashName(name)
	if at, found := s.index.Find(h, func(at int) bool { return sameName(names[at], name) }); found {
		return at, true
	}
	s.index.Add(h, len(names))
	return 0, false
}

func sameName(a, b Name) bool {
	if a.UPN == "" || b.UPN == "" {
		return a.UPN == b.UPN && a.ID == b.ID
	}
	return table.FoldEqual(a.UPN, b.UPN)
}

func hashName(n Name) uint64 {
	if n.UPN == "" {
		return n.ID.Hash()
	}
	return table.FoldHash(n.UPN)
}
