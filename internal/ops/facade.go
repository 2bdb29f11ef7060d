package ops

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// Session is one run, for operations in packages of their own: a configuration,
// its tenant and its state. They read and change its fields.
type Session struct {
	Runtime *Runtime
	Config  *config.Config
	Kinds   *schema.Registry
	Backend state.Backend
	Prior   *state.State // with its journal replayed; nil before the first apply
	Conn    *Connection  // nil until Connect
	Reading *teams.Reading
	Diags   hcl.Diagnostics
	// Unreached is why the tenant could not be reached or read.
	Unreached hcl.Diagnostics

	s *session
}

// OpenEmergency prepares a command that has to work when others do not: the files
// may have mistakes, another run may hold the lock, the tenant may be out of
// reach. It loads the configuration and prepares its backend. Mistakes in the
// files become one warning, as long as it is known which state and which tenant
// are meant.
func OpenEmergency(ctx context.Context, rt *Runtime, src Source) *Session {
	s := &session{rt: rt, kinds: teams.Kinds(), strings: NewStrings()}
	s.cfg, s.diags = rt.load(ctx, src, s.kinds)
	if s.diags.HasErrors() && s.cfg != nil && s.cfg.Settings.State.Type != "" && s.cfg.Tenant.Driver != "" {
		n := 0
		for _, d := range s.diags {
			if d.Severity == hcl.DiagError {
				n++
			}
		}
		s.diags = hcl.Diagnostics{diag.Warning(nil, "Configuration has mistakes",
			"%d found; teamsform validate lists them. They do not stop this command: it needs to know only which state and which tenant are meant.", n)}
	}
	if s.ok() {
		s.openBackend(0)
	}
	e := &Session{Runtime: rt, Kinds: s.kinds, s: s}
	e.take()
	return e
}

// take takes over what the session has found out.
func (e *Session) take() {
	e.Config, e.Backend, e.Prior, e.Conn, e.Reading = e.s.cfg, e.s.backend, e.s.prior, e.s.conn, e.s.reading
	e.Diags, e.s.diags = append(e.Diags, e.s.diags...), nil
}

// OK reports whether nothing has failed yet.
func (e *Session) OK() bool { return !e.Diags.HasErrors() }

// ReadState reads state and journal.
func (e *Session) ReadState(ctx context.Context) { e.s.readState(ctx); e.take() }

// Connect opens the tenant.
func (e *Session) Connect(ctx context.Context) { e.s.connect(ctx); e.take() }

// NewReading forgets what was read of the tenant.
func (e *Session) NewReading() { e.s.newReading(); e.take() }

// Close ends the connection.
func (e *Session) Close() { e.s.close() }

// Files are the sources of the configuration.
func (e *Session) Files() map[string]*hcl.File { return e.s.files() }

// Fail adds an error.
func (e *Session) Fail(summary string, err error) { e.s.fail(summary, err); e.take() }

// Wrong adds an error in words.
func (e *Session) Wrong(summary, format string, args ...any) {
	e.s.wrong(summary, format, args...)
	e.take()
}

// Refuse adds a refusal.
func (e *Session) Refuse(summary, format string, args ...any) {
	e.s.refuse(summary, format, args...)
	e.take()
}
