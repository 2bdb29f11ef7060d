package config

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// A module is a folder of configuration files that another one uses, with
// values for its variables. It is evaluated as a whole at the place of its
// block: everything that its arguments refer to comes before it, everything
// that refers to its outputs after it. Only local folders are taken.

// argument is a value for a variable of a module.
type argument struct {
	value cty.Value
	rng   hcl.Range
}

// declareModule declares a module block.
func (l *loader) declareModule(b *hclBlock) {
	name := b.Labels[0]
	n := &node{name: typeModule + "." + name, root: typeModule, label: name, rng: *eval.DefRange(b)}
	if !l.declare(n) {
		return
	}
	for _, inner := range b.Body.Blocks {
		l.Error(eval.DefRange(inner), problem.UnknownBlock, "A module block holds source and values for the module's variables, each as name = value. Write: %s = ...", inner.Type)
	}
	for _, meta := range moduleHasNo() {
		if a := b.Body.Attributes[meta]; a != nil {
			l.Error(&a.NameRange, problem.UnknownAttribute, "A module block has no %s. Use for_each or when in the blocks of the module, or write one module block each.", meta)
		}
	}
	n.refs = eval.References(b.Body)
	n.run = func(ctx *hcl.EvalContext) { n.value = l.runModule(n, b, ctx) }
}

// moduleHasNo are attributes that people know from elsewhere.
func moduleHasNo() []string {
	return []string{"for_each", "count", "when", "depends_on", "providers", "version"}
}

// runModule evaluates a module and returns its outputs.
func (l *loader) runModule(n *node, b *hclBlock, ctx *hcl.EvalContext) cty.Value {
	child := l.openModule(b)
	if child == nil {
		return unknown()
	}
	for _, a := range eval.SortedAttributes(b.Body) {
		if a.Name == "source" || slices.Contains(moduleHasNo(), a.Name) {
			continue
		}
		v, result := l.Value(a.Expr, ctx)
		if result == eval.Faulty {
			v = unknown()
		}
		child.args[a.Name] = argument{value: v, rng: a.SrcRange}
	}
	child.load(l.ctx)
	l.Add(child.Diags...)
	if child.Errors > 0 {
		return unknown()
	}
	n.gives = sortedNames(child.gives)
	return cty.ObjectVal(child.gives)
}

// openModule returns the loader of a module's folder.
func (l *loader) openModule(b *hclBlock) *loader {
	a := b.Body.Attributes["source"]
	if a == nil {
		l.Error(b.Body.MissingItemRange().Ptr(), problem.Missing, "The module block needs the attribute \"source\": path of a folder. Write, for instance: source = \"../baseline\"")
		return nil
	}
	rng := a.Expr.Range()
	source, ok := literalText(a.Expr)
	switch {
	case !ok:
		l.Error(&rng, problem.ModuleSource, "source must be written out as a text: it is read before anything is evaluated.")
		return nil
	case strings.Contains(source, "://") || strings.Contains(source, "::") || strings.HasPrefix(source, "git@"):
		l.Error(&rng, problem.ModuleSource, "%q is an address, and modules are local folders. Fetch it first, for instance as a git submodule, and name the folder.", source)
		return nil
	case source == "" || filepath.IsAbs(source) || path.IsAbs(files.Slashed(source)) || len(source) > 1 && source[1] == ':':
		l.Error(&rng, problem.ModuleSource, "%q cannot be used: name a folder relative to this file, with \"/\" between folders, such as \"../baseline\" or \"modules/team\".", source)
		return nil
	}
	f, err := l.folder.Below(files.Slashed(source))
	if err != nil {
		l.Error(&rng, problem.ModuleSource, "The folder %q cannot be read: %s. source is relative to the folder of this file.", source, files.Cause(err))
		return nil
	}
	for p := l; p != nil; p = p.parent {
		if p.folder.Real == f.Real {
			l.Error(&rng, problem.ModuleSource, "The folder %q uses itself, directly or through other modules, without an end. Remove one of the uses.", source)
			return nil
		}
	}
	child := newLoader(l.opts)
	child.cfg, child.folder, child.parent = l.cfg, f, l
	child.module = strings.TrimPrefix(l.module+"."+b.Labels[0], ".")
	child.args, child.gives = map[string]argument{}, map[string]cty.Value{}
	child.callRange = *eval.DefRange(b)
	return child
}

// literalText returns a text that is written out.
func literalText(e hcl.Expression) (string, bool) {
	v, diags := e.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// giveArguments settles the variables of a module from its block.
func (l *loader) giveArguments() {
	names := slices.Sorted(maps.Keys(l.vars))
	for _, name := range slices.Sorted(maps.Keys(l.args)) {
		if l.vars[name] == nil {
			rng := l.args[name].rng
			l.Error(&rng, problem.UndeclaredValue, "The module %s has no variable %q.%s", l.module, name, diag.DidYouMean(name, names))
		}
	}
	for _, name := range names {
		v := l.vars[name]
		v.value, v.source = unknown(), SourceDefault
		arg, given := l.args[name]
		switch {
		case given && arg.value.IsWhollyKnown():
			v.value = l.acceptArgument(v, arg)
		case given: // reported where it is faulty
		case v.preset != cty.NilVal:
			v.value = v.preset
		case name == "source" || slices.Contains(moduleHasNo(), name):
			l.Error(&v.rng, problem.NoValue, "A module block cannot give a value for %s, because the name means something else there. Give the variable another name, or a default.", name)
		default:
			rng := l.callRange
			l.Error(&rng, problem.NoValue, "The module %s needs a value for %s. Write: %s = ...", l.module, name, name)
		}
		if v.sensitive {
			v.value = v.value.Mark(sensitive{})
		}
	}
}

// acceptArgument converts an argument to the variable's type. References are
// passed on as they are: they have no type that a configuration could name.
func (l *loader) acceptArgument(v *variable, arg argument) cty.Value {
	if v.typed && holdsReference(arg.value) && v.ty != cty.DynamicPseudoType {
		rng := arg.rng
		l.Error(&rng, problem.VarType, "%s is a block passed on, and var.%s of the module has the type %s. Declare it with type = any.", v.name, v.name, v.typeName())
		return unknown()
	}
	rng := arg.rng
	return l.accept(v, arg.value, &rng, fmt.Sprintf("the module block at %s", problem.Place(l.callRange)))
}

func holdsReference(v cty.Value) bool {
	for _, part := range cty.DeepValues(v) {
		if _, ok := schema.RefOf(part); ok {
			return true
		}
	}
	return false
}

// inheritSettings lets a module read the tenant of the configuration.
func (l *loader) inheritSettings() {
	l.base = l.settings.NewChild()
	l.base.Variables = map[string]cty.Value{rootTenant: l.parent.base.Variables[rootTenant]}
}

// moduleAddress reads the traversal of an address: module.m, app.x,
// app.x["key"], module.m.app.x.
func moduleAddress(e hclsyntax.Expression) (hcl.Traversal, bool) {
	t, diags := hcl.AbsTraversalForExpr(e)
	return t, !diags.HasErrors()
}
