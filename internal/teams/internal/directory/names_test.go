package directory

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/table"
	"pgregory.net/rapid"
)

func numbered(n int) (id table.ID) {
	binary.BigEndian.PutUint32(id[12:], uint32(n))
	return id
}

// TestNameTableAgainstMap: whatever the order in which names come and are asked
// for, the first name of an id is known.
func TestNameTableAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var names nameTable
		first := map[table.ID]string{}
		for i := range rapid.IntRange(0, 80).Draw(t, "steps") {
			id := numbered(rapid.IntRange(0, 20).Draw(t, "id"))
			name := fmt.Sprint("name ", i)
			_, known := first[id]
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0:
				names.reserve(i)
			case 1:
				names.add(id, name)
				if !known {
					first[id] = name
				}
			case 2:
				if !known {
					names.list(id, name)
					first[id] = name
				}
			case 3:
				if got := names.get(id); got != first[id] {
					t.Fatalf("%v is called %q, want %q", id, got, first[id])
				}
			}
		}
	})
}

// TestNameTableInOrder: a second listing in the order of the first needs no
// index.
func TestNameTableInOrder(t *testing.T) {
	var names nameTable
	const n = 1000
	names.reserve(n)
	for i := range n {
		names.list(numbered(i), fmt.Sprint(i))
	}
	for i := range n {
		if i%7 != 0 { // holders of nothing are left out
			continue
		}
		names.add(numbered(i), "other")
	}
	names.next = 0
	if a := testing.AllocsPerRun(1, func() {
		names.next = 0
		for i := range n {
			names.add(numbered(i), "other")
		}
	}); a != 0 {
		t.Errorf("%.0f allocations", a)
	}
	if len(names.ids) != n || names.get(numbered(5)) != "5" {
		t.Errorf("%d names, the fifth is %q", len(names.ids), names.get(numbered(5)))
	}
}

// TestWantedAgainstMaps joins random names, in any case and repeated, and ids
// with a listing.
func TestWantedAgainstMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		users := rapid.IntRange(0, 12).Draw(t, "users")
		upn := func(i int) string { return fmt.Sprintf("User%d@x", i) }
		var names []string
		for range rapid.IntRange(0, 40).Draw(t, "names") {
			i := rapid.IntRange(0, 15).Draw(t, "who") // some do not exist
			switch rapid.IntRange(0, 2).Draw(t, "as") {
			case 0:
				names = append(names, upn(i))
			case 1:
				names = append(names, strings.ToUpper(upn(i)))
			case 2:
				names = append(names, numbered(i+1).String())
			}
		}
		want := make([]table.ID, len(names))
		asked := make([]bool, users)
		for at, name := range names {
			for i := range users {
				if strings.EqualFold(name, upn(i)) || name == numbered(i+1).String() {
					want[at], asked[i] = numbered(i+1), true
				}
			}
		}
		w, got := newWanted(names), make([]table.ID, len(names))
		for i := range users {
			name := w.join(got, numbered(i+1), upn(i))
			if (name != "") != asked[i] || name != "" && name != upn(i) {
				t.Fatalf("%s is called %q, asked for: %t", upn(i), name, asked[i])
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v\ngot  %v\nwant %v", names, got, want)
		}
	})
}

// TestJoinAllocatesNothing: of a listing of a million people only what is
// wanted leaves a trace, and that was reserved.
func TestJoinAllocatesNothing(t *testing.T) {
	const n = 200
	names, upns := make([]string, n), make([]string, 2*n)
	for i := range upns {
		upns[i] = fmt.Sprintf("user%03d@contoso.example", i)
		if i < n {
			names[i] = strings.ToUpper(upns[i])
		}
	}
	w, ids := newWanted(names), make([]table.ID, n)
	var kept nameTable
	kept.reserve(n)
	found := 0
	if a := testing.AllocsPerRun(1, func() {
		found, kept.ids, kept.names = 0, kept.ids[:0], kept.names[:0]
		for i, upn := range upns {
			if name := w.join(ids, numbered(i), upn); name != "" {
				kept.list(numbered(i), name)
				found++
			}
		}
	}); a != 0 {
		t.Errorf("%.0f allocations", a)
	}
	if found != n {
		t.Errorf("%d of %d found", found, n)
	}
}
