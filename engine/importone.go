package engine

import (
	"context"
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// An import by command takes one object under management and does nothing
// else: nothing is sent, and no other block is judged, so that a folder whose
// other objects are still to be imported does not stand in the way. What is
// recorded as last applied is what the tenant has now; where the block says
// something else, the next plan shows an ordinary change.

// PlanImport plans the recording of one existing object. The plan has no
// operations. Its only Recorded change tells, in Attrs, what the next plan will
// change; a plan without one found the object managed already.
func PlanImport(ctx context.Context, in Input, want config.Import) (*Plan, hcl.Diagnostics) {
	b := newBuilder(in)
	b.plan.KeepOutputs = true
	b.importOne(ctx, want)
	if b.diags.HasErrors() {
		return nil, b.diags
	}
	b.plan.Diags = b.diags
	return b.plan, b.diags
}

func (b *builder) importOne(ctx context.Context, want config.Import) {
	d := b.importTarget(ctx, want)
	if d == nil {
		return
	}
	priors, diags := decodePriors(b.in.Prior, b.in.Kinds)
	if b.diags = append(b.diags, diags...); b.diags.HasErrors() || !b.listFor(ctx, d, priors) {
		return
	}
	b.settle(priors)
	b.follow(priors)
	if !b.settleListed(ctx) {
		return
	}
	a := b.importSource(d.Kind, want.ID)
	if a == nil {
		b.importError("Nothing to import", d, "The tenant has no %s with the id or %s %q. %s", d.Kind.Title, orWord(d.Kind.KeyAttr, "key"), want.ID, b.candidates(d.Kind))
		return
	}
	if b.mayImport(want, d, a, priors[d.Kind.Name]) {
		b.knowIDs(priors)
		b.recordImport(d, a)
	}
}

// importTarget is the block that the object goes into.
func (b *builder) importTarget(ctx context.Context, want config.Import) *Desired {
	b.collectDesired()
	if k := b.in.Kinds.Kind(want.To.Kind); k != nil && k.Compiled {
		if _, ok := b.compile(ctx); !ok {
			return nil
		}
	}
	if d := b.desiredAt(want); d != nil {
		return d
	}
	var names []string
	for _, inst := range b.in.Config.Instances {
		if inst.Addr == want.To {
			b.diags = append(b.diags, diag.Error(nil, "Nothing to import into",
				"%s assigns policies, and assignments need no import: plan compares them with the tenant's, and apply records those that are as wanted.", want.To))
			return nil
		}
		names = append(names, inst.Addr.String())
	}
	b.diags = append(b.diags, diag.Error(nil, "Import without a block",
		"There is no %s to import into.%s Write its block first, with the attributes that are to be managed.", want.To, diag.DidYouMean(want.To.String(), names)))
	return nil
}

// listFor lists what is needed to import into d: its own kind, and those that
// its block refers to by id.
func (b *builder) listFor(ctx context.Context, d *Desired, priors map[string][]*prior) bool {
	kinds := map[string]bool{d.Kind.Name: true}
	for _, r := range schema.Refs(map[string]any(d.Attrs)) {
		kinds[r.Addr.Kind] = true
	}
	other := func(kind string) bool { return !kinds[kind] }
	maps.DeleteFunc(b.desired, func(kind string, _ []*Desired) bool { return other(kind) })
	mine := maps.Clone(priors)
	maps.DeleteFunc(mine, func(kind string, _ []*prior) bool { return other(kind) })
	return b.list(ctx, mine)
}

// settleListed carries doubts about rows into the plan, as a full plan does.
func (b *builder) settleListed(ctx context.Context) bool {
	if !b.doubtfulRows() {
		return true
	}
	var rows []table.Row
	if b.in.Prior != nil {
		rows = b.in.Prior.Rows
	}
	actual, ok := b.actualRows(ctx, rows, CompileOutput{})
	if !ok {
		return false
	}
	table.Sort(rows)
	table.Sort(actual)
	b.settleRows(rows, actual)
	return true
}

// mayImport applies the rules of import blocks, and finds out whether there is
// anything to do.
func (b *builder) mayImport(want config.Import, d *Desired, a *Object, priors []*prior) bool {
	for _, p := range priors {
		same := p.ID != "" && p.ID == a.ID || schema.FoldKey(p.Key) == schema.FoldKey(a.Key)
		switch {
		case p.Retiring:
		case p.Addr == d.Addr && same:
			return false
		case p.Addr == d.Addr:
			b.importError("Block manages another object", d, "%s manages the %s %q already, and %q is another one. Forget the former first with teamsform state rm %s, or write a block of its own for the latter.", d.Addr, d.Kind.Title, p.Key, want.ID, d.Addr)
			return false
		case same:
			b.importError("Object managed already", d, "The %s %q is managed by %s. To give it this address: teamsform state mv %s %s.", d.Kind.Title, orWord(a.Name, a.Key), p.Addr, p.Addr, d.Addr)
			return false
		}
	}
	switch {
	case schema.FoldKey(a.Key) != schema.FoldKey(d.Key):
		b.importError("Import of another object", d, "%q is the %s %q, but %s describes %q. Give the block that %s first; rename it in a later step.",
			want.ID, d.Kind.Title, a.Key, d.Addr, d.Key, orWord(d.Kind.KeyAttr, "key"))
	case a.Mark != "" && a.Mark != b.in.Root && !want.Takeover:
		b.importError("Managed elsewhere", d, "The %s %q was made by the configuration root %q. Two roots must not manage one object: let it go there first, or take it over with --takeover.", d.Kind.Title, orWord(a.Name, a.Key), a.Mark)
	}
	return !b.diags.HasErrors()
}

func (b *builder) importError(summary string, d *Desired, format string, args ...any) {
	rng := d.Range
	b.diags = append(b.diags, diag.WithAddress(diag.Error(&rng, summary, format, args...), d.Addr.String()))
}

// candidates names some objects of a kind, for a message.
func (b *builder) candidates(k *schema.Kind) string {
	names := []string{"none at all"}
	for i, a := range b.actual[k.Name] {
		names = append(names[:i:i], orWord(a.Name, a.Key))
	}
	if len(names) > 10 {
		names = append(names[:10], "...")
	}
	return "It has " + strings.Join(names, ", ") + "."
}

// knowIDs gives ids to what the block refers to, so that a reference compares
// with the id that the tenant shows.
func (b *builder) knowIDs(priors map[string][]*prior) {
	for _, list := range priors {
		for _, p := range list {
			if !p.Retiring {
				b.ids.Set(p.Addr, p.ID)
			}
		}
	}
	for kind, list := range b.desired {
		for _, d := range list {
			if a := b.importSource(b.in.Kinds.Kind(kind), d.Key); a != nil {
				b.ids.Set(d.Addr, a.ID)
			}
		}
	}
}

// recordImport notes that the object is managed from now on, with the values
// that it has.
func (b *builder) recordImport(d *Desired, a *Object) {
	known, err := b.ids.Known(d.Attrs)
	if err != nil {
		b.diags = append(b.diags, diag.FromError("Wrong value", err)...)
		return
	}
	d.Attrs = known
	w := want(d.Kind, d, nil, false)
	changes, hidden, _ := difference(d.Kind, w, nil, a)
	origin := state.Adopted
	if a.Mark != "" && a.Mark == b.in.Root {
		origin = state.Created // by its mark, also when the state was lost
	}
	record := b.recordWith(d.Kind, d, w.owned, a.ID, origin, pick(a.Attrs, w.owned))
	record.Key, record.Attrs = a.Key, asFound(d.Kind, w.owned, a)
	b.recordChange(&Change{
		Addr: d.Addr, Kind: d.Kind, Key: a.Key, Name: a.Name, ID: a.ID, Action: Adopt,
		Reason: ReasonAdopted, Adopting: true, Attrs: changes, Hidden: hidden,
	}, record)
}

// asFound gives the owned attributes the values that the tenant has. What the
// service never tells is taken to be what the block says.
func asFound(k *schema.Kind, owned schema.Attrs, a *Object) schema.Attrs {
	out := pick(a.Attrs, owned)
	for name, v := range owned {
		if attr := k.Attr(name); attr != nil && attr.Untold && len(schema.Refs(v)) == 0 {
			if _, told := out[name]; !told {
				out[name] = v
			}
		}
	}
	return out
}
