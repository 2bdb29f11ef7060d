package applying

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/teamsform/teamsform/state"
)

// plansField is the field of the state's document that says which plan files
// were applied last, whole or in part, the oldest first. To package state it is
// one of the fields that it keeps without knowing them.
const plansField = "applied_plans"

// keptPlans is how many applied plans are remembered.
const keptPlans = 10

// AppliedPlan is a plan file that was applied.
type AppliedPlan struct {
	Digest string `json:"digest"` // of the file: "sha256:..."
	Serial uint64 `json:"serial"` // of the state that the apply wrote
}

// AppliedPlans lists the plan files that were applied last, the oldest first.
// What cannot be read counts as none: it only keeps a plan from being applied
// twice, which the serial does as well.
func AppliedPlans(s *state.State) []AppliedPlan {
	var list []AppliedPlan
	if s == nil || json.Unmarshal(s.Extra[plansField], &list) != nil {
		return nil
	}
	return list
}

// Applied finds a plan file among those that were applied.
func Applied(s *state.State, digest string) (AppliedPlan, bool) {
	list := AppliedPlans(s)
	i := slices.IndexFunc(list, func(p AppliedPlan) bool { return p.Digest == digest })
	if i < 0 {
		return AppliedPlan{}, false
	}
	return list[i], true
}

// recordPlan remembers which plan file was applied, so that it is not applied
// twice and can be taken back. One that did nothing leaves no trace.
func (a *applier) recordPlan(s *state.State) error {
	next := uint64(1)
	if a.in.Prior != nil {
		next = a.in.Prior.Serial + 1
	}
	if err := addPlan(s, a.in.EarlierPlanFile, next); err != nil || a.in.PlanFile == "" {
		return err
	}
	did := a.journal.run != "" || a.in.Prior == nil
	if !did {
		same, err := state.SameContent(a.in.Prior, s)
		if did = !same; err != nil {
			return fmt.Errorf("compare state: %w", err)
		}
	}
	if !did {
		return nil
	}
	return addPlan(s, a.in.PlanFile, next)
}

// addPlan puts a plan file behind those that were applied; the oldest ones are
// forgotten. "" and what is known stay out.
func addPlan(s *state.State, digest string, serial uint64) error {
	if _, known := Applied(s, digest); known || digest == "" {
		return nil
	}
	list := append(AppliedPlans(s), AppliedPlan{digest, serial})
	raw, err := json.Marshal(list[max(0, len(list)-keptPlans):])
	if err != nil {
		return fmt.Errorf("remember the plan: %w", err)
	}
	s.Extra = maps.Clone(s.Extra) // the document that was read is not changed
	if s.Extra == nil {
		s.Extra = map[string]json.RawMessage{}
	}
	s.Extra[plansField] = raw
	return nil
}
