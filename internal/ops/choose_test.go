package ops_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/ops"
	"pgregory.net/rapid"
)

// Choosing everything equals choosing nothing, excluding nothing equals not
// excluding, and what is chosen with its needs is a part of the whole plan that
// can be applied: the rest is still to do afterwards, and nothing else.
func TestChoosingEverythingChoosesNothing(t *testing.T) {
	checks(t, 30)
	dir := t.TempDir()
	icons(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		w, p := genWorld(rt, dir)
		defer w.close()
		w.write("main.teams.hcl", genConfig(rt, p))
		w.converge()
		w.write("main.teams.hcl", genConfig(rt, p))
		w.meddle(rt)

		whole := w.chosen(ops.Choice{Adopt: true})
		if whole.Diags.HasErrors() {
			return // a policy that others still hold, for instance
		}
		for _, c := range []ops.Choice{
			{Adopt: true, Targets: []string{"*"}},
			{Adopt: true, Targets: []string{"*", "*"}},
			{Adopt: true, Excludes: []string{"*.~nothing*"}},
		} {
			got := w.chosen(c)
			if c.Excludes != nil && got.Diags.HasErrors() {
				continue // an exclusion that fits nothing is refused
			}
			if got.Diags.HasErrors() {
				rt.Fatalf("%+v: %s", c, text(got.Diags))
			}
			if describePlan(got) != describePlan(whole) {
				rt.Fatalf("%+v:\n%s\nwant\n%s", c, describePlan(got), describePlan(whole))
			}
		}
		w.chooseOne(rt, whole)
	})
}

// chooseOne applies one chosen address and compares what is left.
func (w *world) chooseOne(rt *rapid.T, whole *ops.Planned) {
	var addrs []string
	for _, c := range whole.Plan.Changes {
		addrs = append(addrs, c.Addr.String())
	}
	for _, g := range whole.Plan.RowGroups {
		addrs = append(addrs, g.Addr)
	}
	slices.Sort(addrs)
	addrs = slices.Compact(addrs)
	if len(addrs) == 0 {
		return
	}
	target := rapid.SampledFrom(addrs).Draw(rt, "target")
	part := w.chosen(ops.Choice{Adopt: true, Targets: []string{target}})
	if part.Diags.HasErrors() {
		return // it cannot be done alone
	}
	all := describePlan(whole)
	for line := range strings.SplitSeq(strings.TrimSpace(changesOf(part)), "\n") {
		if !strings.Contains(all, strings.TrimSpace(line)) {
			rt.Fatalf("--target %s plans what the whole plan does not:\n%s\nin\n%s", target, line, all)
		}
	}
	for _, c := range part.Plan.Changes {
		if at := c.Addr; at.String() != target && !slices.Contains(part.Plan.Needed, at) {
			rt.Fatalf("--target %s plans %s, which it does not need (%v)", target, at, part.Plan.Needed)
		}
	}
	if part.Plan.Empty() {
		rt.Fatalf("--target %s plans nothing of\n%s", target, all)
	}
}

// changesOf lists what a plan sends, one address a line.
func changesOf(p *ops.Planned) string {
	var b strings.Builder
	for _, c := range p.Plan.Changes {
		fmt.Fprintf(&b, "%s %s\n", c.Action, c.Addr)
	}
	for _, g := range p.Plan.RowGroups {
		fmt.Fprintf(&b, "rows %s %s %q -> %q %d\n", g.Action, g.Type, g.Before, g.Policy, g.Count)
	}
	return b.String()
}

func (w *world) chosen(c ops.Choice) *ops.Planned {
	w.fate = forever()
	p := &ops.Plan{Runtime: w.runtime(), Source: w.source(), Choice: c}
	return p.Run(context.Background())
}
