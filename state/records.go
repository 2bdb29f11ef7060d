package state

import (
	"slices"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// records is a set of objects found by place and by natural key. Every place
// holds at most one record.
type records struct {
	byPlace map[place]*Object
	byKey   map[identity]*Object
}

// place is what tells records apart in Compare.
type place struct {
	addr     addr.Instance
	retiring bool
	key      string // of retiring ones
}

// identity is by what the tenant tells objects apart.
type identity struct {
	kind, key string
	retiring  bool
}

func newRecords(n int) records {
	return records{byPlace: make(map[place]*Object, n), byKey: make(map[identity]*Object, n)}
}

func placeOf(o *Object) place {
	p := place{addr: o.Addr, retiring: o.Retiring}
	if o.Retiring {
		p.key = o.Key
	}
	return p
}

func identityOf(o *Object) identity {
	return identity{kind: o.Kind, key: schema.FoldKey(o.Key), retiring: o.Retiring}
}

// add puts o at its place; what stood there is gone.
func (r records) add(o *Object) {
	if old := r.byPlace[placeOf(o)]; old != nil {
		r.remove(old)
	}
	r.byPlace[placeOf(o)] = o
	if o.Key != "" {
		r.byKey[identityOf(o)] = o
	}
}

// remove takes o out, if it is there.
func (r records) remove(o *Object) {
	if r.byPlace[placeOf(o)] == o {
		delete(r.byPlace, placeOf(o))
	}
	if r.byKey[identityOf(o)] == o {
		delete(r.byKey, identityOf(o))
	}
}

// find returns the record that op is about: the one with op's natural key, at
// op's address if there are several; for an object without a key the one at its
// address. A record of another key is never it, even at the same address.
func (r records) find(op IntentOp) *Object {
	want := &Object{Addr: op.Addr, Kind: op.Kind, Key: op.Key, Retiring: op.Retiring}
	here := r.byPlace[placeOf(want)]
	if here != nil && (sameKey(here, op) || here.Key == "" || op.Key == "") {
		return here
	}
	if op.Key != "" {
		return r.byKey[identityOf(want)]
	}
	if op.Action == ActionMove {
		return r.onlyKeyless(op.Kind)
	}
	return nil
}

// findGone is find for an object that is gone from the tenant, or is to be let
// go: also its retiring record goes, or the one that was about to retire.
func (r records) findGone(op IntentOp) *Object {
	if o := r.find(op); o != nil {
		return o
	}
	op.Retiring = !op.Retiring
	if op.Key == "" {
		return nil
	}
	return r.find(op)
}

// onlyKeyless returns the record of a kind without natural keys, if there is
// just one: then a move can only mean that one.
func (r records) onlyKeyless(kind string) *Object {
	var found *Object
	for _, o := range r.byPlace {
		if o.Kind == kind && o.Key == "" && !o.Retiring {
			if found != nil {
				return nil
			}
			found = o
		}
	}
	return found
}

func sameKey(o *Object, op IntentOp) bool {
	return schema.FoldKey(o.Key) == schema.FoldKey(op.Key)
}

// retireAt makes the record at a, if any, its retiring old self: a renamed
// object is created anew there, the old one is still to be deleted.
func (r records) retireAt(a addr.Instance) {
	if old := r.byPlace[place{addr: a}]; old != nil {
		r.remove(old)
		old.Retiring = true
		r.add(old)
	}
}

// revive removes the retiring record of an object that lives again: left there,
// it would have the living one deleted.
func (r records) revive(op IntentOp) {
	if o := r.byKey[identityOf(&Object{Kind: op.Kind, Key: op.Key, Retiring: true})]; o != nil && op.Key != "" {
		r.remove(o)
	}
}

// move brings o to the address a. A record that stands there takes o's place,
// so that any exchange of addresses can be carried out one by one.
func (r records) move(o *Object, a addr.Instance) {
	there := *o
	there.Addr = a
	other := r.byPlace[placeOf(&there)]
	if other == o {
		return
	}
	r.remove(o)
	if other != nil {
		r.remove(other)
		other.Addr = o.Addr
		r.add(other)
	}
	o.Addr = a
	r.add(o)
}

// list returns the records in the order of the document.
func (r records) list() []*Object {
	out := make([]*Object, 0, len(r.byPlace))
	for _, o := range r.byPlace {
		out = append(out, o)
	}
	slices.SortFunc(out, Compare)
	return out
}
