package table_test

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/table"
	"pgregory.net/rapid"
)

func TestParseID(t *testing.T) {
	const text = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	id, err := table.ParseID(strings.ToUpper(text))
	if err != nil || id.String() != text {
		t.Fatalf("%s, %v", id, err)
	}
	if got := string(id.AppendTo([]byte("x="))); got != "x="+text {
		t.Errorf("AppendTo gives %q", got)
	}
	for _, wrong := range []string{
		"", text[:35], text + "0", "{" + text[1:35] + "}", strings.ReplaceAll(text, "-", "_"), strings.Replace(text, "0a", "0g", 1),
		"0a1b2c3d4-e5f-6071-8293-a4b5c6d7e8f9",
	} {
		if _, err := table.ParseID(wrong); err == nil {
			t.Errorf("%q is taken for an id", wrong)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")
	f.Add("0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := table.ParseID(s)
		if err == nil && !strings.EqualFold(id.String(), s) {
			t.Errorf("%q is read as %s", s, id)
		}
	})
}

// Ids sort as their text does.
func TestIDsSortAsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := table.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "a")), table.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "b"))
		if a.Compare(b) != strings.Compare(a.String(), b.String()) {
			t.Fatalf("%s and %s", a, b)
		}
	})
}

func genRows(t *rapid.T, what string) []table.Row {
	keys := rapid.SliceOfNDistinct(rapid.IntRange(0, 19), 0, 12, rapid.ID[int]).Draw(t, what)
	rows := make([]table.Row, len(keys))
	for i, k := range keys {
		rows[i] = table.Row{
			User: table.ID{15: byte(k / 2)}, Type: table.Sym(1 + k%2), Policy: table.Sym(rapid.IntRange(1, 3).Draw(t, "policy")),
		}
	}
	return rows
}

// Merge meets every key once, in order, with the row of each side.
func TestMergeAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sides := [3][]table.Row{genRows(t, "prior"), genRows(t, "desired"), genRows(t, "actual")}
		type key struct {
			typ  table.Sym
			user table.ID
		}
		model := map[key][3]string{}
		for i := range sides {
			table.Sort(sides[i])
			for _, r := range sides[i] {
				m := model[key{r.Type, r.User}]
				m[i] = fmt.Sprint(r)
				model[key{r.Type, r.User}] = m
			}
		}
		var got []key
		err := table.Merge(sides[0], sides[1], sides[2], func(p, d, a *table.Row) error {
			var k key
			var m [3]string
			for i, r := range []*table.Row{p, d, a} {
				if r != nil {
					k, m[i] = key{r.Type, r.User}, fmt.Sprint(*r)
				}
			}
			if m != model[k] {
				t.Fatalf("at %v: %v, want %v", k, m, model[k])
			}
			got = append(got, k)
			return nil
		})
		if err != nil || len(got) != len(model) {
			t.Fatalf("%d keys of %d, %v", len(got), len(model), err)
		}
		if !sort.SliceIsSorted(got, func(i, j int) bool {
			return table.CompareKey(table.Row{Type: got[i].typ, User: got[i].user}, table.Row{Type: got[j].typ, User: got[j].user}) < 0
		}) {
			t.Fatalf("out of order: %v", got)
		}
	})
}

func TestMergeStopsAtAnError(t *testing.T) {
	rows := []table.Row{{User: table.ID{1}}, {User: table.ID{2}}}
	stop := errors.New("enough")
	n := 0
	if err := table.Merge(rows, nil, nil, func(_, _, _ *table.Row) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

func TestSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := genRows(t, "rows")
		want := slices.Clone(rows)
		sort.SliceStable(want, func(i, j int) bool {
			a, b := want[i], want[j]
			return a.Type < b.Type || a.Type == b.Type && a.User.String() < b.User.String()
		})
		table.Sort(rows)
		if d := cmp.Diff(want, rows); d != "" {
			t.Fatal(d)
		}
	})
}
