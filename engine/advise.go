package engine

import (
	"context"
	"slices"

	"github.com/teamsform/teamsform/internal/schema"
)

// openWindows reports restricted objects that would be open for a while before
// their restriction, for a guard to judge.
func (b *builder) openWindows() {
	if len(b.windows) == 0 {
		return
	}
	if b.plan.Impact == nil {
		b.plan.Impact = &Impact{}
	}
	b.plan.Impact.Windows = append(b.plan.Impact.Windows, b.windows...)
}

// namePrincipals looks up what people call those who stand in changes. Names
// serve display only: what cannot be looked up stays an id.
func (b *builder) namePrincipals(ctx context.Context) {
	for kind, collection := range b.in.Collections {
		p, ok := collection.(Principals)
		if !ok {
			continue
		}
		var list []string
		for _, c := range slices.Concat(b.plan.Changes, b.plan.Drift) {
			if c.Kind.Name == kind {
				for _, a := range c.Attrs {
					if _, ok := a.Attr.Type.(schema.Audience); ok {
						list = append(list, schema.PrincipalsShown(a.Before, a.After)...)
					}
				}
			}
		}
		if len(list) == 0 {
			continue
		}
		slices.Sort(list)
		if names, err := p.NamePrincipals(ctx, slices.Compact(list)); err == nil {
			b.plan.Names = names
		}
	}
}
