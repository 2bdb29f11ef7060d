package httpx_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teamsform/teamsform/internal/httpx"
	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
)

// These use the timers of a real run, within a bubble whose time is not real.

func realTime(o *httpx.Options) { o.Clock, o.Sleep = time.Now, nil }

func TestWaitingOnATimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, script(status(429, "Retry-After", "300"), status(500)), realTime)
		start := time.Now()
		if _, err := r.Do(t.Context(), read); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 301*time.Second || took > 303*time.Second {
			t.Errorf("took %s, want five minutes and one back-off", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r = newRig(t, script(status(429, "Retry-After", "300")), realTime)
		start = time.Now()
		_, err := r.Do(ctx, write)
		var lost *httpx.AmbiguousError
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &lost) || took != time.Second {
			t.Errorf("%v after %s; want the deadline, and no doubt about what happened", err, took)
		}
	})
}

func TestATryThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(n int, r *http.Request, _ string) (*http.Response, error) {
			if n%2 == 1 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return httpxtest.Reply(200, "")
		}, realTime)
		if _, err := r.Do(t.Context(), read); err != nil || len(r.service.Sent()) != 2 {
			t.Errorf("a read that hung once: %v after %d tries", err, len(r.service.Sent()))
		}
		_, err := r.Do(t.Context(), write)
		var lost *httpx.AmbiguousError
		if !errors.As(err, &lost) || len(r.service.Sent()) != 3 {
			t.Errorf("a write that hung: %v after %d tries", err, len(r.service.Sent()))
		}
	})
}
