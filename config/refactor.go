package config

import (
	"fmt"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
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
	for ok && len(t) >= 2 && t.RootName() == typeModule {
		out.Module = strings.TrimPrefix(out.Module+"."+stepText(t[1]), ".")
		t = relative(t[2:])
		if len(t) == 0 {
			return out, true
		}
	}
	if !ok || !l.objectAddress(t, &out) {
		l.error(a.Expr.Range().Ptr(), sumAddress, "%s takes an address, such as app.helpdesk, app.helpdesk[\"north\"], module.base.app.helpdesk or module.base.", a.Name)
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

func movedSpec() *spec { return &spec{what: "moved block", meta: []string{"from", "to"}} }

// declareMoved reads a moved block.
func (l *loader) declareMoved(b *hclBlock) {
	sh := l.check(b.Body, movedSpec())
	m := Moved{Range: *defRange(b)}
	for i, name := range []string{"from", "to"} {
		at, a := []*addr.Instance{&m.From, &m.To}[i], sh.written[name]
		if a == nil {
			l.error(b.Body.MissingItemRange().Ptr(), sumMissing, "The moved block needs the attribute %q: an address.", name)
			return
		}
		var ok bool
		if *at, ok = l.address(a); !ok {
			return
		}
	}
	if m.From.Kind != m.To.Kind {
		l.error(&m.Range, sumMoved, "%s cannot become %s: both must be of the same type.", describeTarget(m.From), describeTarget(m.To))
		return
	}
	if m.From == m.To {
		l.error(&m.Range, sumMoved, "from and to are the same address. Remove the block.")
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

func removedSpec() *spec {
	return &spec{what: "removed block", meta: []string{"from"}, inner: []string{"lifecycle"}}
}

func removedLifecycleSpec() *spec {
	return &spec{what: "lifecycle block of a removed block", attrs: []*schema.Attr{
		{Name: "destroy", Type: schema.Bool{}, Required: true, Doc: "Whether the object is deleted; false lets it go as it stands."},
	}}
}

// declareRemoved reads a removed block.
func (l *loader) declareRemoved(b *hclBlock) {
	sh := l.check(b.Body, removedSpec())
	a := sh.written["from"]
	if a == nil {
		l.error(b.Body.MissingItemRange().Ptr(), sumMissing, "The removed block needs the attribute \"from\": the address of what is gone from the files.")
		return
	}
	r := Removed{Destroy: true, Range: *defRange(b)}
	var ok bool
	if r.From, ok = l.address(a); !ok {
		return
	}
	for _, life := range sh.inner["lifecycle"] {
		inner := l.check(life.Body, removedLifecycleSpec())
		got := l.attributes(inner, nil)
		if destroy, given := got.attrs["destroy"].(bool); given {
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
				l.error(&rng, sumRemoved, "%s is declared at %s, so it is not removed. Remove that block, or this one.", inst.Addr, place(inst.DeclRange))
				break
			}
		}
	}
}

func importSpec(registry *schema.Registry) *spec {
	var kinds []string
	for _, k := range registry.Kinds() {
		if !k.Generated && !k.Input {
			kinds = append(kinds, k.Name)
		}
	}
	return &spec{
		what: "import block",
		attrs: []*schema.Attr{
			{Name: "to", Type: schema.Reference{Kinds: kinds}, Required: true, Doc: "The block that is to manage the object."},
			{Name: "id", Type: schema.String{}, Required: true, Doc: "The object's id, or its natural key such as the name of a policy."},
			{Name: "takeover", Type: schema.Bool{}, Doc: "Also when another root made the object."},
		},
		meta: []string{"for_each", "when"},
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
	got := o.l.attributes(o.shape, ctx)
	to, okTo := got.attrs["to"].(schema.Ref)
	id, okID := got.attrs["id"].(string)
	if !okTo || !okID {
		return unknown()
	}
	i := Import{To: to.Addr, ID: id, Range: o.rng}
	i.Takeover, _ = got.attrs["takeover"].(bool)
	if other := o.l.cfg.ImportOf(i.To); other != nil {
		o.l.error(&o.rng, sumImport, "%s is imported twice; the other import is at %s. Remove one of them.", i.To, place(other.Range))
		return unknown()
	}
	o.l.cfg.Imports = append(o.l.cfg.Imports, i)
	return unknown()
}

func ignoreSpec(registry *schema.Registry) *spec {
	var kinds []string
	for _, k := range registry.Kinds() {
		if !k.Generated && !k.Input && !k.Unlabeled {
			kinds = append(kinds, k.Name)
		}
	}
	return &spec{what: "ignore block", attrs: []*schema.Attr{
		{Name: "kind", Type: schema.String{Words: kinds}, Required: true, Doc: "Type of the objects."},
		{Name: "pattern", Type: schema.String{}, Required: true, Doc: "Pattern of their names, with * and ?."},
	}}
}

// declareIgnore reads an ignore block.
func (l *loader) declareIgnore(b *hclBlock) {
	if !l.labels(b) {
		return
	}
	sh := l.check(b.Body, ignoreSpec(l.kinds))
	got := l.attributes(sh, nil)
	i := Ignore{Range: *defRange(b)}
	i.Kind, _ = got.attrs["kind"].(string)
	i.Pattern, _ = got.attrs["pattern"].(string)
	if _, err := path.Match(i.Pattern, ""); err != nil {
		rng := got.ranges["pattern"]
		l.error(&rng, sumPattern, "%q is not a pattern: * stands for any text, ? for one character, [ab] for one of them.", i.Pattern)
		return
	}
	if i.Kind != "" && i.Pattern != "" {
		l.cfg.Ignored = append(l.cfg.Ignored, i)
	}
}
