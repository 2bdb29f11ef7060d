package httpx

import (
	"context"
	"errors"
	"hash/fnv"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Which calls are sent again
//
// A read is sent again after anything that may pass: throttling, a server error, a cut connection, half a body.
//
// A write is sent again only when the service has said that it did not carry it out: 429, or 503 with Retry-After. A
// lost answer to a write is never resolved here, because an upload sent twice is a second upload; the caller reads
// back instead. That holds for PUT and DELETE as well: sent twice they do no harm to the tenant, but the second answer
// (404, 412) would hide what the first one did.
//
// While the service throttles one call it throttles all of them, and counts those that it refuses. So a Retry-After
// holds back every goroutine of the client, through the limiter, and not only the one that was told.

const (
	firstBackOff = 800 * time.Millisecond
	lastBackOff  = time.Minute
)

// worthRepeating reports whether another try may end better than this one and is safe.
func worthRepeating(r Request, a Answer, err error) bool {
	if err != nil {
		return r.Repeatable && mayPass(err)
	}
	switch a.Status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable:
		return r.Repeatable || a.Header.Get("Retry-After") != ""
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return r.Repeatable
	}
	return false
}

// mayPass reports whether err may be gone on the next try.
func mayPass(err error) bool {
	var (
		signIn *SignInError
		size   *BodyTooLargeError
		unsent *unsentError
		dns    *net.DNSError
	)
	switch {
	case errors.As(err, &signIn), errors.As(err, &size), errors.As(err, &unsent), isTLSRefusal(err):
		return false
	case errors.As(err, &dns):
		return !dns.IsNotFound
	}
	return true
}

// backOff waits before the next try and reports whether there is to be one. Throttling holds back the whole client.
// The error it is given is the outcome of the last try; it gives that back unless waiting itself failed.
func (c *Client) backOff(ctx context.Context, a Answer, last error, id string, try int) (bool, error) {
	delay := a.RetryAfter
	if delay > c.opts.MaxRetryDelay {
		return false, last
	}
	if delay <= 0 {
		delay = backOffDelay(id, try)
	}
	if last == nil && (a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable) {
		c.limit.pause(delay)
		return true, nil
	}
	if err := c.opts.Sleep(ctx, delay); err != nil {
		return false, &unsentError{err}
	}
	return true, nil
}

// backOffDelay doubles with each try and is spread by up to a quarter either way, so that clients that failed together
// do not come back together. The spread comes from the call's id, which is random already.
func backOffDelay(id string, try int) time.Duration {
	delay := lastBackOff
	if shift := try - 1; shift < 7 {
		delay = min(lastBackOff, firstBackOff<<shift)
	}
	h := fnv.New32a()
	h.Write([]byte(id))
	h.Write([]byte{byte(try)})
	spread := float64(h.Sum32()%1000)/2000 + 0.75 // 0.75 up to 1.25
	return time.Duration(float64(delay) * spread)
}

// retryAfter reads the Retry-After header: whole seconds or an HTTP date. Anything else, and the past, is zero.
func retryAfter(h http.Header, clock func() time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(v, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(v); err == nil {
		return max(0, date.Sub(clock()))
	}
	return 0
}

// RetryAfter reads a Retry-After value from the headers of an item of a batch.
func (c *Client) RetryAfter(h http.Header) time.Duration { return retryAfter(h, c.opts.Clock) }

// BackOff returns the delay before try+1 of the call named id when the service gave none.
func (c *Client) BackOff(id string, try int) time.Duration { return backOffDelay(id, try) }
