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
		"create": {
			ops:     []state.IntentOp{op(state.ActionCreate, "a", "A")},
			results: []state.ResultOp{{OK: true, ID: "new"}},
			want:    []string{`setup_policy.a key=A id=new created {"n":2}`},
		},
		"create with other attributes": {
			ops:     []state.IntentOp{op(state.ActionCreate, "a", "A")},
			results: []state.ResultOp{{OK: true, Attrs: json.RawMessage(`{"n":3}`)}},
			want:    []string{`setup_policy.a key=A id= created {"n":3}`},
		},
		"create pending": {
			ops:     []state.IntentOp{op(state.ActionCreate, "a", "A")},
			results: []state.ResultOp{{OK: true, Pending: pending}},
			want:    []string{`setup_policy.a key=A id= created {"n":2} pending`},
		},
		"create failed": {
			ops:     []state.IntentOp{op(state.ActionCreate, "a", "A")},
			results: []state.ResultOp{{Error: "no"}},
		},
		"create renamed": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionCreate, "a", "B")},
			results: []state.ResultOp{{OK: true, ID: "b"}},
			want:    []string{`setup_policy.a key=B id=b created {"n":2}`, `setup_policy.a (retiring) key=A id=id-A created {"n":1}`},
		},
		"create again": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionCreate, "a", "tag:a")},
			results: []state.ResultOp{{OK: true, ID: "b"}},
			want:    []string{`setup_policy.a key=tag:a id=b created {"n":2}`},
		},
		"create again elsewhere": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionCreate, "b", "A")},
			results: []state.ResultOp{{OK: true, ID: "b"}},
			want:    []string{`setup_policy.b key=A id=b created {"n":2}`},
		},
		"renamed, then the old self deleted": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionCreate, "a", "B"), retired},
			results: []state.ResultOp{ok, {Index: 1, OK: true}},
			want:    []string{`setup_policy.a key=B id= created {"n":2}`},
		},
		"update": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionUpdate, "a", "a")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.a key=a id=id-A created {"n":2}`},
		},
		"update moves too": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionUpdate, "b", "A")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.b key=A id=id-A created {"n":2}`},
		},
		"update in a swap": {
			prior:   []*state.Object{policyAt("a", "A"), policyAt("b", "B")},
			ops:     []state.IntentOp{op(state.ActionUpdate, "b", "A"), op(state.ActionUpdate, "a", "B")},
			results: []state.ResultOp{ok, {Index: 1, OK: true}},
			want:    []string{`setup_policy.a key=B id=id-B created {"n":2}`, `setup_policy.b key=A id=id-A created {"n":2}`},
		},
		"update of another object at the address": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionUpdate, "a", "Global")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.a key=Global id= created {"n":2}`, `setup_policy.a (retiring) key=A id=id-A created {"n":1}`},
		},
		"update gives a key": {
			prior:   []*state.Object{policyAt("a", "")},
			ops:     []state.IntentOp{op(state.ActionUpdate, "a", "A")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.a key=A id=id- created {"n":2}`},
		},
		"delete of another object at the address": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionDelete, "a", "B")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.a key=A id=id-A created {"n":1}`},
		},
		"delete before it retires": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{retired},
			results: []state.ResultOp{ok},
		},
		"move without a key": {
			prior:   []*state.Object{policyAt("a", "")},
			ops:     []state.IntentOp{op(state.ActionMove, "b", "")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.b key= id=id- created {"n":1}`},
		},
		"move without a key, not certain": {
			prior:   []*state.Object{policyAt("a", ""), policyAt("c", "")},
			ops:     []state.IntentOp{op(state.ActionMove, "b", "")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.a key= id=id- created {"n":1}`, `setup_policy.c key= id=id- created {"n":1}`},
		},
		"renamed twice and back": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionCreate, "a", "B"), op(state.ActionCreate, "a", "C"), op(state.ActionCreate, "a", "B")},
			results: []state.ResultOp{ok, {Index: 1, OK: true}, {Index: 2, OK: true}},
			want:    []string{`setup_policy.a key=B id= created {"n":2}`, `setup_policy.a (retiring) key=A id=id-A created {"n":1}`, `setup_policy.a (retiring) key=C id= created {"n":2}`},
		},
		"update ends pending": {
			prior:   []*state.Object{func() *state.Object { o := policyAt("a", "A"); o.Pending = pending; return o }()},
			ops:     []state.IntentOp{op(state.ActionUpdate, "a", "A")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.a key=A id=id-A created {"n":2}`},
		},
		"update of what is taken over": {
			ops:     []state.IntentOp{takenOver},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.a key=A id= adopted {"n":2} was {"n":0}`},
		},
		"adopt": {
			ops:     []state.IntentOp{adopted},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.a key=A id= adopted {"n":2} was {"n":0}`},
		},
		"delete": {
			prior:   []*state.Object{policyAt("a", "A"), policyAt("b", "B")},
			ops:     []state.IntentOp{op(state.ActionDelete, "a", "A")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.b key=B id=id-B created {"n":1}`},
		},
		"delete pending": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionDelete, "a", "A")},
			results: []state.ResultOp{{OK: true, Pending: pending}},
			want:    []string{`setup_policy.a key=A id=id-A created {"n":1} pending`},
		},
		"delete failed": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionDelete, "a", "A")},
			results: []state.ResultOp{{Error: "in use"}},
			want:    []string{`setup_policy.a key=A id=id-A created {"n":1}`},
		},
		"delete of nothing": {
			ops:     []state.IntentOp{op(state.ActionDelete, "a", "A")},
			results: []state.ResultOp{ok},
		},
		"forget": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionForget, "a", "A")},
			results: []state.ResultOp{ok},
		},
		"move": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionMove, "z", "A")},
			results: []state.ResultOp{ok},
			want:    []string{`setup_policy.z key=A id=id-A created {"n":1}`},
		},
		"move in a ring": {
			prior:   []*state.Object{policyAt("a", "A"), policyAt("b", "B"), policyAt("c", "C")},
			ops:     []state.IntentOp{op(state.ActionMove, "b", "A"), op(state.ActionMove, "c", "B"), op(state.ActionMove, "a", "C")},
			results: []state.ResultOp{ok, {Index: 1, OK: true}, {Index: 2, OK: true}},
			want:    []string{`setup_policy.a key=C id=id-C created {"n":1}`, `setup_policy.b key=A id=id-A created {"n":1}`, `setup_policy.c key=B id=id-B created {"n":1}`},
		},
		"failed, then done": {
			prior:   []*state.Object{policyAt("a", "A")},
			ops:     []state.IntentOp{op(state.ActionUpdate, "a", "A")},
			results: []state.ResultOp{{Error: "throttled"}, ok},
			want:    []string{`setup_policy.a key=A id=id-A created {"n":2}`},
		},
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
		"set": {
			rows:   set,
			result: all,
			want:   []string{"setup_policy 1 P b.x", "setup_policy 2 Old b.x Was", "setup_policy 3 P b.x", "permission_policy 1 Q b.y"},
		},
		"set keeps what was adopted": {
			rows:   with(func(r *state.IntentRows) { r.Users = []table.ID{user(2)} }),
			result: all,
			want:   []string{"setup_policy 1 Old b.x", "setup_policy 2 P b.x Was", "permission_policy 1 Q b.y"},
		},
		"set for several blocks": {
			rows:   with(func(r *state.IntentRows) { r.Addrs = []string{"b.3", "b.1"} }),
			result: all,
			want:   []string{"setup_policy 1 P b.1", "setup_policy 2 Old b.x Was", "setup_policy 3 P b.3", "permission_policy 1 Q b.y"},
		},
		"set over what is not ours": {
			rows:   with(func(r *state.IntentRows) { r.Adopt, r.Before = true, []string{"Theirs", "Old"} }),
			result: all,
			want:   []string{"setup_policy 1 P b.x", "setup_policy 2 Old b.x Was", "setup_policy 3 P b.x Theirs", "permission_policy 1 Q b.y"},
		},
		"unset": {
			rows:   with(func(r *state.IntentRows) { r.Action, r.Policy = state.RowsUnset, "" }),
			result: all,
			want:   []string{"setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"},
		},
		"forget": {
			rows:   with(func(r *state.IntentRows) { r.Action = state.RowsForget }),
			result: all,
			want:   []string{"setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"},
		},
		"adopt": {
			rows:   with(func(r *state.IntentRows) { r.Action, r.Users = state.RowsAdopt, []table.ID{user(4)} }),
			result: all,
			want:   []string{"setup_policy 1 Old b.x", "setup_policy 2 Old b.x Was", "setup_policy 4 P b.x P", "permission_policy 1 Q b.y"},
		},
		"move": {
			rows:   with(func(r *state.IntentRows) { r.Action, r.Addr = state.RowsMove, "b.new" }),
			result: all,
			want:   []string{"setup_policy 1 Old b.new", "setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"},
		},
		"one failed": {
			rows:   set,
			result: &state.ResultRows{OK: true, Failed: []state.RowFailure{{Index: 0, Error: "no such user"}}},
			want:   []string{"setup_policy 1 P b.x", "setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"},
		},
		"all failed": {
			rows:   set,
			result: &state.ResultRows{Error: "forbidden"},
			want:   []string{"setup_policy 1 Old b.x", "setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"},
		},
		"one in doubt": {
			rows:   set,
			result: &state.ResultRows{OK: true, Doubt: []int{1}},
			want:   []string{"setup_policy 1 Old b.x", "setup_policy 2 Old b.x Was", "setup_policy 3 P b.x", "permission_policy 1 Q b.y"},
			doubt:  []table.ID{user(1)},
		},
		"no result": {
			rows:  set,
			want:  []string{"setup_policy 1 Old b.x", "setup_policy 2 Old b.x Was", "permission_policy 1 Q b.y"},
			doubt: []table.ID{user(3), user(1)},
		},
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
