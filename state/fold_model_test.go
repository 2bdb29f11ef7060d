package state_test

import (
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
	"pgregory.net/rapid"
)

// tenant is the model that a fold is held against: which policies exist there,
// by folded name. Whoever changes it reports it to the fold.
type tenant map[string]bool

// Any sequence of changes that a tenant can go through leaves a state that can
// be written, that knows every policy we made and still exist, each once, and
// none that is gone.
func TestFoldObjectsLikeATenant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := state.NewFold(state.New(tenantID, "", "l", interner()))
		there := tenant{}
		label := rapid.SampledFrom([]string{"a", "b", "c"})
		name := rapid.SampledFrom([]string{"A", "B", "C", "D"})
		for batch := range rapid.IntRange(1, 12).Draw(t, "changes") {
			in, happened := anyChange(t, there, label, name)
			in.Batch = batch
			f.Intent(uint64(2*batch), in)
			if happened {
				f.Result(state.Result{Batch: batch, Ops: []state.ResultOp{{OK: true}}})
			} else {
				f.Result(state.Result{Batch: batch, Ops: []state.ResultOp{{Error: "refused"}}})
			}
			got, doubts := f.State()
			if len(doubts) != 0 {
				t.Fatalf("in doubt: %v", doubts)
			}
			knowsExactly(t, got, there)
		}
	})
}

// anyChange draws one change and carries it into the tenant, unless it is
// refused there.
func anyChange(t *rapid.T, there tenant, label, name *rapid.Generator[string]) (state.Intent, bool) {
	key := name.Draw(t, "key")
	op := state.IntentOp{Kind: "setup_policy", Addr: addr.New("setup_policy", label.Draw(t, "label")), Key: key, Attrs: json.RawMessage(`{}`)}
	folded := schema.FoldKey(key)
	refused := rapid.Float64Range(0, 1).Draw(t, "refused") < 0.2
	switch {
	case !there[folded]:
		op.Action = state.ActionCreate
		there[folded] = !refused
	case rapid.Bool().Draw(t, "goes"):
		op.Action = rapid.SampledFrom([]string{state.ActionDelete, state.ActionForget}).Draw(t, "how it goes")
		op.Retiring = rapid.Bool().Draw(t, "retiring")
		there[folded] = refused
	default:
		op.Action = rapid.SampledFrom([]string{state.ActionUpdate, state.ActionMove, state.ActionAdopt}).Draw(t, "how it stays")
	}
	return state.Intent{Ops: []state.IntentOp{op}}, !refused
}

// knowsExactly fails unless the records of s are the policies that are there.
func knowsExactly(t *rapid.T, s *state.State, there tenant) {
	known := map[string]string{}
	for _, o := range s.Objects {
		key := schema.FoldKey(o.Key)
		if other, twice := known[key]; twice {
			t.Fatalf("%s and %s are both %q", other, o, o.Key)
		}
		known[key] = o.String()
		if !there[key] {
			t.Fatalf("%s is recorded as %q, which is gone", o, o.Key)
		}
	}
	for key, exists := range there {
		if exists && known[key] == "" {
			t.Fatalf("%q exists and is not recorded: %v", key, brief(s))
		}
	}
	if _, err := state.Encode(io.Discard, s); err != nil {
		t.Fatalf("cannot be written: %v", err)
	}
}

// Folding is linear: confirming objects one batch at a time does not look at
// all the others each time. The steps are counted as allocations.
func TestFoldCost(t *testing.T) {
	cost := func(n int) float64 {
		prior := manyObjects(n)
		ops := make([]state.IntentOp, n)
		for i, o := range prior.Objects {
			ops[i] = state.IntentOp{Action: state.ActionMove, Kind: o.Kind, Addr: addr.New(o.Kind, fmt.Sprintf("q%07d", i)), Key: o.Key}
		}
		return testing.AllocsPerRun(3, func() {
			f := state.NewFold(prior)
			for i := range ops {
				f.Intent(uint64(i), state.Intent{Batch: i, Ops: ops[i : i+1]})
				f.Result(state.Result{Batch: i, Ops: []state.ResultOp{{OK: true}}})
			}
			f.State()
		})
	}
	small, large := cost(500), cost(1000)
	if large > 2.3*small {
		t.Errorf("500 moves take %.0f allocations, 1,000 take %.0f", small, large)
	}
}
