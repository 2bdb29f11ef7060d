package config

import (
	"fmt"
	"maps"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Blocks that say what becomes of names: moved, removed, import, ignore.

// address reads an address that is written as a reference. What it names need
// not exist.
func (l *loader) address(a *hclsyntax.Attribute) (addr.Instance, bool) {
	t, ok := moduleAddress(a.Expr)
	out := addr.Instance{Module: l.module}
	for ok && len(t) >= 2 && !t.IsRelative() && t.RootName() == typeModule {
		out.Module = strings.TrimPrefix(out.Module+"."+eval.StepText(t[1]), ".")
		t = relative(t[2:])
		if len(t) == 0 {
			return out, true
		}
	}
	if !ok || !l.objectAddress(t, &out) {
		l.Error(a.Expr.Range().Ptr(), problem.Address, "%s takes an address, such as app.helpdesk, app.helpdesk[\"north\"], module.base.app.helpdesk or module.base.", a.Name)
		return addr.Instance{}, false
	}
	return out, true
}

// relative makes the rest of a traversal start with a name.
func relative(t hcl.Traversal) hcl.Traversal {
	if len(t) == 0 {
		return t
	}
	step, ok := t[0].(hcl.TraverseAttr)
	if !ok {
		return t
	}
	return append(hcl.Traversal{hcl.TraverseRoot{Name: step.Name, SrcRange: step.SrcRange}}, t[1:]...)
}

func (l *loader) objectAddress(t hcl.Traversal, out *addr.Instance) bool {
	if len(t) == 0 || t.IsRelative() {
		return false
	}
	k := l.kinds.Kind(t.RootName())
	if k == nil || k.Generated {
		return false
	}
	out.Kind = k.Name
	rest := t[1:]
	if !k.Unlabeled {
		if len(rest) == 0 {
			return false
		}
		name, ok := rest[0].(hcl.TraverseAttr)
		if !ok {
			return false
		}
		out.Name, rest = name.Name, rest[1:]
	}
	if len(rest) == 0 {
		return true
	}
	key, ok := rest[0].(hcl.TraverseIndex)
	if !ok || len(rest) > 1 || key.Key.Type() != cty.String {
		return false
	}
	*out = out.WithKey(key.Key.AsString())
	return true
}

func movedSpec() *eval.Spec { return &eval.Spec{What: "moved block", Meta: []string{"from", "to"}} }

// declareMoved reads a moved block.
func (l *loader) declareMoved(b *hclBlock) {
	sh := l.Check(b.Body, movedSpec())
	m := Moved{Range: *eval.DefRange(b)}
	for i, name := range []string{"from", "to"} {
		at, a := []*addr.Instance{&m.From, &m.To}[i], sh.Written[name]
		if a == nil {
			l.Error(b.Body.MissingItemRange().Ptr(), problem.Missing, "The moved block needs the attribute %q: an address.", name)
			return
		}
		var ok bool
		if *at, ok = l.address(a); !ok {
			return
		}
	}
	if m.From.Kind != m.To.Kind {
		l.Error(&m.Range, problem.Moved, "%s cannot become %s: both must be of the same type.", describeTarget(m.From), describeTarget(m.To))
		return
	}
	if m.From == m.To {
		l.Error(&m.Range, problem.Moved, "from and to are the same address. Remove the block.")
		return
	}
	l.cfg.Moved = append(l.cfg.Moved, m)
}

// describeTarget names an address that may be a module.
func describeTarget(a addr.Instance) string {
	if a.Kind == "" {
		return "module." + strings.ReplaceAll(a.Module, ".", ".module.")
	}
	return a.String()
}

// checkMoved reports moved blocks that contradict each other, or the rest.
func (l *loader) checkMoved() {
	from, to := map[addr.Instance]Moved{}, map[addr.Instance]Moved{}
	for _, m := range l.cfg.Moved {
		rng := m.Range
		if first, twice := from[m.From]; twice {
			l.Error(&rng, problem.Moved, "%s moves to %s by the block at %s, and cannot also move to %s. Remove one of the two.", describeTarget(m.From), describeTarget(first.To), problem.Place(first.Range), describeTarget(m.To))
			continue
		}
		if first, twice := to[m.To]; twice {
			l.Error(&rng, problem.Moved, "%s and %s, at %s, cannot both become %s. Remove one of the two blocks.", describeTarget(m.From), describeTarget(first.From), problem.Place(first.Range), describeTarget(m.To))
			continue
		}
		from[m.From], to[m.To] = m, m
		l.checkOneMove(m)
	}
	l.checkMoveCircles(from)
}

// checkOneMove reports a move of something that is still there.
func (l *loader) checkOneMove(m Moved) {
	for _, inst := range l.cfg.Instances {
		if next, moves := m.apply(inst.Addr); moves && next != inst.Addr {
			rng := m.Range
			l.Error(&rng, problem.Moved, "%s is declared at %s, so it has not moved. Remove that block, or this one.", inst.Addr, problem.Place(inst.DeclRange))
			return
		}
	}
}

// checkMoveCircles reports each circle once, at its block that stands first.
func (l *loader) checkMoveCircles(from map[addr.Instance]Moved) {
	done := map[addr.Instance]bool{}
	for _, m := range l.cfg.Moved {
		path := map[addr.Instance]bool{}
		for next, ok := m, true; ok && !done[next.From]; next, ok = from[next.To] {
			if path[next.From] {
				rng := m.Range
				l.Error(&rng, problem.Moved, "Moves lead from %s back to it, so nothing says where it ends. Remove one of them; to exchange two addresses, use \"teamsform state mv\".", describeTarget(next.From))
				break
			}
			path[next.From] = true
		}
		maps.Copy(done, path)
	}
}

func removedSpec() *eval.Spec {
	return &eval.Spec{What: "removed block", Meta: []string{"from"}, Inner: []string{"lifecycle"}}
}

func removedLifecycleSpec() *eval.Spec {
	return &eval.Spec{What: "lifecycle block of a removed block", Attrs: []*schema.Attr{
		{Name: "destroy", Type: schema.Bool{}, Required: true, Doc: "Whether the object is deleted; false lets it go as it stands."},
	}}
}

// declareRemoved reads a removed block.
func (l *loader) declareRemoved(b *hclBlock) {
	sh := l.Check(b.Body, removedSpec())
	a := sh.Written["from"]
	if a == nil {
		l.Error(b.Body.MissingItemRange().Ptr(), problem.Missing, "The removed block needs the attribute \"from\": the address of what is gone from the files.")
		return
	}
	r := Removed{Destroy: true, Range: *eval.DefRange(b)}
	var ok bool
	if r.From, ok = l.address(a); !ok {
		return
	}
	for _, life := range sh.Inner["lifecycle"] {
		inner := l.Check(life.Body, removedLifecycleSpec())
		got := l.Attributes(inner, nil)
		if destroy, given := got.Attrs["destroy"].(bool); given {
			r.Destroy = destroy
		}
	}
	l.cfg.Removed = append(l.cfg.Removed, r)
}

// checkRemoved reports removed blocks about something that still stands.
func (l *loader) checkRemoved() {
	for _, r := range l.cfg.Removed {
		for _, inst := range l.cfg.Instances {
			if covers(r.From, inst.Addr) {
				rng := r.Range
				l.Error(&rng, problem.Removed, "%s is declared at %s, so it is not removed. Remove that block, or this one.", inst.Addr, problem.Place(inst.DeclRange))
				break
			}
		}
	}
}

func importSpec(registry *schema.Registry) *eval.Spec {
	var kinds []string
	for _, k := range registry.Kinds() {
		if !k.Generated && !k.Input {
			kinds = append(kinds, k.Name)
		}
	}
	return &eval.Spec{
		What: "import block",
		Attrs: []*schema.Attr{
			{Name: "to", Type: schema.Reference{Kinds: kinds}, Required: true, Doc: "The block that is to manage the object."},
			{Name: "id", Type: schema.String{}, Required: true, Doc: "The object's id, or its natural key such as the name of a policy."},
			{Name: "takeover", Type: schema.Bool{}, Doc: "Also when another root made the object."},
		},
		Meta: []string{"for_each", "when"},
	}
}

// declareImport declares an import block. It is evaluated like any other, so
// its address may have a key computed from for_each.
func (l *loader) declareImport(b *hclBlock) {
	l.count++
	unnamed := *b
	unnamed.Labels = []string{fmt.Sprintf("#%d", l.count)} // cannot be referred to
	o := l.newObject(&unnamed, importSpec(l.kinds))
	if o == nil {
		return
	}
	o.node.name = typeImport
	o.one = o.importOne
}

func (o *object) importOne(_ addr.Instance, ctx *hcl.EvalContext) cty.Value {
	got := o.l.Attributes(o.shape, ctx)
	to, okTo := got.Attrs["to"].(schema.Ref)
	id, okID := got.Attrs["id"].(string)
	if !okTo || !okID {
		return unknown()
	}
	i := Import{To: to.Addr, ID: id, Range: o.rng}
	i.Takeover, _ = got.Attrs["takeover"].(bool)
	if other := o.l.cfg.ImportOf(i.To); other != nil {
		o.l.Error(&o.rng, problem.Import, "%s is imported twice; the other import is at %s. Remove one of them.", i.To, problem.Place(other.Range))
		return unknown()
	}
	o.l.cfg.Imports = append(o.l.cfg.Imports, i)
	return unknown()
}

func ignoreSpec(registry *schema.Registry) *eval.Spec {
	var kinds []string
	for _, k := range registry.Kinds() {
		if !k.Generated && !k.Input && !k.Unlabeled {
			kinds = append(kinds, k.Name)
		}
	}
	return &eval.Spec{What: "ignore block", Attrs: []*schema.Attr{
		{Name: "kind", Type: schema.String{Words: kinds}, Required: true, Doc: "Type of the objects."},
		{Name: "pattern", Type: schema.String{}, Required: true, Doc: "Pattern of their names, with * and ?."},
	}}
}

// declareIgnore reads an ignore block.
func (l *loader) declareIgnore(b *hclBlock) {
	if !l.Labels(b) {
		return
	}
	sh := l.Check(b.Body, ignoreSpec(l.kinds))
	got := l.Attributes(sh, nil)
	i := Ignore{Range: *eval.DefRange(b)}
	i.Kind, _ = got.Attrs["kind"].(string)
	i.Pattern, _ = got.Attrs["pattern"].(string)
	if _, err := path.Match(i.Pattern, ""); err != nil {
		rng := got.Ranges["pattern"]
		l.Error(&rng, problem.Pattern, "%q is not a pattern: * stands for any text, ? for one character, [ab] for one of them.", i.Pattern)
		return
	}
	if i.Kind != "" && i.Pattern != "" {
		l.cfg.Ignored = append(l.cfg.Ignored, i)
	}
}
