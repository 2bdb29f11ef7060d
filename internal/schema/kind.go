package schema

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/addr"
)

// Rank orders kinds inside one phase of an apply: lower ranks first, reversed
// when deleting.
type Rank int

// The ranks of SEMANTICS 5.
const (
	RankOrgSettings Rank = 10 * (iota + 1)
	RankApp
	RankPermissionPolicy
	RankSetupPolicy
	RankAvailability
	RankGroupAssignment
	RankUserAssignment
)

// RankSubmission lets decisions about submitted versions come before the apps
// that may be at those versions afterwards.
const RankSubmission = RankApp - 5

// Unset says what happens to an attribute that was set before and is not
// mentioned now.
type Unset int

const (
	// Reset sends the documented default: a change that the plan shows.
	Reset Unset = iota
	// LetGo stops managing the value and leaves it as it is: shown once.
	LetGo
)

// Attrs are the values of an object's attributes by name, as plain data. An
// attribute that is absent was not mentioned.
type Attrs map[string]any

// Kind is one type of managed object.
type Kind struct {
	Name    string // block type, such as "setup_policy"
	Version int    // version of the attribute encoding in state, from 1
	Title   string // the admin centre's words, singular, such as "setup policy"
	Plural  string
	Doc     string // one paragraph for the reference page
	Rank    Rank

	Unlabeled bool     // no label, at most one block (org_settings)
	Generated bool     // never written in HCL; made by the compile step
	Input     bool     // written in HCL, but compiled into other kinds (policy_assignment)
	Compiled  bool     // written in HCL; the compile step makes its objects, with what only the tenant or other blocks tell
	Awaiting  bool     // others make its objects for us to decide about: meeting one is no adoption, and a decision never ends with its block
	RowLike   bool     // a small fact of a table: the row rules of the decision table apply
	Models    []string // access models it exists on; empty means all
	With      string   // kind with whose listing this one's comes for free: listed whenever that is
	Unmanaged string   // what to say of objects that nobody manages, for people; "": nothing

	// KeyAttr names the attribute that is the natural key, by which an object
	// is found in the tenant. Keys compare by FoldKey. Empty for one-off kinds.
	KeyAttr string
	// NameAttr names the attribute that people call an object by, where that is
	// not the natural key.
	NameAttr string
	// LabelIsKey makes the block's label the default of KeyAttr.
	LabelIsKey bool
	// Reserved reports keys of objects that exist in every tenant and are
	// adopted and changed rather than created or deleted (policies named Global).
	Reserved func(key string) bool
	// BuiltIn reports keys of objects that the service itself keeps and that
	// cannot be managed; they are not worth a word.
	BuiltIn func(key string) bool
	// Attached names the attribute that refers to the object which one of this
	// kind belongs to: it comes and goes with that, and is neither made nor
	// deleted by itself. Empty: it stands alone.
	Attached string
	// KeyChangeError is the way out where a changed key is an error (an app's
	// manifest id). Empty: create the new object, delete the old.
	KeyChangeError string

	// Lost says what an object takes with it for ever when it is deleted. Nil:
	// nothing that could not be made again.
	Lost *Lost

	// HasHolders: people and groups hold objects of this kind, so one that is
	// still held must not be deleted.
	HasHolders bool
	// HolderOf tells, of an object that assigns a policy to a group, the kind
	// and natural key of that policy. Nil for every other kind.
	HolderOf func(Attrs) (kind, key string)

	// Delay says how long reads may lag behind a write that was accepted.
	Delay Delay

	Attrs  []*Attr
	Blocks []*Block

	// KeptAway reports whether the attributes of an object say that it is kept
	// from everybody. Nil: no such attribute.
	KeptAway func(Attrs) bool

	// Derive computes attributes that come from files, such as the version of
	// an app package. It runs offline, once per instance. Nil: nothing derived.
	Derive func(DeriveInput) DeriveResult
	// Check validates attributes against each other, offline. Nil: no rule.
	Check func(Attrs) []Problem
	// CheckCreate validates an object that is to be made. Nil: no rule.
	CheckCreate func(desired Attrs) []Problem
	// CheckChange validates an update against what the tenant has, such as a
	// version that must rise. prior is nil when state does not know the object.
	CheckChange func(prior, actual, desired Attrs) []Problem
	// Upgrade turns state attributes of an older version into this one's.
	Upgrade func(from int, raw json.RawMessage) (json.RawMessage, error)
}

// Delay is what is known of the time between "accepted" and "to be seen". The
// zero value: nothing is known, so what is accepted and not there is an error.
type Delay struct {
	// Window is how long a read may still show what was before; it is taken from
	// the documentation, whose words Why repeats.
	Window time.Duration
	Why    string // a clause for people: "the catalog lists an app after one or two days"
	// Lost is a documented reason for an accepted write that never shows; "" none.
	Lost string
	// Flaps: replicas answer with the old and the new value in turn, so that one
	// read that shows the new one proves nothing.
	Flaps bool
}

// Lost is what goes for ever with an object that is deleted.
type Lost struct {
	Guard string // the guard that counts such deletions
	From  string // where it is deleted from, in words: "the catalog"
	ID    string // what people call its remote id: "App ID"
	And   string // what else goes, in words: "installs and pins"
}

// Attr is one attribute of a kind.
type Attr struct {
	Name  string
	Label string // the admin centre's words where they differ
	Doc   string
	Type  Type

	Required bool
	Derived  bool // computed by Kind.Derive; not written in HCL
	Input    bool // feeds Derive or the compile step; never compared, never in state
	Late     bool // made by the service; not written in HCL, may be referred to

	// Models are the access models that have the attribute; empty means all that
	// the kind exists on.
	Models []string
	// Shrinks are the access models on which the service takes elements away from
	// the list and refuses new ones.
	Shrinks []string
	// Afterwards are the access models on which a new object gets it in a step of
	// its own once it is there, unless it is the default.
	Afterwards []string
	// Closed is the value that a new object has until permissions are given,
	// where the compile step withholds the attribute.
	Closed any

	// Quiet attributes are part of what an object is called and not printed
	// again.
	Quiet bool
	// Untold: the service never tells the value, so what was last applied stands
	// for it.
	Untold bool
	// Recreate: a change of it removes the object and makes it anew.
	Recreate bool

	Unset         Unset
	Default       any  // documented default that Reset sends
	AffectsAccess bool // impact is computed when it changes

	// Guard names the guard that counts every change of the attribute.
	Guard string
	// GuardAll names the guard that counts a change which loosens the attribute
	// on an object that holds for everybody (see Kind.Reserved).
	GuardAll string
	// Master: while this switch is off, nothing that attributes with GuardAll
	// permit is possible. Turning it on counts for them.
	Master bool

	// First: a change that tightens it goes before every other operation.
	First bool
	// Withhold returns the value without what is held, or nil when the value is
	// unknown and holds say nothing of it. id is the remote id of the object, or a
	// Ref's text before there is one. Nil: holds do not concern the attribute.
	Withhold func(id string, value any, held Held) any
	// GiveBack undoes a change from before to after on the value as it is now, and
	// leaves alone what others have changed since. Nil: before, if nobody did.
	GiveBack func(before, after, now any) any
	// Narrow returns the tightest value between before and after: what both
	// allow. It equals after when the change only tightens, before when it only
	// loosens. Nil: the change has no direction. before is nil when unknown.
	Narrow func(before, after any) any
}

// Block is a nested block of a kind, repeated in file order.
type Block struct {
	Name   string
	Labels []string
	Doc    string
	Attrs  []*Attr
}

// BlockInstance is one nested block as written, after evaluation.
type BlockInstance struct {
	Labels []string
	Attrs  Attrs
	Ranges map[string]hcl.Range // by attribute
	Range  hcl.Range            // of the block's header
}

// DeriveInput is what Kind.Derive may read.
type DeriveInput struct {
	Addr   addr.Instance
	Attrs  Attrs
	Blocks map[string][]BlockInstance        // nested blocks by name, in file order
	Path   func(attr string) (string, error) // a path attribute, checked to lie inside the folder
	Ranges map[string]hcl.Range
	Range  hcl.Range // of the block's header
}

// DeriveResult is what Kind.Derive found.
type DeriveResult struct {
	Attrs Attrs
	Files []string // every file read, as Path gave it or below that, for the configuration digest
	Diags hcl.Diagnostics
}

// Attr returns the attribute with the given name, or nil.
func (k *Kind) Attr(name string) *Attr {
	for _, a := range k.Attrs {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Managed returns the names of the attributes that are compared and stored.
func (k *Kind) Managed() []string {
	var out []string
	for _, a := range k.Attrs {
		if !a.Input && !a.Late {
			out = append(out, a.Name)
		}
	}
	return out
}

// IsReserved reports whether key names an object that every tenant has.
func (k *Kind) IsReserved(key string) bool {
	return k.Unlabeled || k.Reserved != nil && k.Reserved(key)
}

// Stays reports whether the object of that key is never deleted by itself.
func (k *Kind) Stays(key string) bool { return k.Attached != "" || k.IsReserved(key) }

// FoldKey gives the form in which natural keys compare: without the service's
// "Tag:" prefix, in lower case, outer space removed.
func FoldKey(key string) string {
	key = strings.TrimSpace(key)
	if len(key) >= 4 && strings.EqualFold(key[:4], "tag:") {
		key = strings.TrimSpace(key[4:])
	}
	return strings.ToLower(key)
}

// Encode writes attributes as the canonical JSON object of state and plan:
// keys sorted, no late values left.
func (k *Kind) Encode(attrs Attrs) (json.RawMessage, error) {
	if attrs == nil {
		attrs = Attrs{}
	}
	raw, err := json.Marshal(map[string]any(attrs))
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", k.Name, err)
	}
	return raw, nil
}

// Decode reads what Encode wrote, upgraded to this version. Attributes that
// this version does not know are returned in extra, verbatim.
func (k *Kind) Decode(version int, raw json.RawMessage) (attrs Attrs, extra map[string]json.RawMessage, err error) {
	if version > k.Version {
		return nil, nil, fmt.Errorf("%s record has version %d; this program knows %d: use a newer teamsform", k.Name, version, k.Version)
	}
	if version < k.Version {
		if k.Upgrade == nil {
			return nil, nil, fmt.Errorf("%s record has version %d, and no upgrade to %d is known", k.Name, version, k.Version)
		}
		if raw, err = k.Upgrade(version, raw); err != nil {
			return nil, nil, fmt.Errorf("upgrade %s record from version %d: %w", k.Name, version, err)
		}
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, nil, fmt.Errorf("%s record: %w", k.Name, err)
	}
	attrs = Attrs{}
	for name, value := range fields {
		a := k.Attr(name)
		if a == nil {
			if extra == nil {
				extra = map[string]json.RawMessage{}
			}
			extra[name] = value
			continue
		}
		v, err := a.Type.DecodeJSON(value)
		if err != nil {
			return nil, nil, fmt.Errorf("%s record, attribute %s: %w", k.Name, name, err)
		}
		attrs[name] = v
	}
	return attrs, extra, nil
}

// Registry is the set of kinds that a program knows.
type Registry struct{ kinds map[string]*Kind }

// NewRegistry returns a registry of the given kinds.
func NewRegistry(kinds ...*Kind) *Registry {
	r := &Registry{kinds: map[string]*Kind{}}
	for _, k := range kinds {
		r.kinds[k.Name] = k
	}
	return r
}

// Kind returns the kind with the given name, or nil.
func (r *Registry) Kind(name string) *Kind { return r.kinds[name] }

// Kinds returns all kinds in rank order, then by name.
func (r *Registry) Kinds() []*Kind {
	out := make([]*Kind, 0, len(r.kinds))
	for _, k := range r.kinds {
		out = append(out, k)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Rank != out[j].Rank {
			return out[i].Rank < out[j].Rank
		}
		return out[i].Name < out[j].Name
	})
	return out
}
