package msgraph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/teamsform/teamsform/internal/httpx"
)

// Options configures a Client. Clock and NewID are required, as are Root and Credential.
type Options struct {
	// Root is the cloud's Graph address without a version: https://graph.microsoft.com.
	Root string
	// Credential signs in; Scopes default to {Root + "/.default"}.
	Credential azcore.TokenCredential
	Scopes     []string
	// Transport carries the requests; nil means the network.
	Transport http.RoundTripper
	// Logger gets one redacted debug line per request; nil discards them.
	Logger *slog.Logger
	// Clock tells the time for the limiter and for Retry-After dates.
	Clock func() time.Time
	// NewID makes the client-request-id of each call, a GUID as text.
	NewID func() string
	// UserAgent is sent as it is.
	UserAgent string
	// Parallelism bounds the requests in flight (zero: 4). Rate bounds the requests per second over all of them, an
	// item of a batch counting as one request (zero: unbounded).
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

// version is the only version of Graph that is called.
const version = "/v1.0"

// reader lets Client embed a Reader while it also has a method of that name.
type reader = Reader

// Client reads and writes. It is safe for use by many goroutines; writes to the app catalog wait for each other,
// because the service answers concurrent ones with a 400.
type Client struct {
	*reader
	send    writes
	catalog chan struct{} // held during a write to the app catalog
}

// New makes a client; it sends nothing yet.
func New(o Options) (*Client, error) {
	scopes := o.Scopes
	if len(scopes) == 0 {
		scopes = []string{strings.TrimRight(o.Root, "/") + "/.default"}
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
		CallIDHeader:    "client-request-id",
		AnswerIDHeaders: []string{"request-id"},
		Parallelism:     o.Parallelism,
		Rate:            o.Rate,
		MaxTries:        o.MaxTries,
		MaxRetryDelay:   o.MaxRetryDelay,
		MaxBody:         o.MaxBody,
	})
	if err != nil {
		return nil, fmt.Errorf("Microsoft Graph: %w", err)
	}
	return &Client{
		reader:  &Reader{get: reads{c}},
		send:    writes{c},
		catalog: make(chan struct{}, 1),
	}, nil
}

// Reader returns the part of c that cannot write.
func (c *Client) Reader() *Reader { return c.reader }

// Reader reads. It has no method that changes anything, and what it is made of has none either.
type Reader struct{ get reads }

// Calls returns how often each endpoint was called, repetitions included, by "METHOD /path/{id}".
func (r *Reader) Calls() map[string]int { return r.get.c.Calls() }

// Root returns the cloud's Graph address, as it appears in @odata.bind values.
func (r *Reader) Root() string { return r.get.c.Root() }
