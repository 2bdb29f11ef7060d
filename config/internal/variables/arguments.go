package variables

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Argument is a value for a variable of a module.
type Argument struct {
	Value cty.Value
	Range hcl.Range
}

// Module is the module block that gives a module's variables their values.
type Module struct {
	Name      string // path of the module
	Arguments map[string]Argument
	Call      hcl.Range // header of the block
}

// NotArguments are attributes of a module block that people know from
// elsewhere. No variable can be given a value by such a name.
func NotArguments() []string {
	return []string{"for_each", "count", "when", "depends_on", "providers", "version"}
}

// giveArguments settles the variables of a module from its block.
func (r *Reader) giveArguments() {
	names := slices.Sorted(maps.Keys(r.vars))
	for _, name := range slices.Sorted(maps.Keys(r.Module.Arguments)) {
		if r.vars[name] == nil {
			rng := r.Module.Arguments[name].Range
			r.Error(&rng, problem.UndeclaredValue, "The module %s has no variable %q.%s", r.Module.Name, name, diag.DidYouMean(name, names))
		}
	}
	for _, name := range names {
		v := r.vars[name]
		v.value, v.source = eval.Unknown(), SourceDefault
		arg, given := r.Module.Arguments[name]
		switch {
		case given && arg.Value.IsWhollyKnown():
			v.value = r.acceptArgument(v, arg)
		case given: // reported where it is faulty
		case v.preset != cty.NilVal:
			v.value = v.preset
		case name == "source" || slices.Contains(NotArguments(), name):
			r.Error(&v.rng, problem.NoValue, "A module block cannot give a value for %s, because the name means something else there. Give the variable another name, or a default.", name)
		default:
			rng := r.Module.Call
			r.Error(&rng, problem.NoValue, "The module %s needs a value for %s. Write: %s = ...", r.Module.Name, name, name)
		}
		if v.sensitive {
			v.value = v.value.Mark(functions.Sensitive{})
		}
	}
}

// acceptArgument converts an argument to the variable's type. References are
// passed on as they are: they have no type that a configuration could name.
func (r *Reader) acceptArgument(v *variable, arg Argument) cty.Value {
	if v.typed && holdsReference(arg.Value) && v.ty != cty.DynamicPseudoType {
		rng := arg.Range
		r.Error(&rng, problem.VarType, "%s is a block passed on, and var.%s of the module has the type %s. Declare it with type = any.", v.name, v.name, v.typeName())
		return eval.Unknown()
	}
	rng := arg.Range
	return r.accept(v, arg.Value, &rng, fmt.Sprintf("the module block at %s", problem.Place(r.Module.Call)))
}

func holdsReference(v cty.Value) bool {
	for _, part := range cty.DeepValues(v) {
		if _, ok := schema.RefOf(part); ok {
			return true
		}
	}
	return false
}
