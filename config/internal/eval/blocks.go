package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/schema"
)

// Labels checks that b has the given labels and that each is a name.
func (ev *Evaluator) Labels(b *hclsyntax.Block, want ...string) bool {
	if len(b.Labels) != len(want) {
		header := b.Type
		for _, w := range want {
			header += ` "` + w + `"`
		}
		ev.Error(DefRange(b), problem.Labels, "A block of type %s has %s. Write: %s { ... }", b.Type, countLabels(len(want)), header)
		return false
	}
	for i, label := range b.Labels {
		if !hclsyntax.ValidIdentifier(label) {
			ev.Error(&b.LabelRanges[i], problem.Name, "%q cannot be a name: a name starts with a letter and holds letters, digits, %q and %q only.", label, "_", "-")
			return false
		}
	}
	return true
}

func countLabels(n int) string {
	if n == 0 {
		return "no label"
	}
	return "exactly one label"
}

// DefRange is the range of a block's header.
func DefRange(b *hclsyntax.Block) *hcl.Range {
	r := b.DefRange()
	return &r
}

// SortedAttributes gives the attributes of a body in file order.
func SortedAttributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	out := slices.Collect(maps.Values(body.Attributes))
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return out
}

// attrNames lists the names of attributes that may be written.
func attrNames(attrs []*schema.Attr) []string {
	var out []string
	for _, a := range attrs {
		if !a.Derived && !a.Late {
			out = append(out, a.Name)
		}
	}
	return out
}
