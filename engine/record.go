package engine

import (
	"sort"

	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

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
