package teamsadmin

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/teamsform/teamsform/internal/httpx"
)

// Audience is the application id of the service behind the policy plane; it is the same in every cloud.
const Audience = "48ac35b8-9aa8-4d74-927d-1f4a14a0b239"

// Options configures an HTTP transport. Root, Credential, Clock and NewID are required.
type Options struct {
	// Root is the cloud's address: https://api.interfaces.records.teams.microsoft.com.
	Root string
	// Credential signs in; Scopes default to {Audience + "/.default"}.
	Credential azcore.TokenCredential
	Scopes     []string
	// Discover asks the service once, before the first request, for the routing headers that the real one wants.
	Discover bool
	// AppCentric says that the root answers for app-centric management too. Only the emulated tenant does: the paths are
	// ours, since no real ones are known.
	AppCentric bool
	// Transport carries the requests; nil means the network.
	Transport http.RoundTripper
	// Logger gets one redacted debug line per request, and the service's warnings; nil discards them.
	Logger *slog.Logger
	// Clock tells the time for the limiter and for Retry-After dates.
	Clock func() time.Time
	// NewID makes the correlation id of each call, a GUID as text.
	NewID func() string
	// UserAgent is our own; the service is not led to believe that it talks to Microsoft's module.
	UserAgent string
	// Parallelism bounds the requests in flight (zero: 4), Rate the requests per second (zero: unbounded).
	Parallelism int
	Rate        float64
	// MaxTries bounds how often one call is sent (zero: 6). MaxRetryDelay is the longest Retry-After that is waited for
	// (zero: 15 minutes).
	MaxTries      int
	MaxRetryDelay time.Duration
	// MaxBody bounds one answer in bytes (zero: 64 MiB).
	MaxBody int64
	// Sleep waits for d or until ctx ends; nil waits on a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// HTTP is an Admin over the undocumented interface of Microsoft's PowerShell module.
type HTTP struct {
	*Reads
	send writes
}

var (
	_ Admin  = (*HTTP)(nil)
	_ Reader = (*Reads)(nil)
)

// NewHTTP makes the transport; it sends nothing yet.
func NewHTTP(o Options) (*HTTP, error) {
	scopes := o.Scopes
	if len(scopes) == 0 {
		scopes = []string{Audience + "/.default"}
	}
	c, err := httpx.New(httpx.Options{
		Root:            o.Root,
		Credential:      o.Credential,
		Scopes:          scopes,
		Transport:       o.Transport,
		Logger:          o.Logger,
		Clock:           o.Clock,
		NewID:           o.NewID,
		Sleep:           o.Sleep,
		UserAgent:       o.UserAgent,
		CallIDHeader:    "X-MS-Correlation-Id",
		Parallelism:     o.Parallelism,
		Rate:            o.Rate,
		MaxTries:        o.MaxTries,
		MaxRetryDelay:   o.MaxRetryDelay,
		MaxBody:         o.MaxBody,
		AnswerIDHeaders: []string{"X-MS-Correlation-Id"},
	})
	if err != nil {
		return nil, fmt.Errorf("Teams policy service: %w", err)
	}
	route := &routing{enabled: o.Discover}
	return &HTTP{
		Reads: &Reads{get: reads{c, route}, appCentric: o.AppCentric},
		send:  writes{c, route},
	}, nil
}

// ReadOnly returns the part of h that cannot write; its type has no method that does.
func (h *HTTP) ReadOnly() Reader { return h.Reads }

// Calls returns how often each endpoint was called, repetitions included, by "METHOD /path/{type}".
func (r *Reads) Calls() map[string]int { return r.get.c.Calls() }

// call is one request without its method: the address, the name it is counted under, and the operation's name.
type call struct{ url, template, cmdlet string }

// reads sends GETs and nothing else.
type reads struct {
	c     *httpx.Client
	route *routing
}

// one sends a GET and decodes the answer into v.
func (r reads) one(ctx context.Context, k call, v any) error {
	header, err := r.route.header(ctx, r)
	if err != nil {
		return err
	}
	return r.bare(ctx, k, header, v)
}

func (r reads) bare(ctx context.Context, k call, header http.Header, v any) error {
	answer, err := do(ctx, r.c, httpx.Request{
		Method: http.MethodGet, URL: k.url, Template: k.template, Header: named(header, k), Repeatable: true,
	})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer.Body, v); err != nil {
		return fmt.Errorf("GET %s: the answer is not what is known of this service: %w (correlation id %s)",
			k.template, err, answer.CallID)
	}
	return nil
}

// writes sends changes. Nothing it sends is sent twice unless the service said that it did not carry the first one
// out.
type writes struct {
	c     *httpx.Client
	route *routing
}

func (w writes) send(ctx context.Context, method string, k call, body any) error {
	header, err := w.route.header(ctx, reads(w))
	if err != nil {
		return err
	}
	r := httpx.Request{Method: method, URL: k.url, Template: k.template, Header: named(header, k)}
	if body != nil {
		r.Body, r.ContentType = encode(body), "application/json"
	}
	_, err = do(ctx, w.c, r)
	return err
}

// named adds the name of the operation.
func named(header http.Header, k call) http.Header {
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("X-MS-CmdletName", k.cmdlet)
	return header
}

// do sends r, turns an answer that reports a failure into an *Error and logs what the service warns of.
func do(ctx context.Context, c *httpx.Client, r httpx.Request) (httpx.Answer, error) {
	answer, err := c.Do(ctx, r)
	if err != nil {
		return answer, err
	}
	if warning := answer.Header.Get("X-Ms-ConfigApi-PowerShell-WarningMessage"); warning != "" {
		c.Logger().WarnContext(ctx, "the Teams policy service warns", "operation", r.Method+" "+r.Template,
			"warning", httpx.Plain(warning))
	}
	if answer.Status < 200 || answer.Status > 299 {
		return answer, newError(r, answer)
	}
	return answer, nil
}

// segment escapes s as one segment of a path. A value that would make it another path is refused.
func segment(what, s string) (string, error) {
	switch s {
	case "", ".", "..":
		return "", fmt.Errorf("%q is no %s", s, what)
	}
	return url.PathEscape(s), nil
}
