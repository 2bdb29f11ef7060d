package config

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/config/internal/variables"
	"github.com/zclconf/go-cty/cty"
)

// A module is a folder of configuration files that another one uses, with
// values for its variables. It is evaluated as a whole at the place of its
// block: everything that its arguments refer to comes before it, everything
// that refers to its outputs after it. Only local folders are taken.

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
	for _, meta := range variables.NotArguments() {
		if a := b.Body.Attributes[meta]; a != nil {
			l.Error(&a.NameRange, problem.UnknownAttribute, "A module block has no %s. Use for_each or when in the blocks of the module, or write one module block each.", meta)
		}
	}
	n.refs = eval.References(b.Body)
	n.run = func(ctx *hcl.EvalContext) { n.value = l.runModule(n, b, ctx) }
}

// runModule evaluates a module and returns its outputs.
func (l *loader) runModule(n *node, b *hclBlock, ctx *hcl.EvalContext) cty.Value {
	child := l.openModule(b)
	if child == nil {
		return unknown()
	}
	for _, a := range eval.SortedAttributes(b.Body) {
		if a.Name == "source" || slices.Contains(variables.NotArguments(), a.Name) {
			continue
		}
		v, result := l.Value(a.Expr, ctx)
		if result == eval.Faulty {
			v = unknown()
		}
		child.args[a.Name] = variables.Argument{Value: v, Range: a.SrcRange}
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
	child.args, child.gives = map[string]variables.Argument{}, map[string]cty.Value{}
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
