package access

import (
	"slices"
	"sort"
	"strings"

	"github.com/teamsform/teamsform/internal/table"
)

// Person is one user account.
type Person struct {
	ID       table.ID
	Guest    bool
	Disabled bool // sign-in is blocked
}

// Group is a group with its direct members.
type Group struct {
	ID     table.ID
	Name   string
	People []int32 // places in the directory, rising
	Groups []int32 // places of member groups
}

// Directory is people and groups. People are named by their place in it.
type Directory struct {
	People []Person // by id
	Groups []Group  // by id
	names  func(table.ID) string
}

// NewDirectory makes a directory of people in any order and groups whose
// members SetMembers gives. names tells what people are called, for sentences.
func NewDirectory(people []Person, groups []Group, names func(table.ID) string) *Directory {
	byID := func(a, b Person) int { return a.ID.Compare(b.ID) }
	if !slices.IsSortedFunc(people, byID) {
		slices.SortFunc(people, byID)
	}
	slices.SortFunc(groups, func(a, b Group) int { return a.ID.Compare(b.ID) })
	return &Directory{People: people, Groups: groups, names: names}
}

// Find returns the place of a person, or -1.
func (d *Directory) Find(id table.ID) int {
	i := sort.Search(len(d.People), func(i int) bool { return d.People[i].ID.Compare(id) >= 0 })
	if i == len(d.People) || d.People[i].ID != id {
		return -1
	}
	return i
}

// FindGroup returns the place of a group, or -1.
func (d *Directory) FindGroup(id table.ID) int {
	i := sort.Search(len(d.Groups), func(i int) bool { return d.Groups[i].ID.Compare(id) >= 0 })
	if i == len(d.Groups) || d.Groups[i].ID != id {
		return -1
	}
	return i
}

// Name returns the sign-in name of the person at a place, or the id.
func (d *Directory) Name(place int) string {
	id := d.People[place].ID
	if d.names != nil {
		if name := d.names(id); name != "" {
			return name
		}
	}
	return id.String()
}

// GroupName returns what a group is called, or its id.
func (d *Directory) GroupName(id table.ID) string {
	if i := d.FindGroup(id); i >= 0 && d.Groups[i].Name != "" {
		return d.Groups[i].Name
	}
	return id.String()
}

// SetMembers gives a group its direct members, in any order. Who is not in the
// directory is left out.
func (d *Directory) SetMembers(group int, people, groups []table.ID) {
	g := &d.Groups[group]
	g.People, g.Groups = g.People[:0], g.Groups[:0]
	for _, id := range people {
		if at := d.Find(id); at >= 0 {
			g.People = append(g.People, int32(at))
		}
	}
	for _, id := range groups {
		if at := d.FindGroup(id); at >= 0 {
			g.Groups = append(g.Groups, int32(at))
		}
	}
	slices.Sort(g.People)
	g.People = slices.Compact(g.People)
	slices.Sort(g.Groups)
	g.Groups = slices.Compact(g.Groups)
}

// isMember reports whether a person is a direct member of a group.
func (d *Directory) isMember(group, person int) bool {
	_, in := slices.BinarySearch(d.Groups[group].People, int32(person))
	return in
}

// closure returns a group and all groups in it, however deep. Groups may hold
// each other in a circle.
func (d *Directory) closure(group int) []int {
	seen := map[int]bool{group: true}
	out := []int{group}
	for i := 0; i < len(out); i++ {
		for _, inner := range d.Groups[out[i]].Groups {
			if !seen[int(inner)] {
				seen[int(inner)] = true
				out = append(out, int(inner))
			}
		}
	}
	return out
}

// way returns the groups from group down to the one that holds the person
// directly, by the shortest way; nil when there is none.
func (d *Directory) way(group, person int) []int {
	from := map[int]int{group: -1}
	queue := []int{group}
	for i := 0; i < len(queue); i++ {
		at := queue[i]
		if d.isMember(at, person) {
			var out []int
			for ; at >= 0; at = from[at] {
				out = append(out, at)
			}
			slices.Reverse(out)
			return out
		}
		for _, inner := range d.Groups[at].Groups {
			if _, seen := from[int(inner)]; !seen {
				from[int(inner)] = at
				queue = append(queue, int(inner))
			}
		}
	}
	return nil
}

// members returns the places of everybody in an audience's lists, rising and
// without repeats.
func (d *Directory) members(a Audience) []int32 {
	in := make([]bool, len(d.People))
	n := 0
	add := func(at int32) {
		if !in[at] {
			in[at] = true
			n++
		}
	}
	for _, id := range a.People {
		if at := d.Find(id); at >= 0 {
			add(int32(at))
		}
	}
	done := map[int]bool{}
	for _, id := range a.Groups {
		at := d.FindGroup(id)
		if at < 0 {
			continue
		}
		for _, g := range d.closure(at) {
			if done[g] {
				continue
			}
			done[g] = true
			for _, p := range d.Groups[g].People {
				add(p)
			}
		}
	}
	out := make([]int32, 0, n)
	for at, is := range in {
		if is {
			out = append(out, int32(at))
		}
	}
	return out
}

// key identifies the lists of an audience, whatever their order.
func (a Audience) key() string {
	text := func(ids []table.ID) string {
		sorted := slices.Clone(ids)
		slices.SortFunc(sorted, table.ID.Compare)
		var b []byte
		for i, id := range sorted {
			if i == 0 || id != sorted[i-1] {
				b = append(b, id[:]...)
			}
		}
		return string(b)
	}
	people := text(a.People)
	return strings.Join([]string{string(rune(len(people))), people, text(a.Groups)}, "|")
}
