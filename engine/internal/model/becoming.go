package model

import (
	"time"

	"github.com/teamsform/teamsform/internal/pending"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// AsBecoming returns a reading of an object as it is becoming: inside the window
// of a pending change a former value of ours counts as the new one. It serves
// comparisons right before a write.
func AsBecoming(k *schema.Kind, record *state.Object, a Object, now time.Time) Object {
	p, err := pending.Decode(k, record.KindVersion, record.Pending)
	if err == nil && p != nil && p.Next != nil && !p.Over(now) && p.Look(k, a.Attrs) == pending.ShowsOld {
		a.Attrs = p.Becoming(k, a.Attrs)
	}
	return a
}

// Shows reports whether a reading shows a pending change of a record; a is nil
// when the object was not listed. A value of somebody else's ends the waiting
// too.
func Shows(k *schema.Kind, record *state.Object, a *Object) bool {
	p, err := pending.Decode(k, record.KindVersion, record.Pending)
	return err != nil || p == nil || p.Look(k, a.Told()) != pending.ShowsOld
}

// Told are the values of a listed object; nil when it was not listed.
func (a *Object) Told() schema.Attrs {
	switch {
	case a == nil:
		return nil
	case a.Attrs == nil:
		return schema.Attrs{}
	}
	return a.Attrs
}
