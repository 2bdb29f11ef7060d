package directory

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/table"
)

// Directory resolves the names of people and groups, and remembers the names
// of the ids it met, for display.
type Directory struct {
	graph *msgraph.Reader

	mu       sync.Mutex
	names    nameTable
	groups   map[string]string // id -> display name
	policies map[string]string // type/name -> policy id
}

func New(graph *msgraph.Reader) *Directory {
	return &Directory{graph: graph, groups: map[string]string{}, policies: map[string]string{}}
}

// SingleBatch is how many names are looked up without first asking how many
// users there are: they fit into one $batch call.
const SingleBatch = 20

// PageSize is the largest page of the directory (graph facts 1.4).
const PageSize = 999

// Resolve looks people up by sign-in name or object id, in whichever way takes
// fewer calls: twenty names per $batch, or one paged listing of all users. The
// result has the order of names; a name that nobody has stays the zero ID.
func (d *Directory) Resolve(ctx context.Context, names []string) ([]table.ID, error) {
	if len(names) <= SingleBatch {
		return d.ResolveBatched(ctx, names)
	}
	first, err := d.graph.UsersFirstPage(ctx, PageSize)
	if err != nil {
		return nil, err
	}
	if first.Total >= 0 && Pages(first.Total, PageSize)-1 > Pages(len(names), SingleBatch) {
		return d.ResolveBatched(ctx, names)
	}
	return d.resolveListed(ctx, names, first)
}

func Pages(n, size int) int { return (n + size - 1) / size }

func (d *Directory) ResolveBatched(ctx context.Context, names []string) ([]table.ID, error) {
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
		d.Remember(id, r.User.UserPrincipalName)
	}
	return ids, nil
}

// PolicyID looks a policy's opaque id up, once per policy.
func (d *Directory) PolicyID(ctx context.Context, typ, name string) (string, error) {
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

func (d *Directory) RememberGroup(id, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.groups[strings.ToLower(id)] = name
}

// NameGroups asks once for the names of the groups that are not known yet.
func (d *Directory) NameGroups(ctx context.Context, ids []string) error {
	var unknown []string
	for _, id := range ids {
		if d.GroupName(id) == id {
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
		d.RememberGroup(g.ID, g.DisplayName)
	}
	return nil
}

func (d *Directory) GroupName(id string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.groups[strings.ToLower(id)]; name != "" {
		return name
	}
	return id
}

// Remember keeps the name of an id, unless one is known.
func (d *Directory) Remember(id table.ID, upn string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.names.add(id, upn)
}

func (d *Directory) UserName(id table.ID) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.names.get(id); name != "" {
		return name
	}
	return id.String()
}
