package ops

import (
	"context"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// Apply plans and then makes the changes. It holds the lock from before the
// plan until the state is written.
type Apply struct {
	Runtime     *Runtime
	Source      Source
	Choice      Choice
	Parallelism int
	StopOnError bool
	LockTimeout time.Duration
	// Wait: end only when what was accepted is to be seen, or WaitFor is over, or,
	// where that is 0, what is not to be seen is late.
	Wait    bool
	WaitFor time.Duration
	// Confirm is shown the plan and says whether to go on. It is not asked when
	// there is nothing to send.
	Confirm func(*Planned) (bool, error)
	Sink    applying.Sink

	// PlanFile is carried out instead of a new plan, without a question; Choice
	// does not count then. "" for none.
	PlanFile   string
	NoConfig   bool          // do without the configuration that the plan was made from
	MaxPlanAge time.Duration // how old the plan may be; 0 means DefaultPlanAge
}

// freshFor is how long what a plan has read is taken to be as it was.
const freshFor = 10 * time.Second

// Applied is the result of an apply.
type Applied struct {
	Planned
	Outcome  *applying.Outcome // nil when nothing was started
	Declined bool              // Confirm said no
	// Unsaved is the state document when it could be written nowhere: print it.
	Unsaved []byte
}

// Run plans, asks and applies.
func (a *Apply) Run(ctx context.Context) *Applied {
	if a.PlanFile != "" {
		return a.runSaved(ctx)
	}
	out := &Applied{}
	s := open(ctx, a.Runtime, a.Source, a.LockTimeout)
	defer s.close()
	defer func() { out.Diags, out.Files, out.Calls = s.diags, s.files(), s.calls() }()
	if !s.ok() {
		return out
	}
	lease := s.lease(ctx, a.operation())
	if lease == nil {
		return out
	}
	defer func() {
		if err := lease.Release(context.WithoutCancel(ctx)); err != nil {
			s.fail("Lock cannot be released", err)
		}
	}()
	plan := s.plan(ctx, a.Choice)
	if plan == nil || !s.ok() {
		return out
	}
	out.Plan = plan
	before := s.rt.Clock()
	if !a.mayGoOn(s, out) {
		if !a.Choice.MembershipOnly || len(plan.Refusing()) == 0 || len(plan.RowRecords.Drop) == 0 {
			return out
		}
		// What guards refuse is left; who left the directory is forgotten all the
		// same, which sends nothing.
		rest := *plan
		rest.RowOps, rest.RowGroups, rest.Audiences = nil, nil, nil
		plan = &rest
	}
	defer a.Runtime.Begin()()
	in := s.applyInput(a, plan, lease)
	in.Recheck = s.rt.Clock().Sub(before) > freshFor // somebody took time to answer
	outcome, err := applying.Apply(ctx, in)
	out.Outcome = outcome
	s.endedBadly(out, err)
	return out
}

func (a *Apply) operation() string {
	if a.Choice.Destroy {
		return "destroy"
	}
	return "apply"
}

// mayGoOn judges refusals and asks for confirmation.
func (a *Apply) mayGoOn(s *session, out *Applied) bool {
	for _, r := range out.Plan.Refusals {
		s.diags = append(s.diags, diag.WithClass(diag.Error(nil, "Refused", "%s", r.Text), diag.ClassRefused))
	}
	for _, v := range out.Plan.Refusing() {
		s.diags = append(s.diags, diag.WithClass(diag.Error(nil, "Refused by a guard", "%s", v.Refusal()), diag.ClassRefused))
	}
	if !s.ok() || a.Confirm == nil || out.Plan.Empty() {
		return s.ok() // what is refused is not asked about
	}
	out.Diags, out.Files = s.diags, s.files()
	yes, err := a.Confirm(&out.Planned)
	if err != nil {
		s.fail("Not confirmed", err)
		return false
	}
	if !s.ok() {
		return false
	}
	out.Declined = !yes
	return yes
}

// lease takes the lock.
func (s *session) lease(ctx context.Context, operation string) state.Lease {
	lease, err := s.backend.Lease(ctx, state.LockInfo{
		ID: s.rt.NewID(), Operation: operation, Who: s.rt.Who, Version: s.rt.Tool, Created: s.rt.Clock().UTC(), RunURL: s.rt.RunURL,
	})
	if err != nil {
		s.fail("State is locked", err)
		return nil
	}
	return lease
}

func (s *session) applyInput(a *Apply, plan *engine.Plan, lease state.Lease) applying.Input {
	writing := teams.NewWriting(s.reading, s.conn.Graph, s.conn.Control, s.cfg.Dir)
	return applying.Input{
		Plan: plan, Writers: writing.Writers(s.kinds), Table: writing.Rows(), Strings: s.strings,
		Backend: s.backend, Lease: lease, Meta: s.loaded.Meta, Prior: s.prior, Journal: s.loaded.Fit == state.FitStarts || s.loaded.Fit == state.FitForeign, Foreign: s.loaded.Fit == state.FitForeign,
		Tenant: s.conn.Info.ID, TenantName: s.conn.Info.Name, Cloud: s.cfg.Tenant.Cloud, Tool: s.rt.Tool,
		Parallelism: a.Parallelism, StopOnError: a.StopOnError, Stop: s.rt.Stop, Wait: a.Wait, WaitFor: a.WaitFor,
		Clock: s.rt.Clock, NewID: s.rt.NewID, Sleep: s.rt.Sleep, Sink: a.Sink, EarlierPlanFile: earlierPlan(s.loaded),
	}
}

// Validate checks a configuration without a tenant: files, types, references,
// packages.
type Validate struct {
	Runtime *Runtime
	Source  Source
}

// Validated is the result of a validation.
type Validated struct {
	Blocks int // instances checked
	Files  map[string]*hcl.File
	Diags  hcl.Diagnostics
}

// Run validates.
func (v *Validate) Run(ctx context.Context) *Validated {
	cfg, diags := v.Runtime.load(ctx, v.Source, teams.Kinds())
	out := &Validated{Diags: diags}
	if cfg != nil {
		out.Blocks, out.Files = len(cfg.Instances), cfg.Sources
	}
	return out
}
