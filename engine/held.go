package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine/hold"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// Apps are kept from everybody by holds, which a command writes, and by files
// that say blocked. Both are laid over what is wanted before the merge: a list
// loses the app, or gains it where it names what is refused. So the merge sees
// nothing special, and what was last applied is read in the same light: after a
// block there is nothing to do.
//
// Objects that no file mentions and that would let the app through are wanted
// too while it lasts, as they are but for the app, at an address that files
// cannot write. They are adopted with what they were before, and get back
// exactly what was taken when it is over.

// blockedName is the label of such addresses.
const blockedName = "~blocked"

// readHolds reads the holds in force and lays them over what was last applied.
func (b *builder) readHolds(priors map[string][]*prior) {
	holds, err := hold.Of(b.in.Prior)
	if err != nil {
		b.diags = append(b.diags, diag.FromError("State cannot be read", err)...)
		return
	}
	b.holds = hold.Held(holds, b.in.Tenant.AccessModel, b.appOf)
	b.held = b.holds
	b.held.Apps = slices.Clone(b.holds.Apps)
	for _, h := range holds {
		b.noteHold(h)
	}
	for name, list := range priors {
		k := b.in.Kinds.Kind(name)
		for _, p := range list {
			p.Attrs, _ = k.Withhold(p.ID, p.Attrs, b.holds)
		}
	}
	if b.in.Destroy || b.in.RefreshOnly {
		return
	}
	for name, list := range b.desired {
		k := b.in.Kinds.Kind(name)
		if k == nil || k.KeptAway == nil {
			continue
		}
		for _, d := range list {
			if k.KeptAway(d.Attrs) {
				b.held.Apps = append(b.held.Apps, schema.Ref{Addr: d.Addr, Attr: schema.CatalogID})
				b.note(TopicHolds, "", d.Addr, "%s is blocked by the configuration: nobody may use it.", d.Addr)
			}
		}
	}
}

// appOf finds an app by its manifest id among those that the files want.
func (b *builder) appOf(manifestID string) any {
	for name, list := range b.desired {
		if k := b.in.Kinds.Kind(name); k == nil || k.KeptAway == nil {
			continue
		}
		for _, d := range list {
			if schema.FoldKey(d.Key) == schema.FoldKey(manifestID) {
				return schema.Ref{Addr: d.Addr, Attr: schema.CatalogID}
			}
		}
	}
	return nil
}

func (b *builder) noteHold(h *hold.Hold) {
	what, command := h.Title(), "teamsform unblock "+h.App.String()
	if h.All {
		command = "teamsform unblock --all-custom-apps"
	}
	b.note(TopicHolds, "hold", h.App, "%s is blocked since %s by %s: %s. It stays so whatever the files say, until %s.",
		upperFirst(what), h.Since.UTC().Format("2006-01-02 15:04 UTC"), h.By, strings.TrimSuffix(h.Reason, "."), command)
}

func upperFirst(s string) string {
	if s == "" || strings.Contains(strings.SplitN(s, " ", 2)[0], ".") {
		return s // an address
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// heldNow is what is held, with the ids that are known by now.
func (b *builder) heldNow() schema.Held {
	out := b.held
	out.Apps = nil
	for _, a := range b.held.Apps {
		if r, ok := a.(schema.Ref); ok {
			if id, known := b.ids.Get(r.Addr); known {
				a = id
			}
		}
		out.Apps = append(out.Apps, a)
	}
	return out
}

// withhold lays what is held over the desired objects of a kind, and wants the
// objects that no file mentions without it.
func (b *builder) withhold(k *schema.Kind, priors []*prior) {
	held := b.heldNow()
	if !held.Any() || !k.Withholds() {
		return
	}
	wanted := map[string]bool{}
	for _, d := range b.desired[k.Name] {
		wanted[schema.FoldKey(d.Key)] = true
		d.Attrs = b.withheld(k, d, findPrior(priors, d.Key), held)
	}
	if b.in.Destroy || b.in.RefreshOnly || k.KeptAway != nil {
		return
	}
	for _, a := range b.actual[k.Name] {
		p := findPrior(priors, a.Key)
		if wanted[schema.FoldKey(a.Key)] || p != nil && p.Addr.Name != blockedName || k.BuiltIn != nil && k.BuiltIn(a.Key) {
			continue
		}
		attrs, changed := k.Withhold(a.ID, a.Attrs, held)
		if p != nil {
			changed = slices.Sorted(maps.Keys(p.Owned))
		}
		if len(changed) == 0 {
			continue
		}
		d := &Desired{Addr: blockedAddr(k, a.Key), Kind: k, Key: a.Key, Name: a.Name, Attrs: schema.Attrs{}, Input: schema.Attrs{}, Lifecycle: config.Lifecycle{OnDestroy: "restore"}}
		for _, name := range changed {
			d.Attrs[name] = attrs[name]
		}
		if p != nil && !b.stillHeld(k, p, held) {
			continue
		}
		b.desired[k.Name] = append(b.desired[k.Name], d)
	}
}

// withheld lays what is held over a desired object. What the files do not
// mention is added only where the tenant is not so already: a hold by itself
// makes nothing managed.
func (b *builder) withheld(k *schema.Kind, d *Desired, p *prior, held schema.Held) schema.Attrs {
	var actual Object
	if a := b.actualOf(k.Name, d.Key); a != nil {
		actual = *a
	}
	out, changed := k.Withhold(actual.ID, d.Attrs, held)
	for _, name := range changed {
		is, told := actual.Attrs[name]
		if _, mentioned := d.Attrs[name]; !mentioned && told && k.Attr(name).Type.Equal(is, out[name]) && (p == nil || !p.Owned[name]) {
			delete(out, name)
		}
	}
	return out
}

// stillHeld reports whether an object that was wanted for the sake of a block
// would let through what is held now, if it were given back.
func (b *builder) stillHeld(k *schema.Kind, p *prior, held schema.Held) bool {
	_, changed := k.Withhold(p.ID, p.Adopted, held)
	return len(changed) > 0
}

func blockedAddr(k *schema.Kind, key string) addr.Instance {
	a := addr.New(k.Name, blockedName)
	if k.Unlabeled {
		return a
	}
	return a.WithKey(key)
}

// forBlock reports whether an object is wanted only for the sake of a block.
func forBlock(d *Desired) bool { return d != nil && d.Addr.Name == blockedName }

func (b *builder) noteForBlock(k *schema.Kind, e *entry) {
	whose := "is not managed here"
	if e.a.Mark != "" && e.a.Mark != b.in.Root {
		whose = fmt.Sprintf("is managed by the configuration %q, which has to block the app too", e.a.Mark)
	}
	if k.Unlabeled {
		b.note(TopicHolds, "", e.d.Addr, "The %s are not managed here: they are changed while apps are blocked, and get back afterwards what they had.", k.Title)
		return
	}
	b.note(TopicHolds, "", e.d.Addr, "The %s %q %s: it is changed while an app is blocked, and gets back afterwards what was taken from it.", k.Title, e.a.Key, whose)
}

// givenBack is the value of an attribute after a block, for an object that was
// wanted for its sake only.
func (b *builder) givenBack(k *schema.Kind, a *schema.Attr, e *entry) (any, bool) {
	before, ok := e.p.Adopted[a.Name]
	if !ok {
		return nil, false
	}
	value := before
	if now, told := e.a.Attrs[a.Name]; a.GiveBack != nil && told {
		value = a.GiveBack(before, e.p.Attrs[a.Name], now)
	}
	if kept, changed := k.Withhold(e.a.ID, schema.Attrs{a.Name: value}, b.heldNow()); len(changed) > 0 {
		value = kept[a.Name]
	}
	return value, true
}
