package engine

import (
	"encoding/json"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine/hold"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/pending"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// prior is one object as it was last applied.
type prior struct {
	Addr      addr.Instance // after moved blocks
	From      addr.Instance // as in the state
	Key, ID   string
	Attrs     schema.Attrs
	Owned     map[string]bool
	Origin    state.Origin
	Adopted   schema.Attrs
	Protect   bool
	OnDestroy string
	Retiring  bool
	Stale     bool // written by an older version of the kind
	// settled: not in the state, but an earlier run's intent and the tenant say
	// that it was made.
	settled bool
	// pending: a change that may not be visible yet; nil: none.
	pending *pending.Reading
	// deleted: its deletion was accepted and is pending; it counts as absent.
	deleted bool
	// unseen: its window is over, and the tenant still shows what was before.
	unseen bool
	// marked: not from state, but the tenant's object carries our mark.
	marked bool
}

// decodePriors reads the objects of known kinds out of state. Objects of
// unknown kinds stay in state verbatim and are reported once.
func decodePriors(s *state.State, kinds *schema.Registry) (map[string][]*prior, hcl.Diagnostics) {
	byKind := map[string][]*prior{}
	unknown := map[string]int{}
	var diags hcl.Diagnostics
	if s == nil {
		return byKind, nil
	}
	for _, o := range s.Objects {
		k := kinds.Kind(o.Kind)
		if k == nil && o.Kind == hold.Kind {
			continue // read by readHolds
		}
		if k == nil {
			unknown[o.Kind]++
			continue
		}
		p, err := decodePrior(k, o)
		if err != nil {
			diags = append(diags, diag.WithAddress(diag.Error(nil, "State cannot be read",
				"%s in the state: %s.", o.Addr, err), o.Addr.String()))
			continue
		}
		byKind[o.Kind] = append(byKind[o.Kind], p)
	}
	names := make([]string, 0, len(unknown))
	for name := range unknown {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		diags = append(diags, diag.Warning(nil, "Unknown type in state",
			"The state holds %d of type %q, which this version of teamsform does not know. They are kept as they are and not planned; a newer version may know them.", unknown[name], name))
	}
	return byKind, diags
}

func decodePrior(k *schema.Kind, o *state.Object) (*prior, error) {
	p := &prior{
		Addr: o.Addr, From: o.Addr, Key: o.Key, ID: o.ID, Owned: map[string]bool{},
		Origin: o.Origin, Protect: o.Protect, OnDestroy: o.OnDestroy,
		Retiring: o.Retiring, Stale: o.KindVersion != k.Version,
	}
	var err error
	if p.Attrs, _, err = k.Decode(o.KindVersion, orEmpty(o.Attrs)); err != nil {
		return nil, err
	}
	if p.Adopted, err = decodeAdopted(k, o.KindVersion, o.Adopted); err != nil {
		return nil, err
	}
	if p.pending, err = pending.Decode(k, o.KindVersion, o.Pending); err != nil {
		return nil, err
	}
	for _, name := range o.Owned {
		p.Owned[name] = true
	}
	return p, nil
}

// decodeAdopted reads the values of an adopted object; one that we created has
// none, and nothing to upgrade.
func decodeAdopted(k *schema.Kind, version int, raw json.RawMessage) (schema.Attrs, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	attrs, _, err := k.Decode(version, raw)
	return attrs, err
}

// markedPrior stands in for a lost state record: the tenant's own mark says
// that this configuration made the object.
func markedPrior(k *schema.Kind, a Object, at addr.Instance, owned schema.Attrs) *prior {
	p := &prior{Addr: at, From: at, Key: a.Key, ID: a.ID, Attrs: schema.Attrs{}, Owned: map[string]bool{}, Origin: state.Created, marked: true}
	for name := range owned {
		if v, ok := a.Attrs[name]; ok {
			p.Attrs[name] = v
			p.Owned[name] = true
		}
	}
	return p
}

func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}
