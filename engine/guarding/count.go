package guarding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/internal/plain"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// Guards are judged on the complete plan, after everything else, so that a plan
// always shows what it would do and never stops half-way. A guard counts; that
// the count is above its limit trips it; and what follows from that (a refusal,
// or a line to read) is no business of planning.
//
// What a guard counts comes from three places: the changes and rows of the plan
// with what the schemas of their kinds say of them, what the directory has done
// since the last apply (membership.go), and what an Assessor says of people.

// tally is what one guard counts, before it is judged.
type tally struct {
	apart   string
	count   int
	implied int // of count: implied by destroy
	base    int
	from    int // a share of a smaller base is not judged
	objects []addr.Instance
	samples []string
	text    string
}

// judge fills in the verdicts of every guard.
func (j *judging) judge() {
	if j.Input.RefreshOnly {
		return
	}
	count := map[string]func() []tally{
		"deletions": j.countDeletions, "delete_app": j.countLost, "people_losing_access": j.countLosing,
		"membership_changes": j.countMembership, "org_switch": j.countGuarded, "upload_for_all": j.countForAll,
		"publish_open": j.found(func(i *engine.Impact) []engine.Finding { return i.Windows }), "reset_global": j.countResets,
		"consent":  j.found(func(i *engine.Impact) []engine.Finding { return i.Consent }),
		"takeover": j.countTakeovers, "adopt": j.countAdopted,
		"lock_out": j.found(func(i *engine.Impact) []engine.Finding { return i.LockOut }),
	}
	for _, g := range config.GuardNames() {
		tallies := count[g.Name]()
		if len(tallies) == 0 {
			tallies = []tally{{}}
		}
		for _, t := range tallies {
			j.Plan.Guards = append(j.Plan.Guards, j.verdict(g.Name, t))
		}
	}
}

// verdict judges one tally against the limits in force.
func (j *judging) verdict(guard string, t tally) engine.Verdict {
	v := engine.Verdict{
		Guard: guard, Apart: t.apart, Count: t.count, Base: t.base, Objects: sortedAddrs(t.objects), Samples: t.samples,
		Enforced: j.enforced(), Text: strings.ReplaceAll(t.text, "....", "..."), Limit: config.LimitsText(j.files.limits[guard]), Origin: engine.OriginDefault,
	}
	cfg := j.Input.Config
	if cfg != nil && cfg.Guard != nil {
		if rng, written := cfg.Guard.Ranges[guard]; written {
			v.Origin, v.File, v.Line = engine.OriginFile, rng.Filename, rng.Start.Line
		}
	}
	judged := t.count
	over := !within(j.files.limits[guard], judged, t.base, t.from)
	if j.applied != nil && !over && !within(j.applied.limits[guard], judged, t.base, t.from) {
		over, v.Awaiting = true, true
		v.Limit, v.Origin, v.File, v.Line = config.LimitsText(j.applied.limits[guard]), engine.OriginApplied, "", 0
	}
	v.Tripped = over
	if !over {
		return v
	}
	j.allowance(&v, t)
	return v
}

// allowance says what lets a tripped guard pass, if anything does.
func (j *judging) allowance(v *engine.Verdict, t tally) {
	rest := t.count - t.implied
	inFile := slices.Contains(j.files.allow, v.Guard)
	switch {
	case t.implied > 0 && within(j.files.limits[v.Guard], rest, t.base, t.from) && (j.applied == nil || within(j.applied.limits[v.Guard], rest, t.base, t.from)):
		v.AllowedBy = engine.AllowedByDestroy
	case inFile && (j.applied == nil || slices.Contains(j.applied.allow, v.Guard)):
		v.AllowedBy = engine.AllowedByFile
	case slices.Contains(j.Input.Allow, v.Guard):
		v.AllowedBy = engine.AllowedByPlan
	case inFile:
		v.Awaiting = true
	}
}

func sortedAddrs(list []addr.Instance) []addr.Instance {
	out := slices.Clone(list)
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}

// countDeletions counts, by kind, objects that are deleted, and people who lose
// what they hold directly.
func (j *judging) countDeletions() []tally {
	var out []tally
	for _, k := range j.Input.Kinds.Kinds() {
		t := tally{apart: k.Plural, base: j.known(k.Name), from: shareFrom}
		for _, c := range j.Plan.Changes {
			if c.Kind != k || c.Action != engine.Delete {
				continue
			}
			t.count++
			t.objects = append(t.objects, c.Addr)
			if j.Input.Destroy && j.madeHere(c) {
				t.implied++
			}
		}
		if t.count > 0 {
			t.base = max(t.base, t.count)
			t.text = fmt.Sprintf("%s of %d %s deleted: %s.", plain.Count(t.count, k.Title, k.Plural), t.base, plain.OneOrMany(t.count, "is", "are"), someOf(t.objects))
			out = append(out, t)
		}
	}
	return append(out, j.countUnassigned()...)
}

// known counts the objects of a kind in the state.
func (j *judging) known(kind string) int {
	n := 0
	if j.Input.Prior != nil {
		for _, o := range j.Input.Prior.Objects {
			if o.Kind == kind {
				n++
			}
		}
	}
	return n
}

// madeHere reports whether this state created what a change deletes.
func (j *judging) madeHere(c *engine.Change) bool {
	for _, op := range j.Plan.Ops {
		if op.Addr == c.Addr && op.Action == engine.Delete && op.Retiring == c.Retiring {
			return op.Record.Origin == state.Created
		}
	}
	return false
}

// countUnassigned counts, by type of policy, people who lose their direct one.
func (j *judging) countUnassigned() []tally {
	byType := map[table.Sym]*tally{}
	var order []table.Sym
	for _, op := range j.Plan.RowOps {
		if op.Assign {
			continue
		}
		t := byType[op.Type]
		if t == nil {
			t = &tally{apart: "people with " + engine.TypeWords(j.Input.Strings.Name(op.Type)), from: shareFrom}
			byType[op.Type] = t
			order = append(order, op.Type)
		}
		t.count += len(op.Rows)
		for _, r := range op.Rows {
			if r.Reason == engine.ReasonNotListed {
				t.base++ // nobody of the state
			}
			if j.Input.Destroy && r.Row.Adopted == 0 {
				t.implied++
			}
		}
	}
	if j.Input.Prior != nil {
		for _, r := range j.Input.Prior.Rows {
			if t := byType[r.Type]; t != nil {
				t.base++
			}
		}
	}
	slices.Sort(order)
	var out []tally
	for _, typ := range order {
		t := byType[typ]
		words := strings.TrimPrefix(engine.TypeWords(j.Input.Strings.Name(typ)), "the ")
		t.base = max(t.base, t.count)
		t.samples = j.samplesOf(j.Input.Strings.Name(typ), func(g *engine.RowGroup) bool { return g.Action == engine.Delete })
		t.text = fmt.Sprintf("%s of %d with a direct %s %s it: %s.", plain.Count(t.count, "person", "people"), t.base, words, plain.OneOrMany(t.count, "loses", "lose"), sampleOf(t.samples, t.count))
		out = append(out, *t)
	}
	return out
}

// samplesOf names the first few people of the chosen groups of rows.
func (j *judging) samplesOf(typ string, chosen func(*engine.RowGroup) bool) []string {
	var out []string
	for _, g := range j.Plan.RowGroups {
		if g.Type == typ && chosen(g) {
			out = append(out, g.Samples...)
		}
	}
	return out[:min(len(out), 5)]
}

// countLost counts deletions of what cannot be made again.
func (j *judging) countLost() []tally {
	t := tally{}
	for _, c := range j.Plan.Changes {
		if c.Kind.Lost == nil || c.Action != engine.Delete && c.Reason != engine.ReasonReplaced {
			continue
		}
		t.count++
		t.objects = append(t.objects, c.Addr)
		if j.Input.Destroy && j.madeHere(c) {
			t.implied++
		}
		t.text = fmt.Sprintf("%s %s deleted from %s: %s.", plain.Count(t.count, c.Kind.Title, c.Kind.Plural), plain.OneOrMany(t.count, "is", "are"), c.Kind.Lost.From, someOf(t.objects))
	}
	return worth(t)
}

// countGuarded counts changes of attributes that have the guard org_switch.
func (j *judging) countGuarded() []tally {
	t := tally{}
	j.eachAttr(func(c *engine.Change, a engine.AttrChange) {
		if a.Attr.Guard == "org_switch" {
			t.count++
			t.objects = append(t.objects, c.Addr)
			t.text = fmt.Sprintf("%s of %s changes: %s -> %s.", a.Attr.Name, c.Addr, plainWord(a.Before), plainWord(a.After))
		}
	})
	return worth(t)
}

// eachAttr calls f for every attribute of an existing object that changes.
func (j *judging) eachAttr(f func(*engine.Change, engine.AttrChange)) {
	for _, c := range j.Plan.Changes {
		if c.Action != engine.Update && c.Action != engine.Reset {
			continue
		}
		for _, a := range c.Attrs {
			f(c, a)
		}
	}
}

// countResets counts what every tenant has and what is set back.
func (j *judging) countResets() []tally {
	t := tally{}
	for _, c := range j.Plan.Changes {
		back := c.Action == engine.Reset || slices.ContainsFunc(c.Attrs, func(a engine.AttrChange) bool { return a.Defaults || a.Restored })
		if back && c.Kind.IsReserved(c.Key) {
			t.count++
			t.objects = append(t.objects, c.Addr)
		}
	}
	t.text = fmt.Sprintf("%s set back: %s.", plain.Count(t.count, "org-wide object is", "org-wide objects are"), someOf(t.objects))
	return worth(t)
}

// countTakeovers counts what someone else has assigned and what is replaced.
// Rows made for rollouts start from what people have, so they take nothing.
func (j *judging) countTakeovers() []tally {
	t := tally{}
	for _, c := range j.Plan.Changes {
		if c.Reason == engine.ReasonNotOurs {
			t.count++
			t.objects = append(t.objects, c.Addr)
		}
	}
	groups := t.count
	for _, g := range j.Plan.RowGroups {
		if at, err := addr.Parse(g.Addr); g.Reason == engine.ReasonNotOurs && (err != nil || !strings.HasPrefix(at.Name, "~")) {
			t.count += g.Count
			t.samples = append(t.samples, g.Samples...)
		}
	}
	t.samples = t.samples[:min(len(t.samples), 5)]
	var who []string
	if n := t.count - groups; n > 0 {
		who = append(who, fmt.Sprintf("%s (%s)", plain.Count(n, "person", "people"), sampleOf(t.samples, n)))
	}
	if groups > 0 {
		who = append(who, fmt.Sprintf("%s (%s)", plain.Count(groups, "group", "groups"), someOf(t.objects)))
	}
	t.text = fmt.Sprintf("What someone else assigned is replaced for %s.", strings.Join(who, " and "))
	return worth(t)
}

// countAdopted counts objects that enter the state, and change, without an
// import block. What the tenant has already as the files say never counts.
func (j *judging) countAdopted() []tally {
	t := tally{}
	for _, c := range j.Plan.Changes {
		imported := j.Input.Config != nil && j.Input.Config.ImportOf(c.Addr) != nil
		if c.Reason == engine.ReasonAdopted && c.Action == engine.Update && !imported && !c.Kind.IsReserved(c.Key) {
			t.count++
			t.objects = append(t.objects, c.Addr)
		}
	}
	t.text = fmt.Sprintf("%s under management without an import block, and %s changed: %s.",
		plain.Count(t.count, "object that exists comes", "objects that exist come"), plain.OneOrMany(t.count, "is", "are"), someOf(t.objects))
	return worth(t)
}

// countLosing counts people who lose the use of an app, as the assessor says.
func (j *judging) countLosing() []tally {
	i := j.Plan.Impact
	if i == nil || i.Losing.People == 0 {
		return nil
	}
	t := tally{count: i.Losing.People, base: max(i.HadAccess, i.Losing.People), samples: i.Losing.Samples}
	var apps []string
	for _, a := range i.Apps {
		if a.Discover.Lose.People+a.Use.Lose.People > 0 {
			apps = append(apps, cmp.Or(a.Name, a.App.String()))
		}
	}
	t.text = fmt.Sprintf("%s of %d who can find or use %s no longer can%s: %s.", plain.Count(t.count, "person", "people"), t.base,
		cmp.Or(plain.Sample(apps), "these apps"), guests(i.Losing), sampleOf(t.samples, t.count))
	return worth(t)
}

func guests(h engine.Headcount) string {
	if h.Guests == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s)", plain.Count(h.Guests, "guest among them", "guests among them"))
}

// found counts what the assessor found of one sort.
func (j *judging) found(of func(*engine.Impact) []engine.Finding) func() []tally {
	return func() []tally {
		if j.Plan.Impact == nil {
			return nil
		}
		return findings(of(j.Plan.Impact))
	}
}

func findings(list []engine.Finding) []tally {
	t := tally{count: len(list)}
	var texts []string
	for _, f := range list {
		if !f.Addr.IsZero() {
			t.objects = append(t.objects, f.Addr)
		}
		texts = append(texts, f.Text)
	}
	t.text = strings.Join(texts, " ")
	return worth(t)
}

// worth is a tally that is worth judging.
func worth(t tally) []tally {
	if t.count == 0 {
		return nil
	}
	return []tally{t}
}

func someOf(list []addr.Instance) string {
	names := make([]string, 0, len(list))
	for _, a := range sortedAddrs(list) {
		names = append(names, a.String())
	}
	return plain.Sample(names)
}

// sampleOf names some of n people.
func sampleOf(names []string, n int) string {
	if len(names) < n {
		return strings.Join(append(slices.Clone(names), "..."), ", ")
	}
	return strings.Join(names, ", ")
}

// plainWord writes a value of plain data for a sentence.
func plainWord(v any) string {
	if v == nil {
		return "(not set)"
	}
	if r, ok := v.(schema.Ref); ok {
		return r.Addr.String()
	}
	return fmt.Sprint(v)
}
