// Package httpxtest has what tests of HTTP clients need instead of a network, a clock and an identity. It is imported
// by tests only, and imports the standard library and azcore only.
package httpxtest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Clock is a clock that only moves when somebody sleeps on it.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

// NewClock starts at 2026-06-01 12:00 UTC.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the clock on by d at once, unless ctx has ended.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

// Slept returns how long each sleep was, in their order.
func (c *Clock) Slept() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.slept)
}

// Credential gives out one token, valid for ever, or Err.
type Credential struct {
	Token string
	Err   error
	// Scopes are those of the last request for a token.
	Scopes []string
}

// GetToken implements azcore.TokenCredential.
func (c *Credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.Scopes = o.Scopes
	return azcore.AccessToken{Token: c.Token, ExpiresOn: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, c.Err
}

// IDs returns a source of GUIDs that count from 1.
func IDs() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	}
}

// Service is a transport that answers from Handle and remembers what it was sent.
type Service struct {
	// Handle answers the n-th request, n counting from 1. It may be called from several goroutines.
	Handle func(n int, r *http.Request, body string) (*http.Response, error)

	mu   sync.Mutex
	sent []string
}

// RoundTrip implements http.RoundTripper.
func (s *Service) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(raw)
	}
	s.mu.Lock()
	s.sent = append(s.sent, render(r, body))
	n := len(s.sent)
	s.mu.Unlock()
	return s.Handle(n, r, body)
}

// Sent returns every request as text: the line "METHOD URL", the headers in order, a blank line, the body.
func (s *Service) Sent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Lines returns the first line of every request.
func (s *Service) Lines() []string {
	lines := s.Sent()
	for i, text := range lines {
		lines[i], _, _ = strings.Cut(text, "\n")
	}
	return lines
}

func render(r *http.Request, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
	}
	return b.String() + "\n" + body
}

// Reply makes an answer. Headers come as pairs.
func Reply(status int, body string, headers ...string) (*http.Response, error) {
	return ReplyReader(status, strings.NewReader(body), headers...), nil
}

// ReplyReader makes an answer of unknown length.
func ReplyReader(status int, body io.Reader, headers ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1}
	for i := 0; i+1 < len(headers); i += 2 {
		resp.Header.Set(headers[i], headers[i+1])
	}
	return resp
}

// CutOff is a body that ends in the middle.
func CutOff(start string) io.Reader {
	return io.MultiReader(strings.NewReader(start), errReader{})
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
