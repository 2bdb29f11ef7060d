package state

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/pending"
	"github.com/teamsform/teamsform/internal/table"
)

// FormatVersion is the version of the document format that Encode writes.
const FormatVersion = 1

// UserAssignments is the name of the table of State.Rows, and
// UserAssignmentsVersion the version of its rows.
const (
	UserAssignments        = "user_assignments"
	UserAssignmentsVersion = 1
)

// State is everything that is remembered about one tenant and one
// configuration.
type State struct {
	Format     int    // document format it was read from; Encode writes FormatVersion
	Tool       string // version of teamsform that wrote it
	Tenant     string // tenant id, a GUID
	TenantName string
	Cloud      string // "global", "gcc_high", ...
	Lineage    string // made once, by the first run; never empty in a document
	Serial     uint64 // rises with every written change

	// BaseSerial is the oldest serial from which journals and plans still fit,
	// because only holds were written since. 0 means Serial.
	BaseSerial uint64
	// JournalRun is the run whose journal this document contains.
	JournalRun string

	Objects     []*Object      // in the order of Compare
	Rows        []table.Row    // direct user assignments, in the order of table.CompareKey
	Strings     *table.Strings // interner of Rows
	PendingRows []*PendingRows // assignments that are not visible everywhere yet

	Outputs map[string]json.RawMessage
	// Limits of guards as last applied, and whom assignments named; the engine's, nil before.
	Guards, Audiences json.RawMessage
	Tables            []json.RawMessage          // unknown tables, verbatim
	Extra             map[string]json.RawMessage // unknown top-level fields, verbatim
}

// Origin says how an object came under management.
type Origin string

// The origins. What was created is deleted or reset on destroy; what was
// adopted is let go.
const (
	Created Origin = "created"
	Adopted Origin = "adopted"
)

// Object is one managed object.
type Object struct {
	Addr        addr.Instance
	Kind        string
	KindVersion int    // version of the encoding of Attrs
	ID          string // remote id; "" where the service has none
	Key         string // natural key, as spelled by the service
	Retiring    bool   // the old self of a renamed object, still to be deleted
	Origin      Origin
	Adopted     json.RawMessage // values of owned attributes when adopted; nil otherwise
	Owned       []string        // attributes that the configuration has set, sorted
	Protect     bool            // prevent_destroy
	OnDestroy   string          // "", "reset" or "restore"
	Pending     *Pending        // nil: nothing is becoming visible
	Attrs       json.RawMessage // JSON object
	Extra       map[string]json.RawMessage
}

// Pending is what is pending for an object, PendingRows for a batch of rows.
type (
	Pending     = pending.Change
	PendingRows = pending.Rows
)

// New returns an empty state of a new lineage, with serial 0.
func New(tenant, cloud, lineage string, strings *table.Strings) *State {
	return &State{Format: FormatVersion, Tenant: tenant, Cloud: cloud, Lineage: lineage, Strings: strings}
}

// Compare orders objects as the document does: by address, the living object
// before its retiring old selves, those by natural key.
func Compare(a, b *Object) int {
	if c := addr.Compare(a.Addr, b.Addr); c != 0 {
		return c
	}
	if a.Retiring != b.Retiring {
		if b.Retiring {
			return -1
		}
		return 1
	}
	if !a.Retiring {
		return 0
	}
	return cmp.Compare(a.Key, b.Key)
}

// String names the object as plans do: its address, with "(retiring)".
func (o *Object) String() string {
	if o.Retiring {
		return o.Addr.String() + " (retiring)"
	}
	return o.Addr.String()
}

// Clone returns a copy of s that can be changed without changing s. Raw JSON
// is shared: it is never changed in place.
func (s *State) Clone() *State {
	c := *s
	c.Objects = make([]*Object, len(s.Objects))
	for i, o := range s.Objects {
		own := *o
		if o.Pending != nil {
			pending := *o.Pending
			own.Pending = &pending
		}
		c.Objects[i] = &own
	}
	c.Rows = slices.Clone(s.Rows)
	c.PendingRows = slices.Clone(s.PendingRows)
	for i, p := range c.PendingRows {
		own := *p
		c.PendingRows[i] = &own
	}
	return &c
}

// Sort puts objects and rows in the order of the document.
func (s *State) Sort() {
	if !slices.IsSortedFunc(s.Objects, Compare) {
		slices.SortStableFunc(s.Objects, Compare)
	}
	table.Sort(s.Rows)
}

// Object returns the living object at a, or nil. Objects must be sorted.
func (s *State) Object(a addr.Instance) *Object {
	i, found := slices.BinarySearchFunc(s.Objects, a, func(o *Object, a addr.Instance) int {
		if c := addr.Compare(o.Addr, a); c != 0 || !o.Retiring {
			return c
		}
		return 1
	})
	if !found {
		return nil
	}
	return s.Objects[i]
}

// Base is the oldest serial from which journals and plans fit s.
func (s *State) Base() uint64 {
	if s.BaseSerial != 0 {
		return s.BaseSerial
	}
	return s.Serial
}

// RaiseForHold raises the serial for a write that changes holds alone: what
// started from the old serial still fits.
func (s *State) RaiseForHold() {
	s.BaseSerial = s.Base()
	s.Serial++
}

// Advance prepares s to be written after prior, which the backend holds now
// (nil when there is none): the serial rises only if the content differs. It
// reports whether it does. Backend.Write stores nothing for a serial that is
// stored already, so it may be called either way to drop the journal.
func (s *State) Advance(prior *State) (changed bool, err error) {
	if prior == nil {
		s.Serial, s.BaseSerial = 1, 0
		return true, nil
	}
	same, err := SameContent(prior, s)
	if err != nil {
		return false, err
	}
	if same {
		s.Serial, s.BaseSerial = prior.Serial, prior.BaseSerial
		return false, nil
	}
	s.Serial, s.BaseSerial = prior.Serial+1, 0
	return true, nil
}
