package ops

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
)

// Plan compares a configuration with its tenant. It never writes and never
// locks.
type Plan struct {
	Runtime *Runtime
	Source  Source
	Destroy bool
	Adopt   bool
}

// Planned is the result of a plan.
type Planned struct {
	Plan  *engine.Plan // nil with errors
	Files map[string]*hcl.File
	Calls map[string]int // requests by endpoint
	Diags hcl.Diagnostics
}

// Run makes the plan.
func (p *Plan) Run(ctx context.Context) *Planned {
	s := open(ctx, p.Runtime, p.Source, 0)
	defer s.close()
	out := &Planned{}
	out.Plan = s.plan(ctx, p.Destroy, p.Adopt)
	out.Diags, out.Files, out.Calls = s.diags, s.files(), s.calls()
	return out
}

// plan reads the state, connects and compares.
func (s *session) plan(ctx context.Context, destroy, adopt bool) *engine.Plan {
	if !s.ok() {
		return nil
	}
	if s.readState(ctx); !s.ok() {
		return nil
	}
	if s.connect(ctx); !s.ok() {
		return nil
	}
	plan, diags := engine.BuildPlan(ctx, engine.Input{
		Config: s.cfg, Kinds: s.kinds, Prior: s.prior, InDoubt: s.inDoubt,
		Collections: s.reading.Collections(s.kinds), Table: s.reading.Rows(), Compiler: s.reading.Compiler(s.kinds),
		Strings: s.strings, Tenant: s.conn.Info, Root: s.cfg.Settings.Root, Tool: s.rt.Tool,
		PlannedAt: s.rt.Clock(), Destroy: destroy, Adopt: adopt,
	})
	s.diags = append(s.diags, diags...)
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
