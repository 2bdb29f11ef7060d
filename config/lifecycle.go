package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// lifecycleBlock is a checked lifecycle block.
type lifecycleBlock struct {
	shape         *eval.Shape
	ignore        []string
	preconditions []*eval.Shape
	about         hcl.Range
}

func lifecycleSpec() *eval.Spec {
	return &eval.Spec{
		What: "lifecycle block",
		Attrs: []*schema.Attr{
			{Name: "prevent_destroy", Type: schema.Bool{}, Doc: "Refuses every plan that would delete the object."},
			{Name: "on_destroy", Type: schema.String{Words: []string{"delete", "let_go", "reset", "restore"}}, Doc: "What removing the block does."},
		},
		Meta:  []string{"ignore_changes"},
		Inner: []string{"precondition"},
	}
}

func preconditionSpec() *eval.Spec {
	return eval.ConditionSpec("precondition block")
}

// lifecycle checks the lifecycle blocks of an object; there may be one.
func (l *loader) lifecycle(o *object, blocks []*hclBlock) *lifecycleBlock {
	if len(blocks) == 0 {
		return nil
	}
	for _, b := range blocks[1:] {
		l.Error(eval.DefRange(b), problem.DuplicateBlock, "A block holds at most one lifecycle block, and another stands at %s. Merge the two.", problem.Place(*eval.DefRange(blocks[0])))
	}
	b := blocks[0]
	if !l.Labels(b) {
		return nil
	}
	life := &lifecycleBlock{shape: l.Check(b.Body, lifecycleSpec()), about: o.rng}
	if a := life.shape.Written["ignore_changes"]; a != nil {
		life.ignore = l.ignoreChanges(o.kind, a)
	}
	for _, p := range life.shape.Inner["precondition"] {
		if l.Labels(p) {
			life.preconditions = append(life.preconditions, l.Check(p.Body, preconditionSpec()))
		}
	}
	return life
}

// evaluate gives the lifecycle of one instance and judges its preconditions.
func (life *lifecycleBlock) evaluate(l *loader, ctx *hcl.EvalContext) Lifecycle {
	if life == nil {
		return Lifecycle{}
	}
	got := l.Attributes(life.shape, ctx)
	out := Lifecycle{IgnoreChanges: life.ignore}
	out.PreventDestroy, _ = got.Attrs["prevent_destroy"].(bool)
	out.OnDestroy, _ = got.Attrs["on_destroy"].(string)
	for _, p := range life.preconditions {
		l.Condition(p, ctx, problem.Precondition, life.about, nil)
	}
	return out
}

// ignoreChanges reads a list of attribute paths, bare or in quotes.
func (l *loader) ignoreChanges(k *schema.Kind, a *hclsyntax.Attribute) []string {
	exprs, diags := hcl.ExprList(a.Expr)
	if diags.HasErrors() {
		l.Error(a.Expr.Range().Ptr(), problem.Ignore, "ignore_changes is a list of attributes of the block, such as [description].")
		return nil
	}
	var out []string
	for _, e := range exprs {
		steps, ok := ignorePath(e)
		if !ok {
			l.Error(e.Range().Ptr(), problem.Ignore, "An element of ignore_changes is an attribute of the block, or a part of one, such as description or values.HOSTNAME.")
			continue
		}
		if complaint := checkIgnore(k, steps); complaint != "" {
			l.Error(e.Range().Ptr(), problem.Ignore, "%s", complaint)
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
		steps = append(steps, eval.StepText(s))
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
