package httpx

import (
	"context"
	"sync"
	"time"
)

// limiter decides when a request may leave: at most so many in flight, at most so many per second, and none while the
// service has asked for a pause. All three are shared by every goroutine of a client.
//
// The rate is kept by a single time, next: when the next request would leave if they left evenly spaced. A request may
// run ahead of it by burst.
type limiter struct {
	slots chan struct{}
	clock func() time.Time
	sleep func(context.Context, time.Duration) error

	interval time.Duration // between two requests; 0 = no rate
	burst    time.Duration

	mu    sync.Mutex
	next  time.Time
	until time.Time // end of the pause the service asked for
}

func newLimiter(parallelism int, rate float64, clock func() time.Time, sleep func(context.Context, time.Duration) error) *limiter {
	l := &limiter{slots: make(chan struct{}, parallelism), clock: clock, sleep: sleep}
	if rate > 0 {
		l.interval = time.Duration(float64(time.Second) / rate)
		l.burst = max(0, time.Second-l.interval)
	}
	return l
}

// wait returns when a request that counts for cost may leave. The caller calls release when its answer is read.
func (l *limiter) wait(ctx context.Context, cost int) (release func(), err error) {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	release = func() { <-l.slots }
	now, at := l.reserve(cost)
	for at.After(now) {
		if err := l.sleep(ctx, at.Sub(now)); err != nil {
			release()
			return nil, err
		}
		now, at = at, l.pausedUntil() // a pause may have begun or grown meanwhile
	}
	if err := ctx.Err(); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// reserve takes cost units and returns the present and the time from which they may be used.
func (l *limiter) reserve(cost int) (now, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now = l.clock()
	at = now
	if l.interval > 0 {
		if l.next.Before(now) {
			l.next = now
		}
		at = l.next.Add(-l.burst)
		l.next = l.next.Add(time.Duration(cost) * l.interval)
	}
	if at.Before(l.until) {
		at = l.until
	}
	return now, at
}

func (l *limiter) pausedUntil() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until
}

// pause holds back everything that has not left yet for d from now.
func (l *limiter) pause(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.clock().Add(d); until.After(l.until) {
		l.until = until
	}
}
