package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// ExpressionFile is the file name in the ranges of diagnostics that Evaluate
// gives. The text is the expression.
const ExpressionFile = "<expression>"

// Evaluate gives the value of an expression over the configuration: its
// variables, local values, tenant, blocks, outputs of modules, and functions.
// The configuration must have been loaded with Options.Keep and without errors.
//
// The value may be or hold late values (see [schema.RefOf]) and sensitive ones
// (see [IsSensitive]). With errors it is [cty.NilVal].
func (c *Config) Evaluate(expr string) (cty.Value, hcl.Diagnostics) {
	if c.kept == nil {
		return cty.NilVal, hcl.Diagnostics{diag.Error(nil, "Nothing to evaluate in", "The configuration was loaded without Options.Keep, or not loaded to its end.")}
	}
	parsed, diags := hclsyntax.ParseExpression([]byte(expr), ExpressionFile, hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	l := *c.kept // what it knows, with a log of its own
	l.Evaluator = &eval.Evaluator{Missing: l.missing}
	vars := *l.variables
	vars.Evaluator, l.variables = l.Evaluator, &vars
	n := &node{name: "the expression", rng: parsed.Range(), refs: parsed.Variables()}
	for _, t := range n.refs {
		l.resolve(n, t)
	}
	v, result := cty.NilVal, eval.Faulty
	if l.Errors == 0 {
		v, result = l.Value(parsed, l.scope(n))
	}
	if result == eval.Faulty && l.Errors == 0 {
		l.Error(parsed.Range().Ptr(), "Value is not known", "The value could not be computed.")
	}
	if l.Errors > 0 {
		diag.Sort(l.Diags)
		return cty.NilVal, l.Diags
	}
	raw, marks := v.UnmarkDeepWithPaths()
	return schema.Expose(raw).MarkWithPaths(marks), l.Diags
}

// IsSensitive reports whether v itself is not to be shown. Its elements may be
// sensitive when it is not.
func IsSensitive(v cty.Value) bool { return v.HasMark(sensitive{}) }

// Addresses lists everything that an address may name: the instances, and the
// blocks of those that have keys. Sorted.
func (c *Config) Addresses() []string {
	var out []string
	for _, inst := range c.Instances {
		out = append(out, inst.Addr.String())
		if inst.Addr.HasKey {
			out = append(out, inst.Addr.Block().String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
