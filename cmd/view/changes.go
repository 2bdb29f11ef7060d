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
		if a.Attr.Quiet || unsaid(c, a) || c.Action == engine.Delete && !a.Drifted {
			continue
		}
		v.attribute(c, a)
	}
	for _, name := range c.Unowned {
		v.line("      %s: no longer managed, left as it is", name)
	}
	for _, sentence := range c.Details {
		v.line("      %s", sentence)
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
	default:
		return v.style.yellow("~")
	}
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
		_, id, _ := strings.Cut(c.Key, "/")
		if c.Name == "" {
			name = id // the group's name is told with its assignment only
		}
		text += fmt.Sprintf(" for the group %q", name)
	default:
		text += fmt.Sprintf(" %q", name)
	}
	return text
}

// why says in words what happens and for what reason.
func (v *planView) why(c *engine.Change) string {
	switch {
	case c.TakenFrom != "":
		return fmt.Sprintf(": taken over from the configuration %q", c.TakenFrom)
	case c.Reason == engine.ReasonGone:
		return ": is gone from the tenant, made again"
	case c.Reason == engine.ReasonRenamed && c.Action == engine.Create:
		return ": new name, starts as a copy of the former"
	case c.Reason == engine.ReasonRenamed && c.Action == engine.Delete:
		return fmt.Sprintf(": the %s of the former name is deleted", c.Kind.Title)
	case c.Action == engine.Delete && c.Reason == engine.ReasonReverted:
		return ": deleted, the plan that is taken back made it"
	case c.Action == engine.Delete && c.Reason == engine.ReasonDestroyed:
		return ": deleted"
	case c.Action == engine.Delete:
		return ": deleted, it stands in no file any more"
	case c.Action == engine.Reset && c.Reason == engine.ReasonBlocked:
		return ": gets back what was taken while an app was blocked"
	case c.Action == engine.Reset:
		return ": set back, it stands in no file any more"
	case c.Reason == engine.ReasonReplaced:
		return ": removed and made anew, as asked"
	case c.Reason == engine.ReasonDrift:
		return ": changed by someone else, set back"
	case c.Reason == engine.ReasonNotOurs:
		return ": exists with other values, set by someone else"
	case c.Reason == engine.ReasonBlocked:
		return ": while an app is blocked"
	case c.Reason == engine.ReasonMarkedAsOurs:
		return ": not in the state, but made by this configuration; taken back and changed"
	case c.Reason == engine.ReasonUnset:
		return ": followed the organisation's default until now"
	case c.Reason == engine.ReasonAdopted:
		return ": exists already, taken under management and changed"
	}
	return ""
}

func (v *planView) attribute(c *engine.Change, a engine.AttrChange) {
	if a.Sensitive {
		v.line("      %s: (sensitive value)", a.Attr.Name)
		return
	}
	if a.Attr.Name == "saved" && a.After == true {
		v.line("      from now on set for the app itself, so that no default changes it")
		return
	}
	after := v.names.attr(a.Attr, a.After)
	if a.Attr.Recreate && a.Before != nil && a.Before != a.After {
		v.line("      %s: moves to its place in the order of ranks (%s in the files)", a.Attr.Name, after)
		return
	}
	switch {
	case c.Action == engine.Create && a.Prior != nil && !a.Attr.Type.Equal(a.Prior, a.After):
		v.line("      %s: %s (was %s when last applied)", a.Attr.Name, after, v.names.attr(a.Attr, a.Prior))
		return
	case c.Action == engine.Create:
		v.line("      %s: %s", a.Attr.Name, after)
		return
	case c.Action == engine.Delete:
		v.line("      %s: %s, was %s when last applied", a.Attr.Name, v.names.attr(a.Attr, a.Before), v.names.attr(a.Attr, a.Prior))
		return
	}
	before := v.names.attr(a.Attr, a.Before)
	if a.Before == nil {
		before = "(not set)"
	}
	text := fmt.Sprintf("      %s: %s -> %s", a.Attr.Name, before, after)
	if notes := v.attrNotes(c, a); len(notes) > 0 {
		text += " (" + strings.Join(notes, "; ") + ")"
	}
	v.line("%s", text)
}

// attrNotes says of a change what its two values do not.
func (v *planView) attrNotes(c *engine.Change, a engine.AttrChange) []string {
	var notes []string
	if cleared(a) {
		notes = append(notes, "all removed")
	}
	if isAudience(a.Attr) {
		notes = append(notes, v.names.comesAndGoes(a)...)
	}
	switch {
	case a.Defaults:
		notes = append(notes, "not set any more: its default")
	case a.Restored:
		notes = append(notes, "not set any more: what it was when adopted")
	}
	if c.Kind.Generated && a.Attr.Name == "policy" {
		notes = append(notes, "taken away, then given at the same place: no call replaces it")
	}
	if a.Drifted && c.Reason != engine.ReasonDrift {
		notes = append(notes, "changed by someone else, was "+v.names.attr(a.Attr, a.Prior))
	}
	return notes
}

// cleared reports whether a list loses all it had: shown as the deletion that
// it is.
func cleared(a engine.AttrChange) bool {
	before, okB := a.Before.([]any)
	after, okA := a.After.([]any)
	return okB && okA && len(before) > 0 && len(after) == 0
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
	if len(v.plan.Recorded)+len(v.plan.RowsNoted) == 0 && !v.plan.GuardingChanged {
		return
	}
	v.heading("To record, without a change in the tenant")
	counts := map[engine.Action]int{}
	list := newCapped(&v.b)
	for _, c := range v.plan.Recorded {
		switch c.Action {
		case engine.Move:
			list.line("moved", "    %s is now %s", c.From, c.Addr)
		case engine.LetGo:
			v.letGo(c)
		case engine.Forget:
			list.line("forgotten", "    %s: %s", v.title(c), forgotten(c.Reason))
		default:
			if len(c.Unverified) > 0 {
				v.line("    %s: exists already, taken under management; its content could not be compared", v.title(c))
				continue
			}
			counts[c.Action]++
		}
	}
	list.rest("    ", func(n int, sort string) string { return fmt.Sprintf("and %s more %s", thousands(n), sort) })
	if n := counts[engine.Adopt]; n > 0 {
		v.line("    %d %s already as the files say: taken under management", n, plural(n, "exists", "exist"))
	}
	if n := counts[engine.Record]; n > 0 {
		v.line("    %d %s already as the files say: the state is brought up to date", n, plural(n, "is", "are"))
	}
	if v.plan.GuardingChanged {
		v.line("    the limits of guards, as the files have them by now")
	}
	for _, g := range v.plan.RowsNoted {
		v.line("    %s", notedRows(g))
		v.line("      %s", sampled(g))
	}
}

// notedRows says what the state learns about people's assignments.
func notedRows(g *engine.RowGroup) string {
	policy := fmt.Sprintf("the %s %q", strings.ReplaceAll(g.Type, "_", " "), g.Policy)
	who := people(g.Count)
	switch {
	case g.Action == engine.Move:
		return fmt.Sprintf("%s with %s: now listed by %s", who, policy, g.Addr)
	case g.Action == engine.LetGo:
		return fmt.Sprintf("%s %s %s: no longer managed, left as it is", who, plural(g.Count, "has", "have"), policy)
	case g.Reason == engine.ReasonOtherNow:
		return fmt.Sprintf("%s %s another policy than %q by now: no longer managed, left as it is", who, plural(g.Count, "has", "have"), g.Policy)
	case g.Reason == engine.ReasonLeft:
		return fmt.Sprintf("%s with %s %s left the directory: forgotten (%s)", who, policy, plural(g.Count, "has", "have"), g.Addr)
	case g.Action == engine.Forget:
		return fmt.Sprintf("%s %s without %s already: forgotten", who, plural(g.Count, "is", "are"), policy)
	case g.Action == engine.Adopt:
		return fmt.Sprintf("%s %s %s already: taken under management (%s)", who, plural(g.Count, "has", "have"), policy, g.Addr)
	}
	return fmt.Sprintf("%s %s %s already (%s)", who, plural(g.Count, "has", "have"), policy, g.Addr)
}

// sampled names the people of a group, or the first few.
func sampled(g *engine.RowGroup) string {
	return few(g.Samples, g.Count)
}

func (v *planView) letGo(c *engine.Change) {
	if len(c.Unowned) > 0 {
		v.line("    %s: %s no longer managed, left as %s", v.title(c), strings.Join(c.Unowned, ", "), plural(len(c.Unowned), "it is", "they are"))
		return
	}
	v.line("    %s: let go as it stands, no longer managed here", v.title(c))
}

func forgotten(r engine.Reason) string {
	switch r {
	case engine.ReasonWithOwner:
		return "goes with the app"
	case engine.ReasonOtherNow:
		return "has another policy by now: no longer managed, left as it is"
	default:
		return "is gone from the tenant already: forgotten"
	}
}

// rows prints assignments to people: counts and samples, never a list of all.
// Who joined and who left stands apart from what was edited.
func (v *planView) rows() {
	var edits, members []*engine.RowGroup
	for _, g := range v.plan.RowGroups {
		if byDirectory(g) {
			members = append(members, g)
		} else {
			edits = append(edits, g)
		}
	}
	for _, part := range []struct {
		title  string
		groups []*engine.RowGroup
	}{{"Policies of people", edits}, {"Joiners and leavers", members}} {
		if len(part.groups) == 0 {
			continue
		}
		v.heading(part.title)
		for _, g := range part.groups {
			v.line("  %s %s", v.mark(g.Action), v.rowGroup(g))
			v.line("      %s", sampled(g))
		}
	}
	if n := v.plan.RowsKept; n > 0 && len(edits)+len(members) > 0 {
		v.line("      %s", v.style.faint(fmt.Sprintf("(%s unchanged hidden)", thousands(n))))
	}
}

// byDirectory reports whether rows change because the directory did.
func byDirectory(g *engine.RowGroup) bool {
	return g.Reason == engine.ReasonJoined || g.Reason == engine.ReasonLeft
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
		return fmt.Sprintf("%s %s %s: not listed, and the assignment is exact%s", people(g.Count), plural(g.Count, "loses", "lose"), policy, by)
	case engine.ReasonJoined:
		return fmt.Sprintf("%s %s %s: listed all along, in the directory by now%s", people(g.Count), plural(g.Count, "gets", "get"), policy, by)
	case engine.ReasonLeft:
		return fmt.Sprintf("%s %s %s: nobody has the listed name any more%s", people(g.Count), plural(g.Count, "loses", "lose"), policy, by)
	case engine.ReasonNotInConfig:
		return fmt.Sprintf("%s %s %s: no longer listed%s", people(g.Count), plural(g.Count, "loses", "lose"), policy, by)
	case engine.ReasonReverted:
		return fmt.Sprintf("%s %s %s: the plan that is taken back gave it%s", people(g.Count), plural(g.Count, "loses", "lose"), policy, by)
	case engine.ReasonGone:
		return fmt.Sprintf("%s %s %s again: someone else took it away%s", people(g.Count), plural(g.Count, "gets", "get"), policy, by)
	case engine.ReasonDrift:
		return fmt.Sprintf("%s %s back %s%s: changed by someone else%s", people(g.Count), plural(g.Count, "gets", "get"), policy, from, by)
	case engine.ReasonNotOurs, engine.ReasonOverDrift:
		return fmt.Sprintf("%s %s %s%s, which someone else set%s", people(g.Count), plural(g.Count, "gets", "get"), policy, from, by)
	default: // nothing to explain
	}
	if g.Action == engine.Delete {
		return fmt.Sprintf("%s %s %s%s", people(g.Count), plural(g.Count, "loses", "lose"), policy, by)
	}
	return fmt.Sprintf("%s %s %s%s%s", people(g.Count), plural(g.Count, "gets", "get"), policy, from, by)
}
