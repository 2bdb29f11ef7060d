package engine_test

import (
	"encoding/json"
	"testing"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/state"
)

// doubt is an intent without a result on app.red, which should have got the
// given attributes.
func doubt(action, attrs string, origin state.Origin, adopted string) state.InDoubt {
	op := state.IntentOp{
		Op: "1", Action: action, Kind: "app", Addr: addr.New("app", "red"), Key: "red", KindVersion: 2,
		Attrs: json.RawMessage(attrs), Owned: []string{"name", "size"}, Origin: origin,
	}
	if adopted != "" {
		op.Adopted = json.RawMessage(adopted)
	}
	return state.InDoubt{Seq: 1, Batch: 1, Ops: []state.IntentOp{op}}
}

// What a crash left in doubt is settled by what the tenant shows under the
// natural key, whether or not the files still mention it.
func TestSettleDoubts(t *testing.T) {
	known := func() *state.State {
		return remembered(oldBox(2, `{"name":"red","size":5}`))
	}
	empty := func() *state.State { return remembered() }
	for _, c := range []struct {
		name   string
		prior  func() *state.State
		text   string
		doubt  state.InDoubt
		actual int64 // size in the tenant; 0: absent
		want   []string
		reason engine.Reason // of the change
		record string        // attributes in state afterwards; "": no record
		origin state.Origin
	}{
		{
			name: "created", prior: empty, text: redBox, doubt: doubt(state.ActionCreate, `{"name":"red","size":5}`, state.Created, ""),
			actual: 5, record: `{"name":"red","size":5}`, origin: state.Created,
		},
		{
			name: "not created", prior: empty, text: redBox, doubt: doubt(state.ActionCreate, `{"name":"red","size":5}`, state.Created, ""),
			want: []string{"2 create app.red"}, reason: engine.ReasonNew, record: `{"name":"red","size":5}`, origin: state.Created,
		},
		{
			name: "created, block gone", prior: empty, doubt: doubt(state.ActionCreate, `{"name":"red","size":5}`, state.Created, ""),
			actual: 5, want: []string{"6 delete app.red"}, reason: engine.ReasonNotInConfig,
		},
		{
			name: "not created, block gone", prior: empty, doubt: doubt(state.ActionCreate, `{"name":"red","size":5}`, state.Created, ""),
		},
		{
			name: "created, block renamed", prior: empty, text: `app "blue" {
  name = "red"
  size = 5
}`, doubt: doubt(state.ActionCreate, `{"name":"red","size":5}`, state.Created, ""), actual: 5,
		},
		{
			name: "updated", prior: known, text: `app "red" { size = 8 }`, doubt: doubt(state.ActionUpdate, `{"name":"red","size":8}`, "", ""),
			actual: 8, record: `{"name":"red","size":8}`, origin: state.Created,
		},
		{
			name: "not updated", prior: known, text: `app "red" { size = 8 }`, doubt: doubt(state.ActionUpdate, `{"name":"red","size":8}`, "", ""),
			actual: 5, want: []string{"3 update app.red size=8"}, reason: engine.ReasonChanged, record: `{"name":"red","size":8}`, origin: state.Created,
		},
		{
			name: "deleted", prior: known, doubt: doubt(state.ActionDelete, "", "", ""),
		},
		{
			name: "not deleted", prior: known, doubt: doubt(state.ActionDelete, "", "", ""),
			actual: 5, want: []string{"6 delete app.red"}, reason: engine.ReasonNotInConfig,
		},
		{
			name: "not deleted, wanted again", prior: known, text: redBox, doubt: doubt(state.ActionDelete, "", "", ""),
			actual: 5, record: `{"name":"red","size":5}`, origin: state.Created,
		},
		{
			name: "deleted, wanted again", prior: known, text: redBox, doubt: doubt(state.ActionDelete, "", "", ""),
			want: []string{"2 create app.red"}, reason: engine.ReasonGone, record: `{"name":"red","size":5}`, origin: state.Created,
		},
		{
			name: "adopted and changed", prior: empty, text: redBox, doubt: doubt(state.ActionAdopt, `{"name":"red","size":5}`, state.Adopted, `{"size":3}`),
			actual: 5, record: `{"name":"red","size":5}`, origin: state.Adopted,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := newToyTenant(t)
			if c.actual != 0 {
				tt.put("app", "red", "id-red", map[string]any{"size": c.actual})
			}
			prior := c.prior()
			p := tt.mustPlan(c.text, prior, c.doubt)
			if got := steps(p); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
				t.Fatalf("steps %q, want %q", got, c.want)
			}
			if len(c.want) > 0 && p.Changes[0].Reason != c.reason {
				t.Errorf("reason %s, want %s", p.Changes[0].Reason, c.reason)
			}
			s, out := tt.apply(p, prior)
			if out.Failed+out.Held > 0 {
				t.Fatalf("%+v", out.Problems)
			}
			got := s.Object(addr.New("app", "red"))
			if (got != nil) != (c.record != "") {
				t.Fatalf("record %+v, want %q", got, c.record)
			}
			if got != nil && (string(got.Attrs) != c.record || got.Origin != c.origin || got.ID == "") {
				t.Errorf("record %s of origin %s and id %q, want %s of origin %s", got.Attrs, got.Origin, got.ID, c.record, c.origin)
			}
			if c.origin == state.Adopted && got != nil && string(got.Adopted) != `{"name":"red","size":3}` {
				t.Errorf("when adopted it was %s", got.Adopted)
			}
			if p := tt.mustPlan(c.text, s); !p.Empty() || p.ToRecord() > 0 {
				t.Errorf("the next plan is not empty: %v %+v", steps(p), p.Recorded)
			}
		})
	}
}

// A name that changes and changes back leaves one record, and nothing retires.
func TestNamesThatComeBack(t *testing.T) {
	const a = "app \"x\" {\n name = \"one\"\n size = 1\n}"
	const b = "app \"x\" {\n name = \"two\"\n size = 1\n}"
	tt := newToyTenant(t)
	s, _ := tt.apply(tt.mustPlan(a, nil), nil)
	p := tt.mustPlan(b, s)
	if got := steps(p); len(got) != 2 || got[0] != "2 create app.x" || got[1] != "6 delete app.x" || !p.Ops[1].Retiring {
		t.Fatalf("steps %v", got)
	}
	tt.refuse = func(op *engine.Op) error {
		if op.Action == engine.Delete {
			return errRefused
		}
		return nil
	}
	s, out := tt.apply(p, s)
	if out.Failed != 1 || len(s.Objects) != 2 || s.Objects[0].Key != "two" || !s.Objects[1].Retiring {
		t.Fatalf("%+v, objects %v %v", out, s.Objects[0], s.Objects)
	}
	// The delete is planned again, also by a plan that knows nothing of the change.
	if got := steps(tt.mustPlan(b, s)); len(got) != 1 || got[0] != "6 delete app.x" {
		t.Errorf("the rest is %v", got)
	}
	tt.refuse = nil
	s, out = tt.apply(tt.mustPlan(a, s), s)
	if out.Failed > 0 || len(s.Objects) != 1 || s.Objects[0].Key != "one" || s.Objects[0].Retiring {
		t.Fatalf("%+v, objects %v", out.Problems, s.Objects)
	}
	if len(tt.objects["app"]) != 1 {
		t.Errorf("in the tenant: %v", tt.objects["app"])
	}
	if p := tt.mustPlan(a, s); !p.Empty() || p.ToRecord() > 0 {
		t.Errorf("the next plan is not empty: %v", steps(p))
	}
}
