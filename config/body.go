package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// spec says what a body may hold.
type spec struct {
	what   string // "app block", for messages
	attrs  []*schema.Attr
	blocks []*schema.Block
	meta   []string // further attributes that the caller reads itself
	inner  []string // further blocks that the caller reads itself
}

// shape is a body that has been checked against its spec. It holds only what
// the spec knows; everything else has been reported.
type shape struct {
	spec    *spec
	body    *hclsyntax.Body
	written map[string]*hclsyntax.Attribute // by name, meta included
	nested  map[string][]nestedBlock        // by type, without dynamic blocks
	inner   map[string][]*hclBlock          // the caller's blocks
	dynamic bool                            // nested blocks must be expanded per instance
}

type nestedBlock struct {
	spec  *schema.Block
	block *hclBlock
	shape *shape
}

// check reports what body must not hold, and what it lacks. It looks at names
// only, so it runs once per block, not once per instance.
func (l *loader) check(body *hclsyntax.Body, s *spec) *shape {
	sh := &shape{spec: s, body: body, written: map[string]*hclsyntax.Attribute{}, nested: map[string][]nestedBlock{}, inner: map[string][]*hclBlock{}}
	for _, a := range sortedAttributes(body) {
		if l.checkAttribute(a, s) {
			sh.written[a.Name] = a
		}
	}
	for _, b := range body.Blocks {
		l.checkNested(b, sh)
	}
	for _, a := range s.attrs {
		if a.Required && sh.written[a.Name] == nil {
			l.error(body.MissingItemRange().Ptr(), sumMissing, "The %s needs the attribute %q: %s", s.what, a.Name, describe(a))
		}
	}
	return sh
}

func (l *loader) checkAttribute(a *hclsyntax.Attribute, s *spec) bool {
	if slices.Contains(s.meta, a.Name) {
		return true
	}
	i := slices.IndexFunc(s.attrs, func(x *schema.Attr) bool { return x.Name == a.Name })
	switch {
	case i >= 0 && s.attrs[i].Late:
		l.error(&a.NameRange, sumServiceMakes, "%q is made by the service and cannot be written. Remove it; other blocks may refer to it.", a.Name)
	case i >= 0 && s.attrs[i].Derived:
		l.error(&a.NameRange, sumComputed, "%q is computed from the other attributes and the files they name. Remove it.", a.Name)
	case i >= 0:
		return true
	case s.block(a.Name) != nil || slices.Contains(s.inner, a.Name):
		l.error(&a.NameRange, sumUnknownAttribute, "%q is a block in the %s. Write: %s { ... }", a.Name, s.what, a.Name)
	default:
		names := append(attrNames(s.attrs), s.meta...)
		l.error(&a.NameRange, sumUnknownAttribute, "There is no attribute %q in the %s.%s", a.Name, s.what, diag.DidYouMean(a.Name, names))
	}
	return false
}

func (s *spec) block(name string) *schema.Block {
	for _, b := range s.blocks {
		if b.Name == name {
			return b
		}
	}
	return nil
}

func (l *loader) checkNested(b *hclBlock, sh *shape) {
	s := sh.spec
	if slices.Contains(s.inner, b.Type) {
		sh.inner[b.Type] = append(sh.inner[b.Type], b)
		return
	}
	if b.Type == "dynamic" && len(s.blocks) > 0 {
		l.checkDynamic(b, sh)
		return
	}
	def := s.block(b.Type)
	if def == nil {
		l.unknownNested(b, s)
		return
	}
	if !l.nestedLabels(b, def) {
		return
	}
	sh.nested[b.Type] = append(sh.nested[b.Type], nestedBlock{spec: def, block: b, shape: l.check(b.Body, nestedSpec(def))})
}

func nestedSpec(def *schema.Block) *spec { return &spec{what: def.Name + " block", attrs: def.Attrs} }

func (l *loader) unknownNested(b *hclBlock, s *spec) {
	if slices.Contains(attrNames(s.attrs), b.Type) || slices.Contains(s.meta, b.Type) {
		l.error(&b.TypeRange, sumUnknownBlock, "%q is an attribute of the %s. Write: %s = ...", b.Type, s.what, b.Type)
		return
	}
	names := slices.Clone(s.inner)
	for _, def := range s.blocks {
		names = append(names, def.Name)
	}
	l.error(&b.TypeRange, sumUnknownBlock, "There is no block %q inside the %s.%s", b.Type, s.what, diag.DidYouMean(b.Type, names))
}

// nestedLabels checks the number of labels; unlike top-level names they may be
// any text, such as the name of a gate.
func (l *loader) nestedLabels(b *hclBlock, def *schema.Block) bool {
	if len(b.Labels) == len(def.Labels) {
		return true
	}
	header := def.Name
	for _, label := range def.Labels {
		header += ` "` + strings.ToUpper(label) + `"`
	}
	l.error(defRange(b), sumLabels, "This %s block has %d labels and needs %d. Write: %s { ... }", b.Type, len(b.Labels), len(def.Labels), header)
	return false
}

// checkDynamic checks a block of the form dynamic "rule" { for_each, content }.
// Expansion itself is left to the dynblock package.
func (l *loader) checkDynamic(b *hclBlock, sh *shape) {
	if len(b.Labels) != 1 {
		l.error(defRange(b), sumLabels, `A dynamic block has exactly one label, the type of the blocks it makes. Write: dynamic "%s" { ... }`, sh.spec.blocks[0].Name)
		return
	}
	def := sh.spec.block(b.Labels[0])
	if def == nil {
		var names []string
		for _, x := range sh.spec.blocks {
			names = append(names, x.Name)
		}
		l.error(&b.LabelRanges[0], sumUnknownBlock, "There is no block %q inside the %s.%s", b.Labels[0], sh.spec.what, diag.DidYouMean(b.Labels[0], names))
		return
	}
	sh.dynamic = true
	for _, inner := range b.Body.Blocks {
		if inner.Type == "content" {
			l.check(inner.Body, nestedSpec(def))
		}
	}
}

// describe gives the type and the documentation of an attribute as one line.
func describe(a *schema.Attr) string {
	s := a.Type.Describe() + "."
	if a.Doc != "" {
		s += " " + a.Doc
	}
	return s
}
