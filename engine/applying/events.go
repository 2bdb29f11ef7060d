package applying

import (
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
)

// Sink receives the progress of an apply. Calls come one at a time.
type Sink interface {
	Event(Event)
}

// Event is one step of an apply.
type Event struct {
	Type  EventType
	Phase engine.Phase
	Addr  addr.Instance // zero for people, and for a check
	Kind  string        // type of the object, or of the policy that people get or lose
	// Policy is the name of the policy that people get or lose; "" for objects.
	Policy string
	Action string // of an object as in the plan; of people assign or unassign; "" for a check
	What   string // for people
	Count  int    // operations or rows that this event is about
	Total  int    // of the whole apply
	Err    error
}

// EventType says what happened.
type EventType string

// The events, in the order in which they come.
const (
	EventStart  EventType = "start"  // an operation or batch is about to be sent
	EventDone   EventType = "done"   // accepted
	EventFailed EventType = "failed" // refused, or not to be seen afterwards
	EventHeld   EventType = "held"   // not sent, because of a failure before it
	EventCheck  EventType = "check"  // reading back
	// EventPending comes after EventDone: it is not to be seen yet.
	EventPending EventType = "pending"
	EventWait    EventType = "wait" // Count are waited for
)

type discard struct{}

func (discard) Event(Event) {}
