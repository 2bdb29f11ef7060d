package config

import (
	"maps"
	"slices"

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
	validations []*hclBlock
	rng         hcl.Range

	value  cty.Value
	source string
}

func variableSpec() *eval.Spec {
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

func validationSpec() *eval.Spec {
	return &eval.Spec{What: "validation block", Attrs: []*schema.Attr{
		{Name: "condition", Type: schema.Bool{}, Required: true, Doc: "Must be true for a value that is accepted."},
		{Name: "error_message", Type: schema.String{}, Required: true, Doc: "What to tell the person who gave the value."},
	}}
}

// loadVariables reads the variable blocks, finds their values and judges them.
func (l *loader) loadVariables() {
	for _, b := range l.blocks[typeVariable] {
		name := b.Labels[0]
		if first := l.vars[name]; first != nil {
			l.Error(eval.DefRange(b), problem.DuplicateName, "var.%s is declared already at %s. Give one of the two another name, or remove it.", name, problem.Place(first.rng))
			continue
		}
		l.vars[name] = l.declareVariable(b)
	}
	l.giveValues()
	names := slices.Sorted(maps.Keys(l.vars))
	all := make(map[string]cty.Value, len(names))
	for _, name := range names {
		all[name] = l.vars[name].value
	}
	l.settings = &hcl.EvalContext{Variables: map[string]cty.Value{rootVar: cty.ObjectVal(all)}, Functions: l.functions}
	for _, name := range names {
		v := l.vars[name]
		for _, b := range v.validations {
			l.validate(v, b)
		}
		if l.parent != nil {
			continue
		}
		l.cfg.Variables = append(l.cfg.Variables, Variable{Name: name, Description: v.description, Sensitive: v.sensitive, Source: v.source, Range: v.rng})
	}
}

func (l *loader) declareVariable(b *hclBlock) *variable {
	v := &variable{name: b.Labels[0], ty: cty.DynamicPseudoType, preset: cty.NilVal, nullable: true, rng: *eval.DefRange(b)}
	sh := l.Check(b.Body, variableSpec())
	got := l.Attributes(sh, nil)
	v.description, _ = got.Attrs["description"].(string)
	v.sensitive, _ = got.Attrs["sensitive"].(bool)
	if n, ok := got.Attrs["nullable"].(bool); ok {
		v.nullable = n
	}
	if a := sh.Written["type"]; a != nil {
		ty, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
		l.Add(diags...)
		if !diags.HasErrors() {
			v.ty, v.defaults, v.typed = ty, defaults, true
		}
	}
	if a := sh.Written["default"]; a != nil {
		v.preset = l.defaultOf(v, a)
	}
	v.validations = sh.Inner["validation"]
	return v
}

func (l *loader) defaultOf(v *variable, a *hclsyntax.Attribute) cty.Value {
	val, result := l.Value(a.Expr, nil)
	if result == eval.Faulty {
		return unknown()
	}
	val, err := v.convert(val)
	if err != nil {
		l.Error(a.Expr.Range().Ptr(), problem.VarType, "The default of var.%s does not fit its type: %s.", v.name, err)
		return unknown()
	}
	if val.IsNull() && !v.nullable {
		l.Error(a.Expr.Range().Ptr(), problem.VarNull, "var.%s has nullable = false, and its default is null. Write another default, or leave it out to demand a value.", v.name)
		return unknown()
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
func (l *loader) validate(v *variable, b *hclBlock) {
	if !l.Labels(b) {
		return
	}
	sh := l.Check(b.Body, validationSpec())
	for _, t := range eval.References(b.Body) {
		if rng := t.SourceRange(); t.RootName() != rootVar {
			l.Error(&rng, problem.Early, "%q is not known here: the validation of a variable can read variables only.", t.RootName())
			return
		} else if !l.checkVar(t) {
			return
		}
	}
	var blame *hcl.Range
	if arg, given := l.args[v.name]; given { // the module is right, its user is not
		blame = &arg.rng
	}
	l.Condition(sh, l.settings, problem.VarInvalid, v.rng, blame)
}

// typeName gives the type as the block writes it.
func (v *variable) typeName() string { return typeexpr.TypeString(v.ty) }
