package ops

import (
	"context"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
)

// SummaryPlanDiffers says that a plan made now would do something else.
const SummaryPlanDiffers = "Plan does not hold any more"

// VerifyPlan finds out whether a plan file still says what an apply would do:
// it makes the plan again and compares. It writes nothing and takes no lock.
type VerifyPlan struct {
	Runtime    *Runtime
	Source     Source // where the configuration is, and values of sensitive variables
	File       string
	MaxPlanAge time.Duration // 0 means DefaultPlanAge
}

// Verified is the result of a verification.
type Verified struct {
	Plan  *engine.Plan // of the file; nil when it cannot be read
	Moved bool         // the state was written since, and it does not matter
	Files map[string]*hcl.File
	Diags hcl.Diagnostics // without errors, the plan holds
}

// Run verifies.
func (v *VerifyPlan) Run(ctx context.Context) *Verified {
	out := &Verified{}
	s := newSession(v.Runtime)
	defer s.close()
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	f := s.openPlan(ctx, v.File, v.Source, planUse{maxAge: v.MaxPlanAge})
	if f == nil {
		return out
	}
	if out.Plan = f.Plan; !s.ok() {
		return out
	}
	if s.readState(ctx); !s.ok() {
		return out
	}
	out.Moved = !s.checkState(f)
	if !s.ok() {
		return out
	}
	if f.Plan.Header.Reverts != "" {
		if out.Moved {
			s.refuse(SummaryPlanSerial, "%s%s", s.stateMoved(f), newPlan)
		}
		return out
	}
	again, differs := s.again(ctx, f)
	if again != nil && differs {
		s.refuse(SummaryPlanDiffers, "A plan made now would do something else%s.%s", s.differing(f.Plan, again), newPlan)
	}
	return out
}
