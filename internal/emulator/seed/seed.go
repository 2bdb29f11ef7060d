package seed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/people"
)

// Bounds of an organisation. More people than this do not fit into memory
// beside what else a run needs.
const (
	MaxUsers   = 10_000_000
	MaxGroups  = 1_000_000
	MaxMembers = 50_000_000 // of all groups together
)

// DefaultMembers is how many members a group has on average.
const DefaultMembers = 25

// Shares of people who are not plain members: one in so many.
const (
	guestShare    = 50
	disabledShare = 100
	// Every tenth group holds the two before it as well as its people.
	nestingShare = 10
)

// Options say what organisation is wanted.
type Options struct {
	Users   int    // people, guests included
	Groups  int    // groups
	Members int    // people of a group on average; 0: DefaultMembers
	Seed    uint64 // another one gives other names, ids and memberships
}

// check refuses what cannot be made.
func (o Options) check() error {
	switch {
	case o.Users < 0 || o.Groups < 0 || o.Members < 0:
		return errors.New("numbers of users, groups and members cannot be negative")
	case o.Users > MaxUsers:
		return fmt.Errorf("%d users are more than can be made: at most %d", o.Users, MaxUsers)
	case o.Groups > MaxGroups:
		return fmt.Errorf("%d groups are more than can be made: at most %d", o.Groups, MaxGroups)
	case o.Members > o.Users && o.Groups > 0:
		return fmt.Errorf("groups cannot have %d members on average when there are %d users; ask for fewer members", o.Members, o.Users)
	case o.Groups > 0 && o.Members > MaxMembers/o.Groups:
		return fmt.Errorf("%d groups of %d members are more than can be made: at most %d members in all", o.Groups, o.Members, MaxMembers)
	}
	return nil
}

// Make invents an organisation. Members are user0000001@contoso.example and so
// on without a gap, guests guest0000001_fabrikam.example#EXT#@contoso.example.
func Make(o Options) (*people.Directory, error) {
	if o.Members == 0 {
		o.Members = min(DefaultMembers, o.Users)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	d := &people.Directory{Users: makeUsers(o)}
	// Sorted as every directory is. Groups then pick people by place.
	slices.SortFunc(d.Users, func(a, b people.User) int { return ids.Compare(a.ID, b.ID) })
	d.Groups = makeGroups(o, d.Users)
	slices.SortFunc(d.Groups, func(a, b people.Group) int { return ids.Compare(a.ID, b.ID) })
	return d, nil
}

func makeUsers(o Options) []people.User {
	given, family, from := givenNames(), surnames(), partners()
	r := random(o.Seed ^ 0x75736572)
	users := make([]people.User, o.Users)
	guests := o.Users / guestShare
	for i := range users {
		u := &users[i]
		u.ID = identifier(o.Seed, 'u', i)
		u.Name = given[r.below(len(given))] + " " + family[r.below(len(family))]
		if i < o.Users-guests {
			u.UPN = fmt.Sprintf("user%07d@contoso.example", i+1)
			u.Mail = u.UPN
			u.Disabled = r.below(disabledShare) == 0
			continue
		}
		n, partner := i-(o.Users-guests)+1, from[r.below(len(from))]
		u.UPN = fmt.Sprintf("guest%07d_%s#EXT#@contoso.example", n, partner)
		u.Mail = fmt.Sprintf("guest%07d@%s", n, partner)
		u.Guest = true
	}
	return users
}

// makeGroups fills groups of very different sizes: few are large, most are
// small, as in real directories.
func makeGroups(o Options, users []people.User) []people.Group {
	if o.Groups == 0 {
		return nil
	}
	what, where := departments(), places()
	sizes := groupSizes(o)
	r := random(o.Seed ^ 0x67726f7570)
	groups := make([]people.Group, o.Groups)
	for i := range groups {
		g := &groups[i]
		g.ID = identifier(o.Seed, 'g', i)
		g.Name = fmt.Sprintf("%s %s %04d", what[r.below(len(what))], where[r.below(len(where))], i+1)
		if r.below(2) == 0 {
			g.Mail = fmt.Sprintf("group%04d@contoso.example", i+1)
		}
		for _, at := range r.pick(sizes[i], len(users)) {
			g.Users = append(g.Users, users[at].ID)
		}
		if i%nestingShare == nestingShare-1 {
			g.Groups = []ids.ID{groups[i-2].ID, groups[i-1].ID}
			slices.SortFunc(g.Groups, ids.Compare)
		}
	}
	return groups
}

// groupSizes spreads all memberships over the groups so that the size falls
// with the place in a shuffled ranking. Whole numbers only: fractions may come
// out differently on another processor.
func groupSizes(o Options) []int {
	weights, sum := make([]uint64, o.Groups), uint64(0)
	for i := range weights {
		weights[i] = 1 << 32 / uint64(i+4)
		sum += weights[i]
	}
	r := random(o.Seed ^ 0x73697a65)
	for i := len(weights) - 1; i > 0; i-- {
		j := r.below(i + 1)
		weights[i], weights[j] = weights[j], weights[i]
	}
	sizes := make([]int, o.Groups)
	for i, w := range weights {
		size := int(w * uint64(o.Groups*o.Members) / sum) // below 2^58
		sizes[i] = min(max(size, 1), o.Users)
	}
	return sizes
}

// identifier is a random GUID (version 4) that the seed and the place decide.
func identifier(seed uint64, kind byte, at int) ids.ID {
	r := random(seed ^ uint64(kind)<<56 ^ uint64(at)*0x9e3779b97f4a7c15)
	r.next()
	var id ids.ID
	binary.BigEndian.PutUint64(id[:8], r.next())
	binary.BigEndian.PutUint64(id[8:], r.next())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// random is a splitmix64 generator: its numbers are the same on every machine
// and with every version of Go.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1. The bias of the remainder is no matter for
// the n in use here.
func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

// pick chooses k of n places, sorted.
func (r *random) pick(k, n int) []int {
	if 2*k > n { // leave some out instead of finding most
		out := r.pick(n-k, n)
		rest := make([]int, 0, k)
		for at := range n {
			if len(out) > 0 && out[0] == at {
				out = out[1:]
				continue
			}
			rest = append(rest, at)
		}
		return rest
	}
	seen := make(map[int]bool, k)
	places := make([]int, 0, k)
	for len(places) < k {
		if at := r.below(n); !seen[at] {
			seen[at] = true
			places = append(places, at)
		}
	}
	slices.Sort(places)
	return places
}
