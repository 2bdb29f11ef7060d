package engine

import (
	"sort"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// Draft is a state record before its late values are known.
type Draft struct {
	kind      *schema.Kind
	addr      addr.Instance
	key, id   string
	attrs     schema.Attrs // owned attributes as they will be
	owned     []string
	origin    state.Origin
	adopted   schema.Attrs
	protect   bool
	onDestroy string
	drop      bool // the record goes instead
	retiring  bool
	// first: state has no such record yet, so one of another key that stands at
	// the address is that of a renamed object, and retires.
	first bool
}

// Records are the state-only results of a plan.
type Records struct {
	Set  []Draft
	Drop []Draft
}

func (b *builder) recordOf(k *schema.Kind, d *Desired, owned schema.Attrs, id string, origin state.Origin) Draft {
	return b.recordWith(k, d, owned, id, origin, nil)
}

func (b *builder) recordWith(k *schema.Kind, d *Desired, owned schema.Attrs, id string, origin state.Origin, adopted schema.Attrs) Draft {
	names := make([]string, 0, len(owned))
	for name := range owned {
		names = append(names, name)
	}
	sort.Strings(names)
	return Draft{
		kind: k, addr: d.Addr, key: d.Key, id: id, attrs: owned, owned: names, origin: origin, adopted: adopted,
		protect: d.Lifecycle.PreventDestroy, onDestroy: d.Lifecycle.OnDestroy,
	}
}

func dropRecord(k *schema.Kind, p *prior) Draft {
	return Draft{kind: k, addr: p.Addr, key: p.Key, id: p.ID, origin: p.Origin, drop: true, retiring: p.Retiring}
}

// recordChange notes a change that touches state only.
func (b *builder) recordChange(c *Change, r Draft) {
	b.plan.Recorded = append(b.plan.Recorded, c)
	b.plan.Records.Set = append(b.plan.Records.Set, r)
}

func (b *builder) dropRecorded(c *Change, p *prior) {
	b.plan.Recorded = append(b.plan.Recorded, c)
	b.plan.Records.Drop = append(b.plan.Records.Drop, dropRecord(c.Kind, p))
}

// Intent builds the journal's operation, with late values filled in by ids.
// action is what the operation does to the record, unless the record goes.
func (r Draft) Intent(ids *LateIDs, action string) (state.IntentOp, error) {
	op := state.IntentOp{
		Action: action, Kind: r.kind.Name, Addr: r.addr, Key: r.key, ID: r.id, KindVersion: r.kind.Version,
		Owned: r.owned, Origin: r.origin, Protect: r.protect, OnDestroy: r.onDestroy, Retiring: r.retiring,
	}
	if r.drop {
		if action != state.ActionDelete {
			op.Action = state.ActionForget
		}
		return op, nil
	}
	if r.first && action == state.ActionUpdate {
		op.Action = state.ActionAdopt
	}
	attrs, err := ids.Fill(r.attrs)
	if err != nil {
		return op, err
	}
	if op.Attrs, err = r.kind.Encode(attrs); err != nil {
		return op, err
	}
	if r.origin == state.Adopted && len(r.adopted) > 0 {
		if op.Adopted, err = r.kind.Encode(r.adopted); err != nil {
			return op, err
		}
	}
	return op, nil
}
