package httpx_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/teamsform/teamsform/internal/httpx"
	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
)

// These run over real connections, because it is the network stack's own habits that they watch.

func onNetwork(t *testing.T, handle http.HandlerFunc) *httpx.Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	clock := httpxtest.NewClock()
	c, err := httpx.New(httpx.Options{
		Root: server.URL, Credential: &httpxtest.Credential{Token: "t"}, Scopes: []string{"s"}, Transport: transport,
		Clock: clock.Now, Sleep: clock.Sleep, NewID: httpxtest.IDs(), CallIDHeader: "client-request-id",
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWriteIsSentOnceWhenTheConnectionIsCut(t *testing.T) {
	var hits atomic.Int64
	c := onNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			return
		}
		hits.Add(1)
		panic(http.ErrAbortHandler) // closes the connection without an answer
	})
	for _, method := range []string{"POST", "PATCH", "PUT", "DELETE"} {
		// This leaves a connection behind: on such a one the network stack itself repeats what it thinks safe.
		if _, err := c.Do(context.Background(), read); err != nil {
			t.Fatal(err)
		}
		hits.Store(0)
		req := write
		req.Method = method
		_, err := c.Do(context.Background(), req)
		var lost *httpx.AmbiguousError
		if hits.Load() != 1 || !errors.As(err, &lost) {
			t.Errorf("%s: %d hits, error %v; want one hit and an ambiguous error", method, hits.Load(), err)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	c := onNetwork(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	answer, err := c.Do(context.Background(), read)
	if err != nil || answer.Status != 302 || elsewhere.Load() != 0 {
		t.Errorf("status %d, error %v, %d requests elsewhere", answer.Status, err, elsewhere.Load())
	}
}

func TestRefusedConnection(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	root := server.URL
	server.Close()
	clock := httpxtest.NewClock()
	c, err := httpx.New(httpx.Options{
		Root: root, Credential: &httpxtest.Credential{Token: "t"}, Scopes: []string{"s"},
		Clock: clock.Now, Sleep: clock.Sleep, NewID: httpxtest.IDs(), CallIDHeader: "client-request-id",
	})
	if err != nil {
		t.Fatal(err)
	}
	var lost *httpx.AmbiguousError
	if _, err := c.Do(context.Background(), write); err == nil || errors.As(err, &lost) {
		t.Errorf("got %v, want an error that is not ambiguous", err)
	}
	if _, err := c.Do(context.Background(), read); err == nil || len(clock.Slept()) != 5 {
		t.Errorf("a read gave up after %d waits: %v", len(clock.Slept()), err)
	}
}

func TestUntrustedServerIsNotAskedAgain(t *testing.T) {
	var hits atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	clock := httpxtest.NewClock()
	c, err := httpx.New(httpx.Options{
		Root: server.URL, Credential: &httpxtest.Credential{Token: "t"}, Scopes: []string{"s"}, Transport: &http.Transport{},
		Clock: clock.Now, Sleep: clock.Sleep, NewID: httpxtest.IDs(), CallIDHeader: "client-request-id",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, req := range []httpx.Request{read, write} {
		_, err := c.Do(context.Background(), req)
		var lost *httpx.AmbiguousError
		if err == nil || errors.As(err, &lost) || hits.Load() != 0 || len(clock.Slept()) != 0 {
			t.Errorf("%s: error %v, %d hits, %d waits", req.Method, err, hits.Load(), len(clock.Slept()))
		}
	}
}
