package httpx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// Defaults for the zero values of Options.
const (
	DefaultMaxTries      = 6
	DefaultMaxRetryDelay = 15 * time.Minute
	DefaultTryTimeout    = 5 * time.Minute
	DefaultMaxBody       = 64 << 20
	DefaultParallelism   = 4
)

// Options says which service is called, as whom, and how hard.
type Options struct {
	// Root is the service's address, for example https://graph.microsoft.com. No request leaves for another host.
	// Plain http is accepted for a loopback address only, because every request carries a token.
	Root string
	// Credential signs every request in. Required.
	Credential azcore.TokenCredential
	// Scopes are asked of Credential; required.
	Scopes []string
	// Transport carries the requests. Nil means an own http.Transport. Redirects are never followed.
	Transport http.RoundTripper
	// Logger receives one debug line per request sent. Nil discards them.
	Logger *slog.Logger
	// Clock tells the time for the limiter, Retry-After dates and log durations. Required.
	Clock func() time.Time
	// NewID makes the id of a call, a GUID as text. Required.
	NewID func() string
	// Sleep waits for d or until ctx ends. Nil waits on a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// UserAgent is sent as it is.
	UserAgent string
	// CallIDHeader is the request header that carries NewID's value, for example client-request-id.
	CallIDHeader string
	// AnswerIDHeaders are the response headers in which the service names its own id; the first one present counts.
	AnswerIDHeaders []string

	// Parallelism bounds the requests in flight; zero means DefaultParallelism.
	Parallelism int
	// Rate bounds the requests per second; zero means unbounded. A short burst of one second's worth is let through.
	Rate float64

	// MaxTries bounds how often one call is sent, the first time included; zero means DefaultMaxTries.
	MaxTries int
	// MaxRetryDelay is the longest Retry-After that is waited for; zero means DefaultMaxRetryDelay. A longer one ends
	// the call with the answer as it is.
	MaxRetryDelay time.Duration
	// TryTimeout bounds one try from the first byte sent to the last byte read; zero means DefaultTryTimeout.
	TryTimeout time.Duration
	// MaxBody bounds the body of a successful answer in bytes; zero means DefaultMaxBody.
	MaxBody int64
}

// complete checks o and fills in its defaults. It returns the parsed root.
func (o *Options) complete() (*url.URL, error) {
	root, err := parseRoot(o.Root)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Credential == nil:
		return nil, errors.New("no credential given")
	case len(o.Scopes) == 0:
		return nil, errors.New("no token scope given")
	case o.Clock == nil:
		return nil, errors.New("no clock given")
	case o.NewID == nil:
		return nil, errors.New("no id source given")
	case o.CallIDHeader == "":
		return nil, errors.New("no header for the call id given")
	case o.Rate < 0 || o.Parallelism < 0 || o.MaxTries < 0:
		return nil, errors.New("rate, parallelism and tries must not be negative")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	orDefault(&o.Parallelism, DefaultParallelism)
	orDefault(&o.MaxTries, DefaultMaxTries)
	orDefault(&o.MaxRetryDelay, DefaultMaxRetryDelay)
	orDefault(&o.TryTimeout, DefaultTryTimeout)
	orDefault(&o.MaxBody, DefaultMaxBody)
	if o.Transport == nil {
		o.Transport = newTransport(o.Parallelism)
	}
	return root, nil
}

func orDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

func parseRoot(s string) (*url.URL, error) {
	root, err := url.Parse(strings.TrimRight(s, "/"))
	if err != nil {
		return nil, fmt.Errorf("service address %q: %w", s, err)
	}
	switch {
	case root.Host == "" || root.RawQuery != "" || root.Fragment != "" || root.User != nil:
		return nil, fmt.Errorf("service address %q: want https://host, optionally with a path", s)
	case root.Scheme == "https":
	case root.Scheme == "http" && isLoopback(root.Hostname()):
	default:
		return nil, fmt.Errorf("service address %q: only https is accepted, and http for this machine itself, because "+
			"every request carries a token", s)
	}
	return root, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func newTransport(parallelism int) http.RoundTripper {
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := base.Clone()
	t.MaxIdleConnsPerHost = parallelism
	return t
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
