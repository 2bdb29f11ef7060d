package model

import (
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// Draft is a state record before its late values are known.
type Draft struct {
	Kind      *schema.Kind
	Addr      addr.Instance
	Key       string       // natural key
	ID        string       // remote id, "" before it is made
	Attrs     schema.Attrs // owned attributes as they will be
	Owned     []string     // their names, and of those that the service does not tell; sorted
	Origin    state.Origin
	Adopted   schema.Attrs // values of owned attributes when adopted
	Protect   bool         // prevent_destroy
	OnDestroy string
	Drop      bool // the record goes instead
	Retiring  bool
	// First: state has no such record yet, so one of another key that stands at
	// the address is that of a renamed object, and retires.
	First     bool
	Sensitive []string // attributes whose values are not to be shown or saved
}

// Records are the state-only results of a plan.
type Records struct {
	Set  []Draft
	Drop []Draft
}

// Intent builds the journal's operation, with late values filled in by ids.
// action is what the operation does to the record, unless the record goes.
func (r Draft) Intent(ids *LateIDs, action string) (state.IntentOp, error) {
	op := state.IntentOp{
		Action: action, Kind: r.Kind.Name, Addr: r.Addr, Key: r.Key, ID: r.ID, KindVersion: r.Kind.Version,
		Owned: r.Owned, Origin: r.Origin, Protect: r.Protect, OnDestroy: r.OnDestroy, Retiring: r.Retiring,
	}
	if r.Drop {
		if action != state.ActionDelete {
			op.Action = state.ActionForget
		}
		return op, nil
	}
	if r.First && action == state.ActionUpdate {
		op.Action = state.ActionAdopt
	}
	attrs, err := ids.Fill(r.Attrs)
	if err != nil {
		return op, err
	}
	if op.Attrs, err = r.Kind.Encode(attrs); err != nil {
		return op, err
	}
	if r.Origin == state.Adopted && len(r.Adopted) > 0 {
		if op.Adopted, err = r.Kind.Encode(r.Adopted); err != nil {
			return op, err
		}
	}
	return op, nil
}

// RowRecords are row changes that touch state only, in key order.
type RowRecords struct {
	Set  []table.Row
	Drop []table.Row
}

// Settlement is what doubts came to. An apply writes it into state before it
// starts a journal of its own.
type Settlement struct {
	Ops  []state.IntentOp
	IDs  []string // remote id per op
	Rows []table.Row
}
