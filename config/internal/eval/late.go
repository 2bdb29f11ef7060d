package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// A late value is an id that only the service can make. It is evaluated as a
// capsule, which text and arithmetic refuse, with a mark that follows whatever
// is computed from it. The mark is found where it must not be: on anything
// that is not the late value itself.
//
// Two things carry such a mark although nothing was computed. A conditional
// hands the marks of both its branches to the result, so a null, or another
// late value, may carry the mark of the branch not taken; a set takes over the
// marks of its elements. The second shows in the value. For the first, the
// conditions in the expression are asked: only a condition over a late value
// is a misuse.

// settle returns v without the marks that prove nothing, or the late value
// that v was computed from.
func settle(v cty.Value, expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, *schema.Ref) {
	if plainlyPassed(v) {
		return v, nil
	}
	raw, marked := v.UnmarkDeepWithPaths()
	var kept []cty.PathValueMarks
	for _, pm := range marked {
		part, err := pm.Path.Apply(raw)
		if err != nil {
			continue
		}
		marks := cty.ValueMarks{}
		for m := range pm.Marks {
			late, ok := m.(schema.LateMark)
			switch {
			case !ok:
				marks[m] = struct{}{}
			case isRef(part, late.Ref) || setHolds(part, late.Ref):
				marks[m] = struct{}{}
			case mayBeBranch(part) && !lateCondition(expr, ctx):
				// The mark of a branch not taken.
			default:
				return v, &late.Ref
			}
		}
		if len(marks) > 0 {
			kept = append(kept, cty.PathValueMarks{Path: pm.Path, Marks: marks})
		}
	}
	return raw.MarkWithPaths(kept), nil
}

// plainlyPassed reports whether every late mark in v stands on its own late
// value. It is the common case, and costs no copy. Whole blocks have been
// through here when they were evaluated.
func plainlyPassed(v cty.Value) bool {
	fine := true
	_ = cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) {
		if !fine {
			return false, nil
		}
		raw, marks := part, cty.ValueMarks(nil)
		if part.IsMarked() {
			raw, marks = part.Unmark()
		}
		for m := range marks {
			if late, ok := m.(schema.LateMark); ok && !isRef(raw, late.Ref) && !setHolds(raw, late.Ref) {
				fine = false
			}
		}
		return fine && !isBlock(raw), nil
	})
	return fine
}

// isBlock reports whether v is a whole block.
func isBlock(v cty.Value) bool {
	_, ok := schema.RefOf(v)
	return ok && v.Type().IsObjectType()
}

// isRef reports whether v is the late value r, and not the block it is of.
func isRef(v cty.Value, r schema.Ref) bool {
	self, ok := schema.RefOf(v)
	return ok && self == r
}

// setHolds reports whether v is a set with the late value r in it.
func setHolds(v cty.Value, r schema.Ref) bool {
	if !v.Type().IsSetType() || v.IsNull() || !v.IsKnown() {
		return false
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); isRef(e, r) {
			return true
		}
	}
	return false
}

// mayBeBranch reports whether v is what a conditional may give beside a late
// value: null, or another reference.
func mayBeBranch(v cty.Value) bool {
	if v.IsNull() {
		return true
	}
	_, ok := schema.RefOf(v)
	return ok
}

// lateCondition reports whether a condition inside expr depends on a late
// value. A condition that cannot be evaluated by itself, because it stands
// inside a for expression, counts as one.
func lateCondition(expr hcl.Expression, ctx *hcl.EvalContext) bool {
	node, ok := hcl.UnwrapExpression(expr).(hclsyntax.Node)
	if !ok {
		return true
	}
	found := false
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		if c, ok := n.(*hclsyntax.ConditionalExpr); ok && !found {
			v, diags := c.Condition.Value(ctx)
			_, late := LateIn(v)
			found = late || diags.HasErrors()
		}
		return nil
	})
	return found
}

// LateIn returns a late value that v is, or was computed from. Blocks and
// lists that merely hold late values do not count.
func LateIn(v cty.Value) (schema.Ref, bool) {
	_, marks := v.Unmark()
	for m := range marks {
		if late, ok := m.(schema.LateMark); ok {
			return late.Ref, true
		}
	}
	return schema.Ref{}, false
}

// LateDiagnostic says that something was computed from a late value.
func LateDiagnostic(rng *hcl.Range, r schema.Ref) *hcl.Diagnostic {
	return diag.Error(rng, problem.Late, "%s is made by the service and may not be known before apply. It can only be passed on whole, as an attribute, or as an element of a list or set; nothing can be computed from it, neither a text, nor a condition, nor a key. Refer to it directly, or use a name that the configuration itself gives.", r)
}

// RefDiagnostic says that a block was used where a value is needed.
func RefDiagnostic(rng *hcl.Range, r schema.Ref) *hcl.Diagnostic {
	switch {
	case r.Attr != "":
		return LateDiagnostic(rng, r)
	case r.Addr.Kind == "users":
		return diag.Error(rng, problem.Opaque, "%s stands for people that are read later. It can be passed on whole, compared and listed; it cannot be counted, indexed, iterated or put into a text.", r)
	}
	return diag.Error(rng, problem.Opaque, "%s is a whole block. Name one of its attributes here: %s.ATTRIBUTE.", r, r)
}
