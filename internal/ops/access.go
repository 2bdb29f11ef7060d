package ops

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/assess"
)

// Access asks who can do what in a tenant, now or once a plan is carried out.
// It only reads.
type Access struct {
	Runtime *Runtime
	Source  Source
	Planned bool // as the configuration would have it
	Nested  bool // also read the groups in groups that policies do not follow
}

// Accessed is a tenant to be asked.
type Accessed struct {
	View   *assess.View // nil after an error
	Tenant engine.TenantInfo
	Diags  hcl.Diagnostics
	Files  map[string]*hcl.File
}

// Run reads the tenant.
func (a *Access) Run(ctx context.Context) *Accessed {
	s := open(ctx, a.Runtime, a.Source, 0)
	defer s.close()
	out := &Accessed{}
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	if !s.ok() {
		return out
	}
	if a.Planned {
		s.unexpecting = true
		if s.plan(ctx, Choice{}) == nil {
			return out
		}
	} else if s.connect(ctx); !s.ok() {
		return out
	}
	out.Tenant = s.conn.Info
	out.View = s.look(ctx, a.Nested)
	return out
}

// reader reads what decides access, with what this run has read already.
func (s *session) reader() *assess.Reader {
	return &assess.Reader{Tenant: s.reading, Kinds: s.kinds, Strings: s.strings, Model: s.conn.Info.AccessModel}
}

// look gives the tenant to be asked: as planned, if this run has planned.
func (s *session) look(ctx context.Context, nested bool) *assess.View {
	var view *assess.View
	var err error
	r := s.reader()
	r.Nested = nested
	if s.assessor != nil && s.assessor.Found != nil {
		view, err = r.After(ctx, s.assessor.Found, s.cfg)
	} else {
		view, err = r.Look(ctx, s.cfg)
	}
	if err != nil {
		s.fail("The tenant could not be read", err)
		return nil
	}
	return view
}

// expect holds the expect blocks against the planned result.
func (s *session) expect(ctx context.Context, plan *engine.Plan) {
	if plan == nil || s.unexpecting || len(s.cfg.Expects) == 0 || plan.Header.RefreshOnly {
		return
	}
	view := s.look(ctx, false)
	if view == nil {
		return
	}
	plan.Expects = view.Expect(s.cfg)
	s.diags = append(s.diags, assess.ExpectProblems(plan.Expects)...)
}

// Test plans and holds the expect blocks against the result.
type Test struct {
	Runtime *Runtime
	Source  Source
}

// Tested is what became of the expect blocks. That one does not hold is no
// diagnostic here.
type Tested struct {
	Expects []engine.Expected
	Diags   hcl.Diagnostics
	Files   map[string]*hcl.File
}

// Run plans. Nothing is written.
func (t *Test) Run(ctx context.Context) *Tested {
	s := open(ctx, t.Runtime, t.Source, 0)
	defer s.close()
	out := &Tested{}
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	if !s.ok() {
		return out
	}
	s.unexpecting = true
	if s.plan(ctx, Choice{}) == nil {
		return out
	}
	if view := s.look(ctx, false); view != nil {
		out.Expects = view.Expect(s.cfg)
	}
	return out
}
