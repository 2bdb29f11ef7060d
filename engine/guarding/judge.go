package guarding

import (
	"context"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
)

// Judge is the [engine.Judge] of this package.
type Judge struct{}

// judging is one plan that is being judged.
type judging struct {
	*engine.Judging
	files   rules  // as the files say
	applied *rules // as the last apply recorded; nil when none did
	diags   hcl.Diagnostics
}

// Judge implements engine.Judge.
func (Judge) Judge(ctx context.Context, in *engine.Judging) hcl.Diagnostics {
	j := &judging{Judging: in}
	if j.readRules(); j.diags.HasErrors() || !j.listForGuards(ctx) || !j.assess(ctx) {
		return j.diags
	}
	j.judge()
	j.Plan.Allowed = slices.Sorted(slices.Values(in.Input.Allow))
	j.rememberRules()
	j.attend()
	return j.diags
}
