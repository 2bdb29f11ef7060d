package httpx

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
)

// Client sends requests to one service. It is safe for use by many goroutines.
type Client struct {
	opts  Options
	root  *url.URL
	pipe  runtime.Pipeline
	limit *limiter

	mu    sync.Mutex
	calls map[string]int
}

// New makes a client; it sends nothing yet.
func New(opts Options) (*Client, error) {
	root, err := opts.complete()
	if err != nil {
		return nil, err
	}
	bearer := runtime.NewBearerTokenPolicy(signIn{opts.Credential}, opts.Scopes, &policy.BearerTokenOptions{
		InsecureAllowCredentialWithHTTP: root.Scheme == "http", // parseRoot let it pass for loopback only
	})
	// azcore's own retry stays off: it repeats a POST after a cut connection, gives up on a Retry-After above its
	// ceiling without a word, and sleeps on the real clock. Its telemetry and logging are replaced by ours.
	pipe := runtime.NewPipeline("teamsform", "", runtime.PipelineOptions{PerRetry: []policy.Policy{bearer}}, &policy.ClientOptions{
		Retry:     policy.RetryOptions{MaxRetries: -1},
		Telemetry: policy.TelemetryOptions{Disabled: true},
		Transport: &wire{rt: opts.Transport, opts: &opts},
	})
	return &Client{
		opts:  opts,
		root:  root,
		pipe:  pipe,
		limit: newLimiter(opts.Parallelism, opts.Rate, opts.Clock, opts.Sleep),
		calls: map[string]int{},
	}, nil
}

// Root returns the service's address without a trailing slash.
func (c *Client) Root() string { return c.root.String() }

// Parallelism returns how many requests may be in flight.
func (c *Client) Parallelism() int { return c.opts.Parallelism }

// Logger returns the logger of the client; it is never nil.
func (c *Client) Logger() *slog.Logger { return c.opts.Logger }

// Calls returns how often each "METHOD template" was sent, repetitions included.
func (c *Client) Calls() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// Pause holds every request of this client back for d: the service has said that it is overloaded. It reports false,
// and does nothing, when d is longer than the client is prepared to wait.
func (c *Client) Pause(d time.Duration) bool {
	if d > c.opts.MaxRetryDelay {
		return false
	}
	c.limit.pause(d)
	return true
}

// MaxTries returns how often one call is sent at most.
func (c *Client) MaxTries() int { return c.opts.MaxTries }

// Request is one call.
type Request struct {
	Method string
	// URL is either absolute, and then on the client's own host, or a path with its query below the root. It is
	// escaped already and is sent as it is.
	URL string
	// Template names the endpoint without its ids, for counting and messages: /users/{id}.
	Template string
	// Header is sent beside the headers that the client sets itself.
	Header http.Header
	// Body and ContentType; a nil Body sends none.
	Body        []byte
	ContentType string
	// Repeatable says that sending the call twice does no harm, as with every read, also one made by POST. Only such a
	// call is sent again after a lost answer.
	Repeatable bool
	// Cost is how many requests this call counts for in the service's books: the size of a batch; zero means 1.
	Cost int
	// Scratch is a buffer that the answer's body may overwrite and use.
	Scratch []byte
}

// Answer is what the service answered, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // in Request.Scratch when it was large enough
	// CallID is ours, AnswerID the service's own.
	CallID, AnswerID string
	// RetryAfter is the delay the service asked for; zero if it did not.
	RetryAfter time.Duration
}

// Do sends r, again where that is safe, until there is an answer that another try would not improve. An answer of any
// status is no error. The error is an *AmbiguousError if r is not repeatable and may have been carried out, a
// *SignInError, a *ForeignURLError, a *BodyTooLargeError, or what the connection reported.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	target, err := c.resolve(r.URL)
	if err != nil {
		return Answer{}, err
	}
	id := c.opts.NewID()
	for try := 1; ; try++ {
		answer, err := c.try(ctx, r, target, id)
		again := try < c.opts.MaxTries && ctx.Err() == nil && worthRepeating(r, answer, err)
		if again {
			again, err = c.backOff(ctx, answer, err, id, try)
		}
		if !again {
			return answer, c.explain(r, id, err)
		}
	}
}

// resolve makes an absolute address of s and refuses one that would carry the token to another host.
func (c *Client) resolve(s string) (string, error) {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		return c.root.String() + s, nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", fmt.Errorf("address in an answer of the service: %w", err)
	}
	if u.User != nil || !strings.EqualFold(u.Scheme, c.root.Scheme) || !strings.EqualFold(hostPort(u), hostPort(c.root)) {
		return "", &ForeignURLError{Host: u.Host, Want: c.root.Host}
	}
	return s, nil
}

func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if strings.EqualFold(u.Scheme, "http") {
		return u.Host + ":80"
	}
	return u.Host + ":443"
}

// try waits for its turn and sends r once.
func (c *Client) try(ctx context.Context, r Request, target, id string) (Answer, error) {
	release, err := c.limit.wait(ctx, max(1, r.Cost))
	if err != nil {
		return Answer{}, &unsentError{err}
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, c.opts.TryTimeout)
	defer cancel()
	req, err := c.request(ctx, r, target, id)
	if err != nil {
		return Answer{}, &unsentError{err}
	}
	c.count(r)
	resp, err := c.pipe.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	answer := Answer{Status: resp.StatusCode, Header: resp.Header, CallID: id}
	for _, name := range c.opts.AnswerIDHeaders {
		if v := resp.Header.Get(name); v != "" {
			answer.AnswerID = v
			break
		}
	}
	answer.RetryAfter = retryAfter(resp.Header, c.opts.Clock)
	answer.Body, err = readBody(r.Scratch, resp, c.opts.MaxBody)
	return answer, err
}

func (c *Client) request(ctx context.Context, r Request, target, id string) (*policy.Request, error) {
	req, err := runtime.NewRequest(ctx, r.Method, target)
	if err != nil {
		return nil, err
	}
	header := req.Raw().Header
	maps.Copy(header, r.Header)
	header.Set("Accept", "application/json")
	header.Set("User-Agent", c.opts.UserAgent)
	header.Set(c.opts.CallIDHeader, id)
	if r.Body != nil {
		if err := req.SetBody(streaming.NopCloser(bytes.NewReader(r.Body)), r.ContentType); err != nil {
			return nil, err
		}
	}
	runtime.SkipBodyDownload(req) // readBody does it, with a bound
	return req, nil
}

func (c *Client) count(r Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[r.Method+" "+r.Template]++
}
