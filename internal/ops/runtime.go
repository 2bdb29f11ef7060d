package ops

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teamsadmin"
	"github.com/teamsform/teamsform/state"
)

// Runtime is everything that an operation takes from its surroundings. The
// clock and the source of ids are here and nowhere else.
type Runtime struct {
	Clock     func() time.Time
	NewID     func() string // a new GUID as text
	Sleep     func(context.Context, time.Duration) error
	LookupEnv func(string) (string, bool)
	Environ   func() []string
	Logger    *slog.Logger
	Tool      string          // version of teamsform
	Who       string          // user@host, for the lock
	RunURL    string          // of the CI run, "" outside of one
	Stop      <-chan struct{} // closed on the first interrupt: start nothing new
	// Graceful is told when an operation begins to change things and must not be
	// cut short by one interrupt; what it returns is called at the end. nil: as
	// if nobody interrupted.
	Graceful func() (end func())
	// Tell says something to people while an operation runs, such as that it
	// waits. nil: nobody listens.
	Tell    func(text string)
	Connect Connect
	// WrapBackend lets a test stand between an operation and its state.
	WrapBackend func(state.Backend) state.Backend
}

// Connect opens the tenant that a configuration names.
type Connect func(ctx context.Context, cfg *config.Config) (*Connection, error)

// Connection is an open tenant.
type Connection struct {
	Graph   *msgraph.Client
	Control teamsadmin.Admin
	Reader  teamsadmin.Reader
	Info    engine.TenantInfo
	// TakesReview: an app in review can be restricted before it is published.
	TakesReview bool
	Close       func() error
}

// Source says which configuration an operation is about.
type Source struct {
	Dir      string
	Vars     []string // --var name=value
	VarFiles []string
	Emulated bool // --emulated
}

// load evaluates the configuration.
func (rt *Runtime) load(ctx context.Context, s Source, kinds *schema.Registry) (*config.Config, hcl.Diagnostics) {
	return config.Load(ctx, rt.options(s, kinds))
}

func (rt *Runtime) options(s Source, kinds *schema.Registry) config.Options {
	return config.Options{
		Dir: s.Dir, Vars: s.Vars, VarFiles: s.VarFiles, Emulated: s.Emulated,
		LookupEnv: rt.LookupEnv, Environ: rt.Environ, Kinds: kinds, Tool: rt.Tool,
	}
}

// Begin begins a section that changes things.
func (rt *Runtime) Begin() (end func()) {
	if rt.Graceful == nil {
		return func() {}
	}
	return rt.Graceful()
}

// tell says something to people while an operation runs.
func (rt *Runtime) tell(format string, args ...any) {
	if rt.Tell != nil {
		rt.Tell(fmt.Sprintf(format, args...))
	}
}
