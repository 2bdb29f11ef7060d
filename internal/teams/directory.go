package teams

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/table"
)

// directory resolves the names of people and groups, and remembers the names
// of the ids it met, for display.
type directory struct {
	graph *msgraph.Reader

	mu       sync.Mutex
	names    nameTable
	groups   map[string]string // id -> display name
	policies map[string]string // type/name -> policy id
}

func newDirectory(graph *msgraph.Reader) *directory {
	return &directory{graph: graph, groups: map[string]string{}, policies: map[string]string{}}
}

// singleBatch is how many names are looked up without first asking how many
// users there are: they fit into one $batch call.
const singleBatch = 20

// pageSize is the largest page of the directory (graph facts 1.4).
const pageSize = 999

// resolve looks people up by sign-in name or object id, in whichever way takes
// fewer calls: twenty names per $batch, or one paged listing of all users. The
// result has the order of names; a name that nobody has stays the zero ID.
func (d *directory) resolve(ctx context.Context, names []string) ([]table.ID, error) {
	if len(names) <= singleBatch {
		return d.resolveBatched(ctx, names)
	}
	first, err := d.graph.UsersFirstPage(ctx, pageSize)
	if err != nil {
		return nil, err
	}
	if first.Total >= 0 && pages(first.Total, pageSize)-1 > pages(len(names), singleBatch) {
		return d.resolveBatched(ctx, names)
	}
	return d.resolveListed(ctx, names, first)
}

func pages(n, size int) int { return (n + size - 1) / size }

func (d *directory) resolveBatched(ctx context.Context, names []string) ([]table.ID, error) {
	if len(names) == 0 {
		return nil, nil
	}
	found, err := d.graph.ResolveUsers(ctx, names)
	if err != nil {
		return nil, err
	}
	ids := make([]table.ID, len(names))
	for i, r := range found {
		if !r.Found {
			continue
		}
		id, err := table.ParseID(r.User.ID)
		if err != nil {
			return nil, err
		}
		ids[i] = id
		d.remember(id, r.User.UserPrincipalName)
	}
	return ids, nil
}

// resolveListed joins the names with one listing of all users.
func (d *directory) resolveListed(ctx context.Context, names []string, first msgraph.UserPage) ([]table.ID, error) {
	wanted := make(map[string]int, len(names))
	byID := map[table.ID][]int{}
	again := map[string][]int{} // further places of a name
	for i, name := range names {
		if id, err := table.ParseID(name); err == nil {
			byID[id] = append(byID[id], i)
			continue
		}
		key := strings.ToLower(name)
		if _, has := wanted[key]; has {
			again[key] = append(again[key], i)
			continue
		}
		wanted[key] = i
	}
	ids := make([]table.ID, len(names))
	join := func(u msgraph.User) error {
		key := strings.ToLower(u.UserPrincipalName)
		i, byName := wanted[key]
		if !byName && len(byID) == 0 {
			return nil
		}
		id, err := table.ParseID(u.ID)
		if err != nil {
			return err
		}
		places := byID[id]
		if byName {
			places = append(append([]int{i}, again[key]...), places...)
		}
		for _, at := range places {
			ids[at] = id
		}
		if len(places) > 0 {
			d.remember(id, u.UserPrincipalName)
		}
		return nil
	}
	for _, u := range first.Users {
		if err := join(u); err != nil {
			return nil, err
		}
	}
	return ids, d.graph.UsersAfter(ctx, first, join)
}

// policyID looks a policy's opaque id up, once per policy.
func (d *directory) policyID(ctx context.Context, typ, name string) (string, error) {
	key := strings.ToLower(typ + "/" + name)
	d.mu.Lock()
	id, ok := d.policies[key]
	d.mu.Unlock()
	if ok {
		return id, nil
	}
	id, err := d.graph.PolicyID(ctx, typ, name)
	if err != nil {
		return "", err
	}
	d.mu.Lock()
	d.policies[key] = id
	d.mu.Unlock()
	return id, nil
}

func (d *directory) rememberGroup(id, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.groups[strings.ToLower(id)] = name
}

// nameGroups asks once for the names of the groups that are not known yet.
func (d *directory) nameGroups(ctx context.Context, ids []string) error {
	var unknown []string
	for _, id := range ids {
		if d.groupName(id) == id {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	found, err := d.graph.GetByIDs(ctx, unknown, "group")
	if err != nil {
		return fmt.Errorf("names of groups: %w", err)
	}
	for _, g := range found {
		d.rememberGroup(g.ID, g.DisplayName)
	}
	return nil
}

func (d *directory) groupName(id string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.groups[strings.ToLower(id)]; name != "" {
		return name
	}
	return id
}

func (d *directory) remember(id table.ID, upn string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.names.add(id, upn)
}

func (d *directory) userName(id table.ID) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.names.get(id); name != "" {
		return name
	}
	return id.String()
}

// nameTable keeps names by id in a few large pieces of memory: a million
// sign-in names as a map of strings would weigh several times as much.
type nameTable struct {
	ids    []nameEntry
	text   []byte
	sorted bool
}

type nameEntry struct {
	id         table.ID
	start, end uint32
}

func (t *nameTable) add(id table.ID, name string) {
	start := len(t.text)
	t.text = append(t.text, name...)
	t.ids = append(t.ids, nameEntry{id, uint32(start), uint32(len(t.text))})
	t.sorted = false
}

func (t *nameTable) get(id table.ID) string {
	if !t.sorted {
		sort.SliceStable(t.ids, func(i, j int) bool { return bytes.Compare(t.ids[i].id[:], t.ids[j].id[:]) < 0 })
		t.ids = slices.CompactFunc(t.ids, func(a, b nameEntry) bool { return a.id == b.id })
		t.sorted = true
	}
	i := sort.Search(len(t.ids), func(i int) bool { return bytes.Compare(t.ids[i].id[:], id[:]) >= 0 })
	if i == len(t.ids) || t.ids[i].id != id {
		return ""
	}
	return string(t.text[t.ids[i].start:t.ids[i].end])
}
