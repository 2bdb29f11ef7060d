package graph

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

// Options make a Graph service.
type Options struct {
	Store    *store.Store
	Clock    func() time.Time
	NewID    func() string
	Identify func(ctx context.Context, header string) (auth.Identity, error)
	// MaxAssignments bounds the value of one assign or unassign call. The
	// service documents no bound.
	MaxAssignments int
	// Items answers one request inside a $batch: this service with whatever
	// stands in front of it.
	Items func(w http.ResponseWriter, r *http.Request)
}

// Server is the Graph service of one tenant.
type Server struct {
	opt     Options
	store   *store.Store
	service *wire.Service
}

// New makes the service.
func New(o Options) *Server {
	s := &Server{opt: o, store: o.Store}
	router := wire.NewRouter(s.routes())
	router.Planned = []string{
		"/users/{id}/teamwork", "/users/{id}/permissionGrants", "/users/{id}/transitiveMemberOf", "/users/{id}/memberOf", "/users/delta",
		"/groups/delta", "/teams", "/admin/configurationManagement", "/security/auditLog", "/copilot/admin", "/chats",
	}
	s.service = &wire.Service{
		Router: router, Clock: o.Clock, NewID: o.NewID, Identify: o.Identify, Refuse: refuse,
		WriteError: writeError, Translate: translate,
		ContentType: "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
	}
	return s
}

// ServeHTTP answers a request whose path begins with /v1.0 or /beta.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	prefix, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.service.Serve(w, r, "/"+prefix)
}

func (s *Server) routes() []wire.Route {
	var all []wire.Route
	for _, part := range [][]wire.Route{s.directoryRoutes(), s.catalogRoutes(), s.adminRoutes(), s.batchRoutes()} {
		all = append(all, part...)
	}
	return all
}

// refuse checks a token against what an operation needs.
func refuse(c *wire.Call, r wire.Route) *wire.Error {
	n := r.Need
	who := c.Identity.Describe()
	switch {
	case n.Scopes == nil:
		return nil
	case c.Identity.App && n.Roles == nil:
		return wire.Forbidden("%s %s is not available to an application identity (%s): it needs a signed-in person.", r.Method, r.Pattern, who)
	case !c.Identity.Can(n.Scopes, n.Roles):
		want := n.Scopes
		if c.Identity.App {
			want = n.Roles
		}
		e := wire.Forbidden("Insufficient privileges to complete the operation: %s has none of %s.", who, strings.Join(want, ", "))
		if n.Denied != "" {
			e.Code = n.Denied
		}
		return e
	case n.Admin && !c.Identity.App && !c.Identity.TeamsAdmin():
		return wire.Forbidden("%s %s needs a Teams administrator; %s has no such role.", r.Method, r.Pattern, who)
	}
	return nil
}

// translate gives errors of the store their answers.
func translate(err error) *wire.Error {
	var locked *store.LockedError
	switch {
	case errors.As(err, &locked):
		e := wire.Errorf(503, "ServiceUnavailable", "%v", locked)
		e.Headers = map[string]string{"Retry-After": "1"}
		return e
	case errors.Is(err, store.ErrNotFound):
		return wire.NotFound("%v", err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return wire.Errorf(503, "ServiceUnavailable", "The request was given up: %v", err)
	}
	return nil
}

type errorBody struct {
	Error errorMain `json:"error"`
}

type errorMain struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Inner   errorInner `json:"innerError"`
}

type errorInner struct {
	wire.Inner
	Date            string `json:"date"`
	RequestID       string `json:"request-id"`
	ClientRequestID string `json:"client-request-id"`
}

// writeError writes the nested error body of Graph. Its date has no zone.
func writeError(c *wire.Call, e *wire.Error) {
	body := errorBody{errorMain{Code: e.Code, Message: e.Message}}
	if e.Inner != nil {
		body.Error.Inner.Inner = *e.Inner
	}
	body.Error.Inner.Date = c.Now.Format("2006-01-02T15:04:05")
	body.Error.Inner.RequestID = c.RequestID
	body.Error.Inner.ClientRequestID = c.ClientRequestID
	if c.ClientRequestID == "" {
		body.Error.Inner.ClientRequestID = c.RequestID
	}
	raw, _ := json.Marshal(body) // plain strings cannot fail
	c.Writer.Header().Set("Content-Type", "application/json")
	c.Writer.WriteHeader(e.Status)
	_, _ = c.Writer.Write(raw) // the client has gone; nobody is left to tell
}

// WriteError answers a failure that arose before the service was reached.
func WriteError(w http.ResponseWriter, r *http.Request, now time.Time, requestID string, e *wire.Error) {
	c := wire.Begin(w, r, now, requestID)
	for k, v := range e.Headers {
		w.Header().Set(k, v)
	}
	writeError(c, e)
}
