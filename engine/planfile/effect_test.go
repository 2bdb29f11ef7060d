package planfile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

func effect(t *testing.T, f *planfile.File) string {
	t.Helper()
	sum, err := planfile.Effect(f.Plan, f.Strings)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestEffect says what counts for the effect of a plan, and what does not.
func TestEffect(t *testing.T) {
	before := effect(t, filled(t))
	for _, c := range []struct {
		name    string
		change  func(*planfile.File)
		differs bool
		in      string // part of what Differing names
	}{
		{"nothing", func(*planfile.File) {}, false, ""},
		{"time", func(f *planfile.File) { f.Plan.Header.PlannedAt = time.Time{} }, false, ""},
		{"serial and lineage", func(f *planfile.File) { f.Plan.Header.Serial, f.Plan.Header.Lineage = 99, "other" }, false, ""},
		{"configuration", func(f *planfile.File) { f.Plan.Header.ConfigDigest, f.Source = "", planfile.Source{} }, false, ""},
		{"what is shown", func(f *planfile.File) {
			f.Plan.Changes, f.Plan.RowGroups, f.Plan.Attention, f.Plan.Unmanaged, f.Plan.Diags = nil, nil, nil, nil, hcl.Diagnostics{}
		}, false, ""},
		{"what is recorded", func(f *planfile.File) {
			f.Plan.Records, f.Plan.RowRecords, f.Plan.Ops[0].Record.Attrs = nil, engine.RowRecords{}, nil
		}, false, ""},
		{"numbers of operations", func(f *planfile.File) { f.Plan.Ops[0].Seq, f.Plan.RowOps[0].Seq = 7, 8 }, false, ""},
		{"value sent", func(f *planfile.File) { f.Plan.Ops[0].After["name"] = "other" }, true, "setup_policy.x"},
		{"value expected", func(f *planfile.File) { f.Plan.Ops[0].Before["name"] = "other" }, true, "setup_policy.x"},
		{"value fed in", func(f *planfile.File) { f.Plan.Ops[0].Input["name"] = "other" }, true, "setup_policy.x"},
		{"late value", func(f *planfile.File) {
			f.Plan.Ops[0].After["pinned_apps"] = []any{schema.Ref{Addr: f.Plan.Ops[1].Addr, Attr: schema.CatalogID}}
		}, true, "setup_policy.x"},
		{"action", func(f *planfile.File) { f.Plan.Ops[0].Action = engine.Delete }, true, "setup_policy.x"},
		{"phase", func(f *planfile.File) { f.Plan.Ops[0].Phase = engine.Tighten }, true, "setup_policy.x"},
		{"needs", func(f *planfile.File) { f.Plan.Ops[0].Needs = nil }, true, "setup_policy.x"},
		{"operation gone", func(f *planfile.File) { f.Plan.Ops = f.Plan.Ops[1:] }, true, "setup_policy.x"},
		{"order", func(f *planfile.File) { f.Plan.Ops[0], f.Plan.Ops[1] = f.Plan.Ops[1], f.Plan.Ops[0] }, true, ""},
		{"person", func(f *planfile.File) { f.Plan.RowOps[0].Rows[0].Row.User = table.ID{9} }, true, "of people"},
		{"person gone", func(f *planfile.File) { f.Plan.RowOps[0].Rows = f.Plan.RowOps[0].Rows[1:] }, true, "the setup policy"},
		{"policy before", func(f *planfile.File) { f.Plan.RowOps[0].Rows[0].Before = f.Strings.Sym("Other") }, true, "of people"},
		{"assign or not", func(f *planfile.File) { f.Plan.RowOps[0].Assign = !f.Plan.RowOps[0].Assign }, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := filled(t)
			c.change(f)
			if got := effect(t, f); (got != before) != c.differs {
				t.Errorf("effect differs: %v, want %v", got != before, c.differs)
			}
			whole := filled(t)
			named := planfile.Differing(whole.Plan, f.Plan, f.Strings)
			if c.in == "" && len(named) > 0 {
				t.Errorf("it is said to differ in %q", named)
			}
			if c.in != "" && (len(named) != 1 || !strings.Contains(named[0], c.in)) {
				t.Errorf("it is said to differ in %q, want one with %q", named, c.in)
			}
		})
	}
}

// An effect does not depend on which symbols names happen to have.
func TestEffectOfOtherSymbols(t *testing.T) {
	f := filled(t)
	other, err := read(string(written(t, f)))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(effect(t, f), effect(t, other)); d != "" {
		t.Error(d)
	}
}
