package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// The language library words its messages without knowing what our values
// stand for. explain rewords those that a reference causes and leaves the
// others as they are.
func (l *loader) explain(diags hcl.Diagnostics) hcl.Diagnostics {
	out := make(hcl.Diagnostics, 0, len(diags))
	for _, d := range diags {
		if better := l.reword(d); better != nil {
			d = better
		}
		out = append(out, d)
	}
	return out
}

func (l *loader) reword(d *hcl.Diagnostic) *hcl.Diagnostic {
	if d.Expression == nil || d.EvalContext == nil || d.Severity != hcl.DiagError {
		return nil
	}
	expr, ok := hcl.UnwrapExpression(d.Expression).(hclsyntax.Expression)
	if !ok {
		return nil
	}
	switch d.Summary {
	case "Unsupported attribute", "Unknown variable", "Invalid index", "Missing map element":
		if better := l.missing(expr, d); better != nil {
			return better
		}
	case "Call to unknown function", "Not enough function arguments", "Too many function arguments":
		return nil
	}
	if r, ok := refInside(expr, d.EvalContext); ok {
		return refDiagnostic(d.Subject, r)
	}
	switch d.Summary {
	case "Invalid function argument", "Error in function call", "Operation failed", "Invalid index", "Duplicate object key":
		if secretInside(expr, d.EvalContext) {
			return diag.Error(d.Subject, d.Summary, "This cannot be computed from the value given. The value is sensitive and not shown.")
		}
	}
	return nil
}

// secretInside reports whether expr reads a sensitive value, which a message
// of the library may then hold.
func secretInside(expr hclsyntax.Expression, ctx *hcl.EvalContext) bool {
	for _, t := range expr.Variables() {
		if v, diags := t.TraverseAbs(ctx); !diags.HasErrors() && v.HasMarkDeep(sensitive{}) {
			return true
		}
	}
	return false
}

// refInside returns the first reference that a part of expr evaluates to.
// Whole blocks count only where they stand by themselves in a template or
// operation, because a function may fail over a block for its own reasons.
func refInside(expr hclsyntax.Expression, ctx *hcl.EvalContext) (found schema.Ref, ok bool) {
	_, isCall := expr.(*hclsyntax.FunctionCallExpr)
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n.(type) {
		case *hclsyntax.ScopeTraversalExpr, *hclsyntax.RelativeTraversalExpr, *hclsyntax.IndexExpr:
		default:
			return nil
		}
		v, diags := n.(hclsyntax.Expression).Value(ctx)
		if ok || diags.HasErrors() {
			return nil
		}
		r, is := schema.RefOf(v)
		if is && !(isCall && r.Attr == "" && v.Type().IsObjectType()) {
			found, ok = r, true
		}
		return nil
	})
	return found, ok
}

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
	if target == nil || target.object == nil {
		return nil
	}
	o := target.object
	if target.absent {
		return diag.Error(d.Subject, sumAbsent, "%s is switched off by its when attribute, which is as if the block were not there. Refer to it only while it is on, for instance with try(%s, null).", target.name, target.name)
	}
	rest, name := append(slices.Clone(t[used:]), more...), target.name
	if o.forEach != nil {
		if len(rest) == 0 {
			return nil
		}
		step := stepText(rest[0])
		if _, dotted := rest[0].(hcl.TraverseAttr); dotted && slices.Contains(o.attributes, step) {
			return diag.Error(d.Subject, sumNoKey, "%s has for_each, so it stands for several objects. Name one first: %s[KEY].%s.", name, name, step)
		}
		if o.absent[step] {
			return diag.Error(d.Subject, sumAbsent, "%s[%q] is switched off by its when attribute, which is as if it were not there. Refer to it only while it is on.", target.name, step)
		}
		if !slices.Contains(o.keys, step) {
			return diag.Error(d.Subject, sumNoKey, "%s has for_each, and none of its keys is %q.%s Write %s[KEY] with one of its keys.", target.name, step, diag.DidYouMean(step, o.keys), target.name)
		}
		rest, name = rest[1:], fmt.Sprintf("%s[%q]", name, step)
	}
	if len(rest) == 0 {
		return nil
	}
	if o.attributes == nil {
		return refDiagnostic(d.Subject, schema.Ref{Addr: o.addr})
	}
	attr := stepText(rest[0])
	if !slices.Contains(o.attributes, attr) {
		return diag.Error(d.Subject, sumNoAttribute, "%s has no attribute %q.%s", name, attr, diag.DidYouMean(attr, o.attributes))
	}
	if len(rest) > 1 && o.kind != nil && o.kind.Attr(attr).Late {
		return lateDiagnostic(d.Subject, schema.Ref{Addr: o.addr, Attr: attr})
	}
	return nil
}

func stepText(step hcl.Traverser) string {
	switch s := step.(type) {
	case hcl.TraverseAttr:
		return s.Name
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String {
			return s.Key.AsString()
		}
		return fmt.Sprintf("%#v", s.Key)
	}
	return ""
}
