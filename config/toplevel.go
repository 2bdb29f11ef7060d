package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/config/internal/variables"
	"github.com/teamsform/teamsform/internal/diag"
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
	typeExpect   = "expect"
)

// laterTypes are block types of the language that this version does not have.
// A registered kind of the same name takes precedence.
func laterTypes() []string {
	return []string{"rollout", "strategy", "candidate", "trusted_upload"}
}

// blockTypes lists the block types that may be written, for suggestions.
func (l *loader) blockTypes() []string {
	types := []string{typeSettings, typeTenant, typeGuard, typeVariable, typeLocals, typeOutput, typeUsers, typeGroup, typeStoreApp, typeModule, typeMoved, typeRemoved, typeImport, typeIgnore, typeExpect}
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
		for _, a := range eval.SortedAttributes(body) {
			l.Error(&a.NameRange, problem.StrayAttribute, "%q stands outside of any block. Values for variables go into a file that ends in %s; other names into locals { }.", a.Name, variables.AutoSuffix)
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
			l.Error(eval.DefRange(b), problem.InModule, "The block type %s belongs to the configuration itself. Move it to the folder that uses the module %s.", b.Type, l.module)
			return
		}
		if b.Type == typeIgnore {
			l.declareIgnore(b)
			return
		}
		if l.Labels(b) && l.once(b, len(l.blocks[b.Type]) == 0) {
			l.blocks[b.Type] = append(l.blocks[b.Type], b)
		}
	case b.Type == typeVariable:
		if l.Labels(b, "NAME") {
			l.blocks[b.Type] = append(l.blocks[b.Type], b)
		}
	case b.Type == typeLocals:
		if l.Labels(b) {
			l.declareLocals(b)
		}
	case b.Type == typeOutput:
		if l.Labels(b, "NAME") {
			l.declareOutput(b)
		}
	case b.Type == typeUsers, b.Type == typeGroup, b.Type == typeStoreApp:
		if l.Labels(b, "NAME") {
			l.declareLookup(b)
		}
	case b.Type == typeExpect:
		l.declareExpect(b)
	case b.Type == typeModule:
		if l.Labels(b, "NAME") {
			l.declareModule(b)
		}
	case b.Type == typeMoved:
		if l.Labels(b) {
			l.declareMoved(b)
		}
	case b.Type == typeRemoved:
		if l.Labels(b) {
			l.declareRemoved(b)
		}
	case b.Type == typeImport:
		if l.Labels(b) {
			l.declareImport(b)
		}
	case slices.Contains(laterTypes(), b.Type):
		l.later[b.Type] = true
		l.Error(&b.TypeRange, problem.Later, "This version of teamsform does not have %s blocks yet. Remove the block, or use a version that has them.", b.Type)
	default:
		l.Error(&b.TypeRange, problem.UnknownBlock, "There is no block type %q.%s", b.Type, diag.DidYouMean(b.Type, l.blockTypes()))
	}
}

// once reports a second block of a type that may stand only once.
func (l *loader) once(b *hclBlock, first bool) bool {
	if first {
		return true
	}
	l.Error(eval.DefRange(b), problem.DuplicateBlock, "A configuration holds at most one %s block, and another stands at %s. Merge the two.", b.Type, problem.Place(*eval.DefRange(l.blocks[b.Type][0])))
	return false
}
