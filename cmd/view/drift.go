package view

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/engine"
)

// drift prints what someone else changed: what was applied, what is there now.
func (v *planView) drift() {
	p := v.plan
	v.neverSeen()
	if len(p.Drift)-v.unseen()+len(p.DriftRows) == 0 {
		return
	}
	v.heading("Changed by someone else since the last apply")
	for _, c := range p.Drift {
		if c.Reason == engine.ReasonUnseen {
			continue
		}
		if c.Action == engine.Forget {
			v.line("  %s %s: is gone from the tenant", v.style.red("-"), v.title(c))
			continue
		}
		v.line("  %s %s", v.style.yellow("~"), v.title(c))
		for _, a := range c.Attrs {
			v.line("      %s: %s -> %s", a.Attr.Name, v.names.attr(a.Attr, a.Before), v.names.attr(a.Attr, a.After))
		}
	}
	for _, g := range p.DriftRows {
		policy := strings.ReplaceAll(g.Type, "_", " ")
		if g.Reason == engine.ReasonGone {
			v.line("  %s %s no longer %s the %s %q (%s)", v.style.red("-"), people(g.Count), plural(g.Count, "holds", "hold"), policy, g.Policy, g.Addr)
		} else {
			v.line("  %s %s now %s the %s %q instead of %q (%s)", v.style.yellow("~"), people(g.Count), plural(g.Count, "holds", "hold"), policy, g.Policy, g.Before, g.Addr)
		}
		v.line("      %s", sampled(g))
	}
}

// unseen counts the objects whose last change the service accepted and never
// showed.
func (v *planView) unseen() int {
	n := 0
	for _, c := range v.plan.Drift {
		if c.Reason == engine.ReasonUnseen {
			n++
		}
	}
	return n
}

// neverSeen prints what the service accepted and never showed.
func (v *planView) neverSeen() {
	if v.unseen() == 0 {
		return
	}
	v.heading("Accepted by the service, and never to be seen")
	for _, c := range v.plan.Drift {
		if c.Reason != engine.ReasonUnseen {
			continue
		}
		v.line("  %s %s", v.style.yellow("!"), v.title(c))
		for _, a := range c.Attrs {
			v.line("      %s: %s was sent, it is %s", a.Attr.Name, v.names.value(a.Before), v.names.value(a.After))
		}
	}
}

// driftSummary is the summary of a plan that only compares.
func (v *planView) driftSummary() string {
	lost := v.unseen()
	objects := len(v.plan.Drift) - lost
	rows := 0
	for _, g := range v.plan.DriftRows {
		rows += g.Count
	}
	clause := becoming(v.plan.Waiting())
	if objects+rows+lost == 0 && clause != "" {
		return "No drift (" + clause + "). Nobody else has changed what is managed here."
	}
	if objects+rows+lost == 0 {
		return "No drift. Nobody else has changed what is managed here."
	}
	parts := []string{}
	if objects > 0 {
		parts = append(parts, fmt.Sprintf("%d %s changed by someone else", objects, plural(objects, "object", "objects")))
	}
	if rows > 0 {
		parts = append(parts, people(rows)+" with another policy")
	}
	if lost > 0 {
		parts = append(parts, fmt.Sprintf("%d accepted %s never to be seen", lost, plural(lost, "change", "changes")))
	}
	return "Drift: " + strings.Join(parts, "; ") + "."
}

// chosen says what a partial plan leaves out and pulls in.
func (v *planView) chosen() {
	p := v.plan
	if p.Header.MembershipOnly {
		v.line("Only who joined and who left, by the directory; edits of the files wait for an apply of everything.")
	}
	if p.Header.Reverts != "" {
		v.line("Takes back a plan that was applied, whatever the files say.")
	}
	if len(p.Incomplete) > 0 {
		v.line("Not all of the tenant could be read, so this plan cannot be applied: %s", strings.Join(p.Incomplete, " "))
	}
	if p.Partial {
		v.line("Only a part of the configuration was chosen; the rest is not looked at.")
	}
	for _, a := range p.Needed {
		v.line("  %s is included because a chosen one needs it", a)
	}
	for _, a := range p.Dropped {
		v.line("  %s is left out because it needs an excluded one", a)
	}
	if len(p.Unverified) > 0 {
		v.line("Not read from the tenant, taken from the state: %s.", strings.Join(p.Unverified, ", "))
	}
}
