package ops

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// An apply of a plan file executes the plan as it is. Everything that has to be
// as it was is checked first, and each check refuses with words of its own. Only
// one thing may have changed: the state may have been written since, if a plan
// made again has the same effect.

// runSaved applies a plan file.
func (a *Apply) runSaved(ctx context.Context) *Applied {
	out := &Applied{}
	s := newSession(a.Runtime)
	defer s.close()
	defer func() { out.Diags, out.Files, out.Calls = s.diags, s.files(), s.calls() }()
	if _, _, _, s.diags = a.Choice.patterns(); !s.ok() {
		return out // a guard that does not exist
	}
	f := s.openPlan(ctx, a.PlanFile, a.Source, planUse{noConfig: a.NoConfig, maxAge: a.MaxPlanAge, lockTimeout: a.LockTimeout})
	if f != nil {
		out.Plan = f.Plan
	}
	if !s.ok() {
		return out
	}
	lease := s.lease(ctx, "apply")
	if lease == nil {
		return out
	}
	defer s.release(ctx, lease)
	plan := s.current(ctx, f, a.NoConfig)
	if plan == nil || !s.ok() {
		return out
	}
	out.Plan = plan
	plan.Allow(a.Choice.Allow)
	if !a.mayGoOn(s, out) {
		return out
	}
	in := s.applyInput(a, plan, lease)
	in.Recheck, in.PlanFile = true, f.Digest
	defer a.Runtime.Begin()()
	outcome, err := applying.Apply(ctx, in)
	out.Outcome = outcome
	s.endedBadly(out, err)
	return out
}

// newSession is a run without a configuration yet.
func newSession(rt *Runtime) *session {
	return &session{rt: rt, kinds: teams.Kinds(), strings: table.NewStrings(teams.PolicyTypes()...)}
}

// planUse is how a plan file is used.
type planUse struct {
	noConfig    bool
	maxAge      time.Duration
	lockTimeout time.Duration
}

// openPlan reads a plan file, judges what it says of itself, and opens the
// configuration that it was made from, or with noConfig does without.
func (s *session) openPlan(ctx context.Context, path string, now Source, use planUse) *planfile.File {
	f, diags := planfile.Open(path, s.kinds, s.strings)
	for i, d := range diags {
		if d.Summary == planfile.SummaryNewer || d.Summary == planfile.SummaryOtherVersion {
			diags[i] = diag.WithClass(d, diag.ClassRefused)
		}
	}
	if s.diags = append(s.diags, diags...); f == nil {
		return nil
	}
	if s.checkPlan(f, use.maxAge); !s.ok() {
		return f
	}
	if use.noConfig {
		s.withoutConfig(f, now)
	} else {
		s.withConfig(ctx, f, now)
	}
	if s.ok() {
		s.openBackend(use.lockTimeout)
	}
	return f
}

// withoutConfig takes from the plan where state and tenant are.
func (s *session) withoutConfig(f *planfile.File, now Source) {
	if list := planfile.NeedsSecrets(f.Plan); len(list) > 0 {
		s.refuse(SummaryPlanSecret, "%s has a value that comes from a sensitive variable, so the plan does not keep it, and --no-config leaves nothing to take it from. Apply the plan where its configuration is.", list[0])
		return
	}
	if len(now.Vars)+len(now.VarFiles) > 0 {
		s.wrong("Value for a saved plan", "--var and --var-file do nothing with --no-config: the configuration is not read.")
		return
	}
	t := f.Source.Tenant
	s.cfg = &config.Config{
		Dir:      now.Dir,
		Settings: config.Settings{Root: f.Plan.Header.Root, State: config.State{Type: f.Source.State.Type, Path: f.Source.State.Path}},
		Tenant: config.Tenant{
			Driver: t.Driver, ID: t.ID, AccessModel: t.AccessModel, Cloud: t.Cloud, People: t.People, Path: t.Path,
			CAFile: t.CAFile, PolicyTransport: t.PolicyTransport,
		},
	}
}

// withConfig loads the configuration as it was for the plan, and wants the same
// files.
func (s *session) withConfig(ctx context.Context, f *planfile.File, now Source) {
	if s.checkSecrets(f, now); !s.ok() {
		return
	}
	src, rt := savedSource(s.rt, now, f)
	cfg, diags := rt.load(ctx, src, s.kinds)
	s.cfg = cfg
	if cfg == nil || diags.HasErrors() && cfg.Digest() == f.Plan.Header.ConfigDigest {
		s.diags = append(s.diags, diags...)
		return
	}
	if !s.checkConfig(f, cfg) {
		return
	}
	err := planfile.FillSecrets(f.Plan, func(at addr.Instance, attr string) (any, bool) {
		inst := cfg.Instance(at)
		if inst == nil {
			return nil, false
		}
		v, ok := inst.Attrs[attr]
		return v, ok
	})
	if err != nil {
		s.refuse(SummaryPlanSecret, "%s.", err)
	}
}

// current returns the plan to carry out: that of the file, or, when the state
// has been written since, one made again that has the same effect.
func (s *session) current(ctx context.Context, f *planfile.File, noConfig bool) *engine.Plan {
	if s.readState(ctx); !s.ok() {
		return nil
	}
	same := s.checkState(f)
	if !s.ok() {
		return nil
	}
	if same {
		if s.dial(ctx); s.ok() {
			s.checkTenant(f)
		}
		return f.Plan
	}
	if noConfig || f.Plan.Header.Reverts != "" {
		s.refuse(SummaryPlanSerial, "%s Whether that matters cannot be told here, because the plan cannot be made again%s.%s", s.stateMoved(f),
			map[bool]string{true: " without its configuration"}[noConfig], newPlan)
		return nil
	}
	again, differs := s.again(ctx, f)
	if again != nil && differs {
		s.refuse(SummaryPlanSerial, "%s A plan made now would do something else%s.%s", s.stateMoved(f), s.differing(f.Plan, again), newPlan)
		return nil
	}
	return again
}

// stateMoved says how the state differs from the one that the plan starts from.
func (s *session) stateMoved(f *planfile.File) string {
	h, st := f.Plan.Header, s.prior
	if st != nil && (h.Serial < st.Base() || h.Serial > st.Serial) {
		return fmt.Sprintf("The plan starts from serial %d of the state, and it is at %d.", h.Serial, st.Serial)
	}
	return "A run was interrupted since the plan was made, and what it left is not settled."
}

// again makes the plan of a file again and compares the effects.
func (s *session) again(ctx context.Context, f *planfile.File) (again *engine.Plan, differs bool) {
	if s.dial(ctx); s.ok() {
		s.checkTenant(f)
	}
	if !s.ok() {
		return nil, false
	}
	c := f.Source.Choice
	again = s.planFrom(ctx, Choice{
		Destroy: f.Plan.Header.Destroy, RefreshOnly: f.Plan.Header.RefreshOnly, Adopt: c.Adopt, NoRefresh: c.NoRefresh,
		Targets: c.Targets, Excludes: c.Excludes, Replace: c.Replace, Allow: f.Plan.Allowed, MembershipOnly: c.MembershipOnly,
	})
	if again == nil || !s.ok() {
		return nil, false
	}
	var effects [2]string
	for i, p := range []*engine.Plan{f.Plan, again} {
		var err error
		if effects[i], err = planfile.Effect(p, s.strings); err != nil {
			s.fail("Plans cannot be compared", err)
			return nil, false
		}
	}
	return again, effects[0] != effects[1]
}

// differing names what two plans do differently, for a message.
func (s *session) differing(before, now *engine.Plan) string {
	names := planfile.Differing(before, now, s.strings)
	if len(names) > 5 {
		names = append(names[:5], fmt.Sprintf("%d more", len(names)-5))
	}
	if len(names) == 0 {
		return ""
	}
	return ": it differs in " + strings.Join(names, ", ")
}

// earlierPlan is the plan file whose apply was interrupted before this run.
func earlierPlan(l *state.Loaded) string {
	if l.Fit == state.FitStarts {
		return l.Journal.Header.Plan
	}
	return ""
}
