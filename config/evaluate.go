package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// sensitive marks what comes from a sensitive variable.
type sensitive = functions.Sensitive

// outcome of evaluating one expression.
type outcome int

const (
	given   outcome = iota // a value
	unnamed                // null: not mentioned
	faulty                 // reported here, or where an unknown part came from
)

// value evaluates an expression that may hold late values passed on whole. The
// result is known, or the outcome is faulty.
func (l *loader) value(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, outcome) {
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		l.add(l.explain(diags)...)
		return unknown(), faulty
	}
	v, misuse := settle(v, expr, ctx)
	if misuse != nil {
		l.add(lateDiagnostic(expr.Range().Ptr(), *misuse))
		return unknown(), faulty
	}
	if !v.IsWhollyKnown() {
		return v, faulty
	}
	if v.IsNull() {
		return v, unnamed
	}
	return v, given
}

// values is an evaluated body.
type values struct {
	attrs     schema.Attrs
	ranges    map[string]hcl.Range
	seen      map[string]cty.Value // each attribute as other blocks see it; null when not mentioned
	sensitive []string
	complete  bool // nothing was faulty
}

// attributes evaluates the attributes of a checked body.
func (l *loader) attributes(sh *shape, ctx *hcl.EvalContext) *values {
	out := newValues(len(sh.written))
	for _, a := range sh.spec.attrs {
		if w := sh.written[a.Name]; w != nil {
			l.attribute(out, a, w.Expr, ctx)
		}
	}
	return out
}

func newValues(n int) *values {
	return &values{attrs: make(schema.Attrs, n), ranges: make(map[string]hcl.Range, n), seen: make(map[string]cty.Value, n), complete: true}
}

// attribute evaluates and converts one attribute.
func (l *loader) attribute(out *values, a *schema.Attr, expr hcl.Expression, ctx *hcl.EvalContext) {
	out.ranges[a.Name] = expr.Range()
	v, result := l.value(expr, ctx)
	switch {
	case result == faulty:
		out.complete = false
		return
	case result == unnamed && a.Required:
		l.error(expr.Range().Ptr(), sumMissing, "%q is null, which means not mentioned, and it is needed: %s", a.Name, describe(a))
		out.complete = false
		return
	case result == unnamed:
		return
	}
	plain, hidden := v, false
	if v.ContainsMarked() {
		var marks cty.ValueMarks
		plain, marks = v.UnmarkDeep()
		if _, hidden = marks[sensitive{}]; hidden {
			out.sensitive = append(out.sensitive, a.Name)
		}
	}
	decoded, problems := a.Type.Decode(plain)
	if len(problems) > 0 {
		for _, p := range problems {
			if hidden {
				p.Path, p.Detail = nil, "The value is sensitive and not shown. Expected "+a.Type.Describe()+"."
			}
			l.problem(p, a, expr)
		}
		out.complete = false
		return
	}
	out.attrs[a.Name] = decoded
	out.seen[a.Name] = asSeen(v, decoded)
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
func (l *loader) problem(p schema.Problem, a *schema.Attr, expr hcl.Expression) {
	detail := fmt.Sprintf("%s: %s", a.Name, p.Detail)
	if p.Summary == schema.WrongType && a.Doc != "" {
		detail += " " + a.Doc
	}
	l.error(rangeAt(expr, p.Path).Ptr(), p.Summary, "%s", detail)
}

// rangeAt gives the range of the part of expr that path leads to, as far as
// the part is written out there.
func rangeAt(expr hcl.Expression, path cty.Path) hcl.Range {
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

// nestedBlocks evaluates the nested blocks of a checked body, in file order.
func (l *loader) nestedBlocks(sh *shape, ctx *hcl.EvalContext) (map[string][]BlockInstance, bool) {
	if sh.dynamic {
		return l.expandBlocks(sh, ctx)
	}
	if len(sh.nested) == 0 {
		return nil, true
	}
	out, complete := map[string][]BlockInstance{}, true
	for _, def := range sh.spec.blocks {
		for _, n := range sh.nested[def.Name] {
			v := l.attributes(n.shape, ctx)
			complete = complete && v.complete
			out[def.Name] = append(out[def.Name], BlockInstance{Labels: n.block.Labels, Attrs: v.attrs, Ranges: v.ranges, Range: *defRange(n.block)})
		}
	}
	return out, complete
}

// expandBlocks is nestedBlocks for a body with dynamic blocks.
func (l *loader) expandBlocks(sh *shape, ctx *hcl.EvalContext) (map[string][]BlockInstance, bool) {
	want := &hcl.BodySchema{}
	for _, def := range sh.spec.blocks {
		want.Blocks = append(want.Blocks, hcl.BlockHeaderSchema{Type: def.Name, LabelNames: def.Labels})
	}
	before := l.errs
	content, _, diags := dynblock.Expand(sh.body, ctx, dynblock.OptCheckForEach(l.checkDynamicForEach)).PartialContent(want)
	l.add(l.explain(diags)...)
	out, complete := map[string][]BlockInstance{}, l.errs == before
	for _, b := range content.Blocks {
		def := sh.spec.block(b.Type)
		attrSchema := &hcl.BodySchema{}
		for _, a := range def.Attrs {
			attrSchema.Attributes = append(attrSchema.Attributes, hcl.AttributeSchema{Name: a.Name})
		}
		body, _, _ := b.Body.PartialContent(attrSchema) // unknown names: reported by check
		v := newValues(len(body.Attributes))
		for _, a := range def.Attrs {
			if w := body.Attributes[a.Name]; w != nil {
				l.attribute(v, a, w.Expr, ctx)
			}
		}
		complete = complete && v.complete
		out[b.Type] = append(out[b.Type], BlockInstance{Labels: slices.Clone(b.Labels), Attrs: v.attrs, Ranges: v.ranges, Range: b.DefRange})
	}
	return out, complete
}

func (l *loader) checkDynamicForEach(v cty.Value, expr hcl.Expression, _ *hcl.EvalContext) hcl.Diagnostics {
	if r, late := lateIn(v); late {
		return hcl.Diagnostics{lateDiagnostic(expr.Range().Ptr(), r)}
	}
	if r, ok := schema.RefOf(v); ok {
		return hcl.Diagnostics{refDiagnostic(expr.Range().Ptr(), r)}
	}
	return nil
}
