package engine

import (
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// An import block takes an object that exists under management. The object is
// found by its remote id or its natural key; from then on it is joined like any
// other, so an import of something already managed says nothing.

// imported returns the import block for a desired object, or nil.
func (b *builder) imported(d *Desired) *config.Import {
	if b.in.Config == nil {
		return nil
	}
	return b.in.Config.ImportOf(d.Addr)
}

// takesOver reports whether an import takes the object of another root.
func (b *builder) takesOver(d *Desired) bool {
	i := b.imported(d)
	return i != nil && i.Takeover
}

// checkImports reports imports whose object is not there, or is another than
// the block describes.
func (b *builder) checkImports() {
	if b.in.Config == nil || b.in.Destroy {
		return
	}
	for _, i := range b.in.Config.Imports {
		rng := i.Range
		d := b.desiredAt(i)
		if d == nil {
			b.diags = append(b.diags, diag.Error(&rng, "Import without a block",
				"There is no %s to import into. Write its block, or remove the import.", i.To))
			continue
		}
		a := b.importSource(d.Kind, i.ID)
		switch {
		case a == nil && !b.managed(d):
			b.diags = append(b.diags, diag.Error(&rng, "Nothing to import",
				"The tenant has no %s with the id or %s %q.", d.Kind.Title, orWord(d.Kind.KeyAttr, "key"), i.ID))
		case a != nil && schema.FoldKey(a.Key) != schema.FoldKey(d.Key):
			b.diags = append(b.diags, diag.Error(&rng, "Import of another object",
				"%q is the %s %q, but %s describes %q. Give the block that %s first; rename it in a later step.",
				i.ID, d.Kind.Title, a.Key, i.To, d.Key, orWord(d.Kind.KeyAttr, "key")))
		}
	}
}

func (b *builder) desiredAt(i config.Import) *Desired {
	for _, d := range b.desired[i.To.Kind] {
		if d.Addr == i.To {
			return d
		}
	}
	return nil
}

func (b *builder) importSource(k *schema.Kind, id string) *Object {
	for n := range b.actual[k.Name] {
		a := &b.actual[k.Name][n]
		if strings.EqualFold(a.ID, id) || schema.FoldKey(a.Key) == schema.FoldKey(id) {
			return a
		}
	}
	return nil
}

// managed reports whether state knows the object already.
func (b *builder) managed(d *Desired) bool {
	return b.in.Prior != nil && b.in.Prior.Object(d.Addr) != nil
}
