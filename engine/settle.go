package engine

import (
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// What a crash leaves in doubt is an intent without a result. It is settled by
// looking the object up by its natural key: what is there and carries the
// intended values was done by us. Nothing here needs the configuration, so it
// works also when the block is gone or renamed by then.

// settle carries doubts about objects into priors.
func (b *builder) settle(priors map[string][]*prior) {
	for _, doubt := range b.in.InDoubt {
		for _, op := range doubt.Ops {
			k := b.in.Kinds.Kind(op.Kind)
			if k == nil {
				continue
			}
			b.settleOp(k, op, priors)
		}
	}
}

func (b *builder) settleOp(k *schema.Kind, op state.IntentOp, priors map[string][]*prior) {
	a := b.actualOf(k.Name, op.Key)
	if a == nil || op.Action == state.ActionDelete || op.Action == state.ActionForget || op.Action == state.ActionMove {
		return // absent: nothing was made, or nothing is left
	}
	attrs, _, err := k.Decode(op.KindVersion, orEmpty(op.Attrs))
	if err != nil {
		b.diags = append(b.diags, diag.FromError("Journal cannot be read", err)...)
		return
	}
	p := findPrior(priors[k.Name], op.Key)
	happened := op.Action == state.ActionCreate || carries(k, a, attrs)
	if p == nil && happened {
		adopted, err := decodeAdopted(k, op.KindVersion, op.Adopted)
		if err != nil {
			b.diags = append(b.diags, diag.FromError("Journal cannot be read", err)...)
			return
		}
		p = &prior{Addr: op.Addr, From: op.Addr, Key: op.Key, Origin: op.Origin, Adopted: adopted, settled: true}
		if p.Origin == "" {
			p.Origin = state.Created
		}
		for _, other := range priors[k.Name] {
			other.Retiring = other.Retiring || other.Addr == op.Addr // renamed by then
		}
		priors[k.Name] = append(priors[k.Name], p)
	} else if p == nil || !carries(k, a, attrs) {
		return // the update did not happen: the record stands
	}
	p.ID, p.Attrs, p.Owned = a.ID, attrs, map[string]bool{}
	for _, name := range op.Owned {
		p.Owned[name] = true
	}
	b.plan.Settled.Ops = append(b.plan.Settled.Ops, op)
	b.plan.Settled.IDs = append(b.plan.Settled.IDs, a.ID)
}

func findPrior(list []*prior, key string) *prior {
	for _, p := range list {
		if schema.FoldKey(p.Key) == schema.FoldKey(key) {
			return p
		}
	}
	return nil
}

// carries reports whether the tenant's object has the intended values.
func carries(k *schema.Kind, a *Object, attrs schema.Attrs) bool {
	for _, attr := range k.Attrs {
		want, intended := attrs[attr.Name]
		got, told := a.Attrs[attr.Name]
		if intended && told && !attr.Type.Equal(want, got) {
			return false
		}
	}
	return true
}

func (b *builder) doubtfulRows() bool {
	for _, d := range b.in.InDoubt {
		if d.Rows != nil {
			return true
		}
	}
	return false
}

// settleRows carries doubts about rows into prior rows.
func (b *builder) settleRows(prior, actual []table.Row) []table.Row {
	if !b.doubtfulRows() {
		return prior
	}
	var settled []table.Row
	for _, d := range b.in.InDoubt {
		if d.Rows == nil || d.Rows.Action != state.RowsSet {
			continue
		}
		settled = append(settled, b.intendedRows(d.Rows)...)
	}
	table.Sort(settled)
	var out []table.Row
	_ = table.Merge(prior, settled, actual, func(p, s, a *table.Row) error {
		switch {
		case s != nil && a != nil && a.Policy == s.Policy && (p == nil || p.Policy != s.Policy):
			row := *s
			if p != nil {
				row.Adopted = p.Adopted
			}
			out = append(out, row)
			b.plan.Settled.Rows = append(b.plan.Settled.Rows, row)
		case p != nil:
			out = append(out, *p)
		}
		return nil
	})
	return out
}

func (b *builder) intendedRows(in *state.IntentRows) []table.Row {
	names := b.in.Strings
	rows := make([]table.Row, len(in.Users))
	for i, user := range in.Users {
		at := in.Addr
		if in.Addrs != nil {
			at = in.Addrs[i]
		}
		rows[i] = table.Row{User: user, Type: names.Sym(in.Type), Policy: names.Sym(in.Policy), Addr: names.Exact(at)}
		if in.Adopt && in.Before != nil {
			rows[i].Adopted = names.Sym(in.Before[i])
		}
	}
	return rows
}
