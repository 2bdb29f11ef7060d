package teams

import (
	"fmt"
	"slices"
	"testing"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teamsadmin"
	"pgregory.net/rapid"
)

func TestLongestRising(t *testing.T) {
	for _, c := range []struct {
		numbers []int64
		stay    []bool
	}{
		{nil, []bool{}},
		{[]int64{4}, []bool{true}},
		{[]int64{1, 2, 3}, []bool{true, true, true}},
		{[]int64{3, 1, 2}, []bool{false, true, true}},
		{[]int64{2, 3, 1}, []bool{true, true, false}},
		{[]int64{1, 9, 2, 3}, []bool{true, false, true, true}},
	} {
		if got := longestRising(c.numbers); !slices.Equal(got, c.stay) {
			t.Errorf("longestRising(%v) = %v, want %v", c.numbers, got, c.stay)
		}
	}
}

// What stays rises, and nothing longer does (compared with every subset).
func TestLongestRisingIsLongest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfN(rapid.Int64Range(1, 9), 0, 9).Draw(t, "numbers")
		rising := func(stays func(i int) bool) int {
			n, last := 0, int64(0)
			for i, x := range numbers {
				if !stays(i) {
					continue
				}
				if x <= last {
					return -1
				}
				n, last = n+1, x
			}
			return n
		}
		stays := longestRising(numbers)
		got := rising(func(i int) bool { return stays[i] })
		best := 0
		for mask := range 1 << len(numbers) {
			best = max(best, rising(func(i int) bool { return mask>>i&1 == 1 }))
		}
		if got != best {
			t.Fatalf("%v of %v: %d stay, want %d", stays, numbers, got, best)
		}
	})
}

func groupsAt(names ...string) []teamsadmin.GroupAssignment {
	var out []teamsadmin.GroupAssignment
	for i, name := range names {
		out = append(out, teamsadmin.GroupAssignment{GroupID: name, PolicyType: teamsadmin.SetupPolicy, Rank: i + 1})
	}
	return out
}

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		current []string
		group   string
		order   []string
		action  engine.Action
		rank    int64
		want    int
	}{
		{nil, "a", []string{"a"}, engine.Create, 5, 1},
		{[]string{"x", "y"}, "a", []string{"a"}, engine.Create, 2, 2},
		{[]string{"x", "y"}, "a", []string{"a"}, engine.Create, 9, 3},
		{[]string{"x", "b", "y"}, "a", []string{"a", "b"}, engine.Create, 1, 2},
		{[]string{"x", "a", "y"}, "b", []string{"a", "b"}, engine.Create, 9, 3},
		{[]string{"a", "x", "c"}, "b", []string{"a", "b", "c"}, engine.Create, 9, 2},
		{[]string{"x", "a", "y"}, "a", []string{"a"}, engine.Update, 1, 2},
		{[]string{"x"}, "a", nil, engine.Create, 0, 1},
	} {
		order := []any{}
		for _, name := range c.order {
			order = append(order, name)
		}
		op := &engine.Op{Action: c.action, Input: schema.Attrs{"order": order}, After: schema.Attrs{"rank": c.rank}}
		if got := place(groupsAt(c.current...), teamsadmin.SetupPolicy, c.group, op); got != c.want {
			t.Errorf("%s %s among %v in order %v: rank %d, want %d", c.action, c.group, c.current, c.order, got, c.want)
		}
	}
}

// Whatever stands there and whatever is wanted: moving what Align says, taking
// out first and putting in one by one, ends in the wanted order, and those that
// nobody manages keep theirs.
func TestAlignAndPlaceReachTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []string{"a", "b", "c", "d", "e"}
		order := rapid.Permutation(all).Draw(t, "order")[:rapid.IntRange(0, 5).Draw(t, "managed")]
		pool := append(slices.Clone(all), "x", "y", "z")
		current := rapid.Permutation(pool).Draw(t, "current")[:rapid.IntRange(0, 8).Draw(t, "present")]
		current = slices.DeleteFunc(current, func(g string) bool {
			return slices.Contains(all, g) && !slices.Contains(order, g)
		})
		var strangers []string
		for _, g := range current {
			if !slices.Contains(all, g) {
				strangers = append(strangers, g)
			}
		}
		ids := []any{}
		var desired []*engine.Desired
		for i, g := range order {
			ids = append(ids, g)
			desired = append(desired, &engine.Desired{Key: groupKey(SetupPolicy, g), Attrs: schema.Attrs{"type": SetupPolicy, "group": g, "rank": int64(2*i + 1)}})
		}
		var actual []engine.Object
		for i, g := range current {
			actual = append(actual, engine.Object{Key: groupKey(SetupPolicy, g), Attrs: schema.Attrs{"type": SetupPolicy, "group": g, "rank": int64(i + 1)}})
		}
		(&groupAssignments{}).Align(desired, actual)
		stays := map[string]bool{}
		for _, a := range actual {
			for _, d := range desired {
				stays[d.Attrs["group"].(string)] = stays[d.Attrs["group"].(string)] || a.Key == d.Key && a.Attrs["rank"] == d.Attrs["rank"]
			}
		}
		list := slices.DeleteFunc(slices.Clone(current), func(g string) bool { return slices.Contains(all, g) && !stays[g] })
		for _, g := range rapid.Permutation(order).Draw(t, "order of the calls") {
			if stays[g] {
				continue
			}
			op := &engine.Op{Action: engine.Create, Input: schema.Attrs{"order": ids}, After: schema.Attrs{"rank": int64(2*slices.Index(order, g) + 1)}}
			at := place(groupsAt(list...), teamsadmin.SetupPolicy, g, op)
			if at < 1 || at > len(list)+1 {
				t.Fatalf("rank %d among %d", at, len(list))
			}
			list = slices.Insert(list, at-1, g)
		}
		var managed, others []string
		for _, g := range list {
			if slices.Contains(all, g) {
				managed = append(managed, g)
			} else {
				others = append(others, g)
			}
		}
		if fmt.Sprint(managed) != fmt.Sprint(order) || fmt.Sprint(others) != fmt.Sprint(strangers) {
			t.Fatalf("from %v with order %v: %v", current, order, list)
		}
	})
}
