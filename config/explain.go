package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// missing explains a reference to something that is not there: a block or an
// instance switched off by when, a key, an attribute.
func (l *loader) missing(expr hclsyntax.Expression, d *hcl.Diagnostic) *hcl.Diagnostic {
	switch e := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return l.missingStep(e.Traversal, nil, d)
	case *hclsyntax.IndexExpr:
		t, ok := e.Collection.(*hclsyntax.ScopeTraversalExpr)
		key, diags := e.Key.Value(d.EvalContext)
		if !ok || diags.HasErrors() || !key.IsKnown() || key.IsNull() || key.IsMarked() || key.Type() != cty.String {
			return nil
		}
		return l.missingStep(t.Traversal, hcl.Traversal{hcl.TraverseIndex{Key: key}}, d)
	case *hclsyntax.RelativeTraversalExpr:
		if index, ok := e.Source.(*hclsyntax.IndexExpr); ok {
			return l.missing(index, d)
		}
	}
	return nil
}

func (l *loader) missingStep(t, more hcl.Traversal, d *hcl.Diagnostic) *hcl.Diagnostic {
	target, used := l.target(t)
	if target != nil && target.root == typeModule {
		return target.missingOutput(slices.Concat(t[used:], more), d)
	}
	if target == nil || target.object == nil {
		return nil
	}
	o := target.object
	if target.absent {
		return diag.Error(d.Subject, problem.Absent, "%s is switched off by its when attribute, which is as if the block were not there. Refer to it only while it is on, for instance with try(%s, null).", target.name, target.name)
	}
	rest, name := append(slices.Clone(t[used:]), more...), target.name
	if o.forEach != nil {
		if len(rest) == 0 {
			return nil
		}
		step := eval.StepText(rest[0])
		if _, dotted := rest[0].(hcl.TraverseAttr); dotted && slices.Contains(o.attributes, step) {
			return diag.Error(d.Subject, problem.NoKey, "%s has for_each, so it stands for several objects. Name one first: %s[KEY].%s.", name, name, step)
		}
		if o.absent[step] {
			return diag.Error(d.Subject, problem.Absent, "%s[%q] is switched off by its when attribute, which is as if it were not there. Refer to it only while it is on.", target.name, step)
		}
		if !slices.Contains(o.keys, step) {
			return diag.Error(d.Subject, problem.NoKey, "%s has for_each, and none of its keys is %q.%s Write %s[KEY] with one of its keys.", target.name, step, diag.DidYouMean(step, o.keys), target.name)
		}
		rest, name = rest[1:], fmt.Sprintf("%s[%q]", name, step)
	}
	if len(rest) == 0 {
		return nil
	}
	if o.attributes == nil {
		return eval.RefDiagnostic(d.Subject, schema.Ref{Addr: o.addr})
	}
	attr := eval.StepText(rest[0])
	if !slices.Contains(o.attributes, attr) {
		return diag.Error(d.Subject, problem.NoAttribute, "%s has no attribute %q.%s", name, attr, diag.DidYouMean(attr, o.attributes))
	}
	if len(rest) > 1 && o.kind != nil && o.kind.Attr(attr).Late {
		return eval.LateDiagnostic(d.Subject, schema.Ref{Addr: o.addr, Attr: attr})
	}
	return nil
}

// missingOutput explains a reference to an output that a module does not have.
func (n *node) missingOutput(rest hcl.Traversal, d *hcl.Diagnostic) *hcl.Diagnostic {
	if len(rest) == 0 {
		return nil
	}
	name := eval.StepText(rest[0])
	if name == "" || slices.Contains(n.gives, name) {
		return nil
	}
	hint := diag.DidYouMean(name, n.gives)
	if hint == "" {
		hint = fmt.Sprintf(" Add a block output %q { ... } to the module.", name)
	}
	return diag.Error(d.Subject, problem.NoAttribute, "%s has no output %q.%s", n.name, name, hint)
}
