package policies

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

// Options make a policy service.
type Options struct {
	Store    *store.Store
	Clock    func() time.Time
	NewID    func() string
	Identify func(ctx context.Context, header string) (auth.Identity, error)
}

// Server is the policy plane of one tenant.
type Server struct {
	opt     Options
	store   *store.Store
	service *wire.Service
}

// Prefixes are the first path segments of the policy plane.
func Prefixes() []string {
	return []string{"/Skype.Policy", "/Teams.MiddletierService", "/Teams.Tenant", "/Teams.User", "/Skype.User", "/Teams.VerticalPackaging"}
}

// New makes the service.
func New(o Options) *Server {
	s := &Server{opt: o, store: o.Store}
	router := wire.NewRouter(s.routes())
	router.Planned = []string{"/Teams.User", "/Skype.User", "/Teams.VerticalPackaging", "/Teams.Tenant/tenants", "/Skype.Policy/tenants/policies"}
	s.service = &wire.Service{
		Router: router, Clock: o.Clock, NewID: o.NewID, Identify: o.Identify, Refuse: refuse,
		WriteError: writeError, Translate: translate, ContentType: "application/json; charset=utf-8",
	}
	return s
}

// ServeHTTP answers a request of the policy plane.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.service.Serve(w, r, "") }

// orgSwitchPath is where the tenant-wide apps settings are.
const orgSwitchPath = "/Teams.MiddletierService/tenantWideAppsSettingsGlobal"

func (s *Server) routes() []wire.Route {
	delegated := []string{"user_impersonation"}
	read := wire.Permission{Scopes: delegated, Reader: true}
	write := wire.Permission{Scopes: delegated, Admin: true}
	const (
		list   = "/Skype.Policy/configurations/{type}"
		one    = "/Skype.Policy/configurations/{type}/configuration/{name}"
		group  = "/Skype.Policy/groupPolicyAssignments/{group}/policyTypes/{type}"
		orders = "/Skype.Policy/assignments/operations"
	)
	return []wire.Route{
		{Method: "GET", Pattern: "/Teams.Tenant/serviceDiscovery", Need: read, Handle: s.discover},
		{Method: "GET", Pattern: list, Need: read, Handle: s.listPolicies},
		{Method: "POST", Pattern: list, Need: write, Handle: s.createPolicy},
		{Method: "GET", Pattern: one, Need: read, Handle: s.getPolicy},
		{Method: "PUT", Pattern: one, Need: write, Handle: s.updatePolicy},
		{Method: "DELETE", Pattern: one, Need: write, Handle: s.deletePolicy},
		{Method: "PATCH", Pattern: "/Skype.Policy/users/{user}/policies/{type}", Need: write, Handle: s.assignUser},
		{Method: "GET", Pattern: "/Skype.Policy/groupPolicyAssignments", Need: read, Handle: s.listGroups},
		{Method: "PATCH", Pattern: group, Need: write, Handle: s.assignGroup},
		{Method: "DELETE", Pattern: group, Need: write, Handle: s.unassignGroup},
		{Method: "POST", Pattern: orders, Need: write, Handle: s.startOperation},
		{Method: "GET", Pattern: orders, Need: read, Handle: s.listOperations},
		{Method: "GET", Pattern: orders + "/{id}", Need: read, Handle: s.getOperation},
		{Method: "GET", Pattern: orgSwitchPath, Need: read, Handle: s.getOrgSwitch},
		{Method: "PUT", Pattern: orgSwitchPath, Need: write, Handle: s.putOrgSwitch},
	}
}

// refuse checks a token. Applications need no permission here but a directory
// role. The switch for custom apps can be written by a person only, as the
// documentation of the command for it says.
func refuse(c *wire.Call, r wire.Route) *wire.Error {
	who := c.Identity.Describe()
	switch {
	case !c.Identity.App && !c.Identity.Can(r.Need.Scopes, nil):
		return wire.Forbidden("The token of %s lacks the scope %s.", who, strings.Join(r.Need.Scopes, ", "))
	case r.Need.Admin && !c.Identity.TeamsAdmin():
		return wire.Forbidden("%s has no Teams administrator role.", who)
	case r.Need.Reader && !c.Identity.TeamsReader():
		return wire.Forbidden("%s has no role that reads Teams policies.", who)
	case c.Identity.App && r.Pattern == orgSwitchPath && r.Method == http.MethodPut:
		return wire.Forbidden("The tenant-wide apps settings cannot be changed by an application identity (%s): sign in as a Teams administrator.", who)
	}
	return nil
}

func translate(err error) *wire.Error {
	var locked *store.LockedError
	var readOnly *store.ReadOnlyError
	var assigned *store.AssignedError
	var refusal *store.GroupRefusal
	switch {
	case errors.As(err, &locked):
		e := wire.Errorf(503, "ServiceUnavailable", "%v", locked)
		e.Headers = map[string]string{"Retry-After": "1"}
		return e
	case errors.As(err, &readOnly):
		return wire.Forbidden("%v", readOnly)
	case errors.As(err, &assigned):
		return wire.Conflict("%v", assigned)
	case errors.As(err, &refusal):
		return wire.Conflict("%v", refusal)
	case errors.Is(err, store.ErrExists):
		return wire.Conflict("%v", err)
	case errors.Is(err, store.ErrNotFound):
		return wire.NotFound("%v", err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return wire.Errorf(503, "ServiceUnavailable", "The request was given up: %v", err)
	}
	return nil
}

// writeError writes the error body of the policy plane. The middle tier has
// one of its own.
func writeError(c *wire.Call, e *wire.Error) {
	var body any
	if strings.HasPrefix(c.Request.URL.Path, "/Teams.MiddletierService") {
		body = map[string]string{"errorCode": e.Code, "message": e.Message}
	} else {
		body = map[string]any{"error": map[string]string{"code": e.Code, "message": e.Message}}
	}
	raw, _ := json.Marshal(body) // plain strings cannot fail
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

// policyType reads the type of the path.
func policyType(c *wire.Call) (string, error) { return knownType(c.Param("type")) }

func knownType(name string) (string, error) {
	t, ok := store.PolicyTypeName(name)
	if !ok {
		return "", wire.Errorf(http.StatusNotImplemented, "NotImplemented", "The emulated tenant has no policies of type %q.", name)
	}
	return t, nil
}

// discover tells a client where the other services are: here.
func (s *Server) discover(c *wire.Call) error {
	host := strings.TrimPrefix(strings.TrimPrefix(c.Root, "https://"), "http://")
	return c.JSON(200, map[string]any{
		"Endpoints": map[string]string{"ConfigApiEndpoint": host, "AdminServiceEndpoint": host},
		"Headers":   map[string]string{"X-MS-Forest": "emulated"},
	})
}
