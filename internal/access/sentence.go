package access

import (
	"fmt"
	"slices"
	"strings"
)

func contains(list []int, app int) bool { return slices.Contains(list, app) }

// holdingText names a policy and says why a person has it, and what it keeps
// from counting: a weaker assignment is what people wonder about. Without a
// person (-1) it speaks of all who have the policy in that way.
func (t *Tenant) holdingText(typ string, person int, h Holding, policy string) string {
	var why string
	switch h.Source {
	case FromDirect:
		why = "assigned to this person directly"
		if person < 0 {
			why = "assigned to them directly"
		}
	case FromGroup:
		why = fmt.Sprintf("of the group %q, rank %d", t.Directory.GroupName(h.Group), h.Rank)
	case FromGlobal:
		why = "which everybody has who has no other"
	}
	if person < 0 {
		return fmt.Sprintf("%q (%s)", policy, why)
	}
	if beaten := t.beaten(typ, person, h); len(beaten) > 0 {
		verb := "do not count"
		if len(beaten) == 1 {
			verb = "does not count"
		}
		why += "; " + strings.Join(beaten, " and ") + " " + verb + " beside it"
	}
	if nested := t.nestedOnly(typ, person, h); nested != "" {
		why += "; " + nested
	}
	return fmt.Sprintf("%q (%s)", policy, why)
}

// beaten lists the group assignments that a stronger one keeps from counting.
func (t *Tenant) beaten(typ string, person int, h Holding) []string {
	var out []string
	for _, g := range t.grants(typ) {
		at := t.Directory.FindGroup(g.Group)
		if at < 0 || !t.Directory.isMember(at, person) || h.Source == FromGroup && g.Group == h.Group {
			continue
		}
		out = append(out, fmt.Sprintf("%q of the group %q, rank %d,", g.Policy, t.Directory.GroupName(g.Group), g.Rank))
	}
	return out
}

// nestedOnly names a group whose policy would count if nested groups did.
func (t *Tenant) nestedOnly(typ string, person int, h Holding) string {
	if h.Source != FromGlobal {
		return ""
	}
	for _, g := range t.grants(typ) {
		at := t.Directory.FindGroup(g.Group)
		if at < 0 {
			continue
		}
		if way := t.Directory.way(at, person); len(way) > 1 {
			return fmt.Sprintf("%q of the group %q does not reach them, because they are in it only through %q",
				g.Policy, t.Directory.GroupName(g.Group), t.Directory.GroupName(t.Directory.Groups[way[1]].ID))
		}
	}
	return ""
}

// listed says through what a person is in an audience, "" if they are not.
func (t *Tenant) listed(a Audience, person int) string {
	if slices.Contains(a.People, t.Directory.People[person].ID) {
		return "by name"
	}
	best := []int(nil)
	for _, id := range a.Groups {
		at := t.Directory.FindGroup(id)
		if at < 0 {
			continue
		}
		if way := t.Directory.way(at, person); way != nil && (best == nil || len(way) < len(best)) {
			best = way
		}
	}
	if best == nil {
		return ""
	}
	text := fmt.Sprintf("by the group %q", t.Directory.GroupName(t.Directory.Groups[best[0]].ID))
	for _, at := range best[1:] {
		text += fmt.Sprintf(", through the group %q in it", t.Directory.GroupName(t.Directory.Groups[at].ID))
	}
	return text
}

func pinnedText(v Verdict) string {
	var parts []string
	if v.Pinned > 0 {
		parts = append(parts, fmt.Sprintf("on the app bar, place %d", v.Pinned))
	}
	if v.Messaging > 0 {
		parts = append(parts, fmt.Sprintf("among the message extensions, place %d", v.Messaging))
	}
	if v.Meeting {
		parts = append(parts, "in meetings")
	}
	if parts == nil {
		return ""
	}
	return "It is pinned " + strings.Join(parts, " and ") + "."
}
