package engine

import (
	"github.com/teamsform/teamsform/engine/internal/plain"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// planOutputs compares outputs with those of the last apply.
func (b *builder) planOutputs() {
	if b.back != nil {
		b.plan.KeepOutputs = true
		return
	}
	if b.in.Config == nil || b.in.Destroy || b.in.MembershipOnly {
		return
	}
	for _, o := range b.in.Config.Outputs {
		plain, err := plain.Value(o.Value)
		if err != nil {
			rng := o.Range
			b.diags = append(b.diags, diag.Error(&rng, "Wrong output", "Output %q cannot be kept: %s.", o.Name, err))
			continue
		}
		attrs, err := b.ids.Known(schema.Attrs{"value": plain})
		if err != nil {
			b.diags = append(b.diags, diag.FromError("Wrong output", err)...)
			continue
		}
		c := OutputChange{Name: o.Name, After: attrs["value"], Sensitive: o.Sensitive}
		if b.in.Prior != nil {
			if raw, ok := b.in.Prior.Outputs[o.Name]; ok {
				c.Before = raw
			}
		}
		b.plan.Outputs = append(b.plan.Outputs, c)
	}
}
