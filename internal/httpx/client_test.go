package httpx_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/httpx"
	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
)

type rig struct {
	*httpx.Client
	clock   *httpxtest.Clock
	service *httpxtest.Service
	cred    *httpxtest.Credential
}

type handler = func(n int, r *http.Request, body string) (*http.Response, error)

func newRig(t *testing.T, handle handler, change ...func(*httpx.Options)) *rig {
	t.Helper()
	r := &rig{
		clock:   httpxtest.NewClock(),
		service: &httpxtest.Service{Handle: handle},
		cred:    &httpxtest.Credential{Token: "s3cret"},
	}
	o := httpx.Options{
		Root: "https://service.test", Credential: r.cred, Scopes: []string{"scope"}, Transport: r.service,
		Clock: r.clock.Now, Sleep: r.clock.Sleep, NewID: httpxtest.IDs(), UserAgent: "teamsform/test",
		CallIDHeader: "client-request-id", AnswerIDHeaders: []string{"request-id"},
	}
	for _, f := range change {
		f(&o)
	}
	c, err := httpx.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Client = c
	return r
}

// script answers with the statuses in turn, and with 200 afterwards. A status may have a Retry-After behind a slash.
func script(steps ...func() (*http.Response, error)) handler {
	return func(n int, _ *http.Request, _ string) (*http.Response, error) {
		if n <= len(steps) {
			return steps[n-1]()
		}
		return httpxtest.Reply(200, "done")
	}
}

func status(code int, headers ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return httpxtest.Reply(code, "", headers...) }
}

func cut() (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func halfBody() (*http.Response, error) {
	return httpxtest.ReplyReader(200, httpxtest.CutOff("do")), nil
}

var (
	read  = httpx.Request{Method: "GET", URL: "/things", Template: "/things", Repeatable: true}
	write = httpx.Request{Method: "POST", URL: "/things", Template: "/things", Body: []byte("{}"), ContentType: "application/json"}
)

func TestRequestBytes(t *testing.T) {
	r := newRig(t, script())
	_, err := r.Do(context.Background(), httpx.Request{
		Method: "PATCH", URL: "/a%2Fb?$select=id,x&y=%20", Template: "/{id}",
		Header: http.Header{"If-Match": {`"1"`}}, Body: []byte(`{"a":1}`), ContentType: "application/json",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`PATCH https://service.test/a%2Fb?$select=id,x&y=%20
Accept: application/json
Authorization: Bearer s3cret
Client-Request-Id: 00000000-0000-4000-8000-000000000001
Content-Length: 7
Content-Type: application/json
If-Match: "1"
User-Agent: teamsform/test

{"a":1}`}
	if diff := cmp.Diff(want, r.service.Sent()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"scope"}, r.cred.Scopes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"PATCH /{id}": 1}, r.Calls()); diff != "" {
		t.Error(diff)
	}
}

func TestRetry(t *testing.T) {
	date := httpxtest.NewClock().Now().Add(90 * time.Second).Format(http.TimeFormat)
	past := httpxtest.NewClock().Now().Add(-time.Hour).Format(http.TimeFormat)
	tests := []struct {
		name   string
		req    httpx.Request
		steps  []func() (*http.Response, error)
		sends  int
		status int    // 0: an error is wanted
		slept  string // "" means that it is the client's own choice
	}{
		{"read after 429", read, steps(status(429, "Retry-After", "7")), 2, 200, "[7s]"},
		{"read after a date", read, steps(status(429, "Retry-After", date)), 2, 200, "[1m30s]"},
		{"longer than a minute", read, steps(status(503, "Retry-After", "600")), 2, 200, "[10m0s]"},
		{"longer than the client waits", read, steps(status(429, "Retry-After", "7200")), 1, 429, "[]"},
		{"write after 429", write, steps(status(429, "Retry-After", "3")), 2, 200, "[3s]"},
		{"write after 429 without a delay", write, steps(status(429)), 2, 200, ""},
		{"write after 503 with a delay", write, steps(status(503, "Retry-After", "2")), 2, 200, "[2s]"},
		{"write after 503 without", write, steps(status(503)), 1, 503, "[]"},
		{"write after 500", write, steps(status(500)), 1, 500, "[]"},
		{"write after 502", write, steps(status(502)), 1, 502, "[]"},
		{"write after 504", write, steps(status(504)), 1, 504, "[]"},
		{"write after a cut connection", write, steps(cut), 1, 0, "[]"},
		{"write after half an answer", write, steps(halfBody), 1, 0, "[]"},
		{"read after all of that", read, steps(status(500), status(502), status(504), cut, halfBody), 6, 200, ""},
		{"read gives up", read, steps(status(500), status(500), status(500), status(500), status(500), status(500)), 6, 500, ""},
		{"read after 408", read, steps(status(408)), 2, 200, ""},
		{"a date in the past", read, steps(status(429, "Retry-After", past)), 2, 200, ""},
		{"nonsense", read, steps(status(429, "Retry-After", "soon")), 2, 200, ""},
		{"no repeat of a 404", read, steps(status(404)), 1, 404, "[]"},
		{"no repeat of a 409", write, steps(status(409)), 1, 409, "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, script(tt.steps...))
			answer, err := r.Do(context.Background(), tt.req)
			if answer.Status != tt.status && err == nil || (err != nil) != (tt.status == 0) {
				t.Errorf("status %d, error %v; want %d", answer.Status, err, tt.status)
			}
			if sends := len(r.service.Sent()); sends != tt.sends {
				t.Errorf("sent %d times, want %d", sends, tt.sends)
			}
			if total := r.Calls()[tt.req.Method+" /things"]; total != tt.sends {
				t.Errorf("counted %d calls, want %d", total, tt.sends)
			}
			if got := r.clock.Slept(); tt.slept != "" && textOf(got) != tt.slept {
				t.Errorf("slept %s, want %s", textOf(got), tt.slept)
			}
			var lost *httpx.AmbiguousError
			if errors.As(err, &lost) != (tt.status == 0) {
				t.Errorf("ambiguous: %v, error %v", lost != nil, err)
			}
		})
	}
}

func steps(s ...func() (*http.Response, error)) []func() (*http.Response, error) { return s }

func textOf(list []time.Duration) string {
	texts := make([]string, len(list))
	for i, d := range list {
		texts[i] = d.String()
	}
	return "[" + strings.Join(texts, " ") + "]"
}

func TestBackOffGrowsAndIsBounded(t *testing.T) {
	r := newRig(t, func(int, *http.Request, string) (*http.Response, error) { return httpxtest.Reply(500, "") },
		func(o *httpx.Options) { o.MaxTries = 12 })
	if _, err := r.Do(context.Background(), read); err != nil {
		t.Fatal(err)
	}
	slept := r.clock.Slept()
	if len(slept) != 11 {
		t.Fatalf("slept %d times, want 11", len(slept))
	}
	nominal := 800 * time.Millisecond
	for i, d := range slept {
		if d < nominal*3/4 || d > nominal*5/4 {
			t.Errorf("sleep %d is %s, want about %s", i+1, d, nominal)
		}
		nominal = min(2*nominal, time.Minute)
	}
}

func TestNotSentIsNotAmbiguous(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		signIn bool
	}{
		{"dial", &net.OpError{Op: "dial", Err: errors.New("refused")}, false},
		{"name", &net.DNSError{Err: "no such host", IsNotFound: true}, false},
		{"sign-in", nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(int, *http.Request, string) (*http.Response, error) { return nil, tt.err })
			if tt.signIn {
				r.cred.Err = errors.New("the secret has expired")
			}
			_, err := r.Do(context.Background(), write)
			var lost *httpx.AmbiguousError
			if err == nil || errors.As(err, &lost) {
				t.Errorf("got %v, want an error that is not ambiguous", err)
			}
			var signIn *httpx.SignInError
			if errors.As(err, &signIn) != tt.signIn {
				t.Errorf("sign-in error: %v; %v", signIn != nil, err)
			}
			if tt.signIn && len(r.service.Sent()) != 0 {
				t.Error("something was sent without a token")
			}
		})
	}
}

func TestCancelledWriteIsAmbiguousOnceSent(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := newRig(t, func(int, *http.Request, string) (*http.Response, error) {
		cancel()
		return nil, context.Canceled
	})
	_, err := r.Do(ctx, write)
	var lost *httpx.AmbiguousError
	if !errors.As(err, &lost) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want an ambiguous error that is also a cancellation", err)
	}
	_, err = r.Do(ctx, write)
	if errors.As(err, &lost) || !errors.Is(err, context.Canceled) || len(r.service.Sent()) != 1 {
		t.Errorf("a call that began after the end: %v, %d sent", err, len(r.service.Sent()))
	}
}

func TestForeignAddressIsRefused(t *testing.T) {
	for _, url := range []string{
		"https://evil.test/things", "http://service.test/things", "http://service.test:443/things", "https://service.test@evil.test/", "//evil.test/x",
		"https://service.test:8443/things", "https://user:pass@service.test/things", "things", "",
	} {
		r := newRig(t, script())
		var foreign *httpx.ForeignURLError
		if _, err := r.Do(context.Background(), httpx.Request{Method: "GET", URL: url}); !errors.As(err, &foreign) {
			t.Errorf("%q: got %v", url, err)
		}
		if len(r.service.Sent()) != 0 {
			t.Errorf("%q: something was sent", url)
		}
	}
	r := newRig(t, script())
	for _, url := range []string{"https://SERVICE.test/things?a=b", "https://service.test:443/things"} {
		if _, err := r.Do(context.Background(), httpx.Request{Method: "GET", URL: url}); err != nil {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestBodyIsBounded(t *testing.T) {
	small := func(o *httpx.Options) { o.MaxBody = 100 }
	endless := func(code int) handler {
		return func(int, *http.Request, string) (*http.Response, error) {
			return httpxtest.ReplyReader(code, io.LimitReader(zeros{}, 1<<40)), nil
		}
	}
	var size *httpx.BodyTooLargeError
	r := newRig(t, endless(200), small)
	if _, err := r.Do(context.Background(), read); !errors.As(err, &size) || len(r.service.Sent()) != 1 {
		t.Errorf("got %v after %d tries", err, len(r.service.Sent()))
	}
	r = newRig(t, endless(400), small)
	answer, err := r.Do(context.Background(), read)
	if err == nil && (answer.Status != 400 || len(answer.Body) > 100) {
		t.Errorf("status %d, %d bytes", answer.Status, len(answer.Body))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestErrorBodyCutInTheMiddleKeepsItsStatus(t *testing.T) {
	r := newRig(t, func(int, *http.Request, string) (*http.Response, error) {
		return httpxtest.ReplyReader(403, httpxtest.CutOff(`{"error"`)), nil
	})
	answer, err := r.Do(context.Background(), write)
	if err != nil || answer.Status != 403 || string(answer.Body) != `{"error"` {
		t.Errorf("status %d, body %q, error %v", answer.Status, answer.Body, err)
	}
}

func TestLogIsRedacted(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, func(int, *http.Request, string) (*http.Response, error) {
		return httpxtest.Reply(200, "body text", "request-id", "svc-1", "Set-Cookie", "session=hidden")
	}, func(o *httpx.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := r.Do(context.Background(), httpx.Request{
		Method: "GET", Template: "/users", Repeatable: true,
		URL: "/users?$select=id&$filter=mail%20eq%20'ada@contoso.test'&%24skiptoken=opaque",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"s3cret", "hidden", "ada", "opaque", "body text"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, &log)
		}
	}
	for _, wanted := range []string{"svc-1", "000000000001", "$select=id", "status=200", "Authorization=REDACTED"} {
		if !strings.Contains(log.String(), wanted) {
			t.Errorf("the log lacks %q:\n%s", wanted, &log)
		}
	}
}

func TestOptions(t *testing.T) {
	valid := httpx.Options{
		Root: "https://service.test/", Credential: &httpxtest.Credential{}, Scopes: []string{"s"},
		Clock: httpxtest.NewClock().Now, NewID: httpxtest.IDs(), CallIDHeader: "id",
	}
	c, err := httpx.New(valid)
	if err != nil || c.Root() != "https://service.test" {
		t.Fatalf("root %q, error %v", c.Root(), err)
	}
	for name, change := range map[string]func(*httpx.Options){
		"http":          func(o *httpx.Options) { o.Root = "http://service.test" },
		"no host":       func(o *httpx.Options) { o.Root = "https:///x" },
		"query":         func(o *httpx.Options) { o.Root = "https://service.test?x=y" },
		"password":      func(o *httpx.Options) { o.Root = "https://a:b@service.test" },
		"other scheme":  func(o *httpx.Options) { o.Root = "ftp://service.test" },
		"no credential": func(o *httpx.Options) { o.Credential = nil },
		"no scope":      func(o *httpx.Options) { o.Scopes = nil },
		"no clock":      func(o *httpx.Options) { o.Clock = nil },
		"no ids":        func(o *httpx.Options) { o.NewID = nil },
		"negative rate": func(o *httpx.Options) { o.Rate = -1 },
	} {
		o := valid
		change(&o)
		if _, err := httpx.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, root := range []string{"http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080/graph"} {
		o := valid
		o.Root = root
		if _, err := httpx.New(o); err != nil {
			t.Errorf("%s: %v", root, err)
		}
	}
}
