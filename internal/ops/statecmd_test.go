package ops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
	"pgregory.net/rapid"
)

// folder is a configuration without objects: its state is written by hand.
func folder(t tester, dir string) *world {
	writeFile(t, filepath.Join(dir, "main.teams.hcl"), "tenant {\n  driver = \"emulated\"\n}\n")
	writeFile(t, filepath.Join(dir, "people.json"), `{"tenant":{"name":"Contoso"},"users":[],"groups":[]}`)
	return newWorld(t, dir)
}

// put makes s the state.
func (w *world) put(s *state.State) {
	w.t.Helper()
	s.Serial = w.disk.meta.Serial + 1
	s.Sort()
	if _, err := w.disk.Write(context.Background(), w.disk.meta, s); err != nil {
		w.t.Fatal(err)
	}
}

// kept is the state as it lies on the disk.
func (w *world) kept() *state.State {
	w.t.Helper()
	s, err := state.Decode(bytes.NewReader(w.disk.doc), table.NewStrings(teams.PolicyTypes()...))
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// blank is an empty state of the world's tenant.
func (w *world) blank() *state.State {
	return state.New(w.tenant.Info().ID, "global", "the-lineage", table.NewStrings(teams.PolicyTypes()...))
}

func object(a addr.Instance, key string) *state.Object {
	return &state.Object{Addr: a, Kind: a.Kind, KindVersion: 1, ID: key, Key: key, Origin: state.Created, Attrs: json.RawMessage(`{"name":"` + key + `"}`)}
}

func person(n int) table.ID {
	id, err := table.ParseID(fmt.Sprintf("00000000-0000-4000-8000-%012x", n))
	if err != nil {
		panic(err)
	}
	return id
}

func rowOf(s *state.State, n int, policy, block string) table.Row {
	return table.Row{User: person(n), Type: s.Strings.Sym("setup_policy"), Policy: s.Strings.Sym(policy), Addr: s.Strings.Exact(block)}
}

func refused(t tester, diags hcl.Diagnostics, words ...string) {
	t.Helper()
	class, failed := diag.Worst(diags)
	if !failed || class != diag.ClassRefused {
		t.Fatalf("not refused: %s", text(diags))
	}
	for _, word := range words {
		if !strings.Contains(text(diags), word) {
			t.Errorf("%q is not in: %s", word, text(diags))
		}
	}
}

func fine(t tester, diags hcl.Diagnostics) {
	t.Helper()
	if diags.HasErrors() {
		t.Fatalf("%s", text(diags))
	}
}

func (w *world) move(addrs ...string) *ops.StateMoved {
	w.fate = forever()
	defer w.fate.bury()
	op := &ops.StateMove{Runtime: w.runtime(), Source: w.source(), Addrs: addrs}
	return op.Run(context.Background())
}

// Any exchange of addresses and the way back leave the state as it was, and
// move nothing but addresses.
func TestMovesThereAndBack(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		w := folder(rt, dir)
		defer w.close()
		s := w.blank()
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-cA-C]{1,2}`), 2, 6, rapid.ID).Draw(rt, "names")
		for i, name := range names {
			block := addr.New("setup_policy", name)
			s.Objects = append(s.Objects, object(block, fmt.Sprint("P", i)))
			if rapid.Bool().Draw(rt, "retiring") {
				old := object(block, fmt.Sprint("Old", i))
				old.Retiring = true
				s.Objects = append(s.Objects, old)
			}
			for n := range rapid.IntRange(0, 3).Draw(rt, "people") {
				s.Rows = append(s.Rows, rowOf(s, 10*i+n, fmt.Sprint("P", i), "policy_assignment."+name))
			}
		}
		w.put(s)
		before := w.kept()

		targets := rapid.Permutation(append(slices.Clone(names), "fresh")).Draw(rt, "targets")
		var there, back []string
		for i, name := range names {
			for _, kind := range []string{"setup_policy.", "policy_assignment."} {
				if name == targets[i] || kind == "policy_assignment." && !holds(s, kind+name) {
					continue
				}
				there = append(there, kind+name, kind+targets[i])
				back = append(back, kind+targets[i], kind+name)
			}
		}
		if len(there) == 0 {
			return
		}
		res := w.move(there...)
		fine(rt, res.Diags)
		if !res.Written || res.Serial != before.Serial+1 {
			rt.Fatalf("written %t, serial %d", res.Written, res.Serial)
		}
		if same, err := state.SameContent(before, w.kept()); same || err != nil {
			rt.Fatalf("nothing moved: %v", err)
		}
		for i, name := range names {
			if o := w.kept().Object(addr.New("setup_policy", targets[i])); o == nil || o.Key != fmt.Sprint("P", i) {
				rt.Fatalf("%s is not at %s", name, targets[i])
			}
		}
		fine(rt, w.move(back...).Diags)
		if same, err := state.SameContent(before, w.kept()); !same || err != nil {
			rt.Fatalf("the way back leads elsewhere: %v", err)
		}
	})
}

func holds(s *state.State, block string) bool {
	return slices.ContainsFunc(s.Rows, func(r table.Row) bool { return s.Strings.Name(r.Addr) == block })
}

// What is still becoming visible of forgotten people is forgotten with them.
func TestRemoveForgetsPendingRows(t *testing.T) {
	w := folder(t, t.TempDir())
	s := w.blank()
	s.Rows = []table.Row{
		rowOf(s, 1, "Pilot", "policy_assignment.a"), rowOf(s, 2, "Pilot", "policy_assignment.b"), rowOf(s, 3, "Pilot", `policy_assignment.a["x"]`),
	}
	s.PendingRows = []*state.PendingRows{
		{Type: "setup_policy", Policy: "Pilot", Users: []table.ID{person(1), person(2), person(3)}, Old: []string{"", "Global", "Old"}, Since: w.now, Until: w.now},
		{Type: "setup_policy", Policy: "Pilot", Users: []table.ID{person(1)}, Since: w.now, Until: w.now},
		{Type: "permission_policy", Policy: "Other", Users: []table.ID{person(1)}, Since: w.now, Until: w.now},
	}
	w.put(s)
	op := &ops.StateRemove{Runtime: w.runtime(), Source: w.source(), Patterns: []string{"policy_assignment.a"}}
	res := op.Run(context.Background())
	fine(t, res.Diags)
	var blocks []string
	for _, b := range res.Blocks {
		blocks = append(blocks, fmt.Sprint(b.Addr, " ", len(b.Rows)))
	}
	if want := []string{"policy_assignment.a 1", `policy_assignment.a["x"] 1`}; !slices.Equal(blocks, want) {
		t.Errorf("forgotten are %v", blocks)
	}
	got := w.kept()
	if len(got.Rows) != 1 || got.Rows[0].User != person(2) {
		t.Errorf("rows are %v", got.Rows)
	}
	want := []*state.PendingRows{
		{Type: "permission_policy", Policy: "Other", Users: []table.ID{person(1)}, Since: w.now, Until: w.now},
		{Type: "setup_policy", Policy: "Pilot", Users: []table.ID{person(2)}, Old: []string{"Global"}, Since: w.now, Until: w.now},
	}
	for _, p := range got.PendingRows {
		p.Since, p.Until = w.now, w.now
	}
	if diff := cmp.Diff(want, got.PendingRows); diff != "" {
		t.Errorf("pending rows (-want +got):\n%s", diff)
	}
}

// rival is a backend in whose back somebody else writes.
type rival struct {
	state.Backend
	write func()
}

func (r *rival) Write(ctx context.Context, expect state.Meta, s *state.State) (state.Meta, error) {
	r.write()
	return r.Backend.Write(ctx, expect, s)
}

// The state is written by comparison: what was written since the reading wins.
func TestStateCommandsLoseNothing(t *testing.T) {
	commands := map[string]func(*world, *ops.Runtime) hcl.Diagnostics{
		"mv": func(w *world, rt *ops.Runtime) hcl.Diagnostics {
			op := &ops.StateMove{Runtime: rt, Source: w.source(), Addrs: []string{"setup_policy.a", "setup_policy.b"}}
			return op.Run(context.Background()).Diags
		},
		"rm": func(w *world, rt *ops.Runtime) hcl.Diagnostics {
			op := &ops.StateRemove{Runtime: rt, Source: w.source(), Patterns: []string{"setup_policy.a"}}
			return op.Run(context.Background()).Diags
		},
		"push": func(w *world, rt *ops.Runtime) hcl.Diagnostics {
			s := w.kept()
			s.Serial, s.Objects = s.Serial+1, nil
			var b bytes.Buffer
			if _, err := state.Encode(&b, s); err != nil {
				w.t.Fatal(err)
			}
			op := &ops.StatePush{Runtime: rt, Source: w.source(), Document: b.Bytes(), Name: "x"}
			return op.Run(context.Background()).Diags
		},
	}
	for name, run := range commands {
		t.Run(name, func(t *testing.T) {
			w := folder(t, t.TempDir())
			s := w.blank()
			s.Objects = []*state.Object{object(addr.New("setup_policy", "a"), "A")}
			w.put(s)
			rt := w.runtime()
			rt.WrapBackend = func(state.Backend) state.Backend {
				return &rival{w.disk, func() {
					other := w.kept()
					other.Objects = append(other.Objects, object(addr.New("setup_policy", "other"), "Other"))
					w.put(other)
				}}
			}
			refused(t, run(w, rt), "has changed since it was read")
			if got := w.kept(); got.Object(addr.New("setup_policy", "a")) == nil || got.Object(addr.New("setup_policy", "other")) == nil {
				t.Error("what somebody else wrote is lost, or half of the command was carried out")
			}
			if w.disk.leased != nil {
				t.Error("the lease was kept")
			}
		})
	}
}

// Whatever a run that died has left, the state commands touch nothing before
// it is settled, and an import settles it as an apply does.
func TestStateCommandsAfterADeath(t *testing.T) {
	calm := newWorld(t, quickstart(t))
	calm.mustApply(applyOptions{})
	events, want := calm.fate.n, calm.origins()
	refusals := 0
	for last := 0; last < events; last += 2 {
		w := newWorld(t, quickstart(t))
		w.fate = &fate{last: last, happens: last%4 == 0}
		w.apply(applyOptions{})
		open := bytes.Count(w.disk.journal, []byte("\n")) > 1
		doc := slices.Clone(w.disk.doc)
		res := w.move("org_settings", "org_settings")
		if !res.Diags.HasErrors() {
			t.Error("an address became itself")
		}
		if res = w.move("setup_policy.trusted", "setup_policy.t"); open {
			refusals++
			refused(t, res.Diags, "teamsform apply")
			if !bytes.Equal(doc, w.disk.doc) {
				t.Fatalf("event %d: the state was written", last)
			}
		}
		w.fate = forever()
		imp := &ops.Import{Runtime: w.runtime(), Source: w.source(), Addr: "setup_policy.global", ID: "Global"}
		got := imp.Run(context.Background())
		w.fate.bury()
		fine(t, got.Diags)
		if bytes.Count(w.disk.journal, []byte("\n")) > 1 {
			t.Fatalf("event %d: the import left the journal open", last)
		}
		if o := w.kept().Object(addr.New("setup_policy", "global")); o == nil || o.ID != "Global" {
			t.Fatalf("event %d: nothing was imported", last)
		}
		w.mustApply(applyOptions{})
		if err := w.settled(); err != nil {
			t.Fatalf("event %d: after import and apply: %v", last, err)
		}
		if diff := cmp.Diff(want, w.origins()); diff != "" {
			t.Fatalf("event %d: what was made in the dead run is not known as ours (-want +got):\n%s", last, diff)
		}
	}
	if refusals < 3 {
		t.Errorf("only %d deaths left an open journal: the test proves little", refusals)
	}
}

// origins says of everything in the state who made it.
func (w *world) origins() []string {
	s := w.kept()
	var out []string
	for _, o := range s.Objects {
		out = append(out, fmt.Sprint(o, " ", o.Origin))
	}
	for _, r := range s.Rows {
		out = append(out, fmt.Sprintf("%s %s %q, was %q", s.Strings.Name(r.Addr), r.User, s.Strings.Name(r.Policy), s.Strings.Name(r.Adopted)))
	}
	return out
}

// An import sends nothing, whatever differs.
func TestImportSendsNothing(t *testing.T) {
	w := newWorld(t, quickstart(t))
	before := w.dump()
	for _, to := range []string{"setup_policy.global", "permission_policy.global"} {
		imp := &ops.Import{Runtime: w.runtime(), Source: w.source(), Addr: to, ID: "Global"}
		got := imp.Run(context.Background())
		fine(t, got.Diags)
		if got.Change == nil || got.Change.ID != "Global" || got.Outcome == nil || got.Outcome.Done != 0 {
			t.Errorf("%s: got %+v", to, got.Change)
		}
	}
	if after := w.dump(); after != before {
		t.Errorf("the tenant changed (-before +after):\n%s", cmp.Diff(before, after))
	}
	// A reference to an app that does not exist yet is an honest difference.
	o := w.kept().Object(addr.New("permission_policy", "global"))
	if o.Origin != state.Adopted || strings.Contains(string(o.Attrs), "late") {
		t.Errorf("recorded is %s", o.Attrs)
	}
}

// A reference to an app that exists compares as the app's id.
func TestImportKnowsIDs(t *testing.T) {
	w := newWorld(t, quickstart(t))
	w.mustApply(applyOptions{})
	rm := &ops.StateRemove{Runtime: w.runtime(), Source: w.source(), Patterns: []string{"permission_policy.global", "app.helpdesk"}}
	fine(t, rm.Run(context.Background()).Diags)
	w.fate.bury()
	imp := &ops.Import{Runtime: w.runtime(), Source: w.source(), Addr: "permission_policy.global", ID: "Global"}
	got := imp.Run(context.Background())
	fine(t, got.Diags)
	if got.Change == nil || len(got.Change.Attrs) != 0 {
		t.Errorf("differs: %+v", got.Change)
	}
}

// A backend that cannot tell or keep something says so.
func TestBackendsOfLessAbility(t *testing.T) {
	w := folder(t, t.TempDir())
	w.put(w.blank())
	show := &ops.LockShow{Runtime: w.runtime(), Source: w.source()}
	if got := text(show.Run(context.Background()).Diags); !strings.Contains(got, "cannot tell who holds its lock") {
		t.Errorf("lock show: %s", got)
	}
	restore := &ops.StateRestore{Runtime: w.runtime(), Source: w.source()}
	if got := text(restore.Run(context.Background()).Diags); !strings.Contains(got, "keeps no backup") {
		t.Errorf("restore: %s", got)
	}
	if w.disk.leased != nil {
		t.Error("the lease was kept")
	}
	s := w.blank()
	s.Objects = []*state.Object{object(addr.New("setup_policy", "a"), "A")}
	w.put(s)
	res := w.move("setup_policy.a", "setup_policy.b")
	fine(t, res.Diags)
	if !res.Written || res.Backup != "" {
		t.Errorf("written %t, backup %q", res.Written, res.Backup)
	}
}

// Kinds and fields that this version does not know move and stay whole.
func TestUnknownKindsMove(t *testing.T) {
	w := folder(t, t.TempDir())
	s := w.blank()
	o := object(addr.New("novel_policy", "a"), "A")
	o.KindVersion, o.Extra = 9, map[string]json.RawMessage{"novel": json.RawMessage(`[1]`)}
	s.Objects, s.Extra = []*state.Object{o}, map[string]json.RawMessage{"future": json.RawMessage(`1`)}
	s.Tables = []json.RawMessage{json.RawMessage(`{"table":"later","rows":[]}`)}
	w.put(s)
	fine(t, w.move("novel_policy.a", "novel_policy.b").Diags)
	got := w.kept()
	moved := got.Object(addr.New("novel_policy", "b"))
	if moved == nil || moved.KindVersion != 9 || string(moved.Extra["novel"]) != "[1]" || string(got.Extra["future"]) != "1" || len(got.Tables) != 1 {
		t.Errorf("kept is %+v with %+v", got, moved)
	}
}

func TestGraphOfModules(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"root/main.teams.hcl": "module \"base\" {\n  source = \"../base\"\n}\n\nsetup_policy \"own\" {\n  name = \"Own\"\n}\n",
		"base/main.teams.hcl": "setup_policy \"pilot\" {\n  name = \"Pilot\"\n}\n\nusers \"all\" {\n  upns = [\"a@contoso.example\"]\n}\n\npolicy_assignment \"all\" {\n  policy = setup_policy.pilot\n  users  = users.all\n}\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, content)
	}
	rt := &ops.Runtime{LookupEnv: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil }}
	g := &ops.Graph{Runtime: rt, Source: ops.Source{Dir: filepath.Join(dir, "root")}}
	res := g.Run(context.Background())
	fine(t, res.Diags)
	var got []string
	for _, n := range res.Nodes {
		got = append(got, n.Addr.String())
	}
	for _, e := range res.Edges {
		got = append(got, e.From.String()+" -> "+e.To.String())
	}
	want := []string{
		"setup_policy.own", "module.base.policy_assignment.all", "module.base.setup_policy.pilot", "module.base.users.all",
		"module.base.policy_assignment.all -> module.base.setup_policy.pilot", "module.base.policy_assignment.all -> module.base.users.all",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("graph (-want +got):\n%s", diff)
	}
}
