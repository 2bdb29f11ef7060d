package engine

import (
	"slices"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine/internal/reverting"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// wantBack fills in what is desired from an applied plan that is taken back,
// and leaves only what takes part among the priors.
func (b *builder) wantBack(priors map[string][]*prior) CompileOutput {
	b.back = reverting.New(b.in.Revert)
	b.formerly(priors)
	present := map[addr.Instance]reverting.Present{}
	for kind, list := range priors {
		k := b.in.Kinds.Kind(kind)
		priors[kind] = slices.DeleteFunc(list, func(p *prior) bool { return !b.back.TakesPart(k, p.Key) })
		for _, p := range priors[kind] {
			if p.Retiring {
				continue
			}
			managed := schema.Attrs{}
			for name, v := range p.Attrs {
				if p.Owned[name] {
					managed[name] = v
				}
			}
			present[p.Addr] = reverting.Present{Key: p.Key, Attrs: managed, Lifecycle: config.Lifecycle{PreventDestroy: p.Protect, OnDestroy: p.OnDestroy}}
		}
	}
	for _, d := range b.back.Desired(present) {
		b.desired[d.Kind.Name] = append(b.desired[d.Kind.Name], d)
	}
	b.plan.Irreversible = b.back.Lost
	return CompileOutput{Rows: b.back.Rows()}
}

// endRevert says of a finished plan that takes another one back what is odd.
func (b *builder) endRevert() {
	if b.back == nil {
		return
	}
	b.back.LetGo(b.plan.Ops)
	for _, a := range b.back.ChangedAgain(b.plan.Changes) {
		b.note(TopicUnchecked, "", a, "%s has been changed again since that plan was applied. It goes back to what it was before that plan.", a)
	}
}
