package table_test

import (
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/table"
	"pgregory.net/rapid"
)

// TestIndexAgainstMap compares an index of names with a map of folded names.
func TestIndexAgainstMap(t *testing.T) {
	word := rapid.StringMatching(`[aAbBäÄ@]{0,4}`)
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(word, 0, 60).Draw(t, "names")
		index := table.NewIndex(len(names))
		first := map[string]int{}
		for i, name := range names {
			at, found := index.Find(table.FoldHash(name), func(at int) bool { return table.FoldEqual(names[at], name) })
			want, known := first[strings.ToLower(name)]
			if found != known || found && at != want {
				t.Fatalf("%q, number %d: found %t at %d, want %t at %d", name, i, found, at, known, want)
			}
			if found {
				continue
			}
			first[strings.ToLower(name)] = i
			if !index.Add(table.FoldHash(name), i) {
				t.Fatalf("an index for %d names is full at %d", len(names), i)
			}
		}
	})
}

// TestIndexWithOneHash: names whose hashes collide are told apart, first come
// first found.
func TestIndexWithOneHash(t *testing.T) {
	index := table.NewIndex(8)
	added := 0
	for index.Add(42, added) {
		added++
	}
	if added != 8 {
		t.Fatalf("%d positions fit into an index for 8", added)
	}
	for want := range added {
		if at, found := index.Find(42, func(at int) bool { return at >= want }); !found || at != want {
			t.Errorf("found %t at %d, want %d", found, at, want)
		}
	}
	if _, found := index.Find(42, func(int) bool { return false }); found {
		t.Error("found what is not there")
	}
	if _, found := index.Find(43<<32, func(int) bool { return true }); found {
		t.Error("another hash is found")
	}
}

func TestFold(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"ana@contoso.example", "Ana@Contoso.EXAMPLE", true},
		{"ana@contoso.example", "ana@contoso.exampl", false},
		{"", "", true},
		{"", "a", false},
		{"jürgen@x", "JÜRGEN@X", true},
		{"jürgen@x", "jurgen@x", false},
		{"[a@x", "{A@X", false}, // 32 apart, and no letters
	}
	for _, tt := range tests {
		if got := table.FoldEqual(tt.a, tt.b); got != tt.same {
			t.Errorf("%q and %q: %t", tt.a, tt.b, got)
		}
		if tt.same && table.FoldHash(tt.a) != table.FoldHash(tt.b) {
			t.Errorf("%q and %q hash apart", tt.a, tt.b)
		}
	}
}
