package ops

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/guarding"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/assess"
	"github.com/teamsform/teamsform/internal/diag"
)

// Plan compares a configuration with its tenant. It never writes and never
// locks.
type Plan struct {
	Runtime *Runtime
	Source  Source
	Choice  Choice
	Out     string // write the plan to this file; "" for none
	// Revert is the file of a plan that was applied: take it back, instead of
	// what the files say. "" for none; Choice does not count then.
	Revert string
}

// Choice says what a plan is to do and how far it goes.
type Choice struct {
	Destroy     bool
	Adopt       bool     // existing objects enter state without import blocks
	Targets     []string // addresses or patterns: these and what they need
	Excludes    []string // not these, nor what needs them
	Replace     []string // remove these and make them anew
	NoRefresh   bool     // trust the state where it knows everything
	RefreshOnly bool     // compare state and tenant; the files do not matter
	Allow       []string // guards that may trip this once
	// MembershipOnly: only what the directory has caused.
	MembershipOnly bool
}

// patterns reads the addresses of a choice.
func (c Choice) patterns() (targets, excludes, replace []addr.Pattern, diags hcl.Diagnostics) {
	read := func(list []string, flag string) []addr.Pattern {
		var out []addr.Pattern
		for _, s := range list {
			p, err := addr.ParsePattern(s)
			if err != nil {
				diags = append(diags, diag.Error(nil, "Invalid address", "%s: %s.", flag, err))
				continue
			}
			out = append(out, p)
		}
		return out
	}
	targets, excludes, replace = read(c.Targets, "--target"), read(c.Excludes, "--exclude"), read(c.Replace, "--replace")
	for _, name := range c.Allow {
		if complaint := config.CheckGuardName(name); complaint != "" {
			diags = append(diags, diag.Error(nil, "Unknown guard", "--allow: %s", complaint))
		}
	}
	if len(targets) > 0 && len(excludes) > 0 {
		diags = append(diags, diag.Error(nil, "Target and exclude together", "--target and --exclude cannot be combined: say either what to do, or what to leave out."))
	}
	return targets, excludes, replace, diags
}

// Planned is the result of a plan.
type Planned struct {
	Plan  *engine.Plan   // nil with errors
	Saved *planfile.File // the plan as a file has it; nil with errors
	Files map[string]*hcl.File
	Calls map[string]int // requests by endpoint
	Diags hcl.Diagnostics

	// People is what the plan changes for people, one by one; nil when it changes
	// nothing for anybody.
	People *assess.Comparison
}

// Run makes the plan.
func (p *Plan) Run(ctx context.Context) *Planned {
	s := open(ctx, p.Runtime, p.Source, 0)
	defer s.close()
	out := &Planned{}
	if p.Revert != "" {
		out.Plan = s.revert(ctx, p.Revert)
	} else {
		out.Plan = s.plan(ctx, p.Choice)
	}
	if s.ok() && out.Plan != nil {
		out.Saved = s.saved(out.Plan, p.Source, p.Choice)
		if p.Out != "" {
			if err := planfile.Save(p.Out, out.Saved); err != nil {
				s.fail("Plan cannot be saved", err)
			}
		}
	}
	if s.assessor != nil {
		out.People = s.assessor.Found
	}
	out.Diags, out.Files, out.Calls = s.diags, s.files(), s.calls()
	return out
}

// plan reads the state, connects and compares.
func (s *session) plan(ctx context.Context, choice Choice) *engine.Plan {
	if _, _, _, diags := choice.patterns(); diags.HasErrors() {
		s.diags = append(s.diags, diags...)
	}
	if !s.ok() {
		return nil
	}
	if s.readState(ctx); !s.ok() {
		return nil
	}
	return s.planFrom(ctx, choice)
}

// planFrom compares the configuration with the tenant and the state that was
// read.
func (s *session) planFrom(ctx context.Context, choice Choice) *engine.Plan {
	targets, excludes, replace, diags := choice.patterns()
	if s.diags = append(s.diags, diags...); !s.ok() {
		return nil
	}
	if s.connect(ctx); !s.ok() {
		return nil
	}
	s.assessor = &assess.Assessor{Reader: s.reader()}
	plan, diags := engine.BuildPlan(ctx, engine.Input{
		Config: s.cfg, Kinds: s.kinds, Prior: s.prior, InDoubt: s.inDoubt,
		Collections: s.reading.Collections(s.kinds), Table: s.reading.Rows(), Compiler: s.reading.Compiler(s.kinds), Judge: guarding.Judge{}, Assessor: s.assessor,
		Strings: s.strings, Tenant: s.conn.Info, Root: s.cfg.Settings.Root, Tool: s.rt.Tool,
		PlannedAt: s.rt.Clock(), Destroy: choice.Destroy, Adopt: choice.Adopt,
		NoRefresh: choice.NoRefresh, RefreshOnly: choice.RefreshOnly, Targets: targets, Excludes: excludes, Replace: replace,
		Allow: choice.Allow, MembershipOnly: choice.MembershipOnly,
	})
	s.diags = append(s.diags, diags...)
	if plan != nil {
		plan.Header.Journal = journalOf(s.loaded)
	}
	s.expect(ctx, plan)
	return plan
}

func (s *session) files() map[string]*hcl.File {
	if s.cfg == nil {
		return nil
	}
	return s.cfg.Sources
}

// calls counts the requests sent so far, by endpoint.
func (s *session) calls() map[string]int {
	out := map[string]int{}
	if s.conn == nil {
		return out
	}
	for name, n := range s.conn.Graph.Calls() {
		out[name] += n
	}
	if c, ok := s.conn.Control.(interface{ Calls() map[string]int }); ok {
		for name, n := range c.Calls() {
			out[name] += n
		}
	}
	return out
}
