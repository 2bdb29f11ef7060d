package directory

import (
	"context"
	"slices"

	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/table"
)

// A configuration may name a million people, of a tenant of more. What is kept
// of them is an id and a text that the configuration holds anyway: maps of
// strings would weigh several times as much.

// nameTable keeps names by id. The first name of an id stays.
//
// One listing fills it, and the next one asks it for the same people, mostly in
// the same order: then each stands behind the one before, and no index is
// needed. It is made for the first who does not.
type nameTable struct {
	ids   []table.ID
	names []string
	index *table.Index
	next  int // position behind the one that was found last
}

// reserve makes room for n more names.
func (t *nameTable) reserve(n int) {
	t.ids, t.names = slices.Grow(t.ids, n), slices.Grow(t.names, n)
}

// list adds somebody without asking whether a name is known; if one is, either
// may be found later.
func (t *nameTable) list(id table.ID, name string) {
	t.ids, t.names = append(t.ids, id), append(t.names, name)
	if t.index != nil && !t.index.Add(id.Hash(), len(t.ids)-1) {
		t.index = nil // too small by now
	}
}

func (t *nameTable) find(id table.ID) (int, bool) {
	if t.next < len(t.ids) && t.ids[t.next] == id {
		t.next++
		return t.next - 1, true
	}
	if t.index == nil {
		t.index = table.NewIndex(2 * len(t.ids))
		for i, id := range t.ids {
			t.index.Add(id.Hash(), i)
		}
	}
	at, found := t.index.Find(id.Hash(), func(at int) bool { return t.ids[at] == id })
	if found {
		t.next = at + 1
	}
	return at, found
}

func (t *nameTable) add(id table.ID, name string) {
	if _, known := t.find(id); !known {
		t.list(id, name)
	}
}

func (t *nameTable) get(id table.ID) string {
	if at, known := t.find(id); known {
		return t.names[at]
	}
	return ""
}

// wanted are names that are looked for in a listing: sign-in names, or ids as
// text. One may stand in several places.
type wanted struct {
	names  []string
	given  []table.ID // ids that are looked for; zero for sign-in names, nil without any
	byName *table.Index
	byID   *table.Index
	again  map[int][]int // further places of what stands at a place
}

func newWanted(names []string) *wanted {
	w := &wanted{names: names, byName: table.NewIndex(len(names)), byID: table.NewIndex(0), again: map[int][]int{}}
	for i, name := range names {
		if id, err := table.ParseID(name); err == nil {
			w.addID(i, id)
			continue
		}
		h := table.FoldHash(name)
		if at, repeated := w.byName.Find(h, func(at int) bool { return table.FoldEqual(names[at], name) }); repeated {
			w.again[at] = append(w.again[at], i)
			continue
		}
		w.byName.Add(h, i)
	}
	return w
}

func (w *wanted) addID(i int, id table.ID) {
	if w.given == nil {
		w.given, w.byID = make([]table.ID, len(w.names)), table.NewIndex(len(w.names))
	}
	w.given[i] = id
	h := id.Hash()
	if at, repeated := w.byID.Find(h, func(at int) bool { return w.given[at] == id }); repeated {
		w.again[at] = append(w.again[at], i)
		return
	}
	w.byID.Add(h, i)
}

// join enters the id of a listed user at all places where it is wanted, and
// returns the name by which people know the user; "" for somebody who is not
// wanted.
func (w *wanted) join(ids []table.ID, id table.ID, upn string) string {
	name := ""
	if at, found := w.byName.Find(table.FoldHash(upn), func(at int) bool { return table.FoldEqual(w.names[at], upn) }); found {
		w.enter(ids, at, id)
		if name = upn; w.names[at] == upn {
			name = w.names[at] // a text that is kept anyway
		}
	}
	if w.given == nil {
		return name
	}
	if at, found := w.byID.Find(id.Hash(), func(at int) bool { return w.given[at] == id }); found {
		w.enter(ids, at, id)
		if name == "" {
			name = upn
		}
	}
	return name
}

func (w *wanted) enter(ids []table.ID, at int, id table.ID) {
	ids[at] = id
	for _, more := range w.again[at] {
		ids[more] = id
	}
}

// resolveListed joins the names with one listing of all users.
func (d *Directory) resolveListed(ctx context.Context, names []string, first msgraph.UserPage) ([]table.ID, error) {
	w := newWanted(names)
	ids := make([]table.ID, len(names))
	d.mu.Lock()
	d.names.reserve(len(names))
	d.mu.Unlock()
	join := func(u msgraph.User) error {
		id, err := table.ParseID(u.ID)
		if err != nil {
			return err
		}
		if name := w.join(ids, id, u.UserPrincipalName); name != "" {
			d.mu.Lock()
			d.names.list(id, name)
			d.mu.Unlock()
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
