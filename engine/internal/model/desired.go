package model

import (
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/schema"
)

// DesiredOf turns a configured instance into the object that it wants. What the
// service makes stays out; what feeds an operation stands apart.
func DesiredOf(inst *config.Instance) *Desired {
	d := &Desired{
		Addr: inst.Addr, Kind: inst.Kind, Lifecycle: inst.Lifecycle, Range: inst.DeclRange,
		Ranges: inst.Ranges, DependsOn: inst.DependsOn, Blocks: inst.Blocks, Attrs: schema.Attrs{}, Input: schema.Attrs{},
	}
	for name, v := range inst.Attrs {
		switch a := inst.Kind.Attr(name); {
		case a == nil || a.Late:
		case a.Input:
			d.Input[name] = v
		default:
			d.Attrs[name] = v
		}
	}
	if d.Key = inst.Kind.Name; inst.Kind.KeyAttr != "" {
		d.Key, _ = d.Attrs[inst.Kind.KeyAttr].(string)
	}
	if inst.Kind.NameAttr != "" {
		d.Name, _ = inst.Attrs[inst.Kind.NameAttr].(string)
	}
	return d
}
