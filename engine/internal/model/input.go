package model

import (
	"context"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// Input is everything a plan is made from. It has one clock reading, PlannedAt.
type Input struct {
	Config      *config.Config // nil when destroying without a configuration
	Kinds       *schema.Registry
	Prior       *state.State // nil before the first apply
	InDoubt     []state.InDoubt
	Collections map[string]Collection // by kind name
	Table       Table
	Compiler    Compiler
	Judge       Judge          // nil: nothing is judged, which only tests of planning want
	Assessor    Assessor       // nil: what a plan changes for people is not known
	Strings     *table.Strings // shared by prior rows, listing and compile step
	Tenant      TenantInfo
	Root        string
	Tool        string
	PlannedAt   time.Time
	Destroy     bool
	Adopt       bool           // --adopt: existing objects enter state without import blocks
	Revert      *Plan          // take this applied plan back, instead of what the files say
	RevertOf    string         // digest of its file
	NoRefresh   bool           // --refresh=false: trust the state where it knows everything asked for
	RefreshOnly bool           // compare state and tenant only
	Replace     []addr.Pattern // --replace: remove these and make them anew
	Targets     []addr.Pattern // --target: these and what they need; none means all
	Excludes    []addr.Pattern // --exclude: not these, nor what needs them
	Allow       []string       // --allow: guards that may trip
	// MembershipOnly keeps of the plan only what the directory has caused.
	MembershipOnly bool
}

// Judge completes a plan with what needs the whole of it: what changes for
// people, the verdicts of guards, and the order of what needs attention.
type Judge interface {
	Judge(ctx context.Context, in *Judging) hcl.Diagnostics
}

// Judging is what a Judge works from.
type Judging struct {
	Input *Input
	Plan  *Plan // complete but for what a Judge adds to it

	// Objects are all of a kind by its name, as read; a kind that was not read is
	// missing. Holders is who holds which policy directly, in key order, if
	// HasRows says that it was read.
	Objects map[string][]Object
	Holders []table.Row
	HasRows bool
	// Audiences is how many people each block of rows has, before or now,
	// whichever is more, by its address; NotFound are names that the directory
	// does not know, with the lists that they stand in.
	Audiences map[string]int
	NotFound  []Audience
	// Read reads a kind that nothing has asked for so far.
	Read func(context.Context, *schema.Kind) ([]Object, error)
}
