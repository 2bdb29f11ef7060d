package httpx_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/httpx"
	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
)

func TestAnswer(t *testing.T) {
	r := newRig(t, func(int, *http.Request, string) (*http.Response, error) {
		return httpxtest.Reply(201, `{"a":1}`, "x-service-id", "second", "Request-Id", "first", "ETag", `"7"`)
	}, func(o *httpx.Options) { o.AnswerIDHeaders = []string{"missing", "request-id", "x-service-id"} })
	answer, err := r.Do(context.Background(), write)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{answer.CallID, answer.AnswerID, answer.Header.Get("etag"), string(answer.Body)}
	want := []string{"00000000-0000-4000-8000-000000000001", "first", `"7"`, `{"a":1}`}
	if diff := cmp.Diff(want, got); diff != "" || answer.Status != 201 || answer.RetryAfter != 0 {
		t.Errorf("status %d, retry after %s\n%s", answer.Status, answer.RetryAfter, diff)
	}
}

// All tries of a call carry the same id, and another call another one.
func TestOneIDPerCall(t *testing.T) {
	var ids []string
	r := newRig(t, func(n int, r *http.Request, _ string) (*http.Response, error) {
		ids = append(ids, strings.TrimPrefix(r.Header.Get("client-request-id"), "00000000-0000-4000-8000-00000000000"))
		if n == 1 {
			return httpxtest.Reply(500, "")
		}
		return httpxtest.Reply(200, "")
	})
	for range 2 {
		if _, err := r.Do(context.Background(), read); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"1", "1", "2"}, ids); diff != "" {
		t.Error(diff)
	}
}

// The body of a write is sent whole with every try.
func TestBodyIsSentAgainWhole(t *testing.T) {
	r := newRig(t, script(status(429), status(429)))
	if _, err := r.Do(context.Background(), write); err != nil {
		t.Fatal(err)
	}
	for i, sent := range r.service.Sent() {
		if !strings.HasSuffix(sent, "\n\n{}") {
			t.Errorf("try %d:\n%s", i+1, sent)
		}
	}
}

func TestScratchIsUsed(t *testing.T) {
	r := newRig(t, script())
	scratch := make([]byte, 3, 4096)
	req := read
	req.Scratch = scratch
	answer, err := r.Do(context.Background(), req)
	if err != nil || string(answer.Body) != "done" || &answer.Body[0] != &scratch[0] {
		t.Errorf("body %q, error %v; not in the buffer that was given", answer.Body, err)
	}
	req.Scratch = make([]byte, 0, 2)
	if answer, err := r.Do(context.Background(), req); err != nil || string(answer.Body) != "done" {
		t.Errorf("body %q, error %v", answer.Body, err)
	}
}

func TestErrorsSayWhatWasCalled(t *testing.T) {
	r := newRig(t, func(int, *http.Request, string) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	for _, req := range []httpx.Request{read, write} {
		_, err := r.Do(context.Background(), req)
		if err == nil || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), req.Method+" /things: ") ||
			!strings.Contains(err.Error(), "request id 00000000-") {
			t.Errorf("got %v", err)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	r := newRig(t, script())
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := r.Do(context.Background(), read); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := r.Calls()["GET /things"]; n != 50 {
		t.Errorf("counted %d calls", n)
	}
	counts := r.Calls()
	counts["GET /things"] = 0
	if n := r.Calls()["GET /things"]; n != 50 {
		t.Error("the caller can change the counts")
	}
}
