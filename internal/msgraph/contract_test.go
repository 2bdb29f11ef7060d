package msgraph_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
)

// contract checks every request, and every answer if asked to, against the part of Graph's own description that is
// kept beside the repository.
type contract struct {
	t       *testing.T
	router  routers.Router
	next    http.RoundTripper
	answers bool
}

func newContract(t *testing.T, next http.RoundTripper, answers bool) *contract {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(dir, "go.mod")) && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "graph", "openapi-subset.yaml")
	if !exists(path) {
		if slices.Contains(strings.Split(os.Getenv("TEAMSFORM_REQUIRE"), ","), "data") {
			t.Fatalf("%s is missing", path)
		}
		t.Skipf("%s is not there", path)
	}
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: root + "/v1.0"}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{t: t, router: router, next: next, answers: answers}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// RoundTrip implements http.RoundTripper.
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	input := c.request(r)
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := c.next.RoundTrip(r)
	if err != nil || input == nil || !c.answers {
		return resp, err
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header}
	out.SetBodyBytes(raw)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		c.t.Errorf("answer to %s %s: %v", r.Method, r.URL, err)
	}
	return resp, nil
}

func (c *contract) request(r *http.Request) *openapi3filter.RequestValidationInput {
	probe := r.Clone(context.Background())
	probe.Body = r.Body
	route, params, err := c.router.FindRoute(probe)
	if err != nil {
		c.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		return nil
	}
	input := &openapi3filter.RequestValidationInput{
		Request: probe, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		c.t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	return input
}

func TestRequestsAgainstGraphsDescription(t *testing.T) {
	c := newContract(t, nil, false)
	for _, tt := range calls {
		t.Run(tt.method, func(t *testing.T) {
			c.t, c.next = t, &httpxtest.Service{Handle: always(200, tt.reply)}
			r := newRig(t, nil, func(o *options) { o.Transport = c })
			if err := tt.call(context.Background(), r.Client); err != nil {
				t.Fatal(err)
			}
		})
	}
}
