package model

import (
	"cmp"
	"context"
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// Object is one object as the tenant has it.
type Object struct {
	ID    string       // remote id; what a late value of the object resolves to
	Key   string       // natural key as the tenant spells it
	Name  string       // what people call it, when that is not the key
	Attrs schema.Attrs // every attribute the service tells
	Mark  string       // the root that created it, from the mark in its description; "" when unmarked
	Quiet bool         // not worth a word where nobody manages it
	// Unset: nobody has set it; its values follow from a default of the tenant.
	// It is taken under management without asking, and not worth a word when no
	// file mentions it.
	Unset bool
}

// Scope narrows a listing.
type Scope struct {
	// Known are remote ids from state. A collection whose listing is only a
	// view confirms by these that an object not listed is really gone.
	Known []string
	// Attrs are the attributes that anybody asks about; nil means all. A
	// collection may leave others untold where they would take a call.
	Attrs map[string]bool
}

// Wants reports whether an attribute is asked about.
func (s Scope) Wants(attr string) bool { return s.Attrs == nil || s.Attrs[attr] }

// ErrClosed is what a List gives whose objects this identity cannot read. The
// kind is then planned against the state, and the plan says so.
var ErrClosed = errors.New("this identity cannot read it")

// Collection is all objects of one kind in a tenant, as a plan reads them. The
// unit of work is the collection, never one object. It has no method that
// writes, so a plan that would write does not compile.
type Collection interface {
	Kind() *schema.Kind
	// List yields every object once. A failed read is an error, never an absence.
	List(ctx context.Context, scope Scope, yield func(Object) error) error
}

// Writer is a Collection that an apply writes to.
type Writer interface {
	Collection
	// Apply sends one batch and reports each operation once. An error stands
	// for those that were not reported.
	Apply(ctx context.Context, ops []*Op, report func(Result)) error
	// Batch says how many operations one batch may hold, and how many batches
	// may run at once.
	Batch() (size, parallel int)
}

// Result is what became of one operation of a batch.
type Result struct {
	Op  *Op
	ID  string // remote id, when it is new
	Err error  // nil: accepted by the service
	// InDoubt says that the answer was lost: the operation may have happened.
	InDoubt bool
	// Doubtful says that it was refused in words that were seen to be untrue: it
	// is looked at once before it is taken for failed.
	Doubtful bool
}

// Table is all rows of a tenant, as a plan reads them: who holds which policy
// directly.
type Table interface {
	// Rows yields every row in any order, with names interned in strings.
	Rows(ctx context.Context, strings *table.Strings, yield func(table.Row)) error
	// Batch says how many rows one batch may hold, and how many may run at once.
	Batch() (size, parallel int)
	// Name gives a user's sign-in name for display, or the id as text.
	Name(table.ID) string
	// Delay says how long reads may lag behind a write.
	Delay() schema.Delay
}

// Learner is an optional ability of a Table: it looks up the names of people
// whom no listing told, so that Name has them. It serves display only.
type Learner interface {
	Learn(ctx context.Context, users []table.ID) error
}

// Census is an optional ability of a Table: it says which of these people the
// directory does not have any more.
type Census interface {
	Missing(ctx context.Context, users []table.ID) ([]table.ID, error)
}

// Namer is an optional ability of a Collection: it tells what people call an
// object by its natural key, also when the tenant has it no more; "" if nobody
// knows.
type Namer interface{ NameOf(key string) string }

// Principals is an optional ability of a Collection: it tells what people call
// the people and groups of audiences, by principal ("group:ID", "user:ID").
// Those that nobody knows are left out.
type Principals interface {
	NamePrincipals(ctx context.Context, principals []string) (map[string]string, error)
}

// TableWriter is a Table that an apply writes to.
type TableWriter interface {
	Table
	// Apply assigns or unassigns the users of one batch.
	Apply(ctx context.Context, strings *table.Strings, op *RowOp) RowResult
	// RowsOf yields what the given users hold now: the read-back of a write.
	RowsOf(ctx context.Context, strings *table.Strings, users []table.ID, yield func(table.Row)) error
}

// RowResult is what became of one batch of rows.
type RowResult struct {
	// Gone are the users, by index into the batch, who do not exist any more:
	// no conflict, the row is skipped and reported.
	Gone []int
	Err  error // the batch failed
	// InDoubt: some or all of the batch may have been accepted in spite of Err.
	InDoubt bool
}

// Compiler turns assignments (and rollouts) into desired objects and rows. It
// is pure but for name look-ups.
type Compiler interface {
	Compile(ctx context.Context, in CompileInput) (CompileOutput, hcl.Diagnostics)
}

// CompileInput is what a Compiler works from.
type CompileInput struct {
	Config  *config.Config
	Strings *table.Strings
	// Destroy is set when nothing is desired; only block liveness matters then.
	Destroy bool
	// MembershipOnly: a name that nobody has is a leaver and never an error.
	MembershipOnly bool
	Tenant         TenantInfo
}

// CompileOutput is what assignments come to.
type CompileOutput struct {
	Objects []*Desired
	Rows    []table.Row // in key order
	// Exact are the (type, policy) pairs whose holders are exactly the rows, with
	// the address of a block that says so.
	Exact map[Policy]table.Sym
	// Unresolved counts names that the directory does not know.
	Unresolved int
	// Added are attributes that the compile step gives to objects whose blocks do
	// not write them, by address.
	Added map[addr.Instance]schema.Attrs
	// MadeClosed are objects that are made closed and opened in the phase of
	// permissions, once what restricts them is in place, by address.
	MadeClosed map[addr.Instance]MadeClosed
	Audiences  []Audience // of the blocks with rows, each once
}

// MadeClosed says which attribute of a new object stays closed at first.
type MadeClosed struct {
	Attr string          // starts as its Closed says
	By   []addr.Instance // restrict it; while one of them fails it stays closed
	// Impossible: the tenant does not take restrictions of what is closed, for
	// the reason that it gives. The object is made open, before it is restricted.
	Impossible string
}

// Audience is whom a block of rows names, as the files have it, so that a next
// plan can tell who came or went by the directory from what was edited.
type Audience struct {
	Block  table.Sym // its address
	Policy Policy
	Digest string // of what is written, in any order
	// Missing are names that the directory does not know, in lower case, sorted,
	// and Lists the blocks that they stand in.
	Missing []string
	Lists   []string
}

// Policy names one policy of one type.
type Policy struct{ Type, Name table.Sym }

// Aligner is an optional ability of a collection whose objects have an order
// among themselves: it rewrites attributes so that equal orders compare equal.
type Aligner interface {
	Align(desired []*Desired, actual []Object)
}

// Forgetter is an optional ability of a Collection that keeps what it has listed:
// the next listing is to be read anew.
type Forgetter interface{ Forget() }

// Expecter is an optional ability of a collection whose objects stand in each
// other's way, such as by rank. It is told which of the actual objects were
// replaced by what they are becoming, and makes room for them among the others.
type Expecter interface {
	Expect(actual []Object, changed []int)
}

// Desired is one object that the configuration wants.
type Desired struct {
	Addr      addr.Instance
	Kind      *schema.Kind
	Key       string       // natural key
	Name      string       // what people call it, when that is not the key
	Attrs     schema.Attrs // attributes that were mentioned, references unresolved
	Input     schema.Attrs // attributes that feed the operation but are not compared
	Lifecycle config.Lifecycle
	Range     hcl.Range
	Ranges    map[string]hcl.Range
	DependsOn []addr.Instance
	Blocks    map[string][]schema.BlockInstance // nested blocks by name, as written
}

// RangeOf is where an attribute of a desired object is written, or its block.
func (d *Desired) RangeOf(attr string) hcl.Range {
	return cmp.Or(d.Ranges[attr], d.Range)
}
