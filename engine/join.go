package engine

import (
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// Prior, desired and actual are joined on (kind, natural key), never on the
// address: a block may be renamed without touching the tenant, and an object
// that someone re-created by hand is still the one the file means. Prior meets
// actual by remote id first, because an id survives a change of the key.

// entry is one natural key with what the three sides know of it.
type entry struct {
	key string // folded
	p   *prior
	d   *Desired
	a   *Object
	// again: its deletion was accepted, and may not have been done.
	again bool
}

// join brings the three sides of one kind together, in key order.
func join(k *schema.Kind, priors []*prior, desired []*Desired, actual []Object) ([]*entry, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	entries := map[string]*entry{}
	at := func(key string) *entry {
		folded := schema.FoldKey(key)
		e := entries[folded]
		if e == nil {
			e = &entry{key: folded}
			entries[folded] = e
		}
		return e
	}
	for _, d := range desired {
		e := at(d.Key)
		if e.d != nil {
			diags = append(diags, sameKey(k, e.d, d))
			continue
		}
		e.d = d
	}
	byID := map[string]*Object{}
	taken := map[*Object]bool{}
	for i := range actual {
		byID[actual[i].ID] = &actual[i]
	}
	for _, p := range priors {
		e := at(p.Key)
		if e.p != nil && !p.Retiring && e.p.Retiring {
			e.p = p
		} else if e.p == nil {
			e.p = p
		}
		if a := byID[p.ID]; a != nil && p.ID != "" && e.a == nil {
			e.a = a
			taken[a] = true
		}
	}
	for i := range actual {
		a := &actual[i]
		if taken[a] {
			continue
		}
		if e := at(a.Key); e.a == nil {
			e.a = a
		}
	}
	out := make([]*entry, 0, len(entries))
	for _, e := range entries {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].key < out[j].key })
	return out, diags
}

func sameKey(k *schema.Kind, first, second *Desired) *hcl.Diagnostic {
	rng := second.Range
	if k.HolderOf != nil {
		typ, _ := k.HolderOf(second.Attrs)
		return diag.Error(&rng, "Two policies for one group",
			"%s and %s both assign %s to the group %q; the first is at %s:%d. A group has one policy of a type: remove one of them.",
			first.Addr, second.Addr, strings.Replace(TypeWords(typ), "the ", "a ", 1), orWord(second.Name, second.Key), first.Range.Filename, first.Range.Start.Line)
	}
	return diag.Error(&rng, "Two blocks for one object",
		"%s and %s both stand for the %s %q; the first is at %s:%d. An object has one block: remove one of them, or give it another %s.",
		first.Addr, second.Addr, k.Title, orWord(second.Name, second.Key), first.Range.Filename, first.Range.Start.Line, orWord(k.KeyAttr, "key"))
}

func orWord(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
