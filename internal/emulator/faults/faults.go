package faults

import (
	"net/http"
	"strings"
	"sync"
)

// Fault is one way in which requests fail.
type Fault struct {
	Status     int    // 429 or 503
	RetryAfter int    // seconds in the Retry-After header; 0: no header
	Times      int    // how many requests it spoils
	Method     string // only these; empty: all
	PathPrefix string // only these, such as "/v1.0/users"; empty: all
}

func (f Fault) fits(r *http.Request) bool {
	return (f.Method == "" || f.Method == r.Method) && strings.HasPrefix(r.URL.Path, f.PathPrefix)
}

// Injector holds the faults that are still to come. Its zero value spoils
// nothing. It may be used from several goroutines.
type Injector struct {
	mu      sync.Mutex
	pending []Fault
	spoiled int
}

// Add queues a fault. Faults that fit the same request come one after the
// other, in the order in which they were added.
func (i *Injector) Add(f Fault) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if f.Times > 0 {
		i.pending = append(i.pending, f)
	}
}

// Clear forgets all faults.
func (i *Injector) Clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pending = nil
}

// Spoiled is the number of requests that faults have answered.
func (i *Injector) Spoiled() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.spoiled
}

// take gives the fault that spoils a request, if there is one.
func (i *Injector) take(r *http.Request) (Fault, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for n := range i.pending {
		f := &i.pending[n]
		if !f.fits(r) {
			continue
		}
		hit := *f
		if f.Times--; f.Times == 0 {
			i.pending = append(i.pending[:n:n], i.pending[n+1:]...)
		}
		i.spoiled++
		return hit, true
	}
	return Fault{}, false
}

// Wrap puts the faults in front of a handler. fail writes a spoiled answer in
// the shape of the service that the request is for.
func (i *Injector) Wrap(next http.Handler, fail func(http.ResponseWriter, *http.Request, Fault)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f, ok := i.take(r); ok {
			fail(w, r, f)
			return
		}
		next.ServeHTTP(w, r)
	})
}
