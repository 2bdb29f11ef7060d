package eval

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// sensitive marks what comes from a sensitive variable.
type sensitive = functions.Sensitive

// Unknown stands for what a faulty part of the configuration would have given.
func Unknown() cty.Value { return cty.DynamicVal }

// Outcome of evaluating one expression.
type Outcome int

// What evaluating an expression gave.
const (
	Given   Outcome = iota // a value
	Unnamed                // null: not mentioned
	Faulty                 // reported here, or where an unknown part came from
)

// Value evaluates an expression that may hold late values passed on whole. The
// result is known, or the outcome is [Faulty].
func (ev *Evaluator) Value(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, Outcome) {
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		ev.Add(ev.explain(diags)...)
		return Unknown(), Faulty
	}
	v, misuse := settle(v, expr, ctx)
	if misuse != nil {
		ev.Add(LateDiagnostic(expr.Range().Ptr(), *misuse))
		return Unknown(), Faulty
	}
	if !v.IsWhollyKnown() {
		return v, Faulty
	}
	if v.IsNull() {
		return v, Unnamed
	}
	return v, Given
}

// Values is an evaluated body.
type Values struct {
	Attrs     schema.Attrs
	Ranges    map[string]hcl.Range
	Seen      map[string]cty.Value // each attribute as other blocks see it; null when not mentioned
	Sensitive []string             // attributes computed from sensitive values
	Complete  bool                 // nothing was faulty
}

// Faulty reports whether an attribute that is written has no usable value.
func (v *Values) Faulty(name string) bool {
	_, ok := v.Attrs[name]
	return !ok && !v.Complete
}

// Attributes evaluates the attributes of a checked body.
func (ev *Evaluator) Attributes(sh *Shape, ctx *hcl.EvalContext) *Values {
	out := newValues(len(sh.Written))
	for _, a := range sh.Spec.Attrs {
		if w := sh.Written[a.Name]; w != nil {
			ev.Attribute(out, a, w.Expr, ctx)
		}
	}
	return out
}

func newValues(n int) *Values {
	return &Values{Attrs: make(schema.Attrs, n), Ranges: make(map[string]hcl.Range, n), Seen: make(map[string]cty.Value, n), Complete: true}
}

// Attribute evaluates and converts one attribute.
func (ev *Evaluator) Attribute(out *Values, a *schema.Attr, expr hcl.Expression, ctx *hcl.EvalContext) {
	out.Ranges[a.Name] = expr.Range()
	v, result := ev.Value(expr, ctx)
	switch {
	case result == Faulty:
		out.Complete = false
		return
	case result == Unnamed && a.Required:
		ev.Error(expr.Range().Ptr(), problem.Missing, "%q is null, which means not mentioned, and it is needed: %s", a.Name, Describe(a))
		out.Complete = false
		return
	case result == Unnamed:
		return
	}
	plain, hidden := v, false
	if v.ContainsMarked() {
		var marks cty.ValueMarks
		plain, marks = v.UnmarkDeep()
		if _, hidden = marks[sensitive{}]; hidden {
			out.Sensitive = append(out.Sensitive, a.Name)
		}
	}
	decoded, problems := a.Type.Decode(plain)
	if len(problems) > 0 {
		for _, p := range problems {
			if hidden {
				p.Path, p.Detail = nil, "The value is sensitive and not shown. Expected "+a.Type.Describe()+"."
			}
			ev.problem(p, a, expr)
		}
		out.Complete = false
		return
	}
	out.Attrs[a.Name] = decoded
	out.Seen[a.Name] = asSeen(v, decoded)
}

// asSeen gives the value of an attribute as other blocks see it: simple values
// in the attribute's own type, others as written, so that references stay
// blocks with attributes.
func asSeen(v cty.Value, decoded any) cty.Value {
	switch decoded.(type) {
	case bool, int64, string:
		if simple, err := schema.Value(decoded); err == nil && v.Type().IsPrimitiveType() {
			return simple.WithSameMarks(v)
		}
	}
	return v
}

// problem reports what a Type found wrong with the value of an attribute.
func (ev *Evaluator) problem(p schema.Problem, a *schema.Attr, expr hcl.Expression) {
	detail := fmt.Sprintf("%s: %s", a.Name, p.Detail)
	if p.Summary == schema.WrongType && a.Doc != "" {
		detail += " " + a.Doc
	}
	ev.Error(RangeAt(expr, p.Path).Ptr(), p.Summary, "%s", detail)
}

// RangeAt gives the range of the part of expr that path leads to, as far as
// the part is written out there.
func RangeAt(expr hcl.Expression, path cty.Path) hcl.Range {
	expr = hcl.UnwrapExpression(expr)
	for len(path) > 0 {
		next := partAt(expr, path[0])
		if next == nil {
			break
		}
		expr, path = next, path[1:]
	}
	return expr.Range()
}

func partAt(expr hcl.Expression, step cty.PathStep) hcl.Expression {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return partAt(e.Expression, step)
	case *hclsyntax.TupleConsExpr:
		if i, ok := step.(cty.IndexStep); ok && i.Key.Type() == cty.Number {
			n, _ := i.Key.AsBigFloat().Int64()
			if n >= 0 && int(n) < len(e.Exprs) {
				return e.Exprs[n]
			}
		}
	case *hclsyntax.ObjectConsExpr:
		name := stepName(step)
		for _, item := range e.Items {
			if key, diags := item.KeyExpr.Value(nil); name != "" && !diags.HasErrors() && key.Type() == cty.String && key.IsKnown() && key.AsString() == name {
				return item.ValueExpr
			}
		}
	}
	return nil
}

func stepName(step cty.PathStep) string {
	switch s := step.(type) {
	case cty.GetAttrStep:
		return s.Name
	case cty.IndexStep:
		if s.Key.Type() == cty.String {
			return s.Key.AsString()
		}
	}
	return ""
}

// NestedBlocks evaluates the nested blocks of a checked body, in file order.
func (ev *Evaluator) NestedBlocks(sh *Shape, ctx *hcl.EvalContext) (map[string][]schema.BlockInstance, bool) {
	if sh.dynamic {
		return ev.expandBlocks(sh, ctx)
	}
	if len(sh.nested) == 0 {
		return nil, true
	}
	out, complete := map[string][]schema.BlockInstance{}, true
	for _, def := range sh.Spec.Blocks {
		for _, n := range sh.nested[def.Name] {
			v := ev.Attributes(n.shape, ctx)
			complete = complete && v.Complete
			out[def.Name] = append(out[def.Name], schema.BlockInstance{Labels: n.block.Labels, Attrs: v.Attrs, Ranges: v.Ranges, Range: *DefRange(n.block)})
		}
	}
	return out, complete
}

// expandBlocks is NestedBlocks for a body with dynamic blocks.
func (ev *Evaluator) expandBlocks(sh *Shape, ctx *hcl.EvalContext) (map[string][]schema.BlockInstance, bool) {
	want := &hcl.BodySchema{}
	for _, def := range sh.Spec.Blocks {
		want.Blocks = append(want.Blocks, hcl.BlockHeaderSchema{Type: def.Name, LabelNames: def.Labels})
	}
	before := ev.Errors
	content, _, diags := dynblock.Expand(sh.Body, ctx, dynblock.OptCheckForEach(ev.checkDynamicForEach)).PartialContent(want)
	ev.Add(ev.explain(diags)...)
	out, complete := map[string][]schema.BlockInstance{}, ev.Errors == before
	for _, b := range content.Blocks {
		def := sh.Spec.block(b.Type)
		attrSchema := &hcl.BodySchema{}
		for _, a := range def.Attrs {
			attrSchema.Attributes = append(attrSchema.Attributes, hcl.AttributeSchema{Name: a.Name})
		}
		body, _, _ := b.Body.PartialContent(attrSchema) // unknown names: reported by check
		v := newValues(len(body.Attributes))
		for _, a := range def.Attrs {
			if w := body.Attributes[a.Name]; w != nil {
				ev.Attribute(v, a, w.Expr, ctx)
			}
		}
		complete = complete && v.Complete
		out[b.Type] = append(out[b.Type], schema.BlockInstance{Labels: slices.Clone(b.Labels), Attrs: v.Attrs, Ranges: v.Ranges, Range: b.DefRange})
	}
	return out, complete
}

func (ev *Evaluator) checkDynamicForEach(v cty.Value, expr hcl.Expression, _ *hcl.EvalContext) hcl.Diagnostics {
	if r, late := LateIn(v); late {
		return hcl.Diagnostics{LateDiagnostic(expr.Range().Ptr(), r)}
	}
	if r, ok := schema.RefOf(v); ok {
		return hcl.Diagnostics{RefDiagnostic(expr.Range().Ptr(), r)}
	}
	return nil
}
