package wire

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/auth"
)

// Service is one service of the tenant: its routes, its error shape, its way
// to refuse.
type Service struct {
	Router      *Router
	ContentType string
	Clock       func() time.Time
	NewID       func() string
	// Identify turns an Authorization header into an identity, or a 401.
	Identify func(ctx context.Context, header string) (auth.Identity, error)
	// Refuse checks the permission of a route, nil lets the call through.
	Refuse func(*Call, Route) *Error
	// WriteError writes a failed answer. A *Error comes as it was returned,
	// anything else has become a 500 or 503 before.
	WriteError func(*Call, *Error)
	// Translate turns an error of the layers below into an answer, or gives
	// nil for one that it does not know.
	Translate func(error) *Error
}

// Serve answers one request. The first len(prefix) bytes of the path have
// chosen the service.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, prefix string) {
	c := Begin(w, r, s.Clock(), s.NewID())
	c.Root, c.Prefix, c.ContentType = rootOf(r), prefix, s.ContentType
	if err := s.serve(c); err != nil {
		s.fail(c, err)
	}
}

// Begin starts a call and sets the headers that every answer has.
func Begin(w http.ResponseWriter, r *http.Request, now time.Time, requestID string) *Call {
	c := &Call{Writer: w, Request: r, Now: now.UTC(), RequestID: requestID, ClientRequestID: r.Header.Get("client-request-id")}
	h := w.Header()
	h.Set("request-id", c.RequestID)
	if c.ClientRequestID != "" {
		h.Set("client-request-id", c.ClientRequestID)
	}
	h.Set("Date", c.Now.Format(http.TimeFormat))
	return c
}

func (s *Service) serve(c *Call) error {
	identity, err := s.Identify(c.Request.Context(), c.Request.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	c.Identity = identity
	if c.Query, err = ParseQuery(c.Request.URL.RawQuery); err != nil {
		return err
	}
	path := strings.TrimPrefix(c.Request.URL.EscapedPath(), c.Prefix)
	return s.Router.Serve(c, path, s.Refuse)
}

func (s *Service) fail(c *Call, err error) {
	var e *Error
	if !errors.As(err, &e) {
		if e = s.Translate(err); e == nil {
			e = Errorf(http.StatusInternalServerError, "InternalServerError", "%v", err)
		}
	}
	for k, v := range e.Headers {
		c.Writer.Header().Set(k, v)
	}
	s.WriteError(c, e)
}

// rootOf is the scheme and host that the caller used, so that links in the
// answer lead back the same way.
func rootOf(r *http.Request) string {
	scheme := r.URL.Scheme
	if scheme == "" {
		scheme = "http"
		if r.TLS != nil {
			scheme = "https"
		}
	}
	return scheme + "://" + r.Host
}
