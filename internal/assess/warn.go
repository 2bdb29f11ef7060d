package assess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// What administrators are caught out by: true consequences of a change that it
// does not say itself.

func (a *assessment) warn() {
	for _, ch := range a.in.Plan.Changes {
		switch {
		case ch.Action == engine.Delete || ch.Action == engine.Forget:
		case ch.Kind.Name == teams.SetupPolicy:
			a.warnPins(ch)
			a.warnInstalls(ch)
		case ch.Kind.Name == teams.GroupAssignment:
			a.warnGroup(ch)
		}
	}
	a.warnRanks()
}

func (a *assessment) warning(topic engine.Topic, at addr.Instance, n int, format string, args ...any) {
	a.out.Warnings = append(a.out.Warnings, engine.Finding{Topic: topic, Addr: at, People: n, Text: fmt.Sprintf(format, args...)})
}

// policyAfter is a setup policy as it will be.
func (a *assessment) policyAfter(name string) *access.SetupPolicy {
	for i := range a.c.after.setup {
		if schema.FoldKey(a.c.after.setup[i].Name) == schema.FoldKey(name) {
			return &a.c.after.setup[i]
		}
	}
	return nil
}

func (a *assessment) policyBefore(name string) access.SetupPolicy {
	for _, p := range a.c.before.setup {
		if schema.FoldKey(p.Name) == schema.FoldKey(name) {
			return p
		}
	}
	return access.SetupPolicy{UserPinning: true}
}

// pinned is what becomes of the pins of the people who will have a policy.
type pinned struct {
	installs        int      // people who get an app installed by its pin
	apps            []string // those apps
	moves, removals int      // people whose own pins move, or are removed
}

// pins compares what each class had pinned with what the policy pins.
func (a *assessment) pins(name string, is *access.SetupPolicy) pinned {
	var out pinned
	for class := range a.c.Classes {
		cl := &a.c.Classes[class]
		if _, p := a.c.SetupOf(class, true); cl.Disabled || schema.FoldKey(p.Name) != schema.FoldKey(name) {
			continue
		}
		_, was := a.c.SetupOf(class, false)
		gets := false
		for _, id := range is.Pinned {
			if containsFold(was.Pinned, id) || containsFold(was.Installed, id) || containsFold(is.Installed, id) || a.foreign(id) {
				continue
			}
			gets = true
			if name := a.appName(id); !slices.Contains(out.apps, name) {
				out.apps = append(out.apps, name)
			}
		}
		if gets {
			out.installs += cl.Count
		}
		switch {
		case was.UserPinning && !is.UserPinning:
			out.removals += cl.Count
		case is.UserPinning && len(is.Pinned) > 0 && !sameFold(was.Pinned, is.Pinned):
			out.moves += cl.Count
		}
	}
	return out
}

// warnPins says that pinning also installs, and what becomes of the pins that
// people have made themselves.
func (a *assessment) warnPins(ch *engine.Change) {
	is := a.policyAfter(ch.Key)
	if is == nil {
		return
	}
	p := a.pins(ch.Key, is)
	if p.installs > 0 {
		a.warning(engine.TopicOrgWide, ch.Addr, p.installs, "%s pins %s: pinning also installs, for those of %s who may use the app.", ch.Addr, and(p.apps), people(p.installs))
	}
	if p.removals > 0 {
		a.warning(engine.TopicOrgWide, ch.Addr, p.removals, "%s does not let people pin apps themselves: the pins that %s made are removed, and do not come back by themselves.", ch.Addr, people(p.removals))
	}
	if p.moves > 0 {
		a.warning(engine.TopicOrgWide, ch.Addr, p.moves, "%s changes the pinned apps of %s: their own pins stay, behind those of the policy, and move to other places.", ch.Addr, people(p.moves))
	}
	if len(is.Pinned) == 1 && p.moves+p.installs > 0 {
		a.warning(engine.TopicOrgWide, ch.Addr, 0, "%s pins one app only: mobile clients ignore a list of fewer than two.", ch.Addr)
	}
}

// warnInstalls says that an app-centric tenant takes no new installs this way.
func (a *assessment) warnInstalls(ch *engine.Change) {
	is := a.policyAfter(ch.Key)
	if is == nil || a.c.after.model != access.AppCentric {
		return
	}
	var added []string
	for _, id := range is.Installed {
		if was := a.policyBefore(ch.Key); !containsFold(was.Installed, id) {
			added = append(added, a.appName(id))
		}
	}
	if len(added) > 0 {
		a.warning(engine.TopicOrgWide, ch.Addr, 0, "%s installs %s: installs through a setup policy are no longer accepted on this tenant. Use installed_for of the app's app_availability.", ch.Addr, and(added))
	}
}

// warnGroup says whom of a group its policy does not reach.
func (a *assessment) warnGroup(ch *engine.Change) {
	kind, id, ok := strings.Cut(ch.Key, "/")
	group, err := table.ParseID(id)
	if !ok || err != nil {
		return
	}
	d := a.c.After.Directory
	at := d.FindGroup(group)
	if at < 0 {
		return
	}
	var deaf tally
	for _, p := range d.Groups[at].People {
		if h := a.c.After.HoldingOf(kind, int(p)); h.Source == access.FromDirect {
			deaf.people++
			deaf.sample = append(deaf.sample, int(p))
		}
	}
	words := strings.ReplaceAll(kind, "_", " ")
	if deaf.people > 0 {
		h := a.head(deaf)
		a.warning(engine.TopicDirect, ch.Addr, deaf.people, "%s does not reach %s of the group %q: they have a %s assigned to them directly, which counts before any group's (%s).",
			ch.Addr, people(deaf.people), d.GroupName(group), words, sample(h))
	}
	if inner := a.r.Tenant.KnownMembers(group).Groups; len(inner) > 0 {
		a.warning(engine.TopicDirect, ch.Addr, 0, "%s does not reach the members of %d %s in the group %q: policies count for direct members only.",
			ch.Addr, len(inner), plural(len(inner), "group", "groups"), d.GroupName(group))
	}
	if n := len(d.Groups[at].People); n > 50_000 {
		a.warning(engine.TopicOrgWide, ch.Addr, n, "%s is for a group of %s: above 50,000 the assignment may take more than a day.", ch.Addr, people(n))
	}
}

// named reports whether the configuration has a block for a group.
func (a *assessment) named(id table.ID) bool {
	if a.in.Config == nil {
		return false
	}
	for _, g := range a.in.Config.Groups {
		if g.ID == id.String() || g.Name != "" && strings.EqualFold(g.Name, a.c.After.Directory.GroupName(id)) {
			return true
		}
	}
	return false
}

// warnRanks names groups of others whose rank shifts.
func (a *assessment) warnRanks() {
	planned := map[string]bool{}
	cause := addr.Instance{}
	for _, op := range a.in.Plan.Ops {
		if op.Kind.Name == teams.GroupAssignment {
			planned[op.Key] = true
			if cause.IsZero() {
				cause = op.Addr
			}
		}
	}
	for _, was := range a.c.before.grants {
		key := was.Type + "/" + was.Group.String()
		for _, is := range a.c.after.grants {
			if is.Type == was.Type && is.Group == was.Group && is.Rank != was.Rank && !planned[key] && !a.named(was.Group) {
				a.warning(engine.TopicRanks, cause, 0, "The rank of the group %q, which is not managed here, among the groups with a %s shifts from %d to %d.",
					a.c.After.Directory.GroupName(was.Group), strings.ReplaceAll(was.Type, "_", " "), was.Rank, is.Rank)
			}
		}
	}
}

func (a *assessment) foreign(id string) bool {
	at := a.c.After.FindApp(id)
	return at < 0 || a.c.After.AllApps()[at].Foreign
}

func (a *assessment) appName(id string) string {
	if at := a.c.After.FindApp(id); at >= 0 {
		return cmp.Or(a.c.After.AllApps()[at].Name, id)
	}
	return id
}

func containsFold(list []string, id string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, id) })
}

func sameFold(a, b []string) bool { return slices.EqualFunc(a, b, strings.EqualFold) }

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// and lists words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// sample lists the people who stand for many.
func sample(h engine.Headcount) string {
	text := strings.Join(h.Samples, ", ")
	if h.People > len(h.Samples) {
		text += ", ..."
	}
	return text
}
