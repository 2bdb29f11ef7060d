package assess

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
)

// assessment turns one comparison into an impact.
type assessment struct {
	in     engine.AssessInput
	c      *Comparison
	during *access.Tenant
	r      *Reader
	out    engine.Impact
}

// planned is one change of the plan.
type planned struct{ addr addr.Instance }

// changes finds the planned changes of a kind with a key; any key if it is "".
func (a *assessment) changes(kind, key string) []planned {
	var out []planned
	for _, ch := range a.in.Plan.Changes {
		if ch.Kind.Name != kind {
			continue
		}
		if key == "" || schema.FoldKey(ch.Key) == schema.FoldKey(key) || kind == availabilityKind && sameApp(ch, key) {
			out = append(out, planned{ch.Addr})
		}
	}
	return out
}

// sameApp reports whether a change of availability is about an app.
func sameApp(ch *engine.Change, app string) bool {
	if strings.EqualFold(ch.ID, app) {
		return true
	}
	for _, at := range ch.Attrs {
		if at.Attr.Name != "app" {
			continue
		}
		if ref, late := at.After.(schema.Ref); late {
			return ref.Addr.String() == app
		}
		id, _ := at.After.(string)
		return strings.EqualFold(id, app)
	}
	return false
}

// rows finds the groups of rows that give people another policy.
func (a *assessment) rows(cause access.Cause) []planned {
	var out []planned
	for _, g := range a.in.Plan.RowGroups {
		policy := cause.Policy
		if g.Action == engine.Delete {
			policy = cause.From
		}
		if g.Type != cause.Type || !strings.EqualFold(g.Policy, policy) {
			continue
		}
		if at, err := addr.Parse(g.Addr); err == nil {
			if p := (planned{at}); !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

func (a *assessment) impact(ctx context.Context) *engine.Impact {
	a.out.Assessed = true
	a.perApp()
	a.perChange()
	a.losing()
	a.windows()
	a.lockOut(ctx)
	a.warn()
	a.explainChanges()
	return &a.out
}

// tally collects people by class.
type tally struct {
	people, guests int
	sample         []int
}

func (a *assessment) add(t *tally, class int) {
	cl := &a.c.Classes[class]
	t.people += cl.Count
	if cl.Guest {
		t.guests += cl.Count
	}
	t.sample = append(t.sample, cl.Sample...)
}

// head names the first few of those who were counted.
func (a *assessment) head(t tally) engine.Headcount {
	slices.Sort(t.sample)
	t.sample = slices.Compact(t.sample)
	h := engine.Headcount{People: t.people, Guests: t.guests}
	for _, p := range t.sample[:min(len(t.sample), 5)] {
		h.Samples = append(h.Samples, a.c.After.Directory.Name(p))
	}
	return h
}

// tallies are the gains and losses of each ability.
type tallies [access.UploadApps + 1]struct{ gain, lose, move tally }

func (a *assessment) count(t *tallies, ch access.Change) {
	switch of := &t[ch.Ability]; {
	case ch.Moves():
		a.add(&of.move, ch.Class)
	case ch.Gain:
		a.add(&of.gain, ch.Class)
	default:
		a.add(&of.lose, ch.Class)
	}
}

func (a *assessment) change(t *tallies, what access.Ability) engine.AccessChange {
	return engine.AccessChange{Gain: a.head(t[what].gain), Lose: a.head(t[what].lose)}
}

// perApp counts what changes for each app, and for upload.
func (a *assessment) perApp() {
	counted := map[int]*tallies{}
	for _, ch := range a.c.Changes {
		if counted[ch.App] == nil {
			counted[ch.App] = &tallies{}
		}
		a.count(counted[ch.App], ch)
	}
	for app, t := range counted {
		if app < 0 {
			a.out.Upload = a.change(t, access.UploadApps)
			continue
		}
		of := a.c.App(app)
		i := engine.AppImpact{
			ID: of.ID, Name: of.Name, App: a.c.after.addrs[of.ID],
			Discover: a.change(t, access.Discover), Use: a.change(t, access.Use), Installed: a.change(t, access.Installed), Pinned: a.change(t, access.Pinned),
			PinMoves: a.head(t[access.Pinned].move),
		}
		if i.App == (addr.Instance{}) {
			i.App = a.managed(of.ID)
		}
		if i.ID == i.App.String() {
			i.ID = "" // it has none yet
		}
		for class := range a.c.Classes {
			v, n := a.c.Verdict(class, app, true), a.c.Classes[class].Count
			if v.Discover {
				i.DiscoverAfter += n
			}
			if v.Use {
				i.UseAfter += n
			}
		}
		a.out.Apps = append(a.out.Apps, i)
	}
	slices.SortFunc(a.out.Apps, func(x, y engine.AppImpact) int {
		return cmp.Or(strings.Compare(strings.ToLower(nameOf(x)), strings.ToLower(nameOf(y))), strings.Compare(x.ID, y.ID))
	})
}

func nameOf(i engine.AppImpact) string { return cmp.Or(i.Name, i.App.String(), i.ID) }

// managed finds the address of an app that the plan does not change.
func (a *assessment) managed(id string) addr.Instance {
	if a.in.Config == nil || a.in.Plan.IDs == nil {
		return addr.Instance{}
	}
	for _, inst := range a.in.Config.Instances {
		if known, ok := a.in.Plan.IDs.Get(inst.Addr); ok && inst.Kind.Name == "app" && strings.EqualFold(known, id) {
			return inst.Addr
		}
	}
	return addr.Instance{}
}

// perChange counts the same by what causes it. Who gains the same ability for
// two apps by one change is counted once.
func (a *assessment) perChange() {
	type key struct {
		addr    addr.Instance
		ability access.Ability
		gain    bool
		class   int
	}
	seen := map[key]bool{}
	counted := map[addr.Instance]*tallies{}
	for _, ch := range a.c.Changes {
		for _, cause := range ch.Causes {
			for _, p := range a.addrOf(cause) {
				k := key{p.addr, ch.Ability, ch.Gain, ch.Class}
				if seen[k] || ch.Moves() {
					continue
				}
				seen[k] = true
				if counted[p.addr] == nil {
					counted[p.addr] = &tallies{}
				}
				a.count(counted[p.addr], ch)
			}
		}
	}
	for at, t := range counted {
		a.out.ByChange = append(a.out.ByChange, engine.ChangeImpact{
			Addr: at, Discover: a.change(t, access.Discover), Use: a.change(t, access.Use),
			Installed: a.change(t, access.Installed), Pinned: a.change(t, access.Pinned), Upload: a.change(t, access.UploadApps),
		})
	}
	slices.SortFunc(a.out.ByChange, func(x, y engine.ChangeImpact) int { return addr.Compare(x.Addr, y.Addr) })
}

// losing counts, each once, the people who lose an app, and who had any.
func (a *assessment) losing() {
	losing, byHold := map[int]bool{}, map[int]bool{}
	for _, ch := range a.c.Changes {
		if ch.Gain || ch.Ability != access.Discover && ch.Ability != access.Use {
			continue
		}
		app := a.c.App(ch.App)
		if a.deleted(app.ID) {
			continue // what an app takes with it that leaves the catalog is the guard delete_app's
		}
		if app.Blocked || app.Hold != "" {
			byHold[ch.Class] = true
		} else {
			losing[ch.Class] = true
		}
	}
	var all, held tally
	for class := range a.c.Classes {
		switch {
		case losing[class]:
			a.add(&all, class)
		case byHold[class]:
			a.add(&held, class)
		}
		if a.hadAny(class) {
			a.out.HadAccess += a.c.Classes[class].Count
		}
	}
	a.out.Losing, a.out.LosingByHold = a.head(all), a.head(held)
}

// deleted reports whether the plan takes an app out of the catalog.
func (a *assessment) deleted(id string) bool {
	for _, op := range a.in.Plan.Ops {
		if op.Kind.Name == teams.App && op.Action == engine.Delete && strings.EqualFold(op.ID, id) {
			return true
		}
	}
	return false
}

func (a *assessment) hadAny(class int) bool {
	for app := range a.c.Apps() {
		if !a.c.App(app).Foreign && a.c.Verdict(class, app, false).Use {
			return true
		}
	}
	return false
}

// windows finds apps that are published before their restriction is: who could
// use them at that moment and may not in the end.
func (a *assessment) windows() {
	var meanwhile *access.Comparison
	for app := range a.c.Apps() {
		of := a.c.App(app)
		at := a.during.FindApp(of.ID)
		if !a.c.isNew(of) || at < 0 {
			continue
		}
		if meanwhile == nil {
			meanwhile = access.Compare(a.during, a.c.After)
		}
		var open tally
		for class := range meanwhile.Classes {
			cl := &meanwhile.Classes[class]
			for i := range meanwhile.Apps() {
				if meanwhile.App(i).ID == of.ID && meanwhile.Verdict(class, i, false).Use && !meanwhile.Verdict(class, i, true).Use && !cl.Disabled {
					open.people += cl.Count
				}
			}
		}
		if open.people > 0 {
			a.out.Windows = append(a.out.Windows, engine.Finding{Addr: a.c.after.addrs[of.ID], People: open.people, Text: fmt.Sprintf(
				"%s is visible to %s from its publication until it is restricted.", a.c.after.addrs[of.ID], people(open.people))})
		}
	}
}

// lockOut finds what the person who signed in loses.
func (a *assessment) lockOut(ctx context.Context) {
	if !strings.Contains(a.in.Tenant.Identity, "@") {
		return
	}
	id, found, err := a.r.Tenant.FindPerson(ctx, a.in.Tenant.Identity)
	if err != nil || !found {
		a.out.Unknown = append(a.out.Unknown, fmt.Sprintf("What %s, who is signed in, would lose: the directory does not know that name.", a.in.Tenant.Identity))
		return
	}
	person := a.c.After.Directory.Find(id)
	if person < 0 {
		return
	}
	class := a.c.ClassOf(person)
	for _, ch := range a.c.Changes {
		if ch.Class != class || ch.Gain || ch.Ability == access.Installed || ch.Ability == access.Pinned || ch.Ability == access.Discover {
			continue
		}
		what := "the upload of custom apps"
		if ch.App >= 0 {
			what = "the use of " + cmp.Or(a.c.App(ch.App).Name, a.c.App(ch.App).ID)
		}
		for _, cause := range ch.Causes {
			for _, p := range a.addrOf(cause) {
				a.out.LockOut = append(a.out.LockOut, engine.Finding{Addr: p.addr, People: 1, Text: fmt.Sprintf("%s, who is signed in, loses %s by %s.", a.in.Tenant.Identity, what, p.addr)})
			}
		}
	}
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return thousands(n) + " people"
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
