package engine

import (
	"context"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// judge lets the complete plan be judged.
func (b *builder) judge(ctx context.Context) {
	if b.in.Judge == nil || b.diags.HasErrors() {
		return
	}
	j := &Judging{Input: &b.in, Plan: b.plan, Objects: map[string][]Object{}, Holders: b.holders, HasRows: b.rows != nil}
	for kind := range b.read {
		j.Objects[kind] = b.actual[kind]
	}
	if b.members != nil {
		j.Audiences, j.NotFound = b.members.Sizes(), b.members.Audiences()
	}
	j.Read = func(ctx context.Context, k *schema.Kind) ([]Object, error) {
		c := b.in.Collections[k.Name]
		if c == nil {
			return nil, nil
		}
		var out []Object
		err := c.List(ctx, Scope{}, func(o Object) error {
			out = append(out, o)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list of %s: %w", k.Plural, err)
		}
		return out, nil
	}
	b.diags = append(b.diags, b.in.Judge.Judge(ctx, j)...)
}

// CannotRead is the diagnostic for a failed read of the tenant.
func CannotRead(err error) hcl.Diagnostics {
	return diag.FromError("The tenant could not be read", err)
}
