package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// explain asks every collection that can explain.
func (b *builder) explain(ctx context.Context) {
	for _, k := range b.in.Kinds.Kinds() {
		ex, ok := b.in.Collections[k.Name].(Explainer)
		if !ok || len(b.desired[k.Name]) == 0 {
			continue
		}
		told, err := ex.Explain(ctx, b.explicable(k))
		if err != nil {
			b.diags = append(b.diags, diag.FromError("The tenant could not be read", fmt.Errorf("what changes of %s mean: %w", k.Plural, err))...)
			continue
		}
		for _, e := range told {
			b.told(k, e)
		}
	}
}

// explicable lists the desired objects of a kind with what happens to them.
func (b *builder) explicable(k *schema.Kind) []Explicable {
	changes := map[addr.Instance]*Change{}
	for _, c := range b.plan.Changes {
		if c.Kind == k && !c.Retiring {
			changes[c.Addr] = c
		}
	}
	var out []Explicable
	for _, d := range b.desired[k.Name] {
		out = append(out, Explicable{Change: changes[d.Addr], Desired: d, Actual: b.actualOf(k.Name, d.Key), Prior: b.priorAttrs[d.Addr]})
	}
	slices.SortFunc(out, func(x, y Explicable) int { return addr.Compare(x.Desired.Addr, y.Desired.Addr) })
	return out
}

// told puts an explanation into the plan.
func (b *builder) told(k *schema.Kind, e Explanation) {
	for _, c := range b.plan.Changes {
		if c.Kind == k && c.Addr == e.Addr && !c.Retiring {
			c.Details = e.Details
		}
	}
	for _, text := range e.Attention {
		b.note(TopicUnchecked, "", e.Addr, "%s", text)
	}
	for _, text := range e.Refusals {
		b.refuse("", e.Addr, "%s", text)
	}
	if len(e.Consent)+len(e.Accepted) == 0 {
		return
	}
	if b.plan.Impact == nil {
		b.plan.Impact = &Impact{}
	}
	b.plan.Impact.Consent = append(b.plan.Impact.Consent, e.Consent...)
	b.plan.Impact.Accepted = append(b.plan.Impact.Accepted, e.Accepted...)
}
