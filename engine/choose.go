package engine

import (
	"slices"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// Choice narrows a plan to some addresses. The whole plan is made first, and
// then cut: so a chosen operation is exactly the one that a full plan has, and
// choosing everything equals choosing nothing.

// choice is what --target and --exclude come to on a finished plan.
type choice struct {
	b      *builder
	chosen map[addr.Instance]bool
	needed map[addr.Instance]bool
}

// choose cuts the plan to the chosen addresses, and what these need.
func (b *builder) choose() {
	if len(b.in.Targets)+len(b.in.Excludes) == 0 {
		return
	}
	b.checkPatterns()
	c := &choice{b: b, chosen: map[addr.Instance]bool{}, needed: map[addr.Instance]bool{}}
	c.mark()
	if len(b.in.Targets) > 0 {
		c.pullIn()
	} else {
		c.pushOut()
	}
	c.cut()
}

// checkPatterns refuses a pattern that selects nothing: a typo must not read
// as "no changes".
func (b *builder) checkPatterns() {
	known := map[addr.Instance]bool{}
	for _, list := range b.desired {
		for _, d := range list {
			known[d.Addr] = true
		}
	}
	if b.in.Config != nil {
		for _, inst := range b.in.Config.Instances {
			known[inst.Addr] = true
		}
	}
	if b.in.Prior != nil {
		for _, o := range b.in.Prior.Objects {
			known[o.Addr] = true
		}
		for _, r := range b.in.Prior.Rows {
			known[b.blockOf(r)] = true
		}
	}
	for _, c := range slices.Concat(b.plan.Changes, b.plan.Recorded) {
		known[c.Addr] = true // generated ones stand in no file and no state
	}
	names := make([]string, 0, len(known))
	for a := range known {
		names = append(names, a.String())
	}
	slices.Sort(names)
	for _, p := range slices.Concat(b.in.Targets, b.in.Excludes) {
		if !slices.ContainsFunc(names, func(s string) bool { return p.MatchesText(s) }) {
			b.diags = append(b.diags, diag.Error(nil, "Nothing selected",
				"%s selects nothing that the configuration or the state has.%s", p, diag.DidYouMean(p.String(), names)))
		}
	}
}

// wants reports whether the options name an address.
func (b *builder) wants(a addr.Instance) bool {
	for _, p := range b.in.Excludes {
		if p.Matches(a) {
			return false
		}
	}
	if len(b.in.Targets) == 0 {
		return true
	}
	for _, p := range b.in.Targets {
		if p.Matches(a) {
			return true
		}
	}
	return false
}

func (c *choice) mark() {
	for _, ch := range c.b.plan.Changes {
		c.chosen[ch.Addr] = c.b.wants(ch.Addr)
	}
	for _, at := range c.rowBlocks() {
		c.chosen[at] = c.b.wants(at)
	}
}

// rowBlocks returns the blocks that changing rows belong to.
func (c *choice) rowBlocks() map[table.Sym]addr.Instance {
	blocks := map[table.Sym]addr.Instance{}
	if c.b.rows == nil {
		return blocks
	}
	for _, r := range c.b.rows.changes {
		if _, known := blocks[r.Row.Addr]; !known {
			blocks[r.Row.Addr] = c.b.blockOf(r.Row)
		}
	}
	return blocks
}

// blockOf is the block that a row belongs to. One that is ended because it is
// not listed belongs to a block that lists its policy.
func (b *builder) blockOf(r table.Row) addr.Instance {
	if a, known := b.blocks[r.Addr]; known {
		return a
	}
	a, _ := addr.Parse(b.in.Strings.Name(r.Addr))
	b.blocks[r.Addr] = a
	return a
}

// links calls f for each pair of addresses of which the first needs the second.
func (c *choice) links(f func(from, to addr.Instance)) {
	for _, op := range c.b.plan.Ops {
		for _, need := range op.Needs {
			f(op.Addr, need)
		}
	}
	c.rowLinks(f)
	for _, ch := range c.b.plan.Changes {
		if ch.Kind.HolderOf == nil || ch.Action == Create {
			continue
		}
		before := schema.Attrs{}
		for _, a := range ch.Attrs {
			before[a.Attr.Name] = a.Before
		}
		if gone, ok := c.deleted(ch.Kind.HolderOf(before)); ok {
			f(gone, ch.Addr)
		}
	}
}

// rowLinks does the same for rows, once per block and policy.
func (c *choice) rowLinks(f func(from, to addr.Instance)) {
	if c.b.rows == nil {
		return
	}
	type pair struct{ addr, typ, policy, before table.Sym }
	seen := map[pair]bool{}
	names := c.b.in.Strings
	for _, r := range c.b.rows.changes {
		p := pair{r.Row.Addr, r.Row.Type, r.Row.Policy, r.Before}
		if seen[p] {
			continue
		}
		seen[p] = true
		at := c.b.blockOf(r.Row)
		if r.assign {
			for _, need := range c.b.policyNeeds(names.Name(p.typ), names.Name(p.policy)) {
				f(at, need)
			}
		}
		if gone, ok := c.deleted(names.Name(p.typ), names.Name(p.before)); ok {
			f(gone, at)
		}
	}
}

// deleted returns the policy of a name if this plan deletes it: its holders
// must leave it first.
func (c *choice) deleted(kind, key string) (addr.Instance, bool) {
	for _, ch := range c.b.deletedPolicies() {
		if ch.Kind.Name == kind && schema.FoldKey(ch.Key) == schema.FoldKey(key) {
			return ch.Addr, true
		}
	}
	return addr.Instance{}, false
}

// pullIn adds what chosen operations need.
func (c *choice) pullIn() {
	for grown := true; grown; {
		grown = false
		c.links(func(from, to addr.Instance) {
			if planned, is := c.chosen[to]; is && !planned && c.chosen[from] {
				c.chosen[to], c.needed[to], grown = true, true, true
			}
		})
	}
	for a := range c.needed {
		c.b.plan.Needed = append(c.b.plan.Needed, a)
	}
	slices.SortFunc(c.b.plan.Needed, addr.Compare)
}

// pushOut drops what needs an excluded operation.
func (c *choice) pushOut() {
	for shrunk := true; shrunk; {
		shrunk = false
		c.links(func(from, to addr.Instance) {
			if planned, is := c.chosen[to]; is && !planned && c.chosen[from] {
				c.chosen[from], shrunk = false, true
				c.b.plan.Dropped = append(c.b.plan.Dropped, from)
			}
		})
	}
	slices.SortFunc(c.b.plan.Dropped, addr.Compare)
	c.b.plan.Dropped = slices.Compact(c.b.plan.Dropped)
}

// cut removes what is not chosen.
func (c *choice) cut() {
	p := c.b.plan
	p.Partial = true
	drop := func(a addr.Instance) bool { return !c.chosen[a] }
	p.Changes = slices.DeleteFunc(p.Changes, func(ch *Change) bool { return drop(ch.Addr) })
	p.Ops = slices.DeleteFunc(p.Ops, func(op *Op) bool { return drop(op.Addr) })
	unwanted := func(a addr.Instance) bool { return !c.b.wants(a) }
	p.Recorded = slices.DeleteFunc(p.Recorded, func(ch *Change) bool { return unwanted(ch.Addr) })
	p.Records.Set = slices.DeleteFunc(p.Records.Set, func(d Draft) bool { return unwanted(d.Addr) })
	p.Records.Drop = slices.DeleteFunc(p.Records.Drop, func(d Draft) bool { return unwanted(d.Addr) })
	if rows := c.b.rows; rows != nil {
		rows.changes = slices.DeleteFunc(rows.changes, func(r rowDecision) bool { return drop(c.b.blockOf(r.Row)) })
		rows.record.Set = slices.DeleteFunc(rows.record.Set, func(r table.Row) bool { return unwanted(c.b.blockOf(r)) })
		rows.noted.list = slices.DeleteFunc(rows.noted.list, func(g *RowGroup) bool {
			a, _ := addr.Parse(g.Addr)
			return unwanted(a)
		})
		rows.record.Drop = slices.DeleteFunc(rows.record.Drop, func(r table.Row) bool { return unwanted(c.b.blockOf(r)) })
	}
	p.Attention = slices.DeleteFunc(p.Attention, func(n Note) bool { return !n.Addr.IsZero() && drop(n.Addr) })
	p.Refusals = slices.DeleteFunc(p.Refusals, func(n Note) bool { return !n.Addr.IsZero() && drop(n.Addr) })
}
