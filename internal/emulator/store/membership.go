package store

import (
	"bytes"
	"slices"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// Member is one member of a group: a person or another group.
type Member struct {
	ID    ids.ID
	Group bool
}

// Members goes through the direct members of a group, people before groups,
// each in order of id, starting after the given member (nil: at the first).
func (tx *Tx) Members(group ids.ID, after *Member, yield func(Member) bool) {
	c := tx.dir(bktMembers).Cursor()
	seek := group[:]
	if after != nil {
		seek = memberKey(group, *after)
	}
	k, _ := c.Seek(seek)
	if after != nil && bytes.Equal(k, seek) {
		k, _ = c.Next()
	}
	for ; bytes.HasPrefix(k, group[:]); k, _ = c.Next() {
		if !yield(Member{ID: ids.ID(k[17:]), Group: k[16] == memberGroup}) {
			return
		}
	}
}

func memberKey(group ids.ID, m Member) []byte {
	key := make([]byte, 0, 33)
	key = append(key, group[:]...)
	if m.Group {
		key = append(key, memberGroup)
	} else {
		key = append(key, memberUser)
	}
	return append(key, m.ID[:]...)
}

// TransitiveMembers gives the members of a group and of the groups within it,
// each once, people before groups, in order of id. A group that contains
// itself through others is not its own member.
func (tx *Tx) TransitiveMembers(group ids.ID) []Member {
	seen := map[ids.ID]bool{group: true}
	var out []Member
	queue := []ids.ID{group}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		tx.Members(next, nil, func(m Member) bool {
			if seen[m.ID] {
				return true
			}
			seen[m.ID] = true
			out = append(out, m)
			if m.Group {
				queue = append(queue, m.ID)
			}
			return true
		})
	}
	slices.SortFunc(out, CompareMembers)
	return out
}

// CompareMembers orders members as lists give them: people before groups, each
// by id.
func CompareMembers(a, b Member) int {
	if a.Group != b.Group {
		if a.Group {
			return 1
		}
		return -1
	}
	return ids.Compare(a.ID, b.ID)
}

// GroupsOf gives the groups that an object is a direct member of, in order of
// id.
func (tx *Tx) GroupsOf(member ids.ID) []ids.ID {
	var out []ids.ID
	c := tx.dir(bktOf).Cursor()
	for k, _ := c.Seek(member[:]); bytes.HasPrefix(k, member[:]); k, _ = c.Next() {
		out = append(out, ids.ID(k[16:]))
	}
	return out
}

// TransitiveGroupsOf gives all groups that an object is in, directly or
// through other groups.
func (tx *Tx) TransitiveGroupsOf(member ids.ID) map[ids.ID]bool {
	seen := map[ids.ID]bool{}
	queue := []ids.ID{member}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		for _, g := range tx.GroupsOf(next) {
			if !seen[g] {
				seen[g] = true
				queue = append(queue, g)
			}
		}
	}
	return seen
}
