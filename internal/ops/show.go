package ops

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// Show reads the state. It never writes and never locks.
type Show struct {
	Runtime *Runtime
	Source  Source
}

// Shown is what the state holds.
type Shown struct {
	State   *state.State // nil: nothing was applied yet
	Kinds   *schema.Registry
	InDoubt int // steps of an interrupted run that the next apply looks up
	Files   map[string]*hcl.File
	Diags   hcl.Diagnostics
}

// Run reads the state.
func (sh *Show) Run(ctx context.Context) *Shown {
	s := open(ctx, sh.Runtime, sh.Source, 0)
	defer s.close()
	out := &Shown{Kinds: teams.Kinds()}
	if s.ok() {
		s.readState(ctx)
		out.State, out.InDoubt = s.prior, len(s.inDoubt)
	}
	out.Diags, out.Files = s.diags, s.files()
	return out
}

// Init prepares a configuration for its first plan: it reads it, reaches the
// tenant, and binds a new state to that tenant.
type Init struct {
	Runtime *Runtime
	Source  Source
}

// Initialised is the result of an init.
type Initialised struct {
	Tenant   string // name and id
	Lineage  string
	StateAt  string
	Existing bool // the state was there already
	Files    map[string]*hcl.File
	Diags    hcl.Diagnostics
}

// Run prepares the configuration. Running it again changes nothing.
func (i *Init) Run(ctx context.Context) *Initialised {
	s := open(ctx, i.Runtime, i.Source, 0)
	defer s.close()
	out := &Initialised{}
	i.run(ctx, s, out)
	out.Diags, out.Files = s.diags, s.files()
	return out
}

func (i *Init) run(ctx context.Context, s *session, out *Initialised) {
	if !s.ok() {
		return
	}
	lease := s.lease(ctx, "init")
	if lease == nil {
		return
	}
	defer func() {
		if err := lease.Release(context.WithoutCancel(ctx)); err != nil {
			s.fail("Lock cannot be released", err)
		}
	}()
	if s.readState(ctx); !s.ok() {
		return
	}
	if s.connect(ctx); !s.ok() {
		return
	}
	out.Tenant = orUnnamed(s.conn.Info.Name, s.conn.Info.ID)
	out.StateAt = s.cfg.Settings.State.Path
	if s.prior != nil {
		out.Existing, out.Lineage = true, s.prior.Lineage
		return
	}
	st := state.New(s.conn.Info.ID, s.cfg.Tenant.Cloud, s.rt.NewID(), s.strings)
	st.Tool, st.TenantName = s.rt.Tool, s.conn.Info.Name
	if _, err := st.Advance(nil); err != nil {
		s.fail("State cannot be written", err)
		return
	}
	if _, err := s.backend.Write(ctx, state.Meta{}, st); err != nil {
		s.fail("State cannot be written", err)
		return
	}
	out.Lineage = st.Lineage
}
