package view

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
)

// changes prints objects by type, in the order in which an apply reaches them.
func (v *planView) changes() {
	var title string
	for _, c := range byRank(v.plan.Changes) {
		if c.Kind.Plural != title {
			title = c.Kind.Plural
			v.heading(strings.ToUpper(title[:1]) + title[1:])
		}
		v.change(c)
	}
}

func byRank(changes []*engine.Change) []*engine.Change {
	var out []*engine.Change
	for _, rank := range ranks(changes) {
		for _, c := range changes {
			if c.Kind.Rank == rank {
				out = append(out, c)
			}
		}
	}
	return out
}

func ranks(changes []*engine.Change) []schema.Rank {
	seen := map[schema.Rank]bool{}
	var out []schema.Rank
	for _, c := range changes {
		if !seen[c.Kind.Rank] {
			seen[c.Kind.Rank] = true
			at := len(out)
			for at > 0 && out[at-1] > c.Kind.Rank {
				at--
			}
			out = append(out[:at], append([]schema.Rank{c.Kind.Rank}, out[at:]...)...)
		}
	}
	return out
}

func (v *planView) change(c *engine.Change) {
	v.line("  %s %s%s", v.mark(c.Action), v.title(c), v.why(c))
	if c.From != c.Addr && !c.From.IsZero() {
		v.line("      moved from %s", c.From)
	}
	for _, a := range c.Attrs {
		if a.Attr.Quiet || c.Action == engine.Delete && !a.Drifted {
			continue
		}
		v.attribute(c, a)
	}
	for _, name := range c.Unowned {
		v.line("      %s: no longer managed, left as it is", name)
	}
	if c.Hidden > 0 {
		v.line("      %s", v.style.faint(fmt.Sprintf("(%d unchanged hidden)", c.Hidden)))
	}
}

func (v *planView) mark(a engine.Action) string {
	switch a {
	case engine.Create:
		return v.style.green("+")
	case engine.Delete:
		return v.style.red("-")
	}
	return v.style.yellow("~")
}

func (v *planView) title(c *engine.Change) string {
	text := c.Addr.String()
	if c.Retiring {
		text += " (retiring)"
	}
	name := c.Name
	if name == "" {
		name = c.Key
	}
	switch {
	case c.Kind.Unlabeled:
	case c.Kind.Generated:
		text += fmt.Sprintf(" for the group %q", name)
	default:
		text += fmt.Sprintf(" %q", name)
	}
	return text
}

// why says in words what happens and for what reason.
func (v *planView) why(c *engine.Change) string {
	switch {
	case c.Reason == engine.ReasonGone:
		return ": is gone from the tenant, made again"
	case c.Reason == engine.ReasonRenamed && c.Action == engine.Create:
		return ": new name, starts as a copy of the old one"
	case c.Reason == engine.ReasonRenamed && c.Action == engine.Delete:
		return ": the old name is deleted"
	case c.Action == engine.Delete && c.Reason == engine.ReasonDestroyed:
		return ": deleted"
	case c.Action == engine.Delete:
		return ": deleted, it stands in no file any more"
	case c.Action == engine.Reset:
		return ": set back"
	case c.Reason == engine.ReasonReplaced:
		return ": removed and made anew, as asked"
	case c.Reason == engine.ReasonDrift:
		return ": changed by someone else, set back"
	case c.Reason == engine.ReasonNotOurs:
		return ": exists with other values, set by someone else"
	case c.Reason == engine.ReasonAdopted:
		return ": exists already, taken under management and changed"
	}
	return ""
}

func (v *planView) attribute(c *engine.Change, a engine.AttrChange) {
	after := v.names.value(a.After)
	if a.Attr.Name == "digest" {
		after = short(after)
	}
	if a.Attr.Recreate && a.Before != nil && a.Before != a.After {
		v.line("      %s: moved to rank %s", a.Attr.Name, after)
		return
	}
	switch {
	case c.Action == engine.Create:
		v.line("      %s: %s", a.Attr.Name, after)
		return
	case c.Action == engine.Delete:
		v.line("      %s: %s, was %s when last applied", a.Attr.Name, v.names.value(a.Before), v.names.value(a.Prior))
		return
	}
	before := v.names.value(a.Before)
	if a.Attr.Name == "digest" {
		before = short(before)
	}
	if a.Before == nil {
		before = "(not set)"
	}
	text := fmt.Sprintf("      %s: %s -> %s", a.Attr.Name, before, after)
	if gone := v.names.removed(a); gone != "" {
		text = fmt.Sprintf("      %s: %s", a.Attr.Name, gone)
	}
	if a.Defaults {
		text += " (its default: not set any more)"
	}
	if a.Drifted && c.Reason != engine.ReasonDrift {
		text += fmt.Sprintf(" (changed by someone else; was %s)", v.names.value(a.Prior))
	}
	v.line("%s", text)
}

// short cuts a digest to what tells two apart.
func short(quoted string) string {
	s := strings.Trim(quoted, `"`)
	if len(s) > 19 {
		return s[:19]
	}
	return s
}

// recorded counts what only the state learns, and names what people may miss.
func (v *planView) recorded() {
	if len(v.plan.Recorded) == 0 && v.plan.RowsRecorded == 0 {
		return
	}
	v.heading("To record, without a change in the tenant")
	counts := map[engine.Action]int{}
	for _, c := range v.plan.Recorded {
		switch c.Action {
		case engine.Move:
			v.line("    %s is now %s", c.From, c.Addr)
		case engine.LetGo:
			v.letGo(c)
		case engine.Forget:
			v.line("    %s: %s", v.title(c), forgotten(c.Reason))
		default:
			counts[c.Action]++
		}
	}
	if n := counts[engine.Adopt]; n > 0 {
		v.line("    %d that %s already as wanted", n, plural(n, "exists", "exist"))
	}
	if n := counts[engine.Record]; n > 0 {
		v.line("    %d that the tenant already %s", n, plural(n, "has", "has"))
	}
	if n := v.plan.RowsRecorded; n > 0 {
		v.line("    %s %s", thousands(n), plural(n, "person's assignment", "people's assignments"))
	}
}

func (v *planView) letGo(c *engine.Change) {
	if len(c.Unowned) > 0 {
		v.line("    %s: %s no longer managed, left as it is", c.Addr, strings.Join(c.Unowned, ", "))
		return
	}
	v.line("    %s: let go as it stands", v.title(c))
}

func forgotten(r engine.Reason) string {
	if r == engine.ReasonOtherNow {
		return "has another policy by now, let go"
	}
	return "is gone from the tenant, forgotten"
}

// rows prints assignments to people: counts and samples, never a list of all.
func (v *planView) rows() {
	if len(v.plan.RowGroups) == 0 {
		return
	}
	v.heading("Policies of people")
	for _, g := range v.plan.RowGroups {
		v.line("  %s %s", v.mark(g.Action), v.rowGroup(g))
		who := strings.Join(g.Samples, ", ")
		if g.Count > len(g.Samples) {
			who += ", ..."
		}
		v.line("      %s", who)
	}
	if v.plan.RowsKept > 0 {
		v.line("      %s", v.style.faint(fmt.Sprintf("(%s keep theirs)", people(v.plan.RowsKept))))
	}
}

func (v *planView) rowGroup(g *engine.RowGroup) string {
	policy := fmt.Sprintf("the %s %q", strings.ReplaceAll(g.Type, "_", " "), g.Policy)
	from := ""
	if g.Before != "" && g.Action != engine.Delete {
		from = fmt.Sprintf(" instead of %q", g.Before)
	}
	by := ""
	if g.Addr != "" {
		by = " (" + g.Addr + ")"
	}
	switch g.Reason {
	case engine.ReasonNotListed:
		return fmt.Sprintf("%s %s %s: not listed", people(g.Count), plural(g.Count, "loses", "lose"), policy)
	case engine.ReasonGone:
		return fmt.Sprintf("%s %s %s again: someone else took it away%s", people(g.Count), plural(g.Count, "gets", "get"), policy, by)
	case engine.ReasonDrift:
		return fmt.Sprintf("%s %s back %s%s: changed by someone else%s", people(g.Count), plural(g.Count, "gets", "get"), policy, from, by)
	case engine.ReasonNotOurs:
		return fmt.Sprintf("%s %s %s%s, which someone else set%s", people(g.Count), plural(g.Count, "gets", "get"), policy, from, by)
	}
	if g.Action == engine.Delete {
		return fmt.Sprintf("%s %s %s%s", people(g.Count), plural(g.Count, "loses", "lose"), policy, by)
	}
	return fmt.Sprintf("%s %s %s%s%s", people(g.Count), plural(g.Count, "gets", "get"), policy, from, by)
}
