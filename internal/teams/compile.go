package teams

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// compiler turns policy_assignment blocks into rows and group assignments. A
// rollout adds to the same two results; without one this is the identity.
type compiler struct {
	*Reading
	groupKind, availabilityKind *schema.Kind
}

// Compiler returns the compile step of a tenant.
func (t *Reading) Compiler(kinds *schema.Registry) engine.Compiler {
	return &compiler{t, kinds.Kind(GroupAssignment), kinds.Kind(Availability)}
}

// assignment is one policy_assignment instance with its policy looked up.
type assignment struct {
	inst   *config.Instance
	kind   string // of the policy
	policy string // name of the policy
}

// compilation is the state of one Compile.
type compilation struct {
	*compiler
	in    engine.CompileInput
	out   engine.CompileOutput
	diags hcl.Diagnostics
	ids   map[addr.Instance][]table.ID // of users blocks, unknown people left out
	group map[addr.Instance]string     // object ids of group blocks
	lost  map[addr.Instance][]string   // names of users blocks that nobody has, in lower case
}

// Compile implements engine.Compiler.
func (c *compiler) Compile(ctx context.Context, in engine.CompileInput) (engine.CompileOutput, hcl.Diagnostics) {
	run := &compilation{compiler: c, in: in, ids: map[addr.Instance][]table.ID{}, group: map[addr.Instance]string{}, lost: map[addr.Instance][]string{}}
	run.out.Exact = map[engine.Policy]table.Sym{}
	if in.Destroy {
		return run.out, nil
	}
	assignments, availabilities := run.assignments(), run.availabilities()
	if !run.resolveUsers(ctx, assignments, availabilities) || !run.resolveGroups(ctx, assignments, availabilities) {
		return run.out, run.diags
	}
	run.groups(assignments)
	run.rows(assignments)
	run.submissions()
	run.available(availabilities)
	run.publish(availabilities)
	return run.out, run.diags
}

func (c *compilation) assignments() []assignment {
	names := map[addr.Instance]string{}
	for _, inst := range c.in.Config.Instances {
		if name, ok := inst.Attrs["name"].(string); ok {
			names[inst.Addr] = name
		}
	}
	var out []assignment
	for _, inst := range c.in.Config.Instances {
		if inst.Kind.Name != PolicyAssignment {
			continue
		}
		policy := inst.Attrs["policy"].(schema.Ref).Addr
		out = append(out, assignment{inst, policy.Kind, names[policy]})
	}
	return out
}

// resolveUsers looks up everybody that any assignment names, at once.
func (c *compilation) resolveUsers(ctx context.Context, assignments []assignment, availabilities []*config.Instance) bool {
	var refs []addr.Instance
	for _, a := range assignments {
		refs = append(refs, userRefs(a)...)
	}
	for _, inst := range availabilities {
		refs = append(refs, audienceRefs(inst)...)
	}
	var blocks []*config.Users
	var names []string
	for _, ref := range refs {
		u := c.in.Config.Users[ref]
		if u == nil || slices.Contains(blocks, u) {
			continue
		}
		blocks = append(blocks, u)
		for i := range u.Names {
			names = append(names, nameOf(&u.Names[i]))
		}
	}
	ids, err := c.people.Resolve(ctx, names)
	if err != nil {
		c.diags = append(c.diags, diag.FromError("The directory could not be read", fmt.Errorf("look-up of people: %w", err))...)
		return false
	}
	for _, u := range blocks {
		c.take(u, ids[:len(u.Names)])
		ids = ids[len(u.Names):]
	}
	return !c.diags.HasErrors()
}

// take keeps the people of one block and reports those who do not exist.
func (c *compilation) take(u *config.Users, ids []table.ID) {
	known := ids[:0] // in place: nobody needs the gaps
	for i, id := range ids {
		if id != (table.ID{}) {
			known = append(known, id)
			continue
		}
		c.out.Unresolved++
		name := nameOf(&u.Names[i])
		c.lost[u.Addr] = append(c.lost[u.Addr], strings.ToLower(name))
		rng := hcl.Range{Filename: u.File, Start: hcl.Pos{Line: int(u.Names[i].Line), Column: 1}, End: hcl.Pos{Line: int(u.Names[i].Line), Column: 1}}
		if u.Missing == config.MissingError && !c.in.MembershipOnly {
			c.diags = append(c.diags, diag.Error(&rng, "Unknown person",
				"Nobody in the tenant is called %q. Correct the name, remove it, or set missing = \"warn\" in %s so that a leaver does not stop the run.", name, u.Addr))
			continue
		}
		c.diags = append(c.diags, diag.Warning(&rng, "Unknown person", "Nobody in the tenant is called %q; the name is skipped.", name))
	}
	c.ids[u.Addr] = known
}

// nameOf is what a person is looked up by.
func nameOf(n *config.UserName) string {
	if n.UPN != "" {
		return n.UPN
	}
	return n.ID.String()
}

func userRefs(a assignment) []addr.Instance {
	list, _ := a.inst.Attrs["users"].([]any)
	var out []addr.Instance
	for _, e := range list {
		if r, ok := e.(schema.Ref); ok {
			out = append(out, r.Addr)
		}
	}
	return out
}

// resolveGroups looks up every group that any assignment names, at once.
func (c *compilation) resolveGroups(ctx context.Context, assignments []assignment, availabilities []*config.Instance) bool {
	var refs []addr.Instance
	for _, a := range assignments {
		if ref, ok := a.inst.Attrs["group"].(schema.Ref); ok {
			refs = append(refs, ref.Addr)
		}
	}
	for _, inst := range availabilities {
		refs = append(refs, audienceRefs(inst)...)
	}
	var blocks []*config.Group
	var queries []msgraph.GroupQuery
	for _, ref := range refs {
		if g := c.in.Config.Groups[ref]; g != nil && !slices.Contains(blocks, g) {
			blocks = append(blocks, g)
			queries = append(queries, msgraph.GroupQuery{ID: g.ID, Name: g.Name, Mail: g.Mail})
		}
	}
	found, err := c.graph.ResolveGroups(ctx, queries)
	if err != nil {
		c.diags = append(c.diags, diag.FromError("The directory could not be read", fmt.Errorf("look-up of groups: %w", err))...)
		return false
	}
	for i, g := range blocks {
		if len(found[i]) != 1 {
			c.diags = append(c.diags, groupProblem(g, found[i]))
			continue
		}
		c.group[g.Addr] = strings.ToLower(found[i][0].ID)
		c.people.RememberGroup(found[i][0].ID, found[i][0].DisplayName)
	}
	return !c.diags.HasErrors()
}

func groupProblem(g *config.Group, found []msgraph.Group) *hcl.Diagnostic {
	rng := g.Range
	what := g.Name
	if what == "" {
		what = g.Mail + g.ID
	}
	if len(found) == 0 {
		return diag.Error(&rng, "Unknown group", "The tenant has no group %q for %s. Correct it, or name the group by object_id.", what, g.Addr)
	}
	var ids []string
	for _, f := range found {
		ids = append(ids, fmt.Sprintf("%s (%s)", f.ID, orElse(f.Mail, "no mail address")))
	}
	slices.Sort(ids)
	return diag.Error(&rng, "Ambiguous group", "%d groups of the tenant are called %q: %s. Say which one %s means with object_id or mail.", len(found), what, strings.Join(ids, ", "), g.Addr)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// groups makes one group assignment per block with a group.
func (c *compilation) groups(assignments []assignment) {
	byRank := map[string]assignment{}
	var made []*engine.Desired
	order := map[string][]*engine.Desired{}
	for _, a := range assignments {
		ref, ok := a.inst.Attrs["group"].(schema.Ref)
		if !ok {
			continue
		}
		rank := a.inst.Attrs["rank"].(int64)
		id := fmt.Sprintf("%s %d", a.kind, rank)
		if other, taken := byRank[id]; taken {
			rng := a.inst.DeclRange
			c.diags = append(c.diags, diag.Error(&rng, "Rank used twice",
				"%s and %s both have rank %d; the other is at %s:%d. Ranks are an order: give each group its own.", other.inst.Addr, a.inst.Addr, rank, other.inst.DeclRange.Filename, other.inst.DeclRange.Start.Line))
			continue
		}
		byRank[id] = a
		group := c.group[ref.Addr]
		d := &engine.Desired{
			Addr: a.inst.Addr, Kind: c.groupKind, Key: groupKey(a.kind, group), Name: c.people.GroupName(group), Lifecycle: a.inst.Lifecycle,
			Range: a.inst.DeclRange, Ranges: a.inst.Ranges, DependsOn: append(slices.Clone(a.inst.DependsOn), a.inst.Attrs["policy"].(schema.Ref).Addr),
			Attrs: schema.Attrs{"type": a.kind, "group": group, "policy": a.policy, "rank": rank}, Input: schema.Attrs{},
		}
		made = append(made, d)
		order[a.kind] = append(order[a.kind], d)
	}
	for _, list := range order {
		slices.SortFunc(list, func(x, y *engine.Desired) int { return int(rankOf(x.Attrs) - rankOf(y.Attrs)) })
		ids := make([]any, len(list))
		for i, d := range list {
			ids[i] = d.Attrs["group"]
		}
		for _, d := range list {
			d.Input["order"] = ids
		}
	}
	c.out.Objects = made
}

// rows makes one row per person and type of policy.
func (c *compilation) rows(assignments []assignment) {
	names := c.in.Strings
	atLeast := map[engine.Policy]bool{}
	for _, a := range assignments {
		refs := userRefs(a)
		if len(refs) == 0 {
			continue
		}
		c.checkLifecycle(a)
		p := engine.Policy{Type: names.Sym(a.kind), Name: names.Sym(a.policy)}
		if a.inst.Attrs["rows"] == "at_least" {
			atLeast[p] = true
		}
		block := names.Exact(a.inst.Addr.String())
		if c.out.Exact[p] == 0 {
			c.out.Exact[p] = block
		}
		c.audience(block, p, refs)
		for _, ref := range refs {
			for _, id := range c.ids[ref] {
				c.out.Rows = append(c.out.Rows, table.Row{User: id, Type: p.Type, Policy: p.Name, Addr: block})
			}
		}
	}
	for p := range atLeast {
		delete(c.out.Exact, p)
	}
	c.uniqueRows()
}

// checkLifecycle refuses protection that would not hold: state keeps a
// lifecycle per object, and what single people hold are rows.
func (c *compilation) checkLifecycle(a assignment) {
	l := a.inst.Lifecycle
	if !l.PreventDestroy && l.OnDestroy == "" && len(l.IgnoreChanges) == 0 {
		return
	}
	rng := a.inst.DeclRange
	c.diags = append(c.diags, diag.Error(&rng, "Lifecycle without an object",
		"%s gives a policy to people. prevent_destroy, on_destroy and ignore_changes hold for objects, such as the policy itself or its assignment to a group, and not for what single people hold. Remove them here.", a.inst.Addr))
}

// uniqueRows sorts the rows and folds repeats: the same policy twice is one
// row, two policies of one type are an error.
func (c *compilation) uniqueRows() {
	names := c.in.Strings
	rows := c.out.Rows
	table.Sort(rows) // of equal ones the first block's counts
	kept := rows[:0]
	for _, r := range rows {
		if len(kept) == 0 || table.CompareKey(kept[len(kept)-1], r) != 0 {
			kept = append(kept, r)
			continue
		}
		if last := kept[len(kept)-1]; last.Policy != r.Policy {
			rng := c.rangeOf(names.Name(r.Addr))
			c.diags = append(c.diags, diag.Error(&rng, "Two policies for one person",
				"%s is to get %q by %s and %q by %s, but a person holds one policy of a type. Take the person out of one of them.",
				c.people.UserName(r.User), names.Name(last.Policy), names.Name(last.Addr), names.Name(r.Policy), names.Name(r.Addr)))
		}
	}
	c.out.Rows = kept
}

func (c *compilation) rangeOf(block string) hcl.Range {
	for _, inst := range c.in.Config.Instances {
		if inst.Addr.String() == block {
			return inst.DeclRange
		}
	}
	return hcl.Range{}
}
