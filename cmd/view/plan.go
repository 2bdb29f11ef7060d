package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
)

// PlanOptions choose what a plan's text has beside the plan.
type PlanOptions struct {
	NextStep bool   // end with what to do next
	Drift    bool   // only what someone else changed
	SavedTo  string // the file that the plan was saved to; "" for none
}

// Plan prints a plan: the tenant first, the summary first and last, what needs
// attention before what changes.
func Plan(w io.Writer, s Style, p *engine.Plan, o PlanOptions) error {
	v := &planView{style: s, plan: p, names: newNames(p), drifting: o.Drift || p.Header.RefreshOnly}
	v.tenant()
	v.chosen()
	v.line("")
	v.summary()
	v.drift()
	v.attention()
	v.expectations()
	v.impact()
	v.changes()
	v.rows()
	v.irreversible()
	v.recorded()
	v.pending()
	v.unmanaged()
	v.outputs()
	if v.long() {
		v.line("")
		v.summary()
	}
	if o.NextStep {
		v.nextStep(o.SavedTo)
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}

// nextStep says what the reader can do now.
func (v *planView) nextStep(saved string) {
	apply := "teamsform apply"
	if v.plan.Header.MembershipOnly {
		apply += " --membership-only"
	}
	if saved != "" {
		apply += " " + saved
		v.line("")
		v.line("Saved to %s.", saved)
	}
	switch p := v.plan; {
	case len(p.Refusals)+len(p.Refusing()) > 0:
		v.line("")
		v.line("As it stands an apply is refused; see \"Needs attention\".")
	case slices.ContainsFunc(p.Expects, func(e engine.Expected) bool { return !e.OK() }):
		v.line("")
		v.line("As it stands an apply is refused; see \"Expectations\".")
	case v.drifting:
	case p.Header.Reverts != "" && saved == "" && !p.Empty():
		v.line("")
		v.line("To make these changes, save this plan with --out FILE and apply the file.")
	case !p.Empty():
		v.line("")
		v.line("To make these changes: %s", apply)
	case p.ToRecord() > 0:
		v.line("")
		v.line("To record this in the state: %s", apply)
	}
}

// planView builds the text of one plan.
type planView struct {
	b     strings.Builder
	style Style
	plan  *engine.Plan
	names names
	// drifting: the plan only compares state and tenant.
	drifting bool
}

func (v *planView) line(format string, args ...any) {
	if len(args) == 0 {
		v.b.WriteString(format)
	} else {
		fmt.Fprintf(&v.b, format, args...)
	}
	v.b.WriteByte('\n')
}

func (v *planView) heading(text string) {
	v.line("")
	v.line("%s", v.style.bold(text))
}

// long reports whether the summary at the top may have scrolled away.
func (v *planView) long() bool { return strings.Count(v.b.String(), "\n") > 12 && !v.plan.Empty() }

func (v *planView) tenant() {
	t := v.plan.Header.Tenant
	model := map[string]string{"policies": "access by policies", "app_centric": "app-centric access"}[t.AccessModel]
	if !t.ModelVerified {
		model += " (as stated)"
	}
	v.line("Tenant %q (%s), %s, %s, as %s", t.Name, t.ID, strings.ReplaceAll(t.Driver, "microsoft365", "Microsoft 365"), model, t.Identity)
}

func (v *planView) summary() {
	if v.drifting {
		v.line("%s", v.style.bold(v.driftSummary()))
		return
	}
	if v.plan.Empty() {
		text := "No changes. The tenant is as the configuration says."
		if v.plan.Header.Destroy {
			text = "No changes. Nothing in the tenant is to be removed."
		}
		if n := v.plan.ToRecord(); n > 0 {
			text = strings.Replace(text, "No changes.", fmt.Sprintf("No changes; %d to record.", n), 1)
		}
		if clause := becoming(v.plan.Waiting()); clause != "" {
			text = strings.Replace(text, "No changes", "No changes ("+clause+")", 1)
		}
		v.line("%s", v.style.bold(text))
		return
	}
	v.line("%s", v.style.bold("Plan: "+v.counts()+"."))
}

// counts says in one line what an apply would do.
func (v *planView) counts() string {
	var add, change, remove int
	for _, c := range v.plan.Changes {
		switch c.Action {
		case engine.Create:
			add++
		case engine.Delete:
			remove++
		default:
			change++
		}
	}
	parts := []string{fmt.Sprintf("%d to add, %d to change, %d to remove", add, change, remove)}
	parts = append(parts, v.countRows()...)
	if n := v.plan.ToRecord(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d to record", n))
	}
	if clause := becoming(v.plan.Waiting()); clause != "" {
		parts = append(parts, clause)
	}
	return strings.Join(parts, "; ")
}

// countRows counts people who get or lose a policy. A person has one of each
// type, so types are counted apart as soon as there are several.
func (v *planView) countRows() []string {
	var types []string
	gets, loses := map[string]int{}, map[string]int{}
	for _, g := range v.plan.RowGroups {
		if gets[g.Type]+loses[g.Type] == 0 {
			types = append(types, g.Type)
		}
		if g.Action == engine.Delete {
			loses[g.Type] += g.Count
		} else {
			gets[g.Type] += g.Count
		}
	}
	var parts []string
	for _, t := range types {
		what := "policy"
		if len(types) > 1 {
			what = strings.ReplaceAll(t, "_", " ")
		}
		if n := gets[t]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s a %s", people(n), plural(n, "gets", "get"), what))
		}
		if n := loses[t]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s a direct %s", people(n), plural(n, "loses", "lose"), what))
		}
	}
	return parts
}

// irreversible says what a plan that takes another one back cannot bring back.
func (v *planView) irreversible() {
	if len(v.plan.Irreversible) == 0 {
		return
	}
	v.heading("Cannot be brought back")
	for _, n := range v.plan.Irreversible {
		v.line("  %s %s", v.style.yellow("!"), n.Text)
	}
}

func (v *planView) unmanaged() {
	if len(v.plan.Unmanaged) == 0 {
		return
	}
	v.heading("Not managed here")
	counts := map[string]int{}
	var order []string
	samples, notes := map[string][]string{}, map[string]string{}
	for _, u := range v.plan.Unmanaged {
		name := strings.ReplaceAll(u.Kind, "_", " ")
		if counts[name] == 0 {
			order = append(order, name)
		}
		counts[name]++
		notes[name] = u.Note
		label := u.Key
		if u.Name != "" {
			label = u.Name
		}
		if u.Elsewhere != "" {
			label += fmt.Sprintf(" (managed by %q)", u.Elsewhere)
		}
		if len(samples[name]) < 5 {
			samples[name] = append(samples[name], label)
		}
	}
	for _, name := range order {
		v.line("  %d %s: %s", counts[name], pluralNoun(counts[name], name), few(samples[name], counts[name]))
		if notes[name] != "" {
			v.line("      %s", notes[name])
		}
	}
}

func (v *planView) outputs() {
	var lines []string
	for _, o := range v.plan.Outputs {
		before, after := v.names.value(o.Before), v.names.value(o.After)
		switch {
		case o.Sensitive && o.Before != nil:
			lines = append(lines, fmt.Sprintf("  %s %s: sensitive from now on, not kept in the state any more", v.style.yellow("~"), o.Name))
		case o.Sensitive: // never kept, so there is nothing to compare
		case o.Before == nil:
			lines = append(lines, fmt.Sprintf("  %s %s = %s", v.style.green("+"), o.Name, after))
		case before != after:
			lines = append(lines, fmt.Sprintf("  %s %s = %s -> %s", v.style.yellow("~"), o.Name, before, after))
		}
	}
	if len(lines) == 0 {
		return
	}
	v.heading("Outputs")
	for _, l := range lines {
		v.line("%s", l)
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return thousands(n) + " people"
}

// pluralNoun gives the plural of "setup policy", "app", "group assignment".
func pluralNoun(n int, noun string) string {
	switch {
	case n == 1:
		return noun
	case strings.HasSuffix(noun, "y"):
		return noun[:len(noun)-1] + "ies"
	}
	return noun + "s"
}

// thousands writes a number with separators: 12,345.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
