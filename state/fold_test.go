package state_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
	"pgregory.net/rapid"
)

// policyAt is a record of a setup policy.
func policyAt(label, key string) *state.Object {
	return &state.Object{
		Addr: addr.New("setup_policy", label), Kind: "setup_policy", KindVersion: 1, ID: "id-" + key, Key: key,
		Origin: state.Created, Attrs: json.RawMessage(`{"n":1}`),
	}
}

// op is an operation on a setup policy.
func op(action, label, key string) state.IntentOp {
	return state.IntentOp{Action: action, Kind: "setup_policy", Addr: addr.New("setup_policy", label), Key: key, KindVersion: 1, Attrs: json.RawMessage(`{"n":2}`)}
}

// brief describes the records of s, one string each.
func brief(s *state.State) []string {
	var out []string
	for _, o := range s.Objects {
		text := o.String() + " key=" + o.Key + " id=" + o.ID + " " + string(o.Origin) + " " + string(o.Attrs)
		if o.Adopted != nil {
			text += " was " + string(o.Adopted)
		}
		if o.Pending != nil {
			text += " pending"
		}
		out = append(out, text)
	}
	return out
}

func TestFoldObjects(t *testing.T) {
	ok := state.ResultOp{OK: true}
	pending := &state.Pending{Old: json.RawMessage(`1`), Since: noon, Until: noon.Add(time.Hour)}
	adopted := op(state.ActionAdopt, "a", "A")
	adopted.Adopted = json.RawMessage(`{"n":0}`)
	takenOver := op(state.ActionUpdate, "a", "A")
	takenOver.Adopted, takenOver.Origin = json.RawMessage(`{"n":0}`), state.Adopted
	retired := op(state.ActionDelete, "a", "A")
	retired.Retiring = true
	for name, c := range map[string]struct {
		prior   []*state.Object
		ops     []state.IntentOp
		results []state.ResultOp
		want    []string
	}{
		"create": {nil, []state.IntentOp{op(state.ActionCreate, "a", "A")}, []state.ResultOp{{OK: true, ID: "new"}},
			[]string{`setup_policy.a key=A id=new created {"n":2}`}},
		"create with other attributes": {nil, []state.IntentOp{op(state.ActionCreate, "a", "A")}, []state.ResultOp{{OK: true, Attrs: json.RawMessage(`{"n":3}`)}},
			[]string{`setup_policy.a key=A id= created {"n":3}`}},
		"create pending": {nil, []state.IntentOp{op(state.ActionCreate, "a", "A")}, []state.ResultOp{{OK: true, Pending: pending}},
			[]string{`setup_policy.a key=A id= created {"n":2} pending`}},
		"create failed": {nil, []state.IntentOp{op(state.ActionCreate, "a", "A")}, []state.ResultOp{{Error: "no"}}, nil},
		"create renamed": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionCreate, "a", "B")}, []state.ResultOp{{OK: true, ID: "b"}},
			[]string{`setup_policy.a key=B id=b created {"n":2}`, `setup_policy.a (retiring) key=A id=id-A created {"n":1}`}},
		"create again": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionCreate, "a", "tag:a")}, []state.ResultOp{{OK: true, ID: "b"}},
			[]string{`setup_policy.a key=tag:a id=b created {"n":2}`}},
		"create again elsewhere": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionCreate, "b", "A")}, []state.ResultOp{{OK: true, ID: "b"}},
			[]string{`setup_policy.b key=A id=b created {"n":2}`}},
		"renamed, then the old self deleted": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionCreate, "a", "B"), retired}, []state.ResultOp{ok, {Index: 1, OK: true}},
			[]string{`setup_policy.a key=B id= created {"n":2}`}},
		"update": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionUpdate, "a", "a")}, []state.ResultOp{ok},
			[]string{`setup_policy.a key=a id=id-A created {"n":2}`}},
		"update moves too": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionUpdate, "b", "A")}, []state.ResultOp{ok},
			[]string{`setup_policy.b key=A id=id-A created {"n":2}`}},
		"update in a swap": {[]*state.Object{policyAt("a", "A"), policyAt("b", "B")}, []state.IntentOp{op(state.ActionUpdate, "b", "A"), op(state.ActionUpdate, "a", "B")}, []state.ResultOp{ok, {Index: 1, OK: true}},
			[]string{`setup_policy.a key=B id=id-B created {"n":2}`, `setup_policy.b key=A id=id-A created {"n":2}`}},
		"update of another object at the address": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionUpdate, "a", "Global")}, []state.ResultOp{ok},
			[]string{`setup_policy.a key=Global id= created {"n":2}`, `setup_policy.a (retiring) key=A id=id-A created {"n":1}`}},
		"update gives a key": {[]*state.Object{policyAt("a", "")}, []state.IntentOp{op(state.ActionUpdate, "a", "A")}, []state.ResultOp{ok},
			[]string{`setup_policy.a key=A id=id- created {"n":2}`}},
		"delete of another object at the address": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionDelete, "a", "B")}, []state.ResultOp{ok},
			[]string{`setup_policy.a key=A id=id-A created {"n":1}`}},
		"delete before it retires": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{retired}, []state.ResultOp{ok}, nil},
		"move without a key": {[]*state.Object{policyAt("a", "")}, []state.IntentOp{op(state.ActionMove, "b", "")}, []state.ResultOp{ok},
			[]string{`setup_policy.b key= id=id- created {"n":1}`}},
		"move without a key, not certain": {[]*state.Object{policyAt("a", ""), policyAt("c", "")}, []state.IntentOp{op(state.ActionMove, "b", "")}, []state.ResultOp{ok},
			[]string{`setup_policy.a key= id=id- created {"n":1}`, `setup_policy.c key= id=id- created {"n":1}`}},
		"renamed twice and back": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionCreate, "a", "B"), op(state.ActionCreate, "a", "C"), op(state.ActionCreate, "a", "B")},
			[]state.ResultOp{ok, {Index: 1, OK: true}, {Index: 2, OK: true}},
			[]string{`setup_policy.a key=B id= created {"n":2}`, `setup_policy.a (retiring) key=A id=id-A created {"n":1}`, `setup_policy.a (retiring) key=C id= created {"n":2}`}},
		"update ends pending": {[]*state.Object{func() *state.Object { o := policyAt("a", "A"); o.Pending = pending; return o }()}, []state.IntentOp{op(state.ActionUpdate, "a", "A")}, []state.ResultOp{ok},
			[]string{`setup_policy.a key=A id=id-A created {"n":2}`}},
		"update of what is taken over": {nil, []state.IntentOp{takenOver}, []state.ResultOp{ok},
			[]string{`setup_policy.a key=A id= adopted {"n":2} was {"n":0}`}},
		"adopt": {nil, []state.IntentOp{adopted}, []state.ResultOp{ok},
			[]string{`setup_policy.a key=A id= adopted {"n":2} was {"n":0}`}},
		"delete": {[]*state.Object{policyAt("a", "A"), policyAt("b", "B")}, []state.IntentOp{op(state.ActionDelete, "a", "A")}, []state.ResultOp{ok},
			[]string{`setup_policy.b key=B id=id-B created {"n":1}`}},
		"delete pending": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionDelete, "a", "A")}, []state.ResultOp{{OK: true, Pending: pending}},
			[]string{`setup_policy.a key=A id=id-A created {"n":1} pending`}},
		"delete failed": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionDelete, "a", "A")}, []state.ResultOp{{Error: "in use"}},
			[]string{`setup_policy.a key=A id=id-A created {"n":1}`}},
		"delete of nothing": {nil, []state.IntentOp{op(state.ActionDelete, "a", "A")}, []state.ResultOp{ok}, nil},
		"forget":            {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionForget, "a", "A")}, []state.ResultOp{ok}, nil},
		"move": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionMove, "z", "A")}, []state.ResultOp{ok},
			[]string{`setup_policy.z key=A id=id-A created {"n":1}`}},
		"move in a ring": {[]*state.Object{policyAt("a", "A"), policyAt("b", "B"), policyAt("c", "C")},
			[]state.IntentOp{op(state.ActionMove, "b", "A"), op(state.ActionMove, "c", "B"), op(state.ActionMove, "a", "C")}, []state.ResultOp{ok, {Index: 1, OK: true}, {Index: 2, OK: true}},
			[]string{`setup_policy.a key=C id=id-C created {"n":1}`, `setup_policy.b key=A id=id-A created {"n":1}`, `setup_policy.c key=B id=id-B created {"n":1}`}},
		"failed, then done": {[]*state.Object{policyAt("a", "A")}, []state.IntentOp{op(state.ActionUpdate, "a", "A")}, []state.ResultOp{{Error: "throttled"}, ok},
			[]string{`setup_policy.a key=A id=id-A created {"n":2}`}},
	} {
		t.Run(name, func(t *testing.T) {
			prior := state.New(tenantID, "", lineage, interner())
			prior.Objects = c.prior
			before := brief(prior)
			j := &state.Journal{Header: header(), Entries: []state.Entry{
				{Seq: 1, Intent: &state.Intent{Batch: 1, Ops: c.ops}}, {Seq: 2, Result: &state.Result{Batch: 1, Ops: c.results}},
			}}
			got, doubts := state.Replay(prior, j)
			if diff := cmp.Diff(c.want, brief(got)); diff != "" {
				t.Error(diff)
			}
			if doubts != nil {
				t.Errorf("in doubt: %+v", doubts)
			}
			if diff := cmp.Diff(before, brief(prior)); diff != "" {
				t.Errorf("the prior state changed:\n%s", diff)
			}
			if got.JournalRun != "run-8" {
				t.Errorf("the state contains run %q", got.JournalRun)
			}
		})
	}
}

// rowsOf describes the rows of s.
func rowsOf(s *state.State) []string {
	var out []string
	for _, r := range s.Rows {
		n := s.Strings.Name
		id := r.User.String()
		out = append(out, strings.TrimRight(strings.Join([]string{n(r.Type), id[len(id)-1:], n(r.Policy), n(r.Addr), n(r.Adopted)}, " "), " "))
	}
	return out
}

func TestFoldRows(t *testing.T) {
	all := &state.ResultRows{OK: true}
	set := state.IntentRows{Type: "setup_policy", Policy: "P", Addr: "b.x", Action: state.RowsSet, Users: []table.ID{user(3), user(1)}}
	with := func(change func(*state.IntentRows)) state.IntentRows {
		r := set
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		rows   state.IntentRows
		result *state.ResultRows
		want   []string
		doubt  []table.ID
	}{
		"set": {set, all, []string{"setup_policy 1 P b.x", "setup_policy 2 Old b.x Was", "setup_policy 3 P b.x", "permission_policy 1 Q b.y"}, nil},
		"set keeps what was adopted": {with(func(r *state.IntentRows) { r.Users = []table.ID{user(2)} }), all,
			[]string{"setup_policy 1 Old b.x", "setup_policy 2 P b.x Was", "permission_policy 1 Q b.y"}, nil},
		"set for several blocks": {with(func(r *state.IntentRows) { r.Addrs = []string{"b.3", "b.1"} }), all,
			[]string{"setup_policy 1 P b.1", "setup_policy 2 Old b.x Was", "setup_policy 3 P b.3", "permission_policy 1 Q b.y"}, nil},
		"set over what is not ours": {with(func(r *state.IntentRows) { r.Adopt, r.Before = true, []string{"Theirs", "Old"} }), all,
			[]string{"setup_policy 1 P b.x", "setup_policy 2 Old b.x Was", "setup_policy 3 P b.x Theirs", "permission_policy 1 Q b.y"}, nil},
		"unset": {with(func(r *state.IntentRows) { r.Action, r.Policy = state.RowsUnset, "" }), all,
			[]string{"setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"}, nil},
		"forget": {with(func(r *state.IntentRows) { r.Action = state.RowsForget }), all,
			[]string{"setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"}, nil},
		"adopt": {with(func(r *state.IntentRows) { r.Action, r.Users = state.RowsAdopt, []table.ID{user(4)} }), all,
			[]string{"setup_policy 1 Old b.x", "setup_policy 2 Old b.x Was", "setup_policy 4 P b.x P", "permission_policy 1 Q b.y"}, nil},
		"move": {with(func(r *state.IntentRows) { r.Action, r.Addr = state.RowsMove, "b.new" }), all,
			[]string{"setup_policy 1 Old b.new", "setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"}, nil},
		"one failed": {set, &state.ResultRows{OK: true, Failed: []state.RowFailure{{Index: 0, Error: "no such user"}}},
			[]string{"setup_policy 1 P b.x", "setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"}, nil},
		"all failed": {set, &state.ResultRows{Error: "forbidden"},
			[]string{"setup_policy 1 Old b.x", "setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"}, nil},
		"one in doubt": {set, &state.ResultRows{OK: true, Doubt: []int{1}},
			[]string{"setup_policy 1 Old b.x", "setup_policy 2 Old b.x Was", "setup_policy 3 P b.x", "permission_policy 1 Q b.y"}, []table.ID{user(1)}},
		"no result": {set, nil,
			[]string{"setup_policy 1 Old b.x", "setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"}, []table.ID{user(3), user(1)}},
	} {
		t.Run(name, func(t *testing.T) {
			names := interner()
			prior := state.New(tenantID, "", lineage, names)
			prior.Rows = []table.Row{
				row(names, "setup_policy", 1, "Old", "b.x", ""), row(names, "setup_policy", 2, "Old", "b.x", "Was"), row(names, "permission_policy", 1, "Q", "b.y", ""),
			}
			j := &state.Journal{Header: header(), Entries: []state.Entry{{Seq: 1, Intent: &state.Intent{Batch: 7, Rows: &c.rows}}}}
			if c.result != nil {
				j.Entries = append(j.Entries, state.Entry{Seq: 2, Result: &state.Result{Batch: 7, Rows: c.result}})
			}
			got, doubts := state.Replay(prior, j)
			if diff := cmp.Diff(c.want, rowsOf(got)); diff != "" {
				t.Error(diff)
			}
			var inDoubt []table.ID
			for _, d := range doubts {
				if d.Batch != 7 || d.Seq != 1 || d.Rows.Policy != c.rows.Policy {
					t.Errorf("in doubt: %+v", d)
				}
				inDoubt = append(inDoubt, d.Rows.Users...)
			}
			if diff := cmp.Diff(c.doubt, inDoubt); diff != "" {
				t.Error(diff)
			}
			if len(prior.Rows) != 3 || names.Name(prior.Rows[0].Policy) != "Old" {
				t.Error("the prior state changed")
			}
		})
	}
}

func TestFoldInDoubt(t *testing.T) {
	prior := state.New(tenantID, "", lineage, interner())
	f := state.NewFold(prior)
	f.Intent(1, state.Intent{Batch: 1, Ops: []state.IntentOp{op(state.ActionCreate, "a", "A"), op(state.ActionCreate, "b", "B"), op(state.ActionCreate, "c", "C")}})
	f.Intent(2, state.Intent{Batch: 2, Ops: []state.IntentOp{op(state.ActionCreate, "d", "D")}})
	f.Result(state.Result{Batch: 1, Ops: []state.ResultOp{{Index: 1, OK: true}}})
	f.Result(state.Result{Batch: 9, Ops: []state.ResultOp{{Index: 0, OK: true}}})
	f.Result(state.Result{Batch: 2, Ops: []state.ResultOp{{Index: 4, OK: true}}})
	got, doubts := f.State()
	if diff := cmp.Diff([]string{`setup_policy.b key=B id= created {"n":2}`}, brief(got)); diff != "" {
		t.Error(diff)
	}
	keys := func() (out []string) {
		for _, d := range doubts {
			for _, op := range d.Ops {
				out = append(out, op.Key)
			}
		}
		return out
	}
	if diff := cmp.Diff([]string{"A", "C", "D"}, keys()); diff != "" {
		t.Error(diff)
	}
	f.Result(state.Result{Batch: 1, Ops: []state.ResultOp{{Index: 0, OK: true}, {Index: 2}}})
	got, doubts = f.State()
	if len(got.Objects) != 2 || len(keys()) != 1 {
		t.Errorf("after more results: %v, in doubt %v", brief(got), keys())
	}
}

// pendingOf describes what is pending.
func pendingOf(s *state.State) []string {
	var out []string
	for _, p := range s.PendingRows {
		text := p.Type + " -> " + p.Policy + ":"
		for i, u := range p.Users {
			id := u.String()
			text += " " + id[len(id)-1:]
			if p.Old != nil && p.Old[i] != "" {
				text += "(" + p.Old[i] + ")"
			}
		}
		out = append(out, text)
	}
	return out
}

func TestFoldPendingRows(t *testing.T) {
	names := interner()
	prior := state.New(tenantID, "", lineage, names)
	prior.PendingRows = []*state.PendingRows{
		{Type: "setup_policy", Policy: "P", Users: []table.ID{user(1), user(2)}, Old: []string{"", "X"}, Until: noon},
		{Type: "permission_policy", Policy: "P", Users: []table.ID{user(1)}, Until: noon},
	}
	f := state.NewFold(prior)
	n := 0
	batch := func(action, policy string, until time.Time, before []string, users ...table.ID) {
		n++
		f.Intent(uint64(2*n), state.Intent{Batch: n, Rows: &state.IntentRows{Type: "setup_policy", Policy: policy, Action: action, Users: users, Before: before}})
		f.Result(state.Result{Batch: n, Rows: &state.ResultRows{OK: true, Since: noon, Until: until}})
	}
	later := noon.Add(time.Hour)
	batch(state.RowsSet, "Q", later, []string{"P", "", ""}, user(1), user(3), user(4)) // ends 1 of the old batch
	batch(state.RowsUnset, "", later, []string{"Q"}, user(3))                          // ends 3 of the new one
	batch(state.RowsSet, "R", time.Time{}, nil, user(4))                               // visible at once
	batch(state.RowsMove, "", time.Time{}, nil, user(2), user(1))                      // says nothing about visibility
	want := []string{"setup_policy -> P: 2(X)", "permission_policy -> P: 1", "setup_policy -> Q: 1(P)", "setup_policy -> : 3(Q)"}
	got, _ := f.State()
	if diff := cmp.Diff(want, pendingOf(got)); diff != "" {
		t.Error(diff)
	}
	batch(state.RowsForget, "", time.Time{}, nil, user(1), user(2), user(3))
	if got, _ = f.State(); len(got.PendingRows) != 1 {
		t.Errorf("still pending: %v", pendingOf(got))
	}
	if got := pendingOf(prior); len(got) != 2 || got[0] != "setup_policy -> P: 1 2(X)" {
		t.Errorf("the prior state changed: %v", got)
	}
}

// However results are cut into batches and lines, the outcome is the same, and
// it is that of applying each change to a map.
func TestFoldRowsLikeAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := interner()
		prior := state.New(tenantID, "", lineage, names)
		model := map[int]string{}
		for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 9), func(n int) int { return n }).Draw(t, "prior") {
			prior.Rows = append(prior.Rows, row(names, "setup_policy", n, "Old", "b.x", ""))
			model[n] = "Old"
		}
		prior.Sort()
		f := state.NewFold(prior)
		for batch := range rapid.IntRange(0, 6).Draw(t, "batches") {
			policy := rapid.SampledFrom([]string{"", "P", "Q"}).Draw(t, "policy")
			in := state.IntentRows{Type: "setup_policy", Policy: policy, Action: state.RowsSet}
			if policy == "" {
				in.Action = state.RowsUnset
			}
			for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 9), func(n int) int { return n }).Draw(t, "users") {
				in.Users = append(in.Users, user(n))
				if policy == "" {
					delete(model, n)
				} else {
					model[n] = policy
				}
			}
			f.Intent(uint64(batch), state.Intent{Batch: batch, Rows: &in})
			f.Result(state.Result{Batch: batch, Rows: &state.ResultRows{OK: true}})
			if rapid.Bool().Draw(t, "look in between") {
				f.State()
			}
		}
		got, doubts := f.State()
		if len(doubts) != 0 {
			t.Fatalf("in doubt: %v", doubts)
		}
		if !slices.IsSortedFunc(got.Rows, table.CompareKey) {
			t.Fatal("not sorted")
		}
		found := map[int]string{}
		for _, r := range got.Rows {
			found[int(r.User[15])] = names.Name(r.Policy)
		}
		if diff := cmp.Diff(model, found); diff != "" {
			t.Fatal(diff)
		}
	})
}
