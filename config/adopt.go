package config

import (
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/addr"
)

// Moved says that what was known under one address is now under another: an
// object, all instances of a block, or everything in a module.
type Moved struct {
	From, To addr.Instance // Kind "" stands for the module of that path
	Range    hcl.Range
}

// Removed says how objects end whose block is gone.
type Removed struct {
	From    addr.Instance // as in Moved
	Destroy bool          // false: let go as it stands
	Range   hcl.Range
}

// Import takes an object that exists under management.
type Import struct {
	To       addr.Instance
	ID       string // remote id or natural key
	Takeover bool   // also when another root made it
	Range    hcl.Range
}

// Ignore leaves unmanaged objects out of reports.
type Ignore struct {
	Kind    string
	Pattern string // of the natural key; "*" and "?" as in file names, case ignored
	Range   hcl.Range
}

// MovedTo follows the moved blocks from a.
func (c *Config) MovedTo(a addr.Instance) addr.Instance {
	for range c.Moved { // a chain is at most as long as there are blocks
		next := a
		for _, m := range c.Moved {
			if to, ok := m.apply(a); ok {
				next = to
				break
			}
		}
		if next == a {
			break
		}
		a = next
	}
	return a
}

// apply moves a if m is about it.
func (m Moved) apply(a addr.Instance) (addr.Instance, bool) {
	if !covers(m.From, a) || m.To.HasKey && a.HasKey && !m.From.HasKey {
		return a, false // from app.x to app.x["a"]: what has a key already stays
	}
	if m.From.Kind == "" {
		a.Module = m.To.Module + strings.TrimPrefix(a.Module, m.From.Module)
		return a, true
	}
	to := m.To
	if !m.From.HasKey && !to.HasKey {
		to.Key, to.HasKey = a.Key, a.HasKey
	}
	return to, true
}

// covers reports whether from stands for a: itself, its block, its module.
func covers(from, a addr.Instance) bool {
	if from.Kind == "" {
		return a.Module == from.Module || strings.HasPrefix(a.Module, from.Module+".")
	}
	return from == a || !from.HasKey && from == a.Block()
}

// RemovedAs returns the removed block about a, or nil.
func (c *Config) RemovedAs(a addr.Instance) *Removed {
	for i := range c.Removed {
		if covers(c.Removed[i].From, a) {
			return &c.Removed[i]
		}
	}
	return nil
}

// ImportOf returns the import block for a, or nil.
func (c *Config) ImportOf(a addr.Instance) *Import {
	for i := range c.Imports {
		if c.Imports[i].To == a {
			return &c.Imports[i]
		}
	}
	return nil
}

// Ignores reports whether an unmanaged object is to be left out of reports.
func (c *Config) Ignores(kind, key string) bool {
	for _, i := range c.Ignored {
		if i.Kind != kind {
			continue
		}
		if ok, err := path.Match(strings.ToLower(i.Pattern), strings.ToLower(key)); err == nil && ok {
			return true
		}
	}
	return false
}
