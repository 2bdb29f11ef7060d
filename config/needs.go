package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// dependency is one element of depends_on.
type dependency struct {
	traversal hcl.Traversal
	rng       hcl.Range
}

// dependencies reads a depends_on attribute. Its elements are names, never
// values, so nothing is evaluated.
func (l *loader) dependencies(a *hclsyntax.Attribute) []dependency {
	if a == nil {
		return nil
	}
	exprs, diags := hcl.ExprList(a.Expr)
	if diags.HasErrors() {
		l.Error(a.Expr.Range().Ptr(), problem.DependsOn, "depends_on is a list of blocks, such as [app.helpdesk].")
		return nil
	}
	var out []dependency
	for _, e := range exprs {
		t, diags := hcl.AbsTraversalForExpr(e)
		if diags.HasErrors() || !l.isBlockName(t) {
			l.Error(e.Range().Ptr(), problem.DependsOn, "depends_on names blocks, such as app.helpdesk; nothing else.")
			continue
		}
		out = append(out, dependency{traversal: t, rng: e.Range()})
	}
	return out
}

// isBlockName reports whether t is the name of a managed or looked-up block,
// with a key or without.
func (l *loader) isBlockName(t hcl.Traversal) bool {
	root := t.RootName()
	if root == rootLocal || !l.isLabeledRoot(root) {
		return false
	}
	want := 2
	if k := l.kinds.Kind(root); k != nil && k.Unlabeled {
		want = 1
	}
	if len(t) == want+1 {
		_, isKey := t[want].(hcl.TraverseIndex)
		return isKey
	}
	return len(t) == want
}

// dependsOn gives the managed instances that depends_on names.
func (l *loader) dependsOn(depends []dependency) []addr.Instance {
	var out []addr.Instance
	for _, d := range depends {
		n, used := l.target(d.traversal)
		if n != nil && n.root == typeModule {
			out = append(out, l.inModule(n.label)...)
			continue
		}
		if n == nil || n.object == nil || n.object.kind == nil || n.absent {
			continue
		}
		key := ""
		if len(d.traversal) > used {
			key = eval.StepText(d.traversal[used])
		}
		out = append(out, n.object.instances(key, len(d.traversal) > used)...)
	}
	return sortAddrs(out)
}

// inModule gives the managed instances of a module and those inside it, which
// have all been evaluated.
func (l *loader) inModule(name string) []addr.Instance {
	whole := addr.Instance{Module: strings.TrimPrefix(l.module+"."+name, ".")}
	var out []addr.Instance
	for _, inst := range l.cfg.Instances {
		if covers(whole, inst.Addr) {
			out = append(out, inst.Addr)
		}
	}
	return out
}

// instances gives the addresses of all instances, or of the one with key.
func (o *object) instances(key string, one bool) []addr.Instance {
	if o.forEach == nil {
		return []addr.Instance{o.addr}
	}
	if one {
		if o.hasKey(key) {
			return []addr.Instance{o.addr.WithKey(key)}
		}
		return nil
	}
	out := make([]addr.Instance, len(o.keys))
	for i, k := range o.keys {
		out[i] = o.addr.WithKey(k)
	}
	return out
}

// hasKey reports whether there is an instance with the key.
func (o *object) hasKey(key string) bool {
	_, ok := slices.BinarySearch(o.keys, key)
	return ok
}

// needs gives the managed objects that the instance refers to: those in its
// values, and those whose plain attributes its expressions read.
func (o *object) needs(inst *Instance, ctx *hcl.EvalContext) []addr.Instance {
	var out []addr.Instance
	managed := func(a addr.Instance) {
		if k := o.l.kinds.Kind(a.Kind); k != nil && a != inst.Addr {
			out = append(out, a)
		}
	}
	values := func(attrs schema.Attrs) {
		for _, v := range attrs {
			for _, r := range schema.Refs(v) {
				managed(r.Addr)
			}
		}
	}
	values(inst.Attrs)
	for _, blocks := range inst.Blocks {
		for _, b := range blocks {
			values(b.Attrs)
		}
	}
	for _, u := range o.node.uses {
		if u.to != nil && u.to.object != nil && u.to.object.kind != nil && u.to.object.forEach == nil && !u.to.absent {
			managed(u.to.object.addr)
		}
	}
	for _, index := range o.indexed() {
		to := index.to.object
		if key, ok := index.text(ctx); ok && to.hasKey(key) {
			managed(to.addr.WithKey(key))
		}
	}
	return sortAddrs(out)
}

// indexed is a reference to one instance of a for_each block.
type indexed struct {
	to   *node
	key  hclsyntax.Expression // nil: literal
	name string
}

func (i indexed) text(ctx *hcl.EvalContext) (string, bool) {
	if i.key == nil {
		return i.name, true
	}
	v, diags := i.key.Value(ctx)
	v, _ = v.Unmark()
	if diags.HasErrors() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// indexed finds the references to managed instances by key, once per block.
// Which instance is meant differs from one instance of this block to the next.
func (o *object) indexed() []indexed {
	if o.searched {
		return o.byKey
	}
	o.searched = true
	add := func(t hcl.Traversal, key hclsyntax.Expression) {
		to, used := o.l.target(t)
		if to == nil || to.object == nil || to.object.kind == nil || to.object.forEach == nil {
			return
		}
		switch {
		case key != nil && len(t) == used:
			o.byKey = append(o.byKey, indexed{to: to, key: key})
		case key == nil && len(t) > used:
			o.byKey = append(o.byKey, indexed{to: to, name: eval.StepText(t[used])})
		}
	}
	for _, t := range o.node.refs {
		add(t, nil)
	}
	_ = hclsyntax.VisitAll(o.shape.Body, func(n hclsyntax.Node) hcl.Diagnostics {
		if index, ok := n.(*hclsyntax.IndexExpr); ok {
			if t, ok := index.Collection.(*hclsyntax.ScopeTraversalExpr); ok {
				add(t.Traversal, index.Key)
			}
		}
		return nil
	})
	return o.byKey
}

func sortAddrs(as []addr.Instance) []addr.Instance {
	slices.SortFunc(as, addr.Compare)
	return slices.Compact(as)
}
