package eval

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// References collects the references of a body, those of nested blocks too.
// bound are the iterator names of dynamic blocks around it.
func References(body *hclsyntax.Body, bound ...string) []hcl.Traversal {
	var out []hcl.Traversal
	for _, a := range SortedAttributes(body) {
		out = append(out, free(a.Expr.Variables(), bound)...)
	}
	for _, b := range body.Blocks {
		switch b.Type {
		case "dynamic":
			out = append(out, dynamicReferences(b, bound)...)
		case "lifecycle":
			out = append(out, lifecycleReferences(b.Body)...)
		default:
			out = append(out, References(b.Body, bound...)...)
		}
	}
	return out
}

// dynamicReferences knows that the iterator is named after the block's label,
// or by the attribute iterator, and that only labels and content see it.
func dynamicReferences(b *hclsyntax.Block, bound []string) []hcl.Traversal {
	inner := slices.Clone(bound)
	if it := b.Body.Attributes["iterator"]; it != nil {
		inner = append(inner, hcl.ExprAsKeyword(it.Expr))
	} else if len(b.Labels) > 0 {
		inner = append(inner, b.Labels[0])
	}
	var out []hcl.Traversal
	for _, a := range SortedAttributes(b.Body) {
		switch a.Name {
		case "iterator":
		case "labels":
			out = append(out, free(a.Expr.Variables(), inner)...)
		default:
			out = append(out, free(a.Expr.Variables(), bound)...)
		}
	}
	for _, content := range b.Body.Blocks {
		out = append(out, References(content.Body, inner...)...)
	}
	return out
}

// free leaves out references to bound names.
func free(refs []hcl.Traversal, bound []string) []hcl.Traversal {
	if len(bound) == 0 {
		return refs
	}
	return slices.DeleteFunc(refs, func(t hcl.Traversal) bool { return slices.Contains(bound, t.RootName()) })
}

// lifecycleReferences collects what the expressions of a lifecycle block refer
// to; the elements of ignore_changes are names of attributes.
func lifecycleReferences(body *hclsyntax.Body) []hcl.Traversal {
	var out []hcl.Traversal
	for _, a := range SortedAttributes(body) {
		if a.Name != "ignore_changes" {
			out = append(out, a.Expr.Variables()...)
		}
	}
	for _, b := range body.Blocks {
		out = append(out, References(b.Body)...)
	}
	return out
}

// StepText gives the name that one step of a reference leads to, written .name
// or ["name"]; "" for none.
func StepText(step hcl.Traverser) string {
	switch s := step.(type) {
	case hcl.TraverseAttr:
		return s.Name
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String {
			return s.Key.AsString()
		}
		return fmt.Sprintf("%#v", s.Key)
	}
	return ""
}

// SecondName returns what follows the first name of a reference.
func SecondName(t hcl.Traversal) string {
	if len(t) < 2 {
		return ""
	}
	return StepText(t[1])
}
