package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// ConditionSpec says what a block holds that Condition judges, such as a
// "validation block".
func ConditionSpec(what string) *Spec {
	return &Spec{What: what, Attrs: []*schema.Attr{
		{Name: "condition", Type: schema.Bool{}, Required: true, Doc: "Must be true for a value that is accepted."},
		{Name: "error_message", Type: schema.String{}, Required: true, Doc: "What to tell the person who gave the value."},
	}}
}

// Condition evaluates a body with condition and error_message, and reports the
// message where the condition does not hold: at the value that is to blame, or
// without one at the condition. about is the place of what is checked.
func (ev *Evaluator) Condition(sh *Shape, ctx *hcl.EvalContext, summary string, about hcl.Range, blame *hcl.Range) {
	cond, text := sh.Written["condition"], sh.Written["error_message"]
	if cond == nil || text == nil {
		return
	}
	v, result := ev.Value(cond.Expr, ctx)
	if result == Faulty {
		return
	}
	v, _ = v.UnmarkDeep()
	holds, err := convert.Convert(v, cty.Bool)
	if err != nil || holds.IsNull() {
		ev.Error(cond.Expr.Range().Ptr(), problem.Condition, "A condition must be true or false.")
		return
	}
	if holds.True() {
		return
	}
	got := newValues(1)
	ev.Attribute(got, sh.Spec.Attrs[1], text.Expr, ctx)
	if !got.Complete {
		return
	}
	message, _ := got.Attrs["error_message"].(string)
	if len(got.Sensitive) > 0 {
		message = "The message is not shown, because it holds a sensitive value."
	}
	if blame != nil {
		ev.Error(blame, summary, "%s\n\nThis is checked by the condition at %s.", message, problem.Place(cond.Expr.Range()))
		return
	}
	ev.Error(cond.Expr.Range().Ptr(), summary, "%s\n\nThis is checked for what is declared at %s.", message, problem.Place(about))
}
