package variables

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// The endings of files.
const (
	SourceSuffix = ".teams.hcl"          // configurations
	Suffix       = ".teamsvars.hcl"      // values
	AutoSuffix   = ".auto.teamsvars.hcl" // values that count without being named
)

// root is the first name of references to variables.
const root = "var"

// Variable is a declared variable and where its value came from.
type Variable struct {
	Name        string
	Description string
	Sensitive   bool
	Source      string // "default", "environment", "--var" or the path of a values file
	Given       string // text from the environment or --var, as it was given
	Range       hcl.Range
}

// Reader reads the variables of one folder. What is wrong goes to the
// Evaluator.
type Reader struct {
	*eval.Evaluator
	Folder    *files.Folder
	Sources   map[string]*hcl.File // parsed files of values are added
	Functions map[string]function.Function
	Module    *Module // nil: the configuration itself, to which the following apply

	Dir       string   // folder as given
	Vars      []string // --var name=value, in order
	VarFiles  []string // --var-file, relative to the working directory, in order
	LookupEnv func(string) (string, bool)
	Environ   func() []string // used when LookupEnv is nil

	vars    map[string]*variable
	context *hcl.EvalContext
}

// Read declares the variables, finds their values and judges them. It returns
// a context that holds them alone, and what is to be told of them, by name.
func (r *Reader) Read(blocks []*hclsyntax.Block) (*hcl.EvalContext, []Variable) {
	r.vars = map[string]*variable{}
	for _, b := range blocks {
		name := b.Labels[0]
		if first := r.vars[name]; first != nil {
			r.Error(eval.DefRange(b), problem.DuplicateName, "var.%s is declared already at %s. Give one of the two another name, or remove it.", name, problem.Place(first.rng))
			continue
		}
		r.vars[name] = r.declareVariable(b)
	}
	r.giveValues()
	names := slices.Sorted(maps.Keys(r.vars))
	all := make(map[string]cty.Value, len(names))
	for _, name := range names {
		all[name] = r.vars[name].value
	}
	r.context = &hcl.EvalContext{Variables: map[string]cty.Value{root: cty.ObjectVal(all)}, Functions: r.Functions}
	var out []Variable
	for _, name := range names {
		v := r.vars[name]
		for _, b := range v.validations {
			r.validate(v, b)
		}
		out = append(out, Variable{Name: name, Description: v.description, Sensitive: v.sensitive, Source: v.source, Given: v.given, Range: v.rng})
	}
	return r.context, out
}

// argument is what a module block gives for a variable.
func (r *Reader) argument(name string) (Argument, bool) {
	if r.Module == nil {
		return Argument{}, false
	}
	arg, given := r.Module.Arguments[name]
	return arg, given
}

// Known reports a reference to a variable that is not declared.
func (r *Reader) Known(t hcl.Traversal) bool {
	rng := t.SourceRange()
	name := eval.SecondName(t)
	if r.vars[name] != nil {
		return true
	}
	if name == "" {
		r.Error(&rng, problem.NoName, `"var" alone is no value. Name one, as in var.NAME.`)
		return false
	}
	names := slices.Sorted(maps.Keys(r.vars))
	hint := fmt.Sprintf(" Add a block variable %q { }.", name)
	if near := diag.Nearest(name, names); near != "" {
		hint = fmt.Sprintf(" Did you mean var.%s?", near)
	}
	r.Error(&rng, problem.UnknownName, "Nothing is declared as var.%s.%s", name, hint)
	return false
}
