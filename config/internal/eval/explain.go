package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// The language library words its messages without knowing what our values
// stand for. explain rewords those that a reference causes and leaves the
// others as they are.
func (ev *Evaluator) explain(diags hcl.Diagnostics) hcl.Diagnostics {
	out := make(hcl.Diagnostics, 0, len(diags))
	for _, d := range diags {
		if better := ev.reword(d); better != nil {
			d = better
		}
		out = append(out, d)
	}
	return out
}

func (ev *Evaluator) reword(d *hcl.Diagnostic) *hcl.Diagnostic {
	if d.Expression == nil || d.EvalContext == nil || d.Severity != hcl.DiagError {
		return nil
	}
	expr, ok := hcl.UnwrapExpression(d.Expression).(hclsyntax.Expression)
	if !ok {
		return nil
	}
	switch d.Summary {
	case "Unsupported attribute", "Unknown variable", "Invalid index", "Missing map element":
		if ev.Missing != nil {
			if better := ev.Missing(expr, d); better != nil {
				return better
			}
		}
	case "Call to unknown function", "Not enough function arguments", "Too many function arguments":
		return nil
	}
	if r, ok := refInside(expr, d.EvalContext); ok {
		return RefDiagnostic(d.Subject, r)
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
