package appcentric

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/auth"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// Prefix is the first path segment of the service.
const Prefix = "/M365.Apps"

// Options make a service.
type Options struct {
	Store    *store.Store
	Clock    func() time.Time
	NewID    func() string
	Identify func(ctx context.Context, header string) (auth.Identity, error)
	// PublishedOnly: apps in review are not known to the service. Whether the
	// real one takes them is not known either.
	PublishedOnly bool
}

// Server is the service of one tenant.
type Server struct {
	opt     Options
	store   *store.Store
	service *wire.Service
}

// New makes the service.
func New(o Options) *Server {
	s := &Server{opt: o, store: o.Store}
	s.service = &wire.Service{
		Router: wire.NewRouter(s.routes()), Clock: o.Clock, NewID: o.NewID, Identify: o.Identify, Refuse: refuse,
		WriteError: writeError, Translate: translate, ContentType: "application/json; charset=utf-8",
	}
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.service.Serve(w, r, Prefix) }

func (s *Server) routes() []wire.Route {
	delegated := []string{"user_impersonation"}
	read := wire.Permission{Scopes: delegated, Reader: true}
	write := wire.Permission{Scopes: delegated, Admin: true}
	return []wire.Route{
		{Method: "GET", Pattern: "/apps", Need: read, Handle: s.list},               // Get-AllM365TeamsApps
		{Method: "GET", Pattern: "/apps/{app}", Need: read, Handle: s.get},          // Get-M365TeamsApp
		{Method: "PATCH", Pattern: "/apps/{app}", Need: write, Handle: s.update},    // Update-M365TeamsApp
		{Method: "GET", Pattern: "/settings", Need: read, Handle: s.settings},       // Get-M365UnifiedTenantSettings
		{Method: "PATCH", Pattern: "/settings", Need: write, Handle: s.setSettings}, // Update-M365UnifiedTenantSettings
	}
}

// refuse checks a token. Only a person gets in: an application is refused
// whatever its roles.
func refuse(c *wire.Call, r wire.Route) *wire.Error {
	who := c.Identity.Describe()
	switch {
	case c.Identity.App:
		e := wire.Errorf(http.StatusUnauthorized, "Unauthorized", "%s is an application identity; the service takes signed-in people only.", who)
		e.Headers = map[string]string{"WWW-Authenticate": `Bearer token_types="app_asserted_user_v1 service_asserted_app_v1"`}
		return e
	case !c.Identity.Can(r.Need.Scopes, nil):
		return wire.Forbidden("The token of %s lacks the scope %s.", who, strings.Join(r.Need.Scopes, ", "))
	case r.Need.Admin && !c.Identity.TeamsAdmin():
		return wire.Forbidden("%s has no Teams administrator role.", who)
	case r.Need.Reader && !c.Identity.TeamsReader():
		return wire.Forbidden("%s has no role that reads Teams settings.", who)
	}
	return nil
}

func translate(err error) *wire.Error {
	var locked *store.LockedError
	var refusal *store.AudienceRefusal
	switch {
	case errors.As(err, &locked):
		e := wire.Errorf(503, "ServiceUnavailable", "%v", locked)
		e.Headers = map[string]string{"Retry-After": "1"}
		return e
	case errors.As(err, &refusal):
		return wire.BadRequest("%v", refusal)
	case errors.Is(err, store.ErrNotFound):
		return wire.NotFound("%v", err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return wire.Errorf(503, "ServiceUnavailable", "The request was given up: %v", err)
	}
	return nil
}

// writeError writes an error. The commands of the module print no more than a
// code; the message here is for people who debug.
func writeError(c *wire.Call, e *wire.Error) {
	raw, _ := json.Marshal(map[string]any{"error": map[string]string{"code": e.Code, "message": e.Message}}) // plain strings cannot fail
	c.Writer.Header().Set("Content-Type", "application/json; charset=utf-8")
	c.Writer.WriteHeader(e.Status)
	_, _ = c.Writer.Write(raw) // the client has gone; nobody is left to tell
}

// WriteError answers a failure that arose before the service was reached.
func WriteError(w http.ResponseWriter, r *http.Request, now time.Time, requestID string, e *wire.Error) {
	wire.Begin(w, r, now, requestID)
	for k, v := range e.Headers {
		w.Header().Set(k, v)
	}
	writeError(&wire.Call{Writer: w, Request: r}, e)
}

// wanted refuses tenants that have not been moved to app-centric management.
// What the real service answers there is not known.
func wanted(tx *store.Tx) error {
	on, err := tx.AppCentric()
	if err == nil && !on {
		err = wire.Errorf(http.StatusConflict, "NotAllowed", "NotAllowed: This tenant does not use app-centric management.")
	}
	return err
}
