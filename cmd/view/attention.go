package view

import (
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
)

// attention prints what needs attention, in the order of the plan: refusals
// first. What a guard counts ends with what follows from it.
func (v *planView) attention() {
	p := v.plan
	if len(p.Refusals)+len(p.Attention) == 0 {
		return
	}
	v.heading("Needs attention")
	for _, n := range p.Refusals {
		v.line("  %s %s", v.style.red("!"), n.Text)
	}
	for _, n := range p.Attention {
		mark, ruling := v.style.yellow("!"), ""
		if verdict := verdictOf(p, n); verdict != nil {
			if verdict.Refuses() {
				mark = v.style.red("!")
			}
			if r := verdict.Ruling(); r != "" {
				ruling = " (" + r + ")"
			}
		}
		v.line("  %s %s%s", mark, n.Text, ruling)
	}
	v.waysOut()
}

// verdictOf finds the verdict that a note is about.
func verdictOf(p *engine.Plan, n engine.Note) *engine.Verdict {
	for i := range p.Guards {
		if g := &p.Guards[i]; n.Rule != "" && g.Guard == n.Rule && g.Apart == n.Apart {
			return g
		}
	}
	return nil
}

// waysOut says once how guards that refuse can be let pass.
func (v *planView) waysOut() {
	var names []string
	awaiting := false
	for _, g := range v.plan.Refusing() {
		if !slices.Contains(names, g.Guard) {
			names = append(names, g.Guard)
		}
		awaiting = awaiting || g.Awaiting
	}
	if len(names) == 0 {
		return
	}
	v.line("    To let this pass once: --allow=%s", strings.Join(names, ","))
	if awaiting {
		v.line("    %s", "What the guard block lets pass by now counts from the apply after the one that records it: apply the guard block by itself first.")
	}
	v.line("    %s", v.style.faint("What each guard counts: teamsform help guards"))
}
