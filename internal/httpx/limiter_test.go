package httpx_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teamsform/teamsform/internal/httpx"
	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
)

func TestRate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cost  int
		calls int
		want  time.Duration // how long it takes in all
	}{
		{"a burst of one second", 1, 10, 0},
		{"then evenly", 1, 30, 2 * time.Second},
		{"a batch counts for its items", 20, 3, 40*100*time.Millisecond - 900*time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, script(), func(o *httpx.Options) { o.Rate = 10 })
			start := r.clock.Now()
			req := read
			req.Cost = tt.cost
			for range tt.calls {
				if _, err := r.Do(context.Background(), req); err != nil {
					t.Fatal(err)
				}
			}
			if took := r.clock.Now().Sub(start); took != tt.want {
				t.Errorf("took %s, want %s", took, tt.want)
			}
		})
	}
}

func TestParallelismIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now atomic.Int64
		gate := make(chan struct{})
		r := newRig(t, func(int, *http.Request, string) (*http.Response, error) {
			now.Add(1)
			<-gate
			now.Add(-1)
			return httpxtest.Reply(200, "")
		}, func(o *httpx.Options) { o.Parallelism = 3 })
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := r.Do(t.Context(), read); err != nil {
					t.Error(err)
				}
			})
		}
		for left := 20; left > 0; left-- {
			synctest.Wait() // until everybody is stuck
			if n := int(now.Load()); n != min(3, left) {
				t.Errorf("%d requests are in flight with %d to go, want %d", n, left, min(3, left))
			}
			gate <- struct{}{}
		}
		wg.Wait()
	})
}

// One call is told to wait; the next one, which was told nothing, waits as well.
func TestThrottlingHoldsEverybodyBack(t *testing.T) {
	r := newRig(t, func(int, *http.Request, string) (*http.Response, error) { return httpxtest.Reply(200, "") })
	if !r.Pause(5 * time.Minute) {
		t.Fatal("the client does not wait five minutes")
	}
	start := r.clock.Now()
	if _, err := r.Do(context.Background(), write); err != nil {
		t.Fatal(err)
	}
	if took := r.clock.Now().Sub(start); took != 5*time.Minute {
		t.Errorf("left after %s, want 5m", took)
	}
	if r.Pause(time.Hour) {
		t.Error("the client waits an hour")
	}
	start = r.clock.Now()
	if _, err := r.Do(context.Background(), write); err != nil || r.clock.Now() != start {
		t.Errorf("a refused pause held a call back until %s, error %v", r.clock.Now(), err)
	}
}

// A pause that begins while a request waits for its turn holds that request back too.
func TestPauseReachesThoseWhoWaitAlready(t *testing.T) {
	var r *rig
	paused := false
	clock := httpxtest.NewClock()
	r = newRig(t, script(), func(o *httpx.Options) {
		o.Rate = 1
		o.Clock = clock.Now
		o.Sleep = func(ctx context.Context, d time.Duration) error {
			if !paused {
				paused = true
				r.Pause(time.Minute)
			}
			return clock.Sleep(ctx, d)
		}
	})
	start := clock.Now()
	for range 2 {
		if _, err := r.Do(context.Background(), read); err != nil {
			t.Fatal(err)
		}
	}
	if took := clock.Now().Sub(start); took != time.Minute {
		t.Errorf("took %s, want 1m", took)
	}
}
