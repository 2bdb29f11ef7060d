package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine/internal/membership"
	"github.com/teamsform/teamsform/engine/internal/model"
	"github.com/teamsform/teamsform/engine/internal/reverting"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// builder makes one plan.
type builder struct {
	in      Input
	plan    *Plan
	diags   hcl.Diagnostics
	ids     *LateIDs
	actual  map[string][]Object
	desired map[string][]*Desired
	// A block whose natural key changed: the object it is now, and was.
	// What holds keep from everybody, and what files keep away besides.
	holds, held schema.Held
	renamedFrom map[addr.Instance]*prior
	renamedTo   map[addr.Instance]*prior
	blocks      map[table.Sym]addr.Instance
	rows        *rowBuilder               // nil: no table was touched
	holders     []table.Row               // who holds which policy directly, as listed
	samples     map[*RowGroup][]table.ID  // the first people of each group of rows
	waiting     map[*RowsSight][]table.ID // likewise of rows that are waited for
	priorAttrs  map[addr.Instance]schema.Attrs
	members     *membership.Book // nil: no table was touched
	read        map[string]bool  // kinds that were listed, or taken from the state
	madeClosed  map[addr.Instance]MadeClosed
	windows     []Finding           // restricted objects that would be open before their restriction
	closed      map[string]bool     // kinds that this identity cannot list
	back        *reverting.Reversal // nil: the files say what is wanted
}

// BuildPlan makes a plan. A plan is returned only when no diagnostic is an error.
func BuildPlan(ctx context.Context, in Input) (*Plan, hcl.Diagnostics) {
	b := newBuilder(in)
	if !b.run(ctx) {
		return nil, b.diags
	}
	b.plan.MarkSensitive(b.in.Config)
	b.plan.Diags = b.diags
	return b.plan, b.diags
}

// newBuilder starts an empty plan.
func newBuilder(in Input) *builder {
	b := &builder{
		in: in, ids: NewLateIDs(), actual: map[string][]Object{}, desired: map[string][]*Desired{},
		renamedFrom: map[addr.Instance]*prior{}, renamedTo: map[addr.Instance]*prior{}, blocks: map[table.Sym]addr.Instance{}, samples: map[*RowGroup][]table.ID{}, waiting: map[*RowsSight][]table.ID{},
		priorAttrs: map[addr.Instance]schema.Attrs{}, closed: map[string]bool{},
		read: map[string]bool{},
	}
	b.plan = &Plan{Records: &Records{}, IDs: b.ids, Header: Header{
		Tool: in.Tool, PlannedAt: in.PlannedAt, Tenant: in.Tenant, Root: in.Root, Destroy: in.Destroy, RefreshOnly: in.RefreshOnly, Reverts: in.RevertOf,
	}}
	if in.Config != nil {
		b.plan.Header.ConfigDigest = in.Config.Digest()
	}
	if in.Prior != nil {
		b.plan.Header.Lineage, b.plan.Header.Serial = in.Prior.Lineage, in.Prior.Serial
	}
	return b
}

// run goes through the steps of SEMANTICS 3 that need the tenant.
func (b *builder) run(ctx context.Context) bool {
	priors, diags := decodePriors(b.in.Prior, b.in.Kinds)
	b.diags = append(b.diags, diags...)
	rows, ok := b.wish(ctx, priors)
	b.readHolds(priors)
	if !ok || b.diags.HasErrors() || !b.list(ctx, priors) {
		return false
	}
	b.settle(priors)
	b.follow(priors)
	b.formerly(priors)
	if b.in.RefreshOnly {
		return b.findDrift(ctx, priors)
	}
	if b.back == nil {
		b.checkImports()
	}
	b.findRenames(priors)
	for _, k := range b.in.Kinds.Kinds() {
		b.mergeKind(k, priors[k.Name])
	}
	if b.diags.HasErrors() || !b.mergeRows(ctx, rows) {
		return false
	}
	b.choose()
	b.onlyMembers()
	b.finishRows()
	b.nameSamples(ctx)
	b.checkHolders()
	b.planOutputs()
	b.rememberMembers()
	b.plan.Order()
	b.endRevert()
	b.explain(ctx)
	b.openWindows()
	b.judge(ctx)
	b.namePrincipals(ctx)
	return !b.diags.HasErrors()
}

// formerly remembers what objects were called and had when last applied.
func (b *builder) formerly(priors map[string][]*prior) {
	if b.plan.Former == nil {
		b.plan.Former = map[string]addr.Instance{}
	}
	for _, list := range priors {
		for _, p := range list {
			b.plan.Former[p.ID] = p.Addr
			if !p.Retiring {
				b.priorAttrs[p.Addr] = p.Attrs
			}
		}
	}
}

// wish finds out what is desired: by the files, or by a plan that is taken
// back.
func (b *builder) wish(ctx context.Context, priors map[string][]*prior) (CompileOutput, bool) {
	if b.in.Revert != nil {
		return b.wantBack(priors), true
	}
	b.collectDesired()
	return b.compile(ctx)
}

// collectDesired turns configured instances into desired objects.
func (b *builder) collectDesired() {
	if b.in.Config == nil {
		return
	}
	for _, inst := range b.in.Config.Instances {
		if b.in.Destroy || b.in.RefreshOnly {
			continue
		}
		if inst.Kind.Input || inst.Kind.Compiled {
			continue
		}
		d := model.DesiredOf(inst)
		b.desired[inst.Kind.Name] = append(b.desired[inst.Kind.Name], d)
	}
}

// compile runs the compile step, which also resolves names.
func (b *builder) compile(ctx context.Context) (CompileOutput, bool) {
	if b.in.Config == nil || b.in.Compiler == nil || b.in.RefreshOnly {
		return CompileOutput{}, true
	}
	out, diags := b.in.Compiler.Compile(ctx, CompileInput{Config: b.in.Config, Strings: b.in.Strings, Destroy: b.in.Destroy, MembershipOnly: b.in.MembershipOnly, Tenant: b.in.Tenant})
	b.diags = append(b.diags, diags...)
	if diags.HasErrors() {
		return out, false
	}
	if b.in.Destroy {
		return CompileOutput{}, true
	}
	for _, d := range out.Objects {
		b.desired[d.Kind.Name] = append(b.desired[d.Kind.Name], d)
	}
	b.madeClosed = out.MadeClosed
	for _, list := range b.desired {
		for _, d := range list {
			maps.Copy(d.Attrs, out.Added[d.Addr])
		}
	}
	return out, true
}

// list fetches each touched collection once: those that the configuration or
// the state mention.
func (b *builder) list(ctx context.Context, priors map[string][]*prior) bool {
	for _, k := range b.in.Kinds.Kinds() {
		c := b.in.Collections[k.Name]
		if c == nil || k.Input || !b.touched(k, priors) {
			continue
		}
		if b.trusted(k, priors[k.Name]) {
			continue
		}
		scope := b.scope(k, priors[k.Name])
		err := c.List(ctx, scope, func(o Object) error {
			b.actual[k.Name] = append(b.actual[k.Name], o)
			return nil
		})
		if errors.Is(err, ErrClosed) {
			b.trust(k, priors[k.Name])
			b.closed[k.Name] = true
			continue
		}
		if err != nil {
			b.diags = append(b.diags, diag.FromError("The tenant could not be read", fmt.Errorf("list of %s: %w", k.Plural, err))...)
			return false
		}
		b.read[k.Name] = true
		b.pend(k, c, priors[k.Name])
		sort.SliceStable(b.actual[k.Name], func(i, j int) bool {
			return schema.FoldKey(b.actual[k.Name][i].Key) < schema.FoldKey(b.actual[k.Name][j].Key)
		})
		if al, ok := c.(Aligner); ok {
			al.Align(b.desired[k.Name], b.actual[k.Name])
		}
	}
	return true
}

// trusted takes the objects of a kind from state instead of the tenant, when
// --refresh=false asks for it and state knows every object that is wanted.
func (b *builder) trusted(k *schema.Kind, priors []*prior) bool {
	if !b.in.NoRefresh || b.doubtful(k.Name) {
		return false
	}
	for _, d := range b.desired[k.Name] {
		if findPrior(priors, d.Key) == nil {
			return false
		}
	}
	b.trust(k, priors)
	return true
}

// trust takes the objects of a kind to be as they were last applied.
func (b *builder) trust(k *schema.Kind, priors []*prior) {
	b.actual[k.Name] = nil
	for _, p := range priors {
		if p.deleted = p.pending != nil && p.pending.Next == nil; p.deleted {
			continue
		}
		b.actual[k.Name] = append(b.actual[k.Name], Object{ID: p.ID, Key: p.Key, Attrs: maps.Clone(p.Attrs)})
	}
	b.plan.Unverified = append(b.plan.Unverified, k.Plural)
	b.read[k.Name] = true
}

// scope narrows the listing of a kind to what the files and the state mention.
func (b *builder) scope(k *schema.Kind, priors []*prior) Scope {
	s := Scope{Attrs: map[string]bool{}}
	for _, p := range priors {
		if p.ID != "" {
			s.Known = append(s.Known, p.ID)
		}
		for name := range p.Attrs {
			s.Attrs[name] = true
		}
	}
	for _, d := range b.desired[k.Name] {
		for name := range d.Attrs {
			s.Attrs[name] = true
		}
	}
	if b.doubtful(k.Name) || b.held.Any() {
		s.Attrs = nil
	}
	return s
}

// touched reports whether a kind must be listed. Who holds a policy matters as
// soon as state knows one that might go.
func (b *builder) touched(k *schema.Kind, priors map[string][]*prior) bool {
	if len(priors[k.Name])+len(b.desired[k.Name]) > 0 || b.doubtful(k.Name) {
		return true
	}
	if b.held.Any() && k.Withholds() && !b.in.Destroy && !b.in.RefreshOnly && k.On(b.in.Tenant.AccessModel) {
		return true
	}
	if with := b.in.Kinds.Kind(k.With); with != nil && !b.in.NoRefresh {
		return b.touched(with, priors)
	}
	if k.HolderOf == nil {
		return false
	}
	for name, list := range priors {
		if other := b.in.Kinds.Kind(name); other != nil && other.HasHolders && len(list) > 0 {
			return true
		}
	}
	return false
}

func (b *builder) doubtful(kind string) bool {
	for _, d := range b.in.InDoubt {
		for _, op := range d.Ops {
			if op.Kind == kind {
				return true
			}
		}
	}
	return false
}

// follow applies moved blocks to what state knows.
func (b *builder) follow(priors map[string][]*prior) {
	if b.in.Config == nil || b.back != nil || len(b.in.Config.Moved) == 0 {
		return
	}
	for _, list := range priors {
		for _, p := range list {
			p.Addr = b.in.Config.MovedTo(p.Addr)
		}
	}
}

// findRenames finds blocks whose natural key changed: their old object retires.
func (b *builder) findRenames(priors map[string][]*prior) {
	for name, list := range priors {
		byAddr := map[addr.Instance]*Desired{}
		wantedKeys := map[string]bool{}
		for _, d := range b.desired[name] {
			byAddr[d.Addr] = d
			wantedKeys[schema.FoldKey(d.Key)] = true
		}
		for _, p := range list {
			d := byAddr[p.Addr]
			if d == nil || p.Retiring || wantedKeys[schema.FoldKey(p.Key)] || schema.FoldKey(d.Key) == schema.FoldKey(p.Key) {
				continue
			}
			b.renamedFrom[d.Addr] = p
			b.renamedTo[p.Addr] = p
		}
	}
}

// mergeKind joins and decides one kind. Kinds go in rank order, so that ids
// which later kinds name are known when they exist.
func (b *builder) mergeKind(k *schema.Kind, priors []*prior) {
	if k.Input {
		return
	}
	for _, d := range b.desired[k.Name] {
		attrs, err := b.ids.Known(d.Attrs)
		if err != nil {
			b.diags = append(b.diags, diag.FromError("Wrong value", err)...)
			continue
		}
		d.Attrs = attrs
	}
	b.withhold(k, priors)
	entries, diags := join(k, priors, b.desired[k.Name], b.actual[k.Name])
	b.diags = append(b.diags, diags...)
	for _, e := range entries {
		if e.d != nil && e.a != nil && !b.replaces(e) {
			b.ids.Set(e.d.Addr, e.a.ID)
		}
		b.decide(k, e)
	}
}

// keep is the row "nothing" of the decision table.
func (b *builder) keep(*entry) {}

// keyChanged is the error for a kind whose natural key must not change.
func (b *builder) keyChanged(k *schema.Kind, p *prior) *hcl.Diagnostic {
	for _, d := range b.desired[k.Name] {
		if d.Addr == p.Addr {
			rng := d.Range
			return diag.Error(&rng, "Identity must not change", "%s is %q in the tenant, and its block now says %q. %s", p.Addr, p.Key, d.Key, k.KeyChangeError)
		}
	}
	return diag.Error(nil, "Identity must not change", "%s. %s", p.Addr, k.KeyChangeError)
}

// existsAlready is the error for an object that someone else made.
func existsAlready(k *schema.Kind, e *entry) *hcl.Diagnostic {
	rng := e.d.Range
	return diag.Error(&rng, "Object exists already",
		"The tenant already has the %s, which is not in the state, and it differs from %s. To manage it, import it with\n\n  import {\n    to = %s\n    id = %q\n  }\n\nor accept all existing objects with --adopt; to make another one, choose another %s.",
		Named(k, e.a), e.d.Addr, e.d.Addr, e.a.ID, orWord(k.KeyAttr, "name"))
}
