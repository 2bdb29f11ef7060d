package engine

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/pending"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// What the service has accepted need not be visible yet: listings lag, replicas
// answer in turn, deletions take hours. State keeps such a change as pending,
// with the values before and after. Here, before the three sides are merged, a
// reading that shows one of our former values inside the window is replaced by
// what it is becoming; so the merge needs no further case for it. After the
// window the same reading is an error, and a value that was never ours is drift
// at any time.

// pend carries what is pending of one kind into its listing.
func (b *builder) pend(k *schema.Kind, c Collection, priors []*prior) {
	if !slices.ContainsFunc(priors, func(p *prior) bool { return p.pending != nil }) {
		return
	}
	list := newListing(b.actual[k.Name])
	for _, p := range priors {
		if p.pending != nil {
			b.pendOne(k, p, list)
		}
	}
	actual, changed := list.result()
	b.actual[k.Name] = actual
	if e, ok := c.(Expecter); ok && len(changed) > 0 {
		e.Expect(actual, changed)
	}
}

// listing is what the tenant lists of a kind while it is corrected.
type listing struct {
	objects []Object
	byID    map[string]int
	byKey   map[string]int
	gone    map[int]bool
	changed map[int]bool
}

func newListing(objects []Object) *listing {
	l := &listing{objects: objects, byID: map[string]int{}, byKey: map[string]int{}, gone: map[int]bool{}, changed: map[int]bool{}}
	for i, o := range objects {
		l.byID[o.ID], l.byKey[schema.FoldKey(o.Key)] = i, i
	}
	return l
}

// find returns the place of an object: by id, else by key; -1 for none.
func (l *listing) find(p *prior) int {
	if i, ok := l.byID[p.ID]; ok && p.ID != "" {
		return i
	}
	if i, ok := l.byKey[schema.FoldKey(p.Key)]; ok {
		return i
	}
	return -1
}

// result returns what is left, and the places of what was changed.
func (l *listing) result() (out []Object, changed []int) {
	for i, o := range l.objects {
		if l.gone[i] {
			continue
		}
		if l.changed[i] {
			changed = append(changed, len(out))
		}
		out = append(out, o)
	}
	return out, changed
}

// pendOne judges one object and corrects the listing.
func (b *builder) pendOne(k *schema.Kind, p *prior, list *listing) {
	i := list.find(p)
	var a *Object
	if i >= 0 {
		a = &list.objects[i]
	}
	seen := p.pending.Look(k, a.Told())
	if seen == pending.ShowsOld && len(p.pending.Seen) > 0 && p.pending.Over(b.in.PlannedAt) {
		seen = pending.ShowsOther // it was visible, and somebody has changed it back since
	}
	s := &Sight{
		Addr: p.Addr, Kind: k, Key: p.Key, Retiring: p.Retiring, Deletion: p.pending.Next == nil,
		Since: p.pending.Since, Until: p.pending.Until, Visible: seen != pending.ShowsOld, Over: p.pending.Over(b.in.PlannedAt),
	}
	if a != nil {
		s.Name = a.Name
	}
	s.Tightens = s.Waiting() && p.pending.Tightens(k, a.Told())
	b.plan.Pending = append(b.plan.Pending, s)
	p.deleted = s.Deletion && (seen == pending.ShowsNew || seen == pending.ShowsOld && !s.Over)
	p.unseen = seen == pending.ShowsOld && s.Over
	switch {
	case !s.Waiting():
	case s.Deletion:
		list.gone[i] = true
	case a == nil:
		list.changed[len(list.objects)] = true
		list.objects = append(list.objects, Object{ID: p.ID, Key: p.Key, Attrs: maps.Clone(p.Attrs), Mark: b.markOf(p)})
	default:
		a.Attrs = p.pending.Becoming(k, a.Attrs)
		list.changed[i] = true
	}
}

// markOf is the mark that an object of ours will show.
func (b *builder) markOf(p *prior) string {
	if p.Origin == state.Created {
		return b.in.Root
	}
	return ""
}

// beingDeleted handles an object whose deletion is pending; it reports whether
// nothing more is to be decided.
func (b *builder) beingDeleted(k *schema.Kind, e *entry) bool {
	if e.p == nil || !e.p.deleted || e.a != nil {
		return false
	}
	if e.d == nil {
		return true // its record stays until the tenant is known to have done it
	}
	if !e.p.pending.Over(b.in.PlannedAt) {
		b.note(TopicWindows, "", e.d.Addr, "The deletion of the former %s %q may not have reached every part of the service yet: making it anew may be refused until %s.",
			k.Title, orWord(e.d.Name, e.d.Key), When(e.p.pending.Until))
	}
	e.again = k.RowLike && !e.p.pending.Over(b.in.PlannedAt)
	e.p = nil
	return false
}

// neverVisible reports a change that the service accepted, whose window is over
// and which the tenant does not show, unless the files want something else by
// now. It reports whether it is one.
func (b *builder) neverVisible(k *schema.Kind, e *entry) bool {
	if e.p == nil || !e.p.unseen || b.in.Destroy {
		return false
	}
	switch p := e.p.pending; {
	case (p.Next == nil) != (e.d == nil):
		return false
	case e.d != nil && e.a != nil && !stillWanted(k, e.d.Attrs, p.Next, e.a.Attrs):
		return false
	}
	b.diags = append(b.diags, unseenError(k, e.p, e.d))
	return true
}

// stillWanted reports whether the files still say what was sent and is not to be
// seen.
func stillWanted(k *schema.Kind, wanted, sent, got schema.Attrs) bool {
	for name, v := range sent {
		attr := k.Attr(name)
		if attr == nil || attr.Type.Equal(v, got[name]) {
			continue
		}
		// One that is not mentioned was reset.
		if want, mentioned := wanted[name]; !mentioned || attr.Type.Equal(want, v) {
			return true
		}
	}
	return false
}

func unseenError(k *schema.Kind, p *prior, d *Desired) *hcl.Diagnostic {
	what := "the change of"
	switch {
	case p.pending.Next == nil:
		what = "the deletion of"
	case p.pending.Absent && len(p.pending.Former) == 0:
		what = "the creation of"
	}
	text := fmt.Sprintf("The service accepted %s %s on %s, and nothing of it is to be seen by now (%s). ", what, p.Addr, When(p.pending.Since), k.Delay.Why)
	e := diag.Error(nil, "Accepted, but never to be seen", "%s%s", text, wayOut(k.Delay))
	if d != nil {
		rng := d.Range
		e.Subject = &rng
	}
	return diag.WithAddress(e, p.Addr.String())
}

// wayOut says what may be behind an accepted change that is not there, and what
// to do.
func wayOut(d schema.Delay) string {
	reason := "Either the service did nothing although it said so, or a rule of the tenant prevents it"
	if d.Lost != "" {
		reason += "; " + d.Lost
	}
	return reason + ". Look at it in the admin centre. To send it once more, run \"teamsform apply --refresh-only\", which records what the tenant has, and then \"teamsform apply\"."
}

// When writes a moment for people.
func When(t time.Time) string { return t.UTC().Format("Monday, 2 January 2006, 15:04 UTC") }
