package engine

import (
	"sort"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// Draft is a state record before its late values are known.
type Draft struct {
	Kind      *schema.Kind
	Addr      addr.Instance
	Key       string       // natural key
	ID        string       // remote id, "" before it is made
	Attrs     schema.Attrs // owned attributes as they will be
	Owned     []string     // their names, and of those that the service does not tell; sorted
	Origin    state.Origin
	Adopted   schema.Attrs // values of owned attributes when adopted
	Protect   bool         // prevent_destroy
	OnDestroy string
	Drop      bool // the record goes instead
	Retiring  bool
	// First: state has no such record yet, so one of another key that stands at
	// the address is that of a renamed object, and retires.
	First bool
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
		Kind: k, Addr: d.Addr, Key: d.Key, ID: id, Attrs: owned, Owned: names, Origin: origin, Adopted: adopted,
		Protect: d.Lifecycle.PreventDestroy, OnDestroy: d.Lifecycle.OnDestroy,
	}
}

func dropRecord(k *schema.Kind, p *prior) Draft {
	return Draft{Kind: k, Addr: p.Addr, Key: p.Key, ID: p.ID, Origin: p.Origin, Drop: true, Retiring: p.Retiring}
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
		Action: action, Kind: r.Kind.Name, Addr: r.Addr, Key: r.Key, ID: r.ID, KindVersion: r.Kind.Version,
		Owned: r.Owned, Origin: r.Origin, Protect: r.Protect, OnDestroy: r.OnDestroy, Retiring: r.Retiring,
	}
	if r.Drop {
		if action != state.ActionDelete {
			op.Action = state.ActionForget
		}
		return op, nil
	}
	if r.First && action == state.ActionUpdate {
		op.Action = state.ActionAdopt
	}
	attrs, err := ids.Fill(r.Attrs)
	if err != nil {
		return op, err
	}
	if op.Attrs, err = r.Kind.Encode(attrs); err != nil {
		return op, err
	}
	if r.Origin == state.Adopted && len(r.Adopted) > 0 {
		if op.Adopted, err = r.Kind.Encode(r.Adopted); err != nil {
			return op, err
		}
	}
	return op, nil
}
