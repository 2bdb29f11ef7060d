package eval

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// Spec says what a body may hold.
type Spec struct {
	What   string // "app block", for messages
	Attrs  []*schema.Attr
	Blocks []*schema.Block
	Meta   []string // further attributes that the caller reads itself
	Inner  []string // further blocks that the caller reads itself
}

// Shape is a body that has been checked against its spec. It holds only what
// the spec knows; everything else has been reported.
type Shape struct {
	Spec    *Spec
	Body    *hclsyntax.Body
	Written map[string]*hclsyntax.Attribute // by name, meta included
	Inner   map[string][]*hclsyntax.Block   // the caller's blocks
	nested  map[string][]nestedBlock        // by type, without dynamic blocks
	dynamic bool                            // nested blocks must be expanded per instance
}

type nestedBlock struct {
	spec  *schema.Block
	block *hclsyntax.Block
	shape *Shape
}

// Check reports what body must not hold, and what it lacks. It looks at names
// only, so it runs once per block, not once per instance.
func (ev *Evaluator) Check(body *hclsyntax.Body, s *Spec) *Shape {
	sh := &Shape{Spec: s, Body: body, Written: map[string]*hclsyntax.Attribute{}, nested: map[string][]nestedBlock{}, Inner: map[string][]*hclsyntax.Block{}}
	for _, a := range SortedAttributes(body) {
		if ev.checkAttribute(a, s) {
			sh.Written[a.Name] = a
		}
	}
	for _, b := range body.Blocks {
		ev.checkNested(b, sh)
	}
	for _, a := range s.Attrs {
		if a.Required && sh.Written[a.Name] == nil {
			ev.Error(body.MissingItemRange().Ptr(), problem.Missing, "The %s needs the attribute %q: %s", s.What, a.Name, Describe(a))
		}
	}
	return sh
}

func (ev *Evaluator) checkAttribute(a *hclsyntax.Attribute, s *Spec) bool {
	if slices.Contains(s.Meta, a.Name) {
		return true
	}
	i := slices.IndexFunc(s.Attrs, func(x *schema.Attr) bool { return x.Name == a.Name })
	switch {
	case i >= 0 && s.Attrs[i].Late:
		ev.Error(&a.NameRange, problem.ServiceMakes, "%q is made by the service and cannot be written. Remove it; other blocks may refer to it.", a.Name)
	case i >= 0 && s.Attrs[i].Derived:
		ev.Error(&a.NameRange, problem.Computed, "%q is computed from the other attributes and the files they name. Remove it.", a.Name)
	case i >= 0:
		return true
	case s.block(a.Name) != nil || slices.Contains(s.Inner, a.Name):
		ev.Error(&a.NameRange, problem.UnknownAttribute, "%q is a block in the %s. Write: %s { ... }", a.Name, s.What, a.Name)
	default:
		names := append(attrNames(s.Attrs), s.Meta...)
		ev.Error(&a.NameRange, problem.UnknownAttribute, "There is no attribute %q in the %s.%s", a.Name, s.What, diag.DidYouMean(a.Name, names))
	}
	return false
}

func (s *Spec) block(name string) *schema.Block {
	for _, b := range s.Blocks {
		if b.Name == name {
			return b
		}
	}
	return nil
}

func (ev *Evaluator) checkNested(b *hclsyntax.Block, sh *Shape) {
	s := sh.Spec
	if slices.Contains(s.Inner, b.Type) {
		sh.Inner[b.Type] = append(sh.Inner[b.Type], b)
		return
	}
	if b.Type == "dynamic" && len(s.Blocks) > 0 {
		ev.checkDynamic(b, sh)
		return
	}
	def := s.block(b.Type)
	if def == nil {
		ev.unknownNested(b, s)
		return
	}
	if !ev.nestedLabels(b, def) {
		return
	}
	sh.nested[b.Type] = append(sh.nested[b.Type], nestedBlock{spec: def, block: b, shape: ev.Check(b.Body, nestedSpec(def))})
}

func nestedSpec(def *schema.Block) *Spec { return &Spec{What: def.Name + " block", Attrs: def.Attrs} }

func (ev *Evaluator) unknownNested(b *hclsyntax.Block, s *Spec) {
	if slices.Contains(attrNames(s.Attrs), b.Type) || slices.Contains(s.Meta, b.Type) {
		ev.Error(&b.TypeRange, problem.UnknownBlock, "%q is an attribute of the %s. Write: %s = ...", b.Type, s.What, b.Type)
		return
	}
	names := slices.Clone(s.Inner)
	for _, def := range s.Blocks {
		names = append(names, def.Name)
	}
	ev.Error(&b.TypeRange, problem.UnknownBlock, "There is no block %q inside the %s.%s", b.Type, s.What, diag.DidYouMean(b.Type, names))
}

// nestedLabels checks the number of labels; unlike top-level names they may be
// any text, such as the name of a gate.
func (ev *Evaluator) nestedLabels(b *hclsyntax.Block, def *schema.Block) bool {
	if len(b.Labels) == len(def.Labels) {
		return true
	}
	header := def.Name
	for _, label := range def.Labels {
		header += ` "` + strings.ToUpper(label) + `"`
	}
	ev.Error(DefRange(b), problem.Labels, "This %s block has %d labels and needs %d. Write: %s { ... }", b.Type, len(b.Labels), len(def.Labels), header)
	return false
}

// checkDynamic checks a block of the form dynamic "rule" { for_each, content }.
// Expansion itself is left to the dynblock package.
func (ev *Evaluator) checkDynamic(b *hclsyntax.Block, sh *Shape) {
	if len(b.Labels) != 1 {
		ev.Error(DefRange(b), problem.Labels, `A dynamic block has exactly one label, the type of the blocks it makes. Write: dynamic "%s" { ... }`, sh.Spec.Blocks[0].Name)
		return
	}
	def := sh.Spec.block(b.Labels[0])
	if def == nil {
		var names []string
		for _, x := range sh.Spec.Blocks {
			names = append(names, x.Name)
		}
		ev.Error(&b.LabelRanges[0], problem.UnknownBlock, "There is no block %q inside the %s.%s", b.Labels[0], sh.Spec.What, diag.DidYouMean(b.Labels[0], names))
		return
	}
	sh.dynamic = true
	for _, inner := range b.Body.Blocks {
		if inner.Type == "content" {
			ev.Check(inner.Body, nestedSpec(def))
		}
	}
}

// Describe gives the type and the documentation of an attribute as one line.
func Describe(a *schema.Attr) string {
	s := a.Type.Describe() + "."
	if a.Doc != "" {
		s += " " + a.Doc
	}
	return s
}
