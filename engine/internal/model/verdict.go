package model

import (
	"slices"

	"github.com/teamsform/teamsform/internal/addr"
)

// Verdict is one guard judged on a complete plan. A guard that counts several
// things apart (deletions: by kind) has one verdict for each.
type Verdict struct {
	Guard string // as a guard block names it
	Apart string // what is counted apart, in words for people; "" when the guard counts one thing

	Limit  string // the limit in force, as a configuration writes it: "0", "10 and 10%"
	Origin Origin // where that limit comes from
	File   string // with OriginFile: where it is written
	Line   int

	Count   int             // how many objects, rows or people are concerned
	Base    int             // of how many; 0 where nobody knows: then no share is judged
	Objects []addr.Instance // concerned, by address
	Samples []string        // of the people concerned, the first few

	Tripped   bool      // the limit is passed
	AllowedBy Allowance // why it does not refuse all the same; "" when nothing allows it
	Enforced  bool      // guards refuse here; otherwise they only report
	Text      string    // what happens, as a sentence for people
}

// Origin says where the limit of a verdict comes from.
type Origin string

// The origins of limits.
const (
	OriginDefault Origin = "default" // nothing else says
	OriginFile    Origin = "file"    // the guard block
	OriginApplied Origin = "applied" // what was in force at the last apply, tighter than the file
)

// Allowance says what lets a tripped guard pass.
type Allowance string

// The allowances.
const (
	AllowedByFile    Allowance = "file"    // allow in the guard block, applied before
	AllowedByPlan    Allowance = "plan"    // --allow when the plan was made
	AllowedByApply   Allowance = "apply"   // --allow when it is applied
	AllowedByDestroy Allowance = "destroy" // destroy removes what this state created
)

// Share is the part that Count is of Base, in percent; 0 without a base.
func (v *Verdict) Share() float64 {
	if v.Base == 0 {
		return 0
	}
	return 100 * float64(v.Count) / float64(v.Base)
}

// Refuses reports whether an apply is refused because of this guard.
func (v *Verdict) Refuses() bool { return v.Tripped && v.Enforced && v.AllowedBy == "" }

// Refusing lists the verdicts because of which an apply is refused.
func (p *Plan) Refusing() []*Verdict {
	var out []*Verdict
	for i := range p.Guards {
		if p.Guards[i].Refuses() {
			out = append(out, &p.Guards[i])
		}
	}
	return out
}

// Allow lets guards pass that refuse so far, as an apply with --allow does. What
// the plan was made with stays.
func (p *Plan) Allow(names []string) {
	for _, v := range p.Refusing() {
		if slices.Contains(names, v.Guard) {
			v.AllowedBy = AllowedByApply
		}
	}
}
