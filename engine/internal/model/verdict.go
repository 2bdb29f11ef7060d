package model

import (
	"fmt"
	"slices"
	"strings"

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
	// Awaiting: the guard block lets it pass by now, which counts from the apply
	// after the one that records it.
	Awaiting bool
	Text     string // what happens, as a sentence for people
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

// limitWords says a limit and where it comes from.
func limitWords(v *Verdict) string {
	switch v.Origin {
	case OriginFile:
		return fmt.Sprintf("%s (%s:%d)", v.Limit, v.File, v.Line)
	case OriginApplied:
		return v.Limit + " (as last applied)"
	case OriginDefault:
	}
	return v.Limit
}

// Ruling says what follows from a tripped guard, for people.
func (v *Verdict) Ruling() string {
	switch {
	case !v.Tripped:
		return ""
	case v.AllowedBy == AllowedByDestroy:
		return "guard " + v.Guard + ": destroy implies it"
	case v.AllowedBy == AllowedByFile:
		return fmt.Sprintf("guard %s: allowed by the guard block", v.Guard)
	case v.AllowedBy != "":
		return fmt.Sprintf("guard %s: allowed by --allow", v.Guard)
	case !v.Enforced:
		return fmt.Sprintf("guard %s, limit %s: only reported here", v.Guard, limitWords(v))
	}
	return fmt.Sprintf("guard %s, limit %s: refused", v.Guard, limitWords(v))
}

// Refusal says why an apply is refused, and the ways out.
func (v *Verdict) Refusal() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s The guard %s has the limit %s.", v.Text, v.Guard, limitWords(v))
	if v.Awaiting {
		b.WriteString(" The guard block lets it pass by now, and that counts from the apply after the one that records it: apply the guard block first, by itself.")
	}
	fmt.Fprintf(&b, " If it is meant, let it pass this once with\n\n    --allow=%s\n\n", v.Guard)
	if v.Awaiting {
		b.WriteString("and leave it out when the guard block is in force.")
	} else {
		fmt.Fprintf(&b, "To let it pass for good, give %s another limit in the guard block, or name it in allow, and apply that first.", v.Guard)
	}
	return b.String()
}

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
