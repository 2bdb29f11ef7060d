package guarding

import (
	"context"
	"fmt"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
)

// What is permitted to everybody is permitted by an object that every tenant
// has (a policy named Global). It comes about in two ways: such an object is
// loosened, by whatever path (an edit, a drift that is set back, a reset, a
// restore), or a master switch goes on while it permits already, also when
// nobody manages it here.

// countForAll counts the ways by which upload becomes possible through Global.
func (j *judging) countForAll() []tally {
	list := j.openedForAll()
	if j.Plan.Impact != nil {
		for _, f := range j.Plan.Impact.UploadForAll {
			if !hasAddr(list, f) {
				list = append(list, f)
			}
		}
	}
	return findings(list)
}

func hasAddr(list []engine.Finding, f engine.Finding) bool {
	for _, have := range list {
		if have.Addr == f.Addr {
			return true
		}
	}
	return false
}

// openedForAll finds both ways in the changes of the plan.
func (j *judging) openedForAll() []engine.Finding {
	var out []engine.Finding
	var master *engine.Change
	opened := map[string]bool{} // kinds whose object for everybody is loosened
	j.eachAttr(func(c *engine.Change, a engine.AttrChange) {
		switch {
		case a.Attr.GuardAll == "upload_for_all" && c.Kind.IsReserved(c.Key) && loosens(a):
			opened[c.Kind.Name] = true
			out = append(out, engine.Finding{Addr: c.Addr, Text: fmt.Sprintf("%s of %s changes for everybody who has no other %s: %s -> %s.",
				a.Attr.Name, c.Addr, c.Kind.Title, plainWord(a.Before), plainWord(a.After))})
		case a.Attr.Master && loosens(a):
			master = c
		}
	})
	if master == nil {
		return out
	}
	for _, k := range j.Input.Kinds.Kinds() {
		for _, attr := range k.Attrs {
			if attr.GuardAll == "" || opened[k.Name] {
				continue
			}
			if o := j.reservedAfter(k); o == nil || o.Attrs[attr.Name] != false {
				name := k.Title
				if o != nil {
					name = fmt.Sprintf("%s %q", k.Title, o.Key)
				}
				out = append(out, engine.Finding{Addr: master.Addr, Text: fmt.Sprintf("%s goes on, and the %s permits %s to everybody who has no other.", master.Addr, name, attr.Name)})
			}
		}
	}
	return out
}

// loosens reports whether a change permits anything that was not permitted.
func loosens(a engine.AttrChange) bool {
	return a.Attr.Narrow != nil && !same(a.Attr, a.Attr.Narrow(a.Before, a.After), a.After)
}

// reservedAfter is the object of a kind that holds for everybody, as the plan
// leaves it; nil when it was not read.
func (j *judging) reservedAfter(k *schema.Kind) *engine.Object {
	for _, o := range j.worldAfter()[k.Name] {
		if k.IsReserved(o.Key) {
			return &o
		}
	}
	return nil
}

// same reports whether two values of an attribute are equal.
func same(a *schema.Attr, x, y any) bool {
	return x != nil && y != nil && a.Type.Equal(x, y)
}

// listForGuards reads the kinds that a master switch opens, when the plan turns
// it on and nothing else has asked for them.
func (j *judging) listForGuards(ctx context.Context) bool {
	on := false
	j.eachAttr(func(_ *engine.Change, a engine.AttrChange) { on = on || a.Attr.Master && loosens(a) })
	if !on {
		return true
	}
	for _, k := range j.Input.Kinds.Kinds() {
		guarded := false
		for _, a := range k.Attrs {
			guarded = guarded || a.GuardAll != ""
		}
		if _, read := j.Objects[k.Name]; !guarded || read {
			continue
		}
		list, err := j.Read(ctx, k)
		if err != nil {
			j.diags = append(j.diags, engine.CannotRead(err)...)
			return false
		}
		j.Objects[k.Name] = list
	}
	return true
}
