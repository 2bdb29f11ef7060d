package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// remembered is a state with the given objects.
func remembered(objects ...*state.Object) *state.State {
	s := state.New("toy", "global", "lineage", table.NewStrings())
	s.Serial, s.Objects = 1, objects
	s.Sort()
	return s
}

func oldBox(version int, attrs string) *state.Object {
	return &state.Object{
		Addr: addr.New("app", "red"), Kind: "app", KindVersion: version, ID: "id-red", Key: "red", Origin: state.Created,
		Owned: []string{"name", "size"}, Attrs: json.RawMessage(attrs),
	}
}

const redBox = `app "red" { size = 5 }`

// A record of an older version is upgraded in memory for the plan, and written
// anew by the next apply, without a change in the tenant.
func TestOldRecordIsUpgraded(t *testing.T) {
	tt := newToyTenant(t)
	tt.put("app", "red", "id-red", map[string]any{"size": int64(5)})
	prior := remembered(oldBox(1, `{"name":"red","width":"5"}`))
	p := tt.mustPlan(redBox, prior)
	if !p.Empty() || p.ToRecord() != 1 || p.Recorded[0].Action != engine.Record {
		t.Fatalf("changes %v, recorded %v; want one record", p.Changes, p.Recorded)
	}
	s, _ := tt.apply(p, prior)
	got := s.Object(addr.New("app", "red"))
	if got == nil || got.KindVersion != 2 || string(got.Attrs) != `{"name":"red","size":5}` {
		t.Fatalf("record %+v", got)
	}
	if len(tt.log) > 0 {
		t.Errorf("the tenant was written to: %v", tt.log)
	}
	if p := tt.mustPlan(redBox, s); !p.Empty() || p.ToRecord() > 0 {
		t.Errorf("the next plan is not empty: %v", p.Recorded)
	}
}

// Changes are told against the upgraded values.
func TestOldRecordAndDrift(t *testing.T) {
	tt := newToyTenant(t)
	tt.put("app", "red", "id-red", map[string]any{"size": int64(9)})
	p := tt.mustPlan(redBox, remembered(oldBox(1, `{"name":"red","width":"5"}`)))
	if len(p.Changes) != 1 || p.Changes[0].Reason != engine.ReasonDrift || !p.DriftOnly() {
		t.Fatalf("%+v, want drift", p.Changes)
	}
	if a := p.Changes[0].Attrs[0]; a.Prior != int64(5) || a.Before != int64(9) || a.After != int64(5) {
		t.Errorf("attribute %+v", a)
	}
}

func TestRecordsThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		record *state.Object
		want   string
	}{
		"newer":          {oldBox(3, `{}`), "use a newer teamsform"},
		"upgrade fails":  {oldBox(1, `{"width":"wide"}`), "width \"wide\""},
		"wrong type":     {oldBox(2, `{"size":"five"}`), "attribute size"},
		"not an object":  {oldBox(2, `[]`), "app record"},
		"version of old": {oldBox(1, `[]`), "upgrade app record from version 1"},
	} {
		t.Run(name, func(t *testing.T) {
			tt := newToyTenant(t)
			_, diags := tt.plan(redBox, remembered(c.record))
			if !diags.HasErrors() || !strings.Contains(diags.Error(), c.want) {
				t.Errorf("%v, want an error with %q", diags, c.want)
			}
		})
	}
}

// What a newer program keeps in the state is reported once and kept verbatim.
func TestUnknownKindsAreKept(t *testing.T) {
	gizmo := func(name string) *state.Object {
		return &state.Object{
			Addr: addr.New("gizmo", name), Kind: "gizmo", KindVersion: 7, ID: "x", Key: name, Origin: "inherited",
			Attrs: json.RawMessage(`{"a":[1,2.50,{"b":null}]}`), Extra: map[string]json.RawMessage{"later": json.RawMessage(`{"z":1}`)},
		}
	}
	tt := newToyTenant(t)
	prior := remembered(gizmo("one"), gizmo("two"))
	p, diags := tt.plan(redBox, prior)
	if len(diags) != 1 || !strings.Contains(diags.Error(), `2 of type "gizmo"`) {
		t.Fatalf("diagnostics %v", diags)
	}
	s, out := tt.apply(p, prior)
	if out.Failed > 0 || len(s.Objects) != 3 {
		t.Fatalf("%+v, objects %v", out, s.Objects)
	}
	for _, name := range []string{"one", "two"} {
		if d := cmp.Diff(gizmo(name), s.Object(addr.New("gizmo", name))); d != "" {
			t.Errorf("gizmo.%s has changed: %s", name, d)
		}
	}
}
