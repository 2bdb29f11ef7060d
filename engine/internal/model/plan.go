package model

import (
	"encoding/json"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// Plan is what an apply would do, as data. Nothing in it is evaluated later.
type Plan struct {
	Header Header

	Changes   []*Change   // objects that an operation touches, by address
	Recorded  []*Change   // state only: adopt, move, forget
	RowGroups []*RowGroup // rows that an operation touches, grouped for reading
	RowsNoted []*RowGroup // rows that touch state only, grouped likewise
	Ops       []*Op       // objects, in order
	RowOps    []*RowOp    // rows, in order

	RowsKept     int // rows that need nothing
	RowsRecorded int // rows that touch state only
	Unmanaged    []Unmanaged
	Attention    []Note
	Refusals     []Note    // reasons why apply would refuse with exit 5, beside guards
	Guards       []Verdict // every guard, judged on this plan, in the order of the documentation
	Allowed      []string  // guards that --allow named when the plan was made, sorted

	// Guarding is what the state will hold of the limits of guards, and Audiences
	// of whom assignments name; nil leaves what it holds. Changed says that this
	// is something to record.
	Guarding, Audiences json.RawMessage
	GuardingChanged     bool

	Impact  *Impact // what changes for people; nil when nothing was assessed
	Outputs []OutputChange
	Expects []Expected // every expect block, held against the planned result

	// Pending is what the state has as accepted and perhaps not visible yet, in
	// the order of the state; PendingRows the same for batches of rows.
	Pending     []*Sight
	PendingRows []*RowsSight

	// Drift is what someone else changed, when that alone was asked for.
	Drift      []*Change
	DriftRows  []*RowGroup
	Unverified []string // what was taken from the state instead of the tenant

	// Incomplete says what of the tenant could not be read, as sentences. Such a
	// plan is for reading: it is never applied.
	Incomplete []string
	// Irreversible says what a plan that takes another one back cannot bring
	// back.
	Irreversible []Note

	Partial bool            // cut to chosen addresses
	Needed  []addr.Instance // not chosen, but needed by what is
	Dropped []addr.Instance // chosen, but it needs something that was excluded

	// Diags holds warnings of planning. A plan with errors is not returned.
	Diags hcl.Diagnostics

	Names map[string]string // what people call the people and groups of audiences that change, by principal

	Settled     Settlement // what an earlier run left in doubt and the tenant shows
	IDs         *LateIDs
	Former      map[string]addr.Instance // what the state called objects, by the remote id they had when last applied
	Records     *Records                 // what the state will hold, beside the operations
	RowRecords  RowRecords
	KeepOutputs bool // outputs stay as they were
}

// Header says what the plan was made for and from.
type Header struct {
	Tool         string
	PlannedAt    time.Time
	Tenant       TenantInfo
	Root         string
	Lineage      string
	Serial       uint64
	ConfigDigest string
	Destroy      bool
	RefreshOnly  bool
	// NotAfter is when the first verdict of the plan that depends on time ends;
	// zero: none does.
	NotAfter time.Time
	// Journal identifies what an interrupted run had left when the plan was made:
	// its run and the number of its last line. "" means nothing.
	Journal string
	// Reverts is the digest of the plan file that this plan takes back.
	Reverts string
	// MembershipOnly: the plan holds only what the directory has caused.
	MembershipOnly bool
}

// TenantInfo is the first line of every plan.
type TenantInfo struct {
	Name, ID, Driver, AccessModel string
	// ModelVerified says whether the access model was seen or only stated.
	ModelVerified bool
	Identity      string
}

// Action is what happens to an object.
type Action string

// The actions. Adopt, Move, Forget, LetGo and Record touch state only.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
	Reset  Action = "reset"
	Adopt  Action = "adopt"
	Move   Action = "move"
	Forget Action = "forget"
	LetGo  Action = "let_go"
	Record Action = "record"
)

// Reason says why. The set is open: a reader must not depend on it.
type Reason string

// The reasons.
const (
	ReasonNew          Reason = "new"
	ReasonChanged      Reason = "changed"
	ReasonGone         Reason = "gone"           // it was there and is not any more
	ReasonDrift        Reason = "drift"          // someone else changed it; back to what the files say
	ReasonOverDrift    Reason = "over_drift"     // the files changed, and someone else changed it too
	ReasonAdopted      Reason = "adopted"        // existed before, now managed
	ReasonNotOurs      Reason = "exists_not_our" // a row of someone else gets another policy
	ReasonNotInConfig  Reason = "not_in_config"
	ReasonRenamed      Reason = "renamed"
	ReasonNotListed    Reason = "not_listed" // holds an exact policy without being listed
	ReasonOtherNow     Reason = "other_now"  // the row is now another policy: not ours to end
	ReasonLetGo        Reason = "let_go"
	ReasonDestroyed    Reason = "destroy"
	ReasonRetiring     Reason = "retiring"
	ReasonSettled      Reason = "settled" // the tenant already has what the files say
	ReasonMarkedAsOurs Reason = "marked"
	ReasonBlocked      Reason = "blocked"    // not managed here, and changed while an app is blocked
	ReasonJoined       Reason = "joined"     // the directory has somebody whom the files name already
	ReasonLeft         Reason = "left"       // the directory does not have them any more
	ReasonReplaced     Reason = "replace"    // asked for with --replace
	ReasonReverted     Reason = "revert"     // what an applied plan made is taken back
	ReasonUnseen       Reason = "unseen"     // the service accepted our change and never showed it
	ReasonUnset        Reason = "unset"      // went with a default of the tenant until now
	ReasonWithOwner    Reason = "with_owner" // goes with the object that it belongs to
)

// Change is one object that differs, with all that a reader needs.
type Change struct {
	Addr      addr.Instance
	Retiring  bool
	Kind      *schema.Kind
	Key, Name string
	ID        string
	Action    Action
	Reason    Reason
	From      addr.Instance // the former address of a move
	TakenFrom string        // the root that managed it until now
	Adopting  bool          // enters state with this change
	Drifted   bool          // someone else changed it since the last apply
	Attrs     []AttrChange
	Unowned   []string // attributes that are no longer managed
	// Unverified are attributes that the service does not tell, of an object
	// that enters state: they are taken to be what the files say.
	Unverified []string
	Hidden     int      // owned attributes that do not change
	Newly      []string // attributes that were not managed before this change
	Details    []string // what it means beyond the attributes, as sentences
}

// AttrChange is one attribute that differs. Absent values are nil.
type AttrChange struct {
	Attr     *schema.Attr
	Before   any
	After    any
	Prior    any // what was last applied, when someone else changed or removed it since
	Drifted  bool
	Defaults bool // After is the documented default, the attribute having gone
	Restored bool // After is what was seen at adoption, the attribute having gone
	// Sensitive: the configuration computes it from a sensitive value, so that
	// none of the values is to be shown or saved.
	Sensitive bool
}

// Unmanaged is an object that exists and that no file mentions.
type Unmanaged struct {
	Kind      string
	Key, Name string
	Elsewhere string // the root that manages it
	Note      string // what to know of such objects, as a sentence; "": nothing
}

// Note is a sentence for people.
type Note struct {
	Topic Topic  // where it stands under "needs attention"
	Rule  string // the guard or rule, such as "takeover"; "" for plain attention
	Apart string // which of the guard's verdicts, where it has several
	Addr  addr.Instance
	Text  string
}

// RowGroup counts rows that change alike.
type RowGroup struct {
	Type, Policy, Before string
	Addr                 string
	Action               Action
	Reason               Reason
	Count                int
	Samples              []string // sign-in names, the first five in key order
}

// OutputChange is an output whose value changes.
type OutputChange struct {
	Name          string
	Before, After any
	Sensitive     bool
}

// Changed reports whether the value differs from that of the last apply.
func (o OutputChange) Changed() bool { return !schema.PlainEqual(o.Before, o.After) }

// Phase is the stage of an apply in which an operation runs.
type Phase int

// The phases of SEMANTICS 5.
const (
	Tighten Phase = 1 + iota
	Make
	Wire
	MoveRows
	Loosen
	Remove
	// OpenAll is the loosening of the organisation's own settings: the last of
	// all, so that nobody gains in passing what the same plan takes from them.
	OpenAll
)

// Op is one call-sized step on an object.
type Op struct {
	Seq      int
	Phase    Phase
	Rank     schema.Rank
	Kind     *schema.Kind
	Action   Action // Create, Update, Delete or Reset
	Addr     addr.Instance
	Retiring bool
	Key      string
	Name     string       // what people call it, when that is not the key
	ID       string       // remote id; "" before a create
	Before   schema.Attrs // values the operation expects to find, on the paths it writes
	After    schema.Attrs // values to send; references are filled in before sending
	Input    schema.Attrs
	CopyOf   string // natural key of the object that a new one starts from
	Claim    bool   // put this root's mark in the place of another's
	Needs    []addr.Instance
	// Level orders operations of one phase and rank; those of a level may run
	// side by side.
	Level int
	// Sensitive are attributes of After and Input whose values are not to be
	// shown or saved. A plan that was read from a file lacks them.
	Sensitive []string

	Record Draft // what state holds once it is done
}

// RowOp is one batch of rows: the same action, type and policy for all.
type RowOp struct {
	Seq    int
	Phase  Phase
	Assign bool // else unassign
	Type   table.Sym
	Policy table.Sym
	Rows   []RowChange // in user order
	Needs  []addr.Instance
}

// RowChange is one row of a batch.
type RowChange struct {
	Row    table.Row // as it will be; for unassign as it is
	Before table.Sym // policy held directly before, 0 for none
	Reason Reason
}

// Empty reports whether applying would send nothing.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 && len(p.RowOps) == 0 }

// ToRecord counts what apply would only write into state.
func (p *Plan) ToRecord() int {
	n := len(p.Recorded) + p.RowsRecorded
	if p.GuardingChanged {
		n++
	}
	for _, o := range p.Outputs {
		switch {
		case o.Sensitive && o.Before == nil: // never kept
		case o.Sensitive, o.Changed():
			n++
		}
	}
	return n
}

// asBefore reports whether a change makes an object as it was last applied.
func (c *Change) asBefore() bool {
	for _, a := range c.Attrs {
		if a.Prior == nil || !a.Attr.Type.Equal(a.Prior, a.After) {
			return false
		}
	}
	return true
}

// DriftOnly reports whether every change is a change back to what was last
// applied: exit 3 instead of 2.
func (p *Plan) DriftOnly() bool {
	if p.Empty() {
		return false
	}
	for _, c := range p.Changes {
		if c.Reason != ReasonDrift && (c.Reason != ReasonGone || !c.asBefore()) {
			return false
		}
	}
	for _, g := range p.RowGroups {
		if g.Reason != ReasonDrift && g.Reason != ReasonGone {
			return false
		}
	}
	return true
}

// Size counts the operations and rows of a plan.
func (p *Plan) Size() int {
	n := len(p.Ops)
	for _, op := range p.RowOps {
		n += len(op.Rows)
	}
	return n
}

// Drifted reports whether someone else has changed anything that is managed.
func (p *Plan) Drifted() bool { return len(p.Drift)+len(p.DriftRows) > 0 }
