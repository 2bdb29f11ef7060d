package model

import (
	"context"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// Assessor tells what a plan changes for people, from how the tenant is and how
// it will be. It is asked once, on the complete plan, and only when something
// changes that affects access. Its answer shows in the plan, and guards are
// judged by it.
type Assessor interface {
	Assess(ctx context.Context, in AssessInput) (*Impact, hcl.Diagnostics)
}

// AssessInput is what an Assessor works from. It is read only.
type AssessInput struct {
	Config        *config.Config // nil when destroying without a configuration
	Kinds         *schema.Registry
	Plan          *Plan // complete but for guards and impact
	Tenant        TenantInfo
	PlannedAt     time.Time
	Before, After World
	Strings       *table.Strings // of the rows
	Name          func(table.ID) string
}

// World is a tenant as far as a plan has read it: a kind that neither the
// configuration nor the state mentions is missing, not empty.
type World struct {
	// Objects are all of a kind by its name. After, an object that is made has
	// no id, and what it takes over from another (copy_of) is not filled in;
	// references to it in other objects are a schema.Ref.
	Objects map[string][]Object
	Rows    []table.Row // who holds which policy directly, in key order
	HasRows bool        // false: rows were not read
}

// Impact is what a plan changes for people. Guests are part of the people and
// also counted apart.
type Impact struct {
	Assessed bool // false: nothing that affects access changes, or nothing can assess it

	Apps     []AppImpact    // apps for which anything changes, by name
	Upload   AccessChange   // who gains and loses the upload of custom apps
	ByChange []ChangeImpact // the same, by what causes it

	// Losing are people who lose discover or use of any app, each counted once.
	// LosingByHold are those who lose it by a halt, a step back or a block:
	// reported, never guarded. HadAccess is the number of people who could
	// discover or use any of the apps before.
	Losing, LosingByHold Headcount
	HadAccess            int

	UploadForAll []Finding // ways by which upload becomes possible through a Global policy
	Windows      []Finding // restricted apps that would be visible before their restriction
	Consent      []Finding // rules that surely ask people again and that nobody accepted
	Accepted     []Finding // acceptances of consent in force, or stale
	LockOut      []Finding // what the signed-in identity would lose
	Warnings     []Finding // what follows from a change without standing in it
	Unknown      []string  // what could not be assessed, as sentences
}

// AppImpact is what changes for people with one app.
type AppImpact struct {
	App                               addr.Instance // zero for an app that is not managed
	ID                                string        // catalog id; "" before it is published
	Name                              string
	Discover, Use, Installed, Pinned  AccessChange
	PinMoves                          Headcount // the app stays pinned for them, at another place
	DiscoverAfter, UseAfter, Unknowns int       // people who can afterwards; people of whom nobody knows
}

// ChangeImpact is what one planned change does to people, over all apps.
type ChangeImpact struct {
	Addr                                     addr.Instance // an object, or the block of rows
	Discover, Use, Installed, Pinned, Upload AccessChange
}

// AccessChange counts who gains and who loses one thing.
type AccessChange struct{ Gain, Lose Headcount }

// Headcount is a number of people.
type Headcount struct {
	People  int // guests included
	Guests  int
	Samples []string // sign-in names, the first five in order
}

// Finding is one thing that a guard counts, with its sentence for people.
type Finding struct {
	Addr   addr.Instance // what causes it
	Text   string
	People int           // how many are concerned; 0: unknown, or does not apply
	For    time.Duration // with Windows: how long at most; 0: unknown
	Topic  Topic         // with Warnings: where it stands under "needs attention"
}
