package ops_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/teamsform/teamsform/state"
)

// fate decides how long a run lives. Everything that leaves the process is an
// event: a request, a line of the journal, a write of the state. At its last
// event the run dies: that event happens or not, its answer is lost, and
// nothing reaches the tenant or the disk from then on. The lease ends as it
// does with a process, without a release.
type fate struct {
	mu      sync.Mutex
	last    int // number of the event at which the run dies, from 0; -1: never
	happens bool
	n       int
	dead    bool
	log     []string
	leases  []state.Lease
}

func forever() *fate { return &fate{last: -1} }

var errDead = errors.New("the process has died")

// event reports whether the event happens and whether its answer is seen.
func (f *fate) event(name string) (happens, answered bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return false, false
	}
	f.log = append(f.log, name)
	f.n++
	if f.n-1 == f.last {
		f.dead = true
		return f.happens, false
	}
	return true, true
}

func (f *fate) isDead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

// bury ends the leases of a dead run, as the system does.
func (f *fate) bury() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.leases {
		_ = l.Release(context.Background())
	}
	f.leases = nil
}

// mortalWire carries requests while the run lives.
type mortalWire struct {
	next http.RoundTripper
	fate *fate
	see  func(*http.Request) // after each request that was served
	// spoil answers in place of the tenant, or says that the answer is lost.
	spoil func(*http.Request) spoiled
}

// spoiled is what becomes of a request other than its normal end.
type spoiled struct {
	status int  // refused with this status, before it reaches the tenant
	cut    bool // the connection breaks before the request arrives
	lost   bool // it is carried out, and its answer is lost
}

var errCut = errors.New("connection reset by peer")

func (w *mortalWire) RoundTrip(r *http.Request) (*http.Response, error) {
	happens, answered := w.fate.event(r.Method + " " + r.URL.Path)
	if !happens {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		}
		return nil, errDead
	}
	var spoil spoiled
	if w.spoil != nil {
		spoil = w.spoil(r)
	}
	if spoil.status != 0 || spoil.cut {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		}
		if spoil.cut {
			return nil, errCut
		}
		body := `{"error":{"code":"Spoiled","message":"spoiled by the test"}}`
		return &http.Response{
			StatusCode: spoil.status, Status: http.StatusText(spoil.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
		}, nil
	}
	res, err := w.next.RoundTrip(r)
	if spoil.lost && err == nil {
		_ = res.Body.Close()
		res, err = nil, errCut
	}
	if err == nil && w.see != nil {
		w.see(r)
	}
	if !answered {
		return nil, errDead
	}
	return res, err
}

// mortalBackend keeps state while the run lives.
type mortalBackend struct {
	state.Backend
	fate *fate
}

func (b *mortalBackend) Write(ctx context.Context, expect state.Meta, s *state.State) (state.Meta, error) {
	happens, answered := b.fate.event("write state")
	if !happens {
		return state.Meta{}, errDead
	}
	meta, err := b.Backend.Write(ctx, expect, s)
	if !answered {
		return state.Meta{}, errDead
	}
	return meta, err
}

func (b *mortalBackend) Append(ctx context.Context, seq uint64, line []byte) error {
	happens, answered := b.fate.event("append to journal")
	if !happens {
		return errDead
	}
	err := b.Backend.Append(ctx, seq, line)
	if !answered {
		return errDead
	}
	return err
}

func (b *mortalBackend) Lease(ctx context.Context, info state.LockInfo) (state.Lease, error) {
	lease, err := b.Backend.Lease(ctx, info)
	if err != nil {
		return nil, err
	}
	b.fate.mu.Lock()
	defer b.fate.mu.Unlock()
	b.fate.leases = append(b.fate.leases, lease)
	return &mortalLease{lease, b.fate}, nil
}

type mortalLease struct {
	state.Lease
	fate *fate
}

func (l *mortalLease) Check(ctx context.Context) error {
	if l.fate.isDead() {
		return errDead
	}
	return l.Lease.Check(ctx)
}

func (l *mortalLease) Release(ctx context.Context) error {
	if l.fate.isDead() {
		return errDead
	}
	return l.Lease.Release(ctx)
}
