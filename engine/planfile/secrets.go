package planfile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// Values that come from sensitive variables are never in a plan file. What is
// left says that there is one, and an apply takes it from the configuration,
// whose sensitive variables are given again.

// withoutSecrets returns the plan without values that must not be shown.
func withoutSecrets(f *File) (*File, error) {
	out := *f
	p := *f.Plan
	out.Plan = &p
	for _, op := range p.Ops {
		for _, name := range op.Sensitive {
			if a := op.Kind.Attr(name); a != nil && a.Narrow != nil {
				return nil, fmt.Errorf("%s: %s is computed from a sensitive value, and a change of it goes in steps that depend on the value, so this plan cannot be saved. Use nonsensitive() if it may be seen, or apply without a plan file", op.Addr, name)
			}
		}
	}
	p.Changes, p.Recorded, p.Drift = redactChanges(p.Changes), redactChanges(p.Recorded), redactChanges(p.Drift)
	p.Ops = mapped(p.Ops, redactOp)
	if p.Records != nil {
		p.Records = &engine.Records{Set: mapped(p.Records.Set, redactDraft), Drop: mapped(p.Records.Drop, redactDraft)}
	}
	return &out, nil
}

func mapped[T any](list []T, f func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

func redactChanges(list []*engine.Change) []*engine.Change {
	return mapped(list, func(c *engine.Change) *engine.Change {
		if !slices.ContainsFunc(c.Attrs, func(a engine.AttrChange) bool { return a.Sensitive }) {
			return c
		}
		own := *c
		own.Attrs = mapped(c.Attrs, func(a engine.AttrChange) engine.AttrChange {
			if a.Sensitive {
				a.Before, a.After, a.Prior = nil, nil, nil
			}
			return a
		})
		return &own
	})
}

// redactOp returns a copy of an operation without sensitive values.
func redactOp(op *engine.Op) *engine.Op {
	own := *op
	own.Before, own.After, own.Input = without(op.Before, op.Sensitive), without(op.After, op.Sensitive), without(op.Input, op.Sensitive)
	own.Record = redactDraft(op.Record)
	return &own
}

func redactDraft(d engine.Draft) engine.Draft {
	d.Attrs, d.Adopted = without(d.Attrs, d.Sensitive), without(d.Adopted, d.Sensitive)
	return d
}

func without(attrs schema.Attrs, names []string) schema.Attrs {
	if attrs == nil || len(names) == 0 {
		return attrs
	}
	out := maps.Clone(attrs)
	for _, name := range names {
		delete(out, name)
	}
	return out
}

// NeedsSecrets reports whether an apply of the plan needs values that are not
// in it, and of which addresses.
func NeedsSecrets(p *engine.Plan) []addr.Instance {
	var out []addr.Instance
	for _, op := range p.Ops {
		if len(op.Sensitive)+len(op.Record.Sensitive) > 0 {
			out = append(out, op.Addr)
		}
	}
	for _, r := range p.Records.Set {
		if len(r.Sensitive) > 0 {
			out = append(out, r.Addr)
		}
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}

// FillSecrets puts the values that are not in a plan into it. value gives an
// attribute of a block as the configuration has it now.
func FillSecrets(p *engine.Plan, value func(at addr.Instance, attr string) (any, bool)) error {
	fill := func(at addr.Instance, k *schema.Kind, name string, to func(*schema.Attr, any)) error {
		v, ok := value(at, name)
		if !ok {
			return fmt.Errorf("the configuration gives no value for %s of %s", name, at)
		}
		to(k.Attr(name), v)
		return nil
	}
	draft := func(d *engine.Draft) error {
		for _, name := range d.Sensitive {
			if err := fill(d.Addr, d.Kind, name, func(_ *schema.Attr, v any) { put(&d.Attrs, name, v) }); err != nil {
				return err
			}
		}
		return nil
	}
	for _, op := range p.Ops {
		for _, name := range op.Sensitive {
			err := fill(op.Addr, op.Kind, name, func(a *schema.Attr, v any) {
				if a != nil && a.Input {
					put(&op.Input, name, v)
				} else {
					put(&op.After, name, v)
				}
			})
			if err != nil {
				return err
			}
		}
		if err := draft(&op.Record); err != nil {
			return err
		}
	}
	for i := range p.Records.Set {
		if err := draft(&p.Records.Set[i]); err != nil {
			return err
		}
	}
	return nil
}

func put(attrs *schema.Attrs, name string, v any) {
	if *attrs == nil {
		*attrs = schema.Attrs{}
	}
	(*attrs)[name] = v
}
