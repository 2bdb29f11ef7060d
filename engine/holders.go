package engine

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/engine/internal/plain"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// HolderKinds are the kinds that people or groups hold. Their rows have the
// kind's name as policy type.
//
// A policy that someone outside the state still holds must not be deleted: the
// service refuses, or people fall to another policy that nobody planned.

// policyNeeds returns the objects that must exist before rows of a policy can
// be assigned: the policy itself when this plan makes it.
func (b *builder) policyNeeds(typ, name string) []addr.Instance {
	for _, c := range b.plan.Changes {
		if c.Kind.Name == typ && c.Action == Create && schema.FoldKey(c.Key) == schema.FoldKey(name) {
			return []addr.Instance{c.Addr}
		}
	}
	return nil
}

// deletedPolicies lists planned deletions of kinds that have holders.
func (b *builder) deletedPolicies() []*Change {
	var out []*Change
	for _, c := range b.plan.Changes {
		if c.Action == Delete && c.Kind.HasHolders {
			out = append(out, c)
		}
	}
	return out
}

// doomed lists the policies that this plan deletes as rows name them.
func (b *builder) doomed() map[Policy]bool {
	out := map[Policy]bool{}
	for _, c := range b.deletedPolicies() {
		out[Policy{Type: b.in.Strings.Sym(c.Kind.Name), Name: b.in.Strings.Sym(c.Key)}] = true
	}
	return out
}

// losesPolicy reports whether this plan deletes the policy that an object
// assigns. Kinds that assign are decided after those that are assigned.
func (b *builder) losesPolicy(k *schema.Kind, a *Object) bool {
	if k.HolderOf == nil {
		return false
	}
	typ, key := k.HolderOf(a.Attrs)
	for _, c := range b.deletedPolicies() {
		if c.Kind.Name == typ && schema.FoldKey(c.Key) == schema.FoldKey(key) {
			return true
		}
	}
	return false
}

// needsHolders reports whether rows must be listed although none is planned.
func (b *builder) needsHolders() bool { return len(b.deletedPolicies()) > 0 }

// checkHolders refuses to delete a policy that people or groups outside this
// plan still hold, and names them.
func (b *builder) checkHolders() {
	for _, c := range b.deletedPolicies() {
		people := b.rowHolders(c)
		groups := b.groupHolders(c)
		if len(people)+len(groups) == 0 {
			continue
		}
		var who []string
		if n := len(people); n > 0 {
			who = append(who, fmt.Sprintf("%s (%s)", plain.Count(n, "person", "people"), plain.Sample(people)))
		}
		if n := len(groups); n > 0 {
			who = append(who, fmt.Sprintf("%s (%s)", plain.Count(n, "group", "groups"), plain.Sample(groups)))
		}
		what, keep := "is to be deleted", "block"
		if c.Retiring {
			what, keep = "has another name now, and the policy of the old name is to be deleted", "old name"
		}
		b.diags = append(b.diags, diag.WithAddress(diag.Error(nil, "Policy still in use",
			"%s %s, but the %s %q is still held by %s. This configuration does not end these assignments. Give the holders another policy first, or keep the %s.",
			c.Addr, what, c.Kind.Title, c.Key, strings.Join(who, " and "), keep), c.Addr.String()))
	}
}

// rowHolders names people who hold the policy now and still will.
func (b *builder) rowHolders(c *Change) []string {
	typ, policy := b.in.Strings.Sym(c.Kind.Name), b.in.Strings.Sym(c.Key)
	leaving := map[table.ID]bool{}
	for _, op := range b.plan.RowOps {
		for _, r := range op.Rows {
			if r.Row.Type == typ && r.Before == policy {
				leaving[r.Row.User] = true
			}
		}
	}
	var out []string
	for _, r := range b.holders {
		if r.Type == typ && r.Policy == policy && !leaving[r.User] {
			out = append(out, b.in.Table.Name(r.User))
		}
	}
	return out
}

// groupHolders names groups that hold the policy now and still will.
func (b *builder) groupHolders(c *Change) []string {
	leaving := map[string]bool{}
	for _, op := range b.plan.Ops {
		if op.Kind.Generated && (op.Action == Delete || op.Action == Update) {
			leaving[schema.FoldKey(op.Key)] = true
		}
	}
	var out []string
	for kind, objects := range b.actual {
		k := b.in.Kinds.Kind(kind)
		if k == nil || k.HolderOf == nil {
			continue
		}
		for _, o := range objects {
			typ, policy := k.HolderOf(o.Attrs)
			if typ == c.Kind.Name && schema.FoldKey(policy) == schema.FoldKey(c.Key) && !leaving[schema.FoldKey(o.Key)] {
				out = append(out, orWord(o.Name, o.Key))
			}
		}
	}
	return out
}
