package model

import (
	"slices"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// Attributes that a configuration computes from sensitive values are marked all
// over a finished plan: what prints it hides them, and what writes it to a file
// leaves them out.

// MarkSensitive marks the changes, operations and records of a plan.
func (p *Plan) MarkSensitive(cfg *config.Config) {
	if cfg == nil {
		return
	}
	names := map[addr.Instance][]string{}
	for _, inst := range cfg.Instances {
		if len(inst.Sensitive) > 0 {
			names[inst.Addr] = inst.Sensitive
		}
	}
	if len(names) == 0 {
		return
	}
	for _, c := range slices.Concat(p.Changes, p.Recorded, p.Drift) {
		for i := range c.Attrs {
			c.Attrs[i].Sensitive = slices.Contains(names[c.Addr], c.Attrs[i].Attr.Name)
		}
	}
	for _, op := range p.Ops {
		op.Sensitive = among(names[op.Addr], op.After, op.Input)
		op.Record.Sensitive = among(names[op.Addr], op.Record.Attrs)
	}
	for i := range p.Records.Set {
		r := &p.Records.Set[i]
		r.Sensitive = among(names[r.Addr], r.Attrs)
	}
}

// among returns the names that any of the attributes have.
func among(names []string, attrs ...schema.Attrs) []string {
	var out []string
	for _, name := range names {
		if slices.ContainsFunc(attrs, func(a schema.Attrs) bool { _, has := a[name]; return has }) {
			out = append(out, name)
		}
	}
	return out
}
