package config

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// hclBlock is a block as parsed.
type hclBlock = hclsyntax.Block

// The block types that are not kinds.
const (
	typeSettings = "teamsform"
	typeTenant   = "tenant"
	typeGuard    = "guard"
	typeVariable = "variable"
	typeLocals   = "locals"
	typeOutput   = "output"
	typeUsers    = "users"
	typeGroup    = "group"
	typeStoreApp = "store_app"
	typeModule   = "module"
	typeMoved    = "moved"
	typeRemoved  = "removed"
	typeImport   = "import"
	typeIgnore   = "ignore"
)

// laterTypes are block types of the language that this version does not have.
// A registered kind of the same name takes precedence.
func laterTypes() []string {
	return []string{"rollout", "strategy", "candidate", "trusted_upload", "expect", "submission"}
}

// blockTypes lists the block types that may be written, for suggestions.
func (l *loader) blockTypes() []string {
	types := []string{typeSettings, typeTenant, typeGuard, typeVariable, typeLocals, typeOutput, typeUsers, typeGroup, typeStoreApp, typeModule, typeMoved, typeRemoved, typeImport, typeIgnore}
	for _, k := range l.kinds.Kinds() {
		if !k.Generated {
			types = append(types, k.Name)
		}
	}
	return types
}

// collect sorts the top-level blocks of all files by type, in file order.
func (l *loader) collect() {
	l.blocks = map[string][]*hclBlock{}
	slices.Sort(l.sources)
	for _, name := range l.sources {
		body, ok := l.cfg.Sources[name].Body.(*hclsyntax.Body)
		if !ok {
			continue
		}
		for _, a := range sortedAttributes(body) {
			l.error(&a.NameRange, sumStrayAttribute, "%q stands outside of any block. Values for variables go into a file that ends in %s; other names into locals { }.", a.Name, autoValuesSuffix)
		}
		for _, b := range body.Blocks {
			l.collectBlock(b)
		}
	}
}

func (l *loader) collectBlock(b *hclBlock) {
	kind := l.kinds.Kind(b.Type)
	switch {
	case kind != nil && !kind.Generated:
		l.declareObject(b, kind)
	case b.Type == typeSettings, b.Type == typeTenant, b.Type == typeGuard, b.Type == typeIgnore:
		if l.parent != nil {
			l.error(defRange(b), sumInModule, "The block type %s belongs to the configuration itself. Move it to the folder that uses the module %s.", b.Type, l.module)
			return
		}
		if b.Type == typeIgnore {
			l.declareIgnore(b)
			return
		}
		if l.labels(b) && l.once(b, len(l.blocks[b.Type]) == 0) {
			l.blocks[b.Type] = append(l.blocks[b.Type], b)
		}
	case b.Type == typeVariable:
		if l.labels(b, "NAME") {
			l.blocks[b.Type] = append(l.blocks[b.Type], b)
		}
	case b.Type == typeLocals:
		if l.labels(b) {
			l.declareLocals(b)
		}
	case b.Type == typeOutput:
		if l.labels(b, "NAME") {
			l.declareOutput(b)
		}
	case b.Type == typeUsers, b.Type == typeGroup, b.Type == typeStoreApp:
		if l.labels(b, "NAME") {
			l.declareLookup(b)
		}
	case b.Type == typeModule:
		if l.labels(b, "NAME") {
			l.declareModule(b)
		}
	case b.Type == typeMoved:
		if l.labels(b) {
			l.declareMoved(b)
		}
	case b.Type == typeRemoved:
		if l.labels(b) {
			l.declareRemoved(b)
		}
	case b.Type == typeImport:
		if l.labels(b) {
			l.declareImport(b)
		}
	case slices.Contains(laterTypes(), b.Type):
		l.later[b.Type] = true
		l.error(&b.TypeRange, sumLater, "This version of teamsform does not have %s blocks yet. Remove the block, or use a version that has them.", b.Type)
	default:
		l.error(&b.TypeRange, sumUnknownBlock, "There is no block type %q.%s", b.Type, diag.DidYouMean(b.Type, l.blockTypes()))
	}
}

// once reports a second block of a type that may stand only once.
func (l *loader) once(b *hclBlock, first bool) bool {
	if first {
		return true
	}
	l.error(defRange(b), sumDuplicateBlock, "A configuration holds at most one %s block, and another stands at %s. Merge the two.", b.Type, place(*defRange(l.blocks[b.Type][0])))
	return false
}

// labels checks that b has the given labels and that each is a name.
func (l *loader) labels(b *hclBlock, want ...string) bool {
	if len(b.Labels) != len(want) {
		header := b.Type
		for _, w := range want {
			header += ` "` + w + `"`
		}
		l.error(defRange(b), sumLabels, "A block of type %s has %s. Write: %s { ... }", b.Type, countLabels(len(want)), header)
		return false
	}
	for i, label := range b.Labels {
		if !hclsyntax.ValidIdentifier(label) {
			l.error(&b.LabelRanges[i], sumName, "%q cannot be a name: a name starts with a letter and holds letters, digits, %q and %q only.", label, "_", "-")
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

// defRange is the range of a block's header.
func defRange(b *hclBlock) *hcl.Range {
	r := b.DefRange()
	return &r
}

// sortedAttributes gives the attributes of a body in file order.
func sortedAttributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
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
