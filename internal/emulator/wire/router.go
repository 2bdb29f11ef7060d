package wire

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Permission is what a route asks of a token.
type Permission struct {
	Scopes []string // one of these, for a person
	Roles  []string // one of these, for an application; none: applications are refused
	Admin  bool     // a person must also hold a Teams administrator role
	Reader bool     // the identity must hold a role that reads Teams policies
	Denied string   // error code when the permission is missing; empty: the service's usual one
}

// Route is one operation of a service.
type Route struct {
	Method  string
	Pattern string // "/users/{id}"; a segment may be a literal or a {name}
	Need    Permission
	Handle  func(*Call) error
}

type compiled struct {
	Route
	segments []string
}

// Router finds the route for a path.
type Router struct {
	routes []compiled
	// Planned are the beginnings of paths that the real service has and this
	// one does not: they answer 501 instead of 404.
	Planned []string
}

// NewRouter compiles routes. The first one that fits wins.
func NewRouter(routes []Route) *Router {
	r := &Router{}
	for _, route := range routes {
		r.routes = append(r.routes, compiled{Route: route, segments: strings.Split(strings.Trim(route.Pattern, "/"), "/")})
	}
	return r
}

// Serve finds the route for the escaped path (without prefix), checks the
// permission and runs the handler. refuse makes the service's own 403.
func (r *Router) Serve(c *Call, path string, refuse func(*Call, Route) *Error) error {
	segments, err := splitPath(path)
	if err != nil {
		return err
	}
	if r.planned(segments) {
		return Errorf(http.StatusNotImplemented, "NotImplemented", "The emulated tenant does not have /%s.", strings.Join(segments, "/"))
	}
	var allowed []string
	for _, route := range r.routes {
		params, ok := match(route.segments, segments)
		if !ok {
			continue
		}
		if route.Method != c.Request.Method {
			allowed = append(allowed, route.Method)
			continue
		}
		c.Params = params
		if e := refuse(c, route.Route); e != nil {
			return e
		}
		return route.Handle(c)
	}
	if len(allowed) > 0 {
		slices.Sort(allowed)
		e := Errorf(http.StatusMethodNotAllowed, "MethodNotAllowed", "%s is not possible on this resource.", c.Request.Method)
		e.Headers = map[string]string{"Allow": strings.Join(slices.Compact(allowed), ", ")}
		return e
	}
	return Errorf(http.StatusNotFound, "ResourceNotFound", "Resource not found for the path '/%s'.", strings.Join(segments, "/"))
}

// planned tells whether a path belongs to what is left out on purpose.
func (r *Router) planned(segments []string) bool {
	return slices.ContainsFunc(r.Planned, func(p string) bool { return begins(p, segments) })
}

// begins tells whether the pattern p ("/users/{id}/teamwork") begins the path.
func begins(p string, segments []string) bool {
	want := strings.Split(strings.Trim(p, "/"), "/")
	if len(segments) < len(want) {
		return false
	}
	_, ok := match(want, segments[:len(want)])
	return ok
}

func match(pattern, segments []string) (map[string]string, bool) {
	if len(pattern) != len(segments) {
		return nil, false
	}
	var params map[string]string
	for i, p := range pattern {
		if strings.HasPrefix(p, "{") {
			if segments[i] == "" {
				return nil, false
			}
			if params == nil {
				params = make(map[string]string, 2)
			}
			params[strings.Trim(p, "{}")] = segments[i]
			continue
		}
		if !strings.EqualFold(p, segments[i]) {
			return nil, false
		}
	}
	return params, true
}

// splitPath decodes a path into segments and turns the key form users('x')
// into users/x, as OData means the same by both. A function keeps its
// arguments: getPolicyId(type='a',name='b') stays one segment.
func splitPath(path string) ([]string, error) {
	var out []string
	for raw := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		s, err := url.PathUnescape(raw)
		if err != nil {
			return nil, BadRequest("Malformed path: %v", err)
		}
		open := strings.Index(s, "('")
		if open > 0 && strings.HasSuffix(s, "')") && !strings.Contains(s[:open], "(") {
			key := s[open+2 : len(s)-2]
			out = append(out, s[:open], strings.ReplaceAll(key, "''", "'"))
			continue
		}
		out = append(out, s)
	}
	return out, nil
}
