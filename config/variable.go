package config

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
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

func variableSpec() *spec {
	return &spec{
		what: "variable block",
		attrs: []*schema.Attr{
			{Name: "description", Type: schema.String{}, Doc: "What the value is for."},
			{Name: "sensitive", Type: schema.Bool{}, Doc: "Hides the value in every output."},
			{Name: "nullable", Type: schema.Bool{}, Doc: "Whether null may be given; true by default."},
		},
		meta:  []string{"type", "default"},
		inner: []string{"validation"},
	}
}

func validationSpec() *spec {
	return &spec{what: "validation block", attrs: []*schema.Attr{
		{Name: "condition", Type: schema.Bool{}, Required: true, Doc: "Must be true for a value that is accepted."},
		{Name: "error_message", Type: schema.String{}, Required: true, Doc: "What to tell the person who gave the value."},
	}}
}

// loadVariables reads the variable blocks, finds their values and judges them.
func (l *loader) loadVariables() {
	for _, b := range l.blocks[typeVariable] {
		name := b.Labels[0]
		if first := l.vars[name]; first != nil {
			l.error(defRange(b), sumDuplicateName, "var.%s is declared already at %s. Give one of the two another name, or remove it.", name, place(first.rng))
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
	v := &variable{name: b.Labels[0], ty: cty.DynamicPseudoType, preset: cty.NilVal, nullable: true, rng: *defRange(b)}
	sh := l.check(b.Body, variableSpec())
	got := l.attributes(sh, nil)
	v.description, _ = got.attrs["description"].(string)
	v.sensitive, _ = got.attrs["sensitive"].(bool)
	if n, ok := got.attrs["nullable"].(bool); ok {
		v.nullable = n
	}
	if a := sh.written["type"]; a != nil {
		ty, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
		l.add(diags...)
		if !diags.HasErrors() {
			v.ty, v.defaults, v.typed = ty, defaults, true
		}
	}
	if a := sh.written["default"]; a != nil {
		v.preset = l.defaultOf(v, a)
	}
	v.validations = sh.inner["validation"]
	return v
}

func (l *loader) defaultOf(v *variable, a *hclsyntax.Attribute) cty.Value {
	val, result := l.value(a.Expr, nil)
	if result == faulty {
		return unknown()
	}
	val, err := v.convert(val)
	if err != nil {
		l.error(a.Expr.Range().Ptr(), sumVarType, "The default of var.%s does not fit its type: %s.", v.name, err)
		return unknown()
	}
	if val.IsNull() && !v.nullable {
		l.error(a.Expr.Range().Ptr(), sumVarNull, "var.%s has nullable = false, and its default is null. Write another default, or leave it out to demand a value.", v.name)
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
	if !l.labels(b) {
		return
	}
	sh := l.check(b.Body, validationSpec())
	for _, t := range references(b.Body) {
		if rng := t.SourceRange(); t.RootName() != rootVar {
			l.error(&rng, sumEarly, "%q is not known here: the validation of a variable can read variables only.", t.RootName())
			return
		} else if !l.checkVar(t) {
			return
		}
	}
	l.condition(sh, l.settings, sumVarInvalid, v.rng)
}

// condition evaluates a body with condition and error_message, and reports the
// message where the condition does not hold.
func (l *loader) condition(sh *shape, ctx *hcl.EvalContext, summary string, about hcl.Range) {
	cond, text := sh.written["condition"], sh.written["error_message"]
	if cond == nil || text == nil {
		return
	}
	v, result := l.value(cond.Expr, ctx)
	if result == faulty {
		return
	}
	v, _ = v.UnmarkDeep()
	holds, err := convert.Convert(v, cty.Bool)
	if err != nil || holds.IsNull() {
		l.error(cond.Expr.Range().Ptr(), sumCondition, "A condition must be true or false.")
		return
	}
	if holds.True() {
		return
	}
	got := newValues(1)
	l.attribute(got, sh.spec.attrs[1], text.Expr, ctx)
	if !got.complete {
		return
	}
	message, _ := got.attrs["error_message"].(string)
	if len(got.sensitive) > 0 {
		message = "The message is not shown, because it holds a sensitive value."
	}
	l.error(cond.Expr.Range().Ptr(), summary, "%s\n\nThis is checked for what is declared at %s.", message, place(about))
}

// typeName gives the type as the block writes it.
func (v *variable) typeName() string { return typeexpr.TypeString(v.ty) }
