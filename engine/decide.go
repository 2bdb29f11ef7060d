package engine

import (
	"maps"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// This file is the decision table of SEMANTICS 2 for objects: what follows
// from prior (P), desired (D) and actual (A). Normalising and ownership have
// been applied before, so each row is one branch and there are no special
// cases inside. Rows of tables have the same table in rows.go.
//
//	P  D   A         here
//	-  D   -         create
//	-  D   equal     adopt
//	-  D   differs   adoptDiffering
//	P  D   A         meet (update, drift, state only, nothing)
//	P  D   -         create, reason gone
//	P  -   A         remove
//	P  -   -         forget
//	-  -   A         unmanaged, or ours by its mark

// decide adds to the plan what follows from one entry.
func (b *builder) decide(k *schema.Kind, e *entry) {
	if b.beingDeleted(k, e) || b.neverVisible(k, e) {
		return
	}
	if e.p == nil && e.a != nil && e.a.Mark != "" && !forBlock(e.d) {
		switch {
		case e.a.Mark == b.in.Root:
			b.recognise(k, e)
		case e.d == nil || !b.takesOver(e.d):
			b.elsewhere(k, e)
			return
		}
	}
	switch {
	case e.d != nil && e.a == nil:
		b.create(k, e)
	case e.d != nil && e.p == nil:
		b.firstMeeting(k, e)
	case e.d != nil:
		b.meet(k, e, e.p)
	case e.p != nil && e.a != nil:
		b.remove(k, e)
	case e.p != nil:
		b.forget(k, e, ReasonGone)
	default:
		b.unmanaged(k, e, "")
	}
}

// recognise stands a prior in for an object that carries our own mark: the
// state was lost, or a create was settled without one. Where there is a state,
// it knows everything that was made and not let go since: what it lacks and no
// file mentions is left alone.
func (b *builder) recognise(k *schema.Kind, e *entry) {
	switch {
	case e.d != nil:
		e.p = markedPrior(k, *e.a, e.d.Addr, e.d.Attrs)
	case b.in.Prior == nil:
		e.p = markedPrior(k, *e.a, addr.New(k.Name, "~left_over").WithKey(e.a.Key), e.a.Attrs)
		b.note(TopicDeletions, "", e.p.Addr, "The %s %q carries the mark of this configuration but stands neither in its files nor in its state: it counts as left over, and is deleted. To keep it, write a block for it.", k.Title, e.a.Key)
	}
}

func (b *builder) elsewhere(k *schema.Kind, e *entry) {
	if e.d == nil {
		b.unmanaged(k, e, e.a.Mark)
		return
	}
	rng := e.d.Range
	b.diags = append(b.diags, diag.Error(&rng, "Managed elsewhere",
		"The %s %q was made by the configuration root %q. Two roots must not manage one object: remove %s here, or take it over with\n\n  import {\n    to       = %s\n    id       = %q\n    takeover = true\n  }",
		k.Title, e.a.Key, e.a.Mark, e.d.Addr, e.d.Addr, e.a.ID))
}

func (b *builder) create(k *schema.Kind, e *entry) {
	reason := ReasonNew
	if e.p != nil {
		reason = ReasonGone
		b.stays(k, e.p)
	}
	if k.IsReserved(e.d.Key) {
		rng := e.d.Range
		b.diags = append(b.diags, diag.Error(&rng, "Object missing in the tenant",
			"Every tenant has the %s %q, but this one did not list it. Nothing was planned; check that the signed-in identity may read it.", k.Title, e.d.Key))
		return
	}
	if k.CheckCreate != nil {
		b.problems(e.d, k.CheckCreate(e.d.Attrs))
	}
	if !b.mayAttach(k, e) {
		return
	}
	w := want(k, e.d, nil, true)
	b.problems(e.d, k.Grown(b.in.Tenant.AccessModel, w.attrs, b.copied(k, e.d)))
	c := &Change{Addr: e.d.Addr, Kind: k, Key: e.d.Key, Name: e.d.Name, Action: Create, Reason: reason, Attrs: allNew(k, w.attrs, e.p)}
	op := b.op(c, Make, e.d)
	op.After = w.attrs
	if k.Attached != "" && !b.closed[k.Name] {
		if _, late := ownerOf(k, e.d.Attrs).(schema.Ref); !late {
			op.Phase, op.Rank = Loosen, afterAvailability+1 // its owner is opened before it can be restricted
		}
	}
	if old := b.renamedFrom[e.d.Addr]; old != nil && b.actualOf(k.Name, old.Key) != nil {
		c.Reason, op.CopyOf = ReasonRenamed, old.Key
	}
	op.Record = b.recordOf(k, e.d, w.owned, "", state.Created)
	if e.again {
		b.add(c, b.recreate(c, e.d, op.Record)...)
		return
	}
	b.add(c, b.stepwise(c, e.d, op)...)
}

// actualOf is the tenant's object of that natural key, nil without one.
func (b *builder) actualOf(kind, key string) *Object {
	for i := range b.actual[kind] {
		if schema.FoldKey(b.actual[kind][i].Key) == schema.FoldKey(key) {
			return &b.actual[kind][i]
		}
	}
	return nil
}

// firstMeeting handles an object that exists and that state does not know.
func (b *builder) firstMeeting(k *schema.Kind, e *entry) {
	w := want(k, e.d, nil, false)
	changes, hidden, _ := difference(k, w, nil, e.a)
	c := &Change{
		Addr: e.d.Addr, Kind: k, Key: e.a.Key, Name: e.a.Name, ID: e.a.ID, Action: Adopt,
		Reason: ReasonAdopted, Adopting: true, Attrs: changes, Hidden: hidden, Unverified: untold(k, w.attrs),
	}
	adopted := pick(e.a.Attrs, w.owned)
	if e.a.Mark != "" && e.a.Mark != b.in.Root && !forBlock(e.d) {
		b.takeOver(k, e, c, w, adopted)
		return
	}
	if len(changes) == 0 {
		record := b.recordWith(k, e.d, w.owned, e.a.ID, state.Adopted, adopted)
		record.First = true
		b.recordChange(c, record)
		return
	}
	switch {
	case forBlock(e.d):
		c.Reason, c.Adopting = ReasonBlocked, false
		b.noteForBlock(k, e)
	case e.a.Unset:
		c.Reason = ReasonUnset
	case k.IsReserved(e.d.Key):
		b.note(TopicAdoptions, "", c.Addr, "%s exists in every tenant: it is taken under management and changed.", c.Addr)
	case k.Awaiting:
		c.Reason, c.Adopting = ReasonChanged, false
	case k.RowLike:
		c.Reason = ReasonNotOurs
		b.note(TopicAdoptions, "takeover", c.Addr, "%s", takenOver(k, e))
	case b.imported(e.d) != nil:
	case b.in.Adopt:
		b.note(TopicAdoptions, "adopt", c.Addr, "%s exists already and is taken under management.", c.Addr)
	default:
		b.diags = append(b.diags, existsAlready(k, e))
		return
	}
	c.Action = Update
	b.update(k, e, c, w, state.Adopted, adopted)
}

// takeOver plans to manage what another root made: its mark gives way to ours.
func (b *builder) takeOver(k *schema.Kind, e *entry, c *Change, w wanted, adopted schema.Attrs) {
	c.Action, c.TakenFrom = Update, e.a.Mark
	b.note(TopicAdoptions, "", c.Addr, "%s is taken over from the configuration %q, which must let it go: with a removed block and destroy = false.", c.Addr, e.a.Mark)
	if len(c.Attrs) > 0 {
		b.update(k, e, c, w, state.Adopted, adopted)
	} else {
		op := b.op(c, Wire, e.d)
		op.Action, op.After, op.Before = Update, schema.Attrs{}, schema.Attrs{}
		op.Record = b.recordWith(k, e.d, w.owned, e.a.ID, state.Adopted, adopted)
		op.Record.First = true
		b.add(c, op)
	}
	for _, op := range b.plan.Ops {
		if op.Addr == c.Addr {
			op.Claim = true
			break
		}
	}
}

// meet compares an object that all three sides know.
func (b *builder) meet(k *schema.Kind, e *entry, p *prior) {
	w := want(k, e.d, p, false)
	changes, hidden, recordOnly := difference(k, w, p, e.a)
	c := &Change{
		Addr: e.d.Addr, Kind: k, Key: e.a.Key, Name: e.a.Name, ID: e.a.ID, Action: Update,
		Reason: ReasonChanged, Attrs: changes, Hidden: hidden, Unowned: w.unowned,
	}
	if p.marked {
		c.Reason, c.Adopting = ReasonMarkedAsOurs, true
	}
	if p.From != e.d.Addr {
		c.From = p.From
	}
	for _, attr := range k.Attrs {
		if _, owned := w.owned[attr.Name]; owned && !p.Owned[attr.Name] {
			c.Newly = append(c.Newly, attr.Name)
		}
	}
	for _, ch := range changes {
		c.Drifted = c.Drifted || ch.Drifted
	}
	if b.replaces(e) {
		b.replace(k, e, c, w)
		return
	}
	b.stays(k, p)
	if p.Protect && !e.d.Lifecycle.PreventDestroy {
		b.note(TopicLoosened, "", addr.Instance{}, "%s is no longer protected by prevent_destroy. This counts from the apply after the one that records it.", p.Addr)
	}
	if len(changes) > 0 {
		if allDrift(changes) {
			c.Reason = ReasonDrift
		}
		b.update(k, e, c, w, p.Origin, p.Adopted)
		return
	}
	record := b.recordWith(k, e.d, w.owned, e.a.ID, p.Origin, adoptedNow(p, w, e.a))
	record.First = isFirst(p)
	switch {
	case c.From != (addr.Instance{}):
		c.Action, c.Reason = Move, ReasonRenamed
	case p.marked:
		c.Action = Adopt
	case len(w.unowned) > 0:
		c.Action, c.Reason = LetGo, ReasonLetGo
	case recordOnly || p.settled || p.unseen || p.Stale || p.Retiring || p.ID != e.a.ID || bookkeepingDiffers(p, e.d, w):
		c.Action, c.Reason = Record, ReasonSettled
	default:
		b.keep(e)
		return
	}
	b.recordChange(c, record)
}

// update plans the operations that bring the actual object to what is wanted.
func (b *builder) update(k *schema.Kind, e *entry, c *Change, w wanted, origin state.Origin, adopted schema.Attrs) {
	if k.CheckChange != nil {
		var before schema.Attrs
		if e.p != nil {
			before = e.p.Attrs
		}
		b.problems(e.d, k.CheckChange(before, e.a.Attrs, w.attrs))
	}
	b.problems(e.d, k.Grown(b.in.Tenant.AccessModel, w.attrs, e.a.Attrs))
	record := b.recordWith(k, e.d, w.owned, e.a.ID, origin, adopted)
	record.First = isFirst(e.p)
	b.add(c, b.steps(c, e.d, record)...)
}

// stays drops the record of an object that was to retire and is named so again.
func (b *builder) stays(k *schema.Kind, p *prior) {
	if p.Retiring {
		b.plan.Records.Drop = append(b.plan.Records.Drop, dropRecord(k, p))
	}
}

// isFirst reports whether state has no living record of the object yet.
func isFirst(p *prior) bool { return p == nil || p.marked || p.Retiring }

// problems reports what a kind finds wrong with a desired object.
func (b *builder) problems(d *Desired, found []schema.Problem) {
	for _, p := range found {
		rng := d.Range
		if r, ok := d.Ranges[p.Attr]; ok {
			rng = r
		}
		b.diags = append(b.diags, diag.WithAddress(diag.Error(&rng, p.Summary, "%s", p.Detail), d.Addr.String()))
	}
}

// remove handles an object that no file wants any more.
func (b *builder) remove(k *schema.Kind, e *entry) {
	p := e.p
	reason := ReasonNotInConfig
	switch {
	case b.in.Destroy:
		reason = ReasonDestroyed
	case b.back != nil && !p.Retiring && b.renamedTo[p.Addr] != p:
		reason = ReasonReverted
	case p.Retiring || b.renamedTo[p.Addr] == p:
		reason = ReasonRenamed
	}
	if reason == ReasonRenamed && k.KeyChangeError != "" && !p.Retiring {
		b.diags = append(b.diags, b.keyChanged(k, p))
		return
	}
	if k.RowLike && k.HolderOf != nil && !sameHolding(k, p.Attrs, e.a.Attrs) {
		b.forget(k, e, ReasonOtherNow)
		return
	}
	c := &Change{Addr: p.Addr, Kind: k, Key: e.a.Key, Name: e.a.Name, ID: e.a.ID, Reason: reason, Retiring: reason == ReasonRenamed}
	c.Drifted = len(driftOf(k, p, e.a)) > 0
	if b.losesOwner(k, p) {
		c.Action, c.Reason = Forget, ReasonWithOwner
		b.dropRecorded(c, p)
		return
	}
	end := b.end(k, p, e.a)
	if p.Protect && !p.Retiring && end != LetGo {
		b.refuse("prevent_destroy", p.Addr, "%s", protected(p, c, end))
	}
	switch end {
	case Delete:
		c.Action, c.Attrs = Delete, allGone(k, e.a.Attrs, p)
		op := b.op(c, Remove, nil)
		op.Before = pick(e.a.Attrs, p.Attrs)
		op.Record = dropRecord(k, p)
		op.Record.Retiring = c.Retiring // by then the new object stands at the address
		b.add(c, op)
	case Reset:
		b.giveBack(k, e, c)
	default:
		c.Action = LetGo
		if c.Reason == ReasonNotInConfig {
			c.Reason = ReasonLetGo
		}
		b.dropRecorded(c, p)
	}
}

// sameHolding reports whether two rows assign the same policy.
func sameHolding(k *schema.Kind, x, y schema.Attrs) bool {
	kindX, keyX := k.HolderOf(x)
	kindY, keyY := k.HolderOf(y)
	return kindX == kindY && schema.FoldKey(keyX) == schema.FoldKey(keyY)
}

// end says how an object ends: as a removed block says, else by endOf.
func (b *builder) end(k *schema.Kind, p *prior, a *Object) Action {
	if b.in.Config != nil && !b.in.Destroy && b.back == nil {
		if r := b.in.Config.RemovedAs(p.Addr); r != nil && !r.Destroy {
			return LetGo
		} else if r != nil && !k.Stays(p.Key) {
			return Delete
		}
	}
	return b.endOf(k, p, a)
}

// endOf says how an object that nobody wants any more ends. What we created is
// deleted; what we adopted is let go as it stands, unless it assigns a policy
// that is deleted: then it cannot stay.
func (b *builder) endOf(k *schema.Kind, p *prior, a *Object) Action {
	if k.Awaiting {
		return LetGo
	}
	switch p.OnDestroy {
	case "delete":
		if !k.Stays(p.Key) {
			return Delete
		}
	case "reset", "restore":
		return Reset
	case "let_go":
		return LetGo
	}
	if p.Origin == state.Adopted && !b.losesPolicy(k, a) || k.Stays(p.Key) {
		return LetGo
	}
	return Delete
}

// giveBack sets owned attributes to their defaults, or to the values seen at
// adoption, and then lets the object go.
func (b *builder) giveBack(k *schema.Kind, e *entry, c *Change) {
	w := wanted{attrs: schema.Attrs{}, defaults: map[string]bool{}, restored: map[string]bool{}}
	for _, a := range k.Attrs {
		if !e.p.Owned[a.Name] {
			continue
		}
		if v, ok := b.givenBack(k, a, e); ok && e.p.Addr.Name == blockedName {
			w.attrs[a.Name], w.restored[a.Name] = v, true
		} else if v, ok := e.p.Adopted[a.Name]; ok && e.p.OnDestroy == "restore" {
			w.attrs[a.Name], w.restored[a.Name] = v, true
		} else if e.p.OnDestroy == "reset" && a.Default != nil {
			w.attrs[a.Name], w.defaults[a.Name] = a.Default, true
		} else if e.p.OnDestroy == "reset" && a.Name != k.KeyAttr {
			c.Unowned = append(c.Unowned, a.Name)
			b.note(TopicOrgWide, "", c.Addr, "%s of %s has no documented default to go back to: it stays as it is.", a.Name, c.Addr)
		}
	}
	c.Action = Reset
	if e.p.Addr.Name == blockedName {
		c.Reason = ReasonBlocked
	}
	c.Attrs, c.Hidden, _ = difference(k, w, e.p, e.a)
	if len(c.Attrs) == 0 {
		c.Action = LetGo
		b.dropRecorded(c, e.p)
		return
	}
	if k.IsReserved(e.p.Key) && e.p.Addr.Name != blockedName {
		b.note(TopicOrgWide, "reset_global", c.Addr, "%s is set back, as its on_destroy said.", c.Addr)
	}
	b.add(c, b.steps(c, nil, dropRecord(k, e.p))...)
}

func (b *builder) forget(k *schema.Kind, e *entry, reason Reason) {
	c := &Change{Addr: e.p.Addr, Kind: k, Key: e.p.Key, ID: e.p.ID, Action: Forget, Reason: reason, Retiring: e.p.Retiring}
	if e.a != nil {
		c.Name = e.a.Name
	} else if n, ok := b.in.Collections[k.Name].(Namer); ok {
		c.Name = n.NameOf(e.p.Key)
	}
	b.dropRecorded(c, e.p)
}

func (b *builder) unmanaged(k *schema.Kind, e *entry, elsewhere string) {
	if b.in.Config != nil && e.a != nil && b.in.Config.Ignores(k.Name, e.a.Key) {
		return
	}
	if b.back != nil {
		return // only what the former plan touched takes part
	}
	if e.a == nil || e.a.Quiet || e.a.Unset || k.IsReserved(e.a.Key) || k.BuiltIn != nil && k.BuiltIn(e.a.Key) {
		return
	}
	b.plan.Unmanaged = append(b.plan.Unmanaged, Unmanaged{Kind: k.Name, Key: e.a.Key, Name: e.a.Name, Elsewhere: elsewhere, Note: k.Unmanaged})
}

// adoptedNow keeps the values seen at adoption and adds those of attributes
// that are owned only since now.
func adoptedNow(p *prior, w wanted, a *Object) schema.Attrs {
	if p.Origin != state.Adopted {
		return nil
	}
	out := pick(a.Attrs, w.owned)
	maps.Copy(out, p.Adopted)
	return out
}

// bookkeepingDiffers reports whether state says something else than the files
// about ownership and protection.
func bookkeepingDiffers(p *prior, d *Desired, w wanted) bool {
	if p.Protect != d.Lifecycle.PreventDestroy || p.OnDestroy != d.Lifecycle.OnDestroy || len(p.Owned) != len(w.owned) {
		return true
	}
	for name := range w.owned {
		if !p.Owned[name] {
			return true
		}
	}
	return false
}
