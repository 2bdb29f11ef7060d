package model

import (
	"fmt"
	"maps"
	"sync"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// LateIDs knows the remote ids of objects by address: those listed at plan,
// and those made during apply. It is safe for concurrent use.
type LateIDs struct {
	mu  sync.Mutex
	ids map[addr.Instance]string
}

// NewLateIDs returns an empty one.
func NewLateIDs() *LateIDs { return &LateIDs{ids: map[addr.Instance]string{}} }

// Set remembers the id of an object; "" says nothing.
func (l *LateIDs) Set(a addr.Instance, id string) {
	if id == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids[a] = id
}

// Get returns the id of an object.
func (l *LateIDs) Get(a addr.Instance) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, ok := l.ids[a]
	return id, ok
}

// All returns every id that is known, by address.
func (l *LateIDs) All() map[addr.Instance]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.ids)
}

// Known replaces references whose id is known and leaves the others.
func (l *LateIDs) Known(attrs schema.Attrs) (schema.Attrs, error) {
	return l.replace(attrs, func(r schema.Ref) (any, error) { return r, nil })
}

// Fill replaces every reference; one that is still unknown is an error.
func (l *LateIDs) Fill(attrs schema.Attrs) (schema.Attrs, error) {
	return l.replace(attrs, func(r schema.Ref) (any, error) {
		return nil, fmt.Errorf("%s is not known: the object was not made", r)
	})
}

func (l *LateIDs) replace(attrs schema.Attrs, unknown func(schema.Ref) (any, error)) (schema.Attrs, error) {
	if attrs == nil {
		return nil, nil
	}
	out, err := schema.MapRefs(map[string]any(attrs), func(r schema.Ref) (any, error) {
		if r.Attr == "" {
			return r, nil // the block itself, not a late value
		}
		if id, ok := l.Get(r.Addr); ok {
			return id, nil
		}
		return unknown(r)
	})
	if err != nil {
		return nil, err
	}
	return out.(map[string]any), nil
}

// Addresses returns the managed objects that exist, by remote id.
func (p *Plan) Addresses() map[string]addr.Instance {
	out := map[string]addr.Instance{}
	for a, id := range p.IDs.All() {
		out[id] = a
	}
	return out
}
