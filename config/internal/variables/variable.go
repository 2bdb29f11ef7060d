package variables

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// variable is one variable block.
type variable struct {
	name        string
	ty          cty.Type // constraint; DynamicPseudoType without one
	typed       bool     // type is written
	defaults    *typeexpr.Defaults
	preset      cty.Value // the default; NilVal without one
	description string
	sensitive   bool
	nullable    bool
	validations []*hclsyntax.Block
	rng         hcl.Range

	value  cty.Value
	source string
	given  string // text from the environment or the command line
}

// Spec says what a variable block holds.
func Spec() *eval.Spec {
	return &eval.Spec{
		What: "variable block",
		Attrs: []*schema.Attr{
			{Name: "description", Type: schema.String{}, Doc: "What the value is for."},
			{Name: "sensitive", Type: schema.Bool{}, Doc: "Hides the value in every output."},
			{Name: "nullable", Type: schema.Bool{}, Doc: "Whether null may be given; true by default."},
		},
		Meta:  []string{"type", "default"},
		Inner: []string{"validation"},
	}
}

func (r *Reader) declareVariable(b *hclsyntax.Block) *variable {
	v := &variable{name: b.Labels[0], ty: cty.DynamicPseudoType, preset: cty.NilVal, nullable: true, rng: *eval.DefRange(b)}
	sh := r.Check(b.Body, Spec())
	got := r.Attributes(sh, nil)
	v.description, _ = got.Attrs["description"].(string)
	v.sensitive, _ = got.Attrs["sensitive"].(bool)
	if n, ok := got.Attrs["nullable"].(bool); ok {
		v.nullable = n
	}
	if a := sh.Written["type"]; a != nil {
		ty, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
		r.Add(diags...)
		if !diags.HasErrors() {
			v.ty, v.defaults, v.typed = ty, defaults, true
		}
	}
	if a := sh.Written["default"]; a != nil {
		v.preset = r.defaultOf(v, a)
	}
	v.validations = sh.Inner["validation"]
	return v
}

func (r *Reader) defaultOf(v *variable, a *hclsyntax.Attribute) cty.Value {
	val, result := r.Value(a.Expr, nil)
	if result == eval.Faulty {
		return eval.Unknown()
	}
	val, err := v.convert(val)
	if err != nil {
		r.Error(a.Expr.Range().Ptr(), problem.VarType, "The default of var.%s does not fit its type: %s.", v.name, err)
		return eval.Unknown()
	}
	if val.IsNull() && !v.nullable {
		r.Error(a.Expr.Range().Ptr(), problem.VarNull, "var.%s has nullable = false, and its default is null. Write another default, or leave it out to demand a value.", v.name)
		return eval.Unknown()
	}
	return val
}

// convert applies the type constraint and the defaults of optional attributes.
func (v *variable) convert(val cty.Value) (cty.Value, error) {
	if v.defaults != nil && !val.IsNull() {
		val = v.defaults.Apply(val)
	}
	out, err := convert.Convert(val, v.ty)
	return out, err
}

// validate judges one validation block of v.
func (r *Reader) validate(v *variable, b *hclsyntax.Block) {
	if !r.Labels(b) {
		return
	}
	sh := r.Check(b.Body, eval.ConditionSpec("validation block"))
	for _, t := range eval.References(b.Body) {
		if rng := t.SourceRange(); t.RootName() != root {
			r.Error(&rng, problem.Early, "%q is not known here: the validation of a variable can read variables only.", t.RootName())
			return
		} else if !r.Known(t) {
			return
		}
	}
	var blame *hcl.Range
	if arg, given := r.argument(v.name); given { // the module is right, its user is not
		blame = &arg.Range
	}
	r.Condition(sh, r.context, problem.VarInvalid, v.rng, blame)
}

// typeName gives the type as the block writes it.
func (v *variable) typeName() string { return typeexpr.TypeString(v.ty) }
