package planfile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// changeJSON is what a program that reads Terraform's plans looks at.
type changeJSON struct {
	Address         string `json:"address"`
	PreviousAddress string `json:"previous_address"`
	ModuleAddress   string `json:"module_address"`
	Type            string `json:"type"`
	Name            string `json:"name"`
	Index           any    `json:"index"`
	ActionReason    string `json:"action_reason"`
	Change          struct {
		Actions      []string       `json:"actions"`
		Before       map[string]any `json:"before"`
		After        map[string]any `json:"after"`
		AfterUnknown map[string]any `json:"after_unknown"`
		Importing    map[string]any `json:"importing"`
	} `json:"change"`
}

func resourceChanges(t *testing.T, changes ...*engine.Change) []changeJSON {
	t.Helper()
	raw := written(t, &planfile.File{Plan: &engine.Plan{Changes: changes}, Strings: table.NewStrings()})
	var doc struct {
		ResourceChanges []changeJSON `json:"resource_changes"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.ResourceChanges
}

// TestActions maps our actions to the words that readers of Terraform's plans
// look for.
func TestActions(t *testing.T) {
	kind := teams.Kinds().Kind(teams.SetupPolicy)
	for _, c := range []struct {
		change engine.Change
		want   string
	}{
		{engine.Change{Action: engine.Create}, "create"},
		{engine.Change{Action: engine.Update}, "update"},
		{engine.Change{Action: engine.Update, Reason: engine.ReasonReplaced}, "delete create"},
		{engine.Change{Action: engine.Reset}, "update"},
		{engine.Change{Action: engine.Delete}, "delete"},
		{engine.Change{Action: engine.Forget}, "forget"},
		{engine.Change{Action: engine.LetGo}, "forget"},
		{engine.Change{Action: engine.LetGo, Unowned: []string{"description"}}, "no-op"},
		{engine.Change{Action: engine.Adopt}, "no-op"},
		{engine.Change{Action: engine.Move}, "no-op"},
		{engine.Change{Action: engine.Record}, "no-op"},
	} {
		own := c.change
		own.Kind, own.Addr = kind, addr.New("setup_policy", "x")
		if got := strings.Join(resourceChanges(t, &own)[0].Change.Actions, " "); got != c.want {
			t.Errorf("%s (%s): %s, want %s", c.change.Action, c.change.Reason, got, c.want)
		}
	}
}

// TestShape compares one entry of each sort with what Terraform writes.
func TestShape(t *testing.T) {
	kind := teams.Kinds().Kind(teams.SetupPolicy)
	app := addr.New("app", "a")
	ref := schema.Ref{Addr: app, Attr: schema.CatalogID}
	made := &engine.Change{
		Kind: kind, Addr: addr.Instance{Module: "net", Kind: "setup_policy", Name: "x"}.WithKey("k"), Key: "X", Action: engine.Create, Reason: engine.ReasonNew,
		Attrs: []engine.AttrChange{{Attr: kind.Attr("name"), After: "X"}, {Attr: kind.Attr("pinned_apps"), After: []any{"chat", ref}}},
	}
	taken := &engine.Change{
		Kind: kind, Addr: addr.New("setup_policy", "y"), From: addr.New("setup_policy", "z"), Key: "Y", ID: "Y", Action: engine.Update, Adopting: true,
		Attrs: []engine.AttrChange{{Attr: kind.Attr("upload_custom_apps"), Before: true, After: false}},
	}
	gone := &engine.Change{
		Kind: kind, Addr: addr.New("setup_policy", "w"), Key: "W", Action: engine.Delete,
		Attrs: []engine.AttrChange{{Attr: kind.Attr("name"), Before: "W"}},
	}
	want := []changeJSON{
		{Address: `module.net.setup_policy.x["k"]`, ModuleAddress: "module.net", Type: "setup_policy", Name: "x", Index: "k", ActionReason: "new"},
		{Address: "setup_policy.y", PreviousAddress: "setup_policy.z", Type: "setup_policy", Name: "y"},
		{Address: "setup_policy.w", Type: "setup_policy", Name: "w"},
	}
	want[0].Change.Actions = []string{"create"}
	want[0].Change.After = map[string]any{"name": "X", "pinned_apps": []any{"chat", map[string]any{"late": "app.a", "attr": "catalog_id"}}}
	want[0].Change.AfterUnknown = map[string]any{"pinned_apps": []any{false, true}}
	want[1].Change.Actions = []string{"update"}
	want[1].Change.Before, want[1].Change.After = map[string]any{"upload_custom_apps": true}, map[string]any{"upload_custom_apps": false}
	want[1].Change.Importing = map[string]any{"id": "Y"}
	want[2].Change.Actions = []string{"delete"}
	want[2].Change.Before = map[string]any{"name": "W"}
	if d := cmp.Diff(want, resourceChanges(t, made, taken, gone)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// manyRows is a plan that gives n people a policy.
func manyRows(n int) *planfile.File {
	s := table.NewStrings(teams.PolicyTypes()...)
	op := &engine.RowOp{Seq: 1, Phase: engine.MoveRows, Assign: true, Type: s.Sym("setup_policy"), Policy: s.Sym("Trusted")}
	at := s.Exact("policy_assignment.all")
	for i := range n {
		user := table.ID{0: byte(i >> 24), 1: byte(i >> 16), 2: byte(i >> 8), 3: byte(i)}
		op.Rows = append(op.Rows, engine.RowChange{Row: table.Row{User: user, Type: op.Type, Policy: op.Policy, Addr: at}, Reason: engine.ReasonNew})
	}
	return &planfile.File{Plan: &engine.Plan{RowOps: []*engine.RowOp{op}}, Strings: s}
}

// sink counts bytes and the largest piece that it is given at once.
type sink struct{ total, largest int }

func (s *sink) Write(p []byte) (int, error) {
	s.total += len(p)
	s.largest = max(s.largest, len(p))
	return len(p), nil
}

// Rows stream: neither the pieces that are written nor what is allocated on the
// way grows with their number.
func TestRowsStream(t *testing.T) {
	var small, large sink
	few, many := manyRows(1000), manyRows(20000)
	count := func(f *planfile.File, s *sink) float64 {
		return testing.AllocsPerRun(1, func() {
			*s = sink{}
			if err := planfile.Write(s, f); err != nil {
				t.Fatal(err)
			}
		})
	}
	a, b := count(few, &small), count(many, &large)
	if perRow := (b - a) / 19000; perRow > 2.5 { // the id as text, and the list of texts
		t.Errorf("%.1f allocations a row", perRow)
	}
	if large.total < 15*small.total || large.largest > 128<<10 {
		t.Errorf("%d bytes in pieces of at most %d; %d for a twentieth", large.total, large.largest, small.total)
	}
	var raw bytes.Buffer
	if err := planfile.Write(&raw, many); err != nil {
		t.Fatal(err)
	}
	got, err := planfile.Read(&raw, planfile.ReadOptions{Kinds: teams.Kinds(), Strings: many.Strings})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(many.Plan.RowOps, got.Plan.RowOps); d != "" {
		t.Error(d)
	}
}

// BenchmarkRows writes and reads a plan of a million rows, by hand.
func BenchmarkRows(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := manyRows(n)
			for b.Loop() {
				var raw bytes.Buffer
				if err := planfile.Write(&raw, f); err != nil {
					b.Fatal(err)
				}
				size := raw.Len()
				if _, err := planfile.Read(&raw, planfile.ReadOptions{Kinds: teams.Kinds(), Strings: f.Strings}); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(size)/float64(n), "bytes/row")
			}
		})
	}
}
