package state

import (
	"encoding/json"
	"time"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
)

// JournalVersion is the version of the journal format that this package writes.
const JournalVersion = 1

// Journal is what one run appended: JSON lines, the header first.
type Journal struct {
	Header  JournalHeader
	Entries []Entry
	// Torn says that the last line was cut by a crash and left out. Nothing
	// depends on it: the append had not returned.
	Torn bool
}

// JournalHeader says which document the journal starts from.
type JournalHeader struct {
	Journal int       `json:"journal"` // JournalVersion
	Lineage string    `json:"lineage"`
	Serial  uint64    `json:"serial"` // of the document; 0 when there was none
	Run     string    `json:"run"`    // unique id of the run
	Tool    string    `json:"tool,omitempty"`
	Tenant  string    `json:"tenant,omitempty"`
	Started time.Time `json:"started"`
	Plan    string    `json:"plan,omitempty"` // digest of the plan file that is applied
}

// Entry is one line after the header: an intent or a result.
type Entry struct {
	Seq    uint64  `json:"seq"` // 1, 2, ...; the header is 0
	Intent *Intent `json:"intent,omitempty"`
	Result *Result `json:"result,omitempty"`
}

// Intent says what a batch is about to do, with all that is needed to find out
// later whether it happened and to record it, without the configuration.
type Intent struct {
	Batch int         `json:"batch"` // unique in the run
	Ops   []IntentOp  `json:"ops,omitempty"`
	Rows  *IntentRows `json:"rows,omitempty"`
}

// What an operation does to the record of an object.
const (
	ActionCreate = "create" // puts a record; an older one of another key at the address retires
	ActionUpdate = "update" // changes the record of (Kind, Key); also for values found in place
	ActionAdopt  = "adopt"  // puts a record of an object that existed
	ActionDelete = "delete" // removes the record
	ActionForget = "forget" // removes the record, the tenant is left alone
	ActionMove   = "move"   // changes the address of the record
)

// What a batch of rows does to the records of its users.
const (
	RowsSet    = "set"    // the users get Policy
	RowsUnset  = "unset"  // the users lose their direct policy
	RowsAdopt  = "adopt"  // the users hold Policy already; recorded only
	RowsForget = "forget" // the rows are no longer ours; recorded only
	RowsMove   = "move"   // the rows belong to another block; recorded only
)

// IntentOp is one operation on one object. Attrs, Owned, Protect, OnDestroy are
// as they will be recorded once the operation is confirmed: all of the
// object's, not only those sent.
type IntentOp struct {
	Op          string          `json:"op,omitempty"` // the plan's id of the operation
	Action      string          `json:"action"`
	Kind        string          `json:"kind"`
	Addr        addr.Instance   `json:"addr"`
	Key         string          `json:"key,omitempty"`
	ID          string          `json:"id,omitempty"` // "" until the service made it
	KindVersion int             `json:"kind_version,omitempty"`
	Before      string          `json:"before,omitempty"` // hash of owned paths; "" for absent
	After       string          `json:"after,omitempty"`
	Attrs       json.RawMessage `json:"attrs,omitempty"`
	Owned       []string        `json:"owned,omitempty"`
	Origin      Origin          `json:"origin,omitempty"`  // "" keeps the record's, or is Created
	Adopted     json.RawMessage `json:"adopted,omitempty"` // nil keeps the record's
	Protect     bool            `json:"protect,omitempty"`
	OnDestroy   string          `json:"on_destroy,omitempty"`
	Retiring    bool            `json:"retiring,omitempty"` // the operation is on a retiring record
}

// IntentRows is one batch of rows: what happens to the direct policy of many
// users.
type IntentRows struct {
	Type   string // policy type
	Policy string // policy name; "" with RowsUnset and RowsForget
	Addr   string // block that wants the rows
	Action string
	// Adopt marks rows that the state does not hold yet as adopted, with the
	// policy of Before, although the batch changes them.
	Adopt  bool
	Users  []table.ID
	Before []string // policy held before, per user, "" none; nil when nobody held any
	Addrs  []string // address per user, when they differ; nil: Addr
}

// Result says what became of a batch, or of a part of it. What no result names
// is in doubt.
type Result struct {
	Batch int         `json:"batch"`
	Ops   []ResultOp  `json:"ops,omitempty"`
	Rows  *ResultRows `json:"rows,omitempty"`
}

// ResultOp is the outcome of one operation. A failed one is known not to have
// happened; leave out what is not known.
type ResultOp struct {
	Index   int             `json:"index"` // in Intent.Ops
	OK      bool            `json:"ok"`
	ID      string          `json:"id,omitempty"` // "" keeps that of the intent or record
	Error   string          `json:"error,omitempty"`
	Attrs   json.RawMessage `json:"attrs,omitempty"`   // owned attributes as recorded, when not as intended
	Pending *Pending        `json:"pending,omitempty"` // accepted, not visible everywhere yet
}

// ResultRows is the outcome of a batch of rows.
type ResultRows struct {
	OK     bool         `json:"ok"`              // all not named below are confirmed; false: none is, all failed
	Error  string       `json:"error,omitempty"` // why, when not OK
	Failed []RowFailure `json:"failed,omitempty"`
	Doubt  []int        `json:"doubt,omitempty"` // indexes of users whose row stays in doubt
	// Until is when the rows are visible everywhere at the latest; zero when
	// they are now. Since is when they were accepted.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// RowFailure is a user whose row is known not to have changed.
type RowFailure struct {
	Index int    `json:"index"` // in IntentRows.Users
	Error string `json:"error"`
}

// intentRowsJSON is the form of IntentRows in a line.
type intentRowsJSON struct {
	Type   string   `json:"type"`
	Policy string   `json:"policy,omitempty"`
	Addr   string   `json:"addr,omitempty"`
	Action string   `json:"action"`
	Adopt  bool     `json:"adopt,omitempty"`
	Users  userIDs  `json:"users"`
	Before []string `json:"before,omitempty"`
	Addrs  []string `json:"addrs,omitempty"`
}

// MarshalJSON writes users as GUIDs, and leaves Before out when nobody held any.
func (r *IntentRows) MarshalJSON() ([]byte, error) {
	before := r.Before
	if allEmpty(before) {
		before = nil
	}
	return json.Marshal(intentRowsJSON{r.Type, r.Policy, r.Addr, r.Action, r.Adopt, r.Users, before, r.Addrs})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *IntentRows) UnmarshalJSON(raw []byte) error {
	var v intentRowsJSON
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*r = IntentRows{v.Type, v.Policy, v.Addr, v.Action, v.Adopt, v.Users, v.Before, v.Addrs}
	return nil
}

func allEmpty(list []string) bool {
	for _, s := range list {
		if s != "" {
			return false
		}
	}
	return true
}

// addrOf returns the address of user i.
func (r *IntentRows) addrOf(i int) string {
	if r.Addrs != nil {
		return r.Addrs[i]
	}
	return r.Addr
}

// beforeOf returns the policy that user i held before.
func (r *IntentRows) beforeOf(i int) string {
	if r.Before != nil {
		return r.Before[i]
	}
	return ""
}
