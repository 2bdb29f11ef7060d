package access_test

import (
	"slices"

	"github.com/teamsform/teamsform/internal/table"
)

// This file answers the same questions as the package, person by person, with
// none of its code and in another way: it walks lists and asks the documented
// rules one after the other. It is slow and plain on purpose.

// world is a small tenant.
type world struct {
	appCentric bool
	orgSwitch  bool
	orgDefault bool // custom apps that were never saved are for everybody
	users      []*user
	groups     []*group
	apps       []*app
	setup      []*setup
	permission []*permission
	assigned   []assigned // to groups
}

type user struct {
	id              table.ID
	guest, disabled bool
	setup           string // held directly, "" for none
	permission      string
}

type group struct {
	id     table.ID
	users  []int
	groups []int
}

// lists are the words of the admin centre: "default", "none", "everyone", "some".
type lists struct {
	who    string
	users  []int
	groups []int
}

type app struct {
	id                 string
	foreign            bool
	published, blocked bool
	hold               string
	available          lists
	install            lists
}

type setup struct {
	name              string
	upload            bool
	pinned, installed []string
	messaging         []string
	meeting           []string
}

type permission struct {
	name  string
	block bool // "BlockedAppList": all but these; else "AllowedAppList": only these
	apps  []string
}

type assigned struct {
	setupPolicy bool
	group       int
	policy      string
	rank        int
}

// policyOf is the precedence of the documentation: a direct assignment; else,
// among the groups that have the person as a direct member and a policy of the
// type, the one of the lowest rank; else Global.
func (w *world) policyOf(u int, setupPolicy bool) string {
	direct := w.users[u].permission
	if setupPolicy {
		direct = w.users[u].setup
	}
	if direct != "" {
		return direct
	}
	best, found := "Global", 0
	for _, a := range w.assigned {
		if a.setupPolicy == setupPolicy && slices.Contains(w.groups[a.group].users, u) && (found == 0 || a.rank < found) {
			best, found = a.policy, a.rank
		}
	}
	return best
}

func (w *world) setupNamed(name string) *setup {
	for _, p := range w.setup {
		if p.name == name {
			return p
		}
	}
	return nil
}

// isIn asks whether a group holds a person, directly or through others. depth
// bounds circles: there are fewer groups than that.
func (w *world) isIn(u, g, depth int) bool {
	if slices.Contains(w.groups[g].users, u) {
		return true
	}
	for _, inner := range w.groups[g].groups {
		if depth > 0 && w.isIn(u, inner, depth-1) {
			return true
		}
	}
	return false
}

func (w *world) covers(l lists, u int) bool {
	if l.who == "everyone" {
		return true
	}
	if l.who != "some" {
		return false
	}
	for _, g := range l.groups {
		if w.isIn(u, g, len(w.groups)) {
			return true
		}
	}
	return slices.Contains(l.users, u)
}

func (w *world) mayUse(u int, a *app) bool {
	if w.users[u].disabled {
		return false
	}
	if a.foreign {
		return true
	}
	if !w.orgSwitch || !a.published || a.blocked || a.hold != "" {
		return false
	}
	if w.appCentric {
		if a.available.who == "default" {
			return w.orgDefault
		}
		return w.covers(a.available, u)
	}
	name := w.policyOf(u, false)
	for _, p := range w.permission {
		if p.name != name {
			continue
		}
		if p.block {
			return !slices.Contains(p.apps, a.id)
		}
		return slices.Contains(p.apps, a.id)
	}
	return false
}

// answer is everything that one person can do with one app.
type answer struct {
	discover, use, installed, meeting bool
	pinned, messaging                 int
}

func (w *world) ask(u int, a *app) answer {
	if !w.mayUse(u, a) {
		return answer{}
	}
	p := w.setupNamed(w.policyOf(u, true))
	out := answer{discover: !a.foreign, use: true, meeting: slices.Contains(p.meeting, a.id)}
	out.pinned, out.messaging = w.placeIn(u, p.pinned, a), w.placeIn(u, p.messaging, a)
	out.installed = out.pinned > 0 || slices.Contains(p.installed, a.id) || w.appCentric && w.covers(a.install, u)
	return out
}

// placeIn strikes out what the person may not use and counts.
func (w *world) placeIn(u int, ids []string, a *app) int {
	var seen []string
	for _, id := range ids {
		usable := true
		for _, other := range w.apps {
			if other.id == id {
				usable = w.mayUse(u, other)
			}
		}
		if usable && !slices.Contains(seen, id) {
			seen = append(seen, id)
		}
	}
	return slices.Index(seen, a.id) + 1
}

func (w *world) mayUpload(u int) bool {
	return !w.users[u].disabled && w.orgSwitch && w.setupNamed(w.policyOf(u, true)).upload
}
