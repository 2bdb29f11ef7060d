package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
)

func TestOrderOfOperations(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"by rank", `
shelf "s" { colour = "red" }
app "b" {}`, []string{"2 create app.b", "2 create shelf.s"}},
		{"a need outranks the rank", `
shelf "s" { colour = "red" }
app "b" { depends_on = [shelf.s] }
app "a" {}`, []string{"2 create app.a", "2 create shelf.s", "2 create app.b"}},
		{"a chain", `
app "a" { depends_on = [app.b] }
app "b" { depends_on = [app.c] }
app "c" { depends_on = [shelf.s] }
shelf "s" { boxes = [app.d] }
app "d" {}`, []string{"2 create app.d", "2 create shelf.s", "2 create app.c", "2 create app.b", "2 create app.a"}},
		{"a late id", `
shelf "s" { boxes = [app.b] }
app "b" { size = 3 }`, []string{"2 create app.b", "2 create shelf.s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := newToyTenant(t)
			p := tt.mustPlan(c.text, nil)
			if d := cmp.Diff(c.want, steps(p)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			s, out := tt.apply(p, nil)
			if out.Failed+out.Held > 0 {
				t.Fatalf("%+v", out.Problems)
			}
			var made []string
			for _, line := range c.want {
				made = append(made, line[2:])
			}
			if !slices.Equal(tt.log, made) {
				t.Errorf("carried out as %v, planned as %v", tt.log, made)
			}
			// Removing it all goes the other way, by rank.
			p = tt.mustPlan("", s)
			for i := 1; i < len(p.Ops); i++ {
				if p.Ops[i].Rank > p.Ops[i-1].Rank || p.Ops[i].Phase != engine.Remove {
					t.Errorf("removal %v", steps(p))
				}
			}
		})
	}
}

// A change is cut by direction: first what it takes away, then what has none,
// last what it gives.
func TestStepsOfAnUpdate(t *testing.T) {
	const with = `
app "a" {}
app "b" {}
app "c" {}
shelf "s" {
  %s
}`
	for _, c := range []struct {
		name, before, after string
		want                []string
	}{
		{"only tighter", "open = true", "open = false", []string{"1 update shelf.s open=false"}},
		{"only looser", "open = false", "open = true", []string{"5 update shelf.s open=true"}},
		{"no direction", `colour = "red"`, `colour = "blue"`, []string{"3 update shelf.s colour=blue"}},
		{
			"both ways", "boxes = [app.a, app.b]", "boxes = [app.b, app.c]",
			[]string{"1 update shelf.s boxes=[id-2]", "5 update shelf.s boxes=[id-2 id-3]"},
		},
		{
			"all three", "open = true\n boxes = [app.a]\n colour = \"red\"", "open = false\n boxes = [app.a, app.c]\n colour = \"blue\"",
			[]string{"1 update shelf.s open=false", "3 update shelf.s colour=blue", "5 update shelf.s boxes=[id-1 id-3]"},
		},
		{"let go", "open = true", "", nil},
		{"back to the default", `colour = "red"`, "", []string{"3 update shelf.s colour="}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := newToyTenant(t)
			s, _ := tt.apply(tt.mustPlan(fmt.Sprintf(with, c.before), nil), nil)
			p := tt.mustPlan(fmt.Sprintf(with, c.after), s)
			if d := cmp.Diff(c.want, steps(p)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			s, _ = tt.apply(p, s)
			if p := tt.mustPlan(fmt.Sprintf(with, c.after), s); !p.Empty() || p.ToRecord() > 0 {
				t.Errorf("the next plan is not empty: %v %v", steps(p), p.Recorded)
			}
		})
	}
}

// What tightens goes first although the change also names an object that does
// not exist yet; state records only what was done when the rest fails.
func TestTightenBeforeALateID(t *testing.T) {
	const before = `
app "a" {}
app "b" {}
shelf "s" { boxes = [app.a, app.b] }`
	const after = `
app "a" {}
app "b" {}
app "new" {}
shelf "s" { boxes = [app.b, app.new] }`
	tt := newToyTenant(t)
	s, _ := tt.apply(tt.mustPlan(before, nil), nil)
	p := tt.mustPlan(after, s)
	want := []string{"1 update shelf.s boxes=[id-2]", "2 create app.new", "5 update shelf.s boxes=[id-2 app.new.catalog_id]"}
	if d := cmp.Diff(want, steps(p)); d != "" {
		t.Fatalf("-want +got:\n%s", d)
	}
	tt.refuse = func(op *engine.Op) error {
		if op.Action == engine.Create {
			return errRefused
		}
		return nil
	}
	s, out := tt.apply(p, s)
	if out.Done != 1 || out.Failed != 1 || out.Held != 1 || out.Problems[1].HeldBy != "app.new" {
		t.Fatalf("%+v", out)
	}
	if got := string(s.Object(addr.New("shelf", "s")).Attrs); got != `{"boxes":["id-2"],"name":"s"}` {
		t.Errorf("state says %s", got)
	}
	tt.refuse = nil
	p = tt.mustPlan(after, s)
	want = []string{"2 create app.new", "5 update shelf.s boxes=[id-2 app.new.catalog_id]"}
	if d := cmp.Diff(want, steps(p)); d != "" {
		t.Errorf("the rest: -want +got:\n%s", d)
	}
	for _, c := range p.Changes {
		if c.Drifted {
			t.Errorf("%s counts as drift, though nobody else changed it", c.Addr)
		}
	}
}
