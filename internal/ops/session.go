package ops

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/assess"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/packageshelf"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// session is one run: a configuration, its tenant and its state.
type session struct {
	rt      *Runtime
	kinds   *schema.Registry
	cfg     *config.Config
	conn    *Connection
	reading *teams.Reading
	backend state.Backend
	strings *table.Strings

	assessor    *assess.Assessor // of the plan that this run makes
	unexpecting bool             // expect blocks are not looked at

	loaded  *state.Loaded
	prior   *state.State
	inDoubt []state.InDoubt
	diags   hcl.Diagnostics
}

// open loads the configuration and prepares its backend. The tenant is
// connected by connect, once the state is known to be readable.
func open(ctx context.Context, rt *Runtime, src Source, lockTimeout time.Duration) *session {
	s := &session{rt: rt, kinds: teams.Kinds(), strings: NewStrings()}
	s.cfg, s.diags = rt.load(ctx, src, s.kinds)
	if s.diags.HasErrors() {
		return s
	}
	s.openBackend(lockTimeout)
	return s
}

func (s *session) openBackend(lockTimeout time.Duration) {
	st := s.cfg.Settings.State
	if st.Type != "local" {
		rng := st.Range
		s.diags = append(s.diags, diag.Error(&rng, "State backend not supported",
			"This version keeps state in a local file only, not in %q. Remove the state block, or use state \"local\" { path = \"...\" }.", st.Type))
		return
	}
	s.backend = state.NewLocal(state.LocalOptions{
		Path: absolute(s.cfg.Dir, st.Path), Clock: s.rt.Clock, NewID: s.rt.NewID, LockTimeout: lockTimeout, Sleep: s.rt.Sleep,
		Waiting: func(held *state.LockedError) {
			s.rt.tell("Waiting for %s to finish with %s (--lock-timeout=%s).", holder(held.Holder), held.Path, lockTimeout)
		},
	})
	if s.rt.WrapBackend != nil {
		s.backend = s.rt.WrapBackend(s.backend)
	}
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, filepath.FromSlash(path))
}

// fail adds an error to the session's diagnostics.
func (s *session) fail(summary string, err error) {
	s.diags = append(s.diags, diag.FromError(summary, err)...)
}

func (s *session) ok() bool { return !s.diags.HasErrors() }

// readState reads state and journal, and replays the journal in memory.
func (s *session) readState(ctx context.Context) {
	loaded, err := state.Load(ctx, s.backend, s.strings)
	if err != nil {
		s.fail("State cannot be read", err)
		return
	}
	s.loaded = loaded
	s.prior, s.inDoubt = loaded.Replayed(s.strings)
	if loaded.Fit == state.FitForeign {
		s.inDoubt = allIntents(loaded.Journal)
		s.diags = append(s.diags, diag.Warning(nil, "Journal of another state",
			"An interrupted run left a journal that does not belong to the present state. What it announced is looked up in the tenant; nothing of it is taken on trust."))
	} else if loaded.Fit == state.FitStarts {
		s.diags = append(s.diags, diag.Warning(nil, "Earlier run was interrupted",
			"What it had finished is taken from its journal; %s looked up in the tenant. The next apply settles it.", doubts(len(s.inDoubt))))
	}
}

func doubts(n int) string {
	if n == 1 {
		return "1 step in doubt is"
	}
	return fmt.Sprintf("%d steps in doubt are", n)
}

// allIntents treats everything a journal announced as in doubt.
func allIntents(j *state.Journal) []state.InDoubt {
	var out []state.InDoubt
	for _, e := range j.Entries {
		if e.Intent != nil {
			out = append(out, state.InDoubt{Seq: e.Seq, Batch: e.Intent.Batch, Ops: e.Intent.Ops, Rows: e.Intent.Rows})
		}
	}
	return out
}

// dial opens the tenant, once.
func (s *session) dial(ctx context.Context) {
	if s.conn != nil {
		return
	}
	conn, err := s.rt.Connect(ctx, s.cfg)
	if err != nil {
		s.fail("Tenant cannot be opened", err)
		return
	}
	s.conn = conn
	s.newReading()
}

// connect opens the tenant and checks that it is the one the state is of.
func (s *session) connect(ctx context.Context) {
	if s.dial(ctx); s.conn == nil {
		return
	}
	conn := s.conn
	if s.prior != nil && s.prior.Tenant != "" && !strings.EqualFold(s.prior.Tenant, conn.Info.ID) {
		s.diags = append(s.diags, diag.Error(nil, "State of another tenant",
			"The state was made for the tenant %s, but the configuration leads to %q (%s). Nothing was changed. Point the tenant block at the former, or give this tenant a state of its own: teamsform { state \"local\" { path = \"...\" } }.",
			orUnnamed(s.prior.TenantName, s.prior.Tenant), conn.Info.Name, conn.Info.ID))
	}
}

// newReading forgets what was read of the tenant.
func (s *session) newReading() {
	s.reading = teams.NewReading(s.conn.Graph.Reader(), s.conn.Reader, s.cfg.Settings.Root)
	s.reading.Model, s.reading.TakesReview = s.conn.Info.AccessModel, s.conn.TakesReview
	s.reading.KeepPackages(s.cfg.Dir, packageshelf.New(filepath.Join(s.cfg.Dir, ".teamsform", "packages")), s.unkept)
}

// NewStrings returns an interner that knows the types of policies.
func NewStrings() *table.Strings { return table.NewStrings(teams.PolicyTypes()...) }

func orUnnamed(name, id string) string {
	if name == "" {
		return id
	}
	return fmt.Sprintf("%q (%s)", name, id)
}

// unkept warns that a published package could not be kept for the comparison
// with the next one.
func (s *session) unkept(err error) {
	s.diags = append(s.diags, diag.Warning(nil, "Package not kept",
		"%s. The app is published all the same; the next plan cannot say what an update changes in it.", err))
}

// close ends the connection.
func (s *session) close() {
	if s.conn != nil && s.conn.Close != nil {
		_ = s.conn.Close()
	}
}
