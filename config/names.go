package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
)

// The first names of references that are not block types.
const (
	rootVar    = "var"
	rootLocal  = "local"
	rootTenant = "tenant"
	rootEach   = "each"
)

// tenantNames are what expressions may read of the tenant.
func tenantNames() []string { return []string{"access_model", "id"} }

// resolve checks one reference of n and records the edge.
func (l *loader) resolve(n *node, t hcl.Traversal) {
	root := t.RootName()
	rng := t.SourceRange()
	switch root {
	case rootVar:
		if !l.variables.Known(t) {
			n.addUse(use{root: rootVar, rng: rng})
		}
		return
	case rootTenant:
		if name := eval.SecondName(t); !slices.Contains(tenantNames(), name) {
			l.Error(&rng, problem.UnknownName, "Of the tenant, expressions can read tenant.access_model and tenant.id.%s", diag.DidYouMean(name, tenantNames()))
			n.addUse(use{root: rootTenant, rng: rng})
		}
		return
	case rootEach:
		if n.object == nil || n.object.forEach == nil {
			hint := "Add for_each to the block, or write the value out."
			if n.root == typeModule {
				hint = "A module block has none: use for_each in the blocks of the module, or write one module block each."
			}
			l.Error(&rng, problem.Each, `"each" has a meaning only in a block that has for_each. %s`, hint)
			n.addUse(use{root: rootEach, rng: rng})
		}
		return
	}
	if unlabeled := l.kinds.Kind(root); unlabeled != nil && unlabeled.Unlabeled {
		l.resolveNode(n, root, "", rng)
		return
	}
	if l.isLabeledRoot(root) {
		name := eval.SecondName(t)
		if name == "" {
			l.Error(&rng, problem.NoName, "%q alone is no value. Name one, as in %s.NAME.", root, root)
			n.addUse(use{root: root, rng: rng})
			return
		}
		l.resolveNode(n, root, name, rng)
		return
	}
	l.unknownRoot(n, root, rng)
}

func (l *loader) isLabeledRoot(root string) bool {
	switch root {
	case rootLocal, typeUsers, typeGroup, typeStoreApp, typeModule:
		return true
	}
	k := l.kinds.Kind(root)
	return k != nil && !k.Generated
}

// resolveNode records an edge to the named node, or reports that there is none.
func (l *loader) resolveNode(n *node, root, name string, rng hcl.Range) {
	to := l.nodes[root][name]
	if to == nil {
		l.Error(&rng, problem.UnknownName, "Nothing is declared as %s.%s", dotted(root, name), l.suggest(root, name))
	}
	n.addUse(use{to: to, root: root, label: name, rng: rng})
}

// suggest finds the declared name that is nearest to root.name, or the same
// name under another root.
func (l *loader) suggest(root, name string) string {
	names := slices.Sorted(maps.Keys(l.nodes[root]))
	if near := diag.Nearest(name, names); near != "" {
		return fmt.Sprintf(" Did you mean %s?", dotted(root, near))
	}
	for _, other := range slices.Sorted(maps.Keys(l.nodes)) {
		if name != "" && l.nodes[other][name] != nil {
			return fmt.Sprintf(" Did you mean %s?", dotted(other, name))
		}
	}
	if root == rootLocal {
		return fmt.Sprintf(" Add it to a block locals { %s = ... }.", name)
	}
	if name == "" {
		return fmt.Sprintf(" Add a block %s { ... }.", root)
	}
	return fmt.Sprintf(" Add a block %s %q { ... }.", root, name)
}

func dotted(root, name string) string {
	if name == "" {
		return root
	}
	return root + "." + name
}

// unknownRoot reports a first name that means nothing here.
func (l *loader) unknownRoot(n *node, root string, rng hcl.Range) {
	n.addUse(use{root: root, rng: rng})
	if slices.Contains(laterTypes(), root) {
		if !l.later[root] {
			l.Error(&rng, problem.Later, "This version of teamsform does not have %s blocks yet, so nothing can refer to one.", root)
		}
		return
	}
	l.Add(l.unknownRootDiagnostic(root, rng))
}

func (l *loader) unknownRootDiagnostic(root string, rng hcl.Range) *hcl.Diagnostic {
	roots := []string{rootVar, rootLocal, rootTenant, rootEach, typeUsers, typeGroup, typeStoreApp, typeModule}
	for _, k := range l.kinds.Kinds() {
		if !k.Generated {
			roots = append(roots, k.Name)
		}
	}
	if near := diag.Nearest(root, roots); near != "" {
		return diag.Error(&rng, problem.UnknownName, "There is no name %q. Did you mean %q?", root, near)
	}
	return diag.Error(&rng, problem.UnknownName, "There is no name %q. If a text is meant, put it in quotes: %q.", root, root)
}

// target returns the node that a reference leads to, and how many of its steps
// that takes.
func (l *loader) target(t hcl.Traversal) (*node, int) {
	root := t.RootName()
	if n := l.nodes[root][""]; n != nil {
		return n, 1
	}
	if len(t) < 2 {
		return nil, 0
	}
	return l.nodes[root][eval.StepText(t[1])], 2
}
