package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// lifecycleBlock is a checked lifecycle block.
type lifecycleBlock struct {
	shape         *shape
	ignore        []string
	preconditions []*shape
	about         hcl.Range
}

func lifecycleSpec() *spec {
	return &spec{
		what: "lifecycle block",
		attrs: []*schema.Attr{
			{Name: "prevent_destroy", Type: schema.Bool{}, Doc: "Refuses every plan that would delete the object."},
			{Name: "on_destroy", Type: schema.String{Words: []string{"delete", "let_go", "reset", "restore"}}, Doc: "What removing the block does."},
		},
		meta:  []string{"ignore_changes"},
		inner: []string{"precondition"},
	}
}

func preconditionSpec() *spec {
	s := validationSpec()
	s.what = "precondition block"
	return s
}

// lifecycleReferences collects what the expressions of a lifecycle block refer
// to; the elements of ignore_changes are names of attributes.
func lifecycleReferences(body *hclsyntax.Body) []hcl.Traversal {
	var out []hcl.Traversal
	for _, a := range sortedAttributes(body) {
		if a.Name != "ignore_changes" {
			out = append(out, a.Expr.Variables()...)
		}
	}
	for _, b := range body.Blocks {
		out = append(out, references(b.Body)...)
	}
	return out
}

// lifecycle checks the lifecycle blocks of an object; there may be one.
func (l *loader) lifecycle(o *object, blocks []*hclBlock) *lifecycleBlock {
	if len(blocks) == 0 {
		return nil
	}
	for _, b := range blocks[1:] {
		l.error(defRange(b), sumDuplicateBlock, "A block holds at most one lifecycle block, and another stands at %s. Merge the two.", place(*defRange(blocks[0])))
	}
	b := blocks[0]
	if !l.labels(b) {
		return nil
	}
	life := &lifecycleBlock{shape: l.check(b.Body, lifecycleSpec()), about: o.rng}
	if a := life.shape.written["ignore_changes"]; a != nil {
		life.ignore = l.ignoreChanges(o.kind, a)
	}
	for _, p := range life.shape.inner["precondition"] {
		if l.labels(p) {
			life.preconditions = append(life.preconditions, l.check(p.Body, preconditionSpec()))
		}
	}
	return life
}

// evaluate gives the lifecycle of one instance and judges its preconditions.
func (life *lifecycleBlock) evaluate(l *loader, ctx *hcl.EvalContext) Lifecycle {
	if life == nil {
		return Lifecycle{}
	}
	got := l.attributes(life.shape, ctx)
	out := Lifecycle{IgnoreChanges: life.ignore}
	out.PreventDestroy, _ = got.attrs["prevent_destroy"].(bool)
	out.OnDestroy, _ = got.attrs["on_destroy"].(string)
	for _, p := range life.preconditions {
		l.condition(p, ctx, sumPrecondition, life.about)
	}
	return out
}

// ignoreChanges reads a list of attribute paths, bare or in quotes.
func (l *loader) ignoreChanges(k *schema.Kind, a *hclsyntax.Attribute) []string {
	exprs, diags := hcl.ExprList(a.Expr)
	if diags.HasErrors() {
		l.error(a.Expr.Range().Ptr(), sumIgnore, "ignore_changes is a list of attributes of the block, such as [description].")
		return nil
	}
	var out []string
	for _, e := range exprs {
		steps, ok := ignorePath(e)
		if !ok {
			l.error(e.Range().Ptr(), sumIgnore, "An element of ignore_changes is an attribute of the block, or a part of one, such as description or values.HOSTNAME.")
			continue
		}
		if complaint := checkIgnore(k, steps); complaint != "" {
			l.error(e.Range().Ptr(), sumIgnore, "%s", complaint)
			continue
		}
		out = append(out, strings.Join(steps, "."))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ignorePath gives the attribute, and its part if one is named.
func ignorePath(e hcl.Expression) ([]string, bool) {
	t, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		v, diags := e.Value(nil)
		if diags.HasErrors() || v.Type() != cty.String || v.IsNull() {
			return nil, false
		}
		return strings.SplitN(v.AsString(), ".", 2), true
	}
	steps := []string{t.RootName()}
	for _, s := range t[1:] {
		steps = append(steps, stepText(s))
	}
	return steps, len(steps) <= 2
}

func checkIgnore(k *schema.Kind, steps []string) string {
	names := k.Managed()
	if !slices.Contains(names, steps[0]) {
		return fmt.Sprintf("%q is not an attribute of the %s block whose changes could be ignored.%s", steps[0], k.Name, diag.DidYouMean(steps[0], names))
	}
	if len(steps) == 1 {
		return ""
	}
	keyed, ok := k.Attr(steps[0]).Type.(schema.Keyed)
	if !ok {
		return fmt.Sprintf("%q has no parts that could be ignored one by one. Write %s alone.", steps[0], steps[0])
	}
	if keys := keyed.Keys(); keys != nil && !slices.Contains(keys, steps[1]) {
		return fmt.Sprintf("%q has no part %q.%s", steps[0], steps[1], diag.DidYouMean(steps[1], keys))
	}
	return ""
}
