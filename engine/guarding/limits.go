package guarding

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/diag"
)

// The limits in force. Before the first apply those of the files hold. From
// then on the state keeps what was last applied, and both hold together: so a
// limit that the files tighten counts at once, and one that they loosen counts
// from the apply after the one that records it, without comparing the two. A
// guard may trip only when the files and the state both allow it, and guards
// refuse when either of the two says that they do. Whoever loosens a limit and
// uses the new room in one change is therefore stopped, by name.

// rulesVersion is the version of rules in state.
const rulesVersion = 1

// rules are what guards permit.
type rules struct {
	limits   map[string][]config.Limit // by guard; all of them hold
	allow    []string
	enforced bool // guards refuse; otherwise they only report
}

// rulesJSON is the form of rules in state.
type rulesJSON struct {
	Version  int                 `json:"version"`
	Enforced bool                `json:"enforced"`
	Limits   map[string][]string `json:"limits"`
	Allow    []string            `json:"allow,omitempty"`
}

// fileRules are the rules that a configuration and its tenant ask for.
func fileRules(cfg *config.Config, t engine.TenantInfo) rules {
	r := rules{limits: map[string][]config.Limit{}, enforced: t.Driver != config.DriverEmulated}
	for _, g := range config.GuardNames() {
		r.limits[g.Name] = g.Default
	}
	if cfg == nil || cfg.Guard == nil {
		return r
	}
	r.enforced, r.allow = true, cfg.Guard.Allow
	for name, l := range cfg.Guard.Limits {
		r.limits[name] = []config.Limit{l}
	}
	return r
}

// encode gives the rules as state keeps them.
func (r rules) encode() json.RawMessage {
	out := rulesJSON{Version: rulesVersion, Enforced: r.enforced, Limits: map[string][]string{}, Allow: r.allow}
	for name, list := range r.limits {
		for _, l := range list {
			out.Limits[name] = append(out.Limits[name], l.String())
		}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil // text and numbers only: cannot fail
	}
	return raw
}

// decodeRules reads the rules of a state; nil when it has none.
func decodeRules(raw json.RawMessage) (*rules, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var in rulesJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, fmt.Errorf("guards in the state: %w", err)
	}
	if in.Version > rulesVersion {
		return nil, fmt.Errorf("guards in the state have version %d; this program knows %d: use a newer teamsform", in.Version, rulesVersion)
	}
	out := &rules{limits: map[string][]config.Limit{}, allow: in.Allow, enforced: in.Enforced}
	for name, list := range in.Limits {
		for _, text := range list {
			l, ok := config.ParseLimit(text)
			if !ok {
				return nil, fmt.Errorf("guards in the state: the limit %q of %s is neither a count nor a share", text, name)
			}
			out.limits[name] = append(out.limits[name], l)
		}
	}
	return out, nil
}

// readRules fills in the rules of the files and of the last apply.
func (j *judging) readRules() {
	j.files = fileRules(j.Input.Config, j.Input.Tenant)
	if j.Input.Prior == nil {
		return
	}
	applied, err := decodeRules(j.Input.Prior.Guards)
	if err != nil {
		j.diags = append(j.diags, diag.FromError("State cannot be read", err)...)
	}
	j.applied = applied
}

// enforced reports whether guards refuse here.
func (j *judging) enforced() bool {
	return j.files.enforced || j.applied != nil && j.applied.enforced
}

// atLeastAsTight reports whether whatever x permits, y permits too.
func atLeastAsTight(x, y []config.Limit) bool {
	for _, outer := range y {
		if !slices.ContainsFunc(x, func(inner config.Limit) bool {
			switch {
			case !inner.Share && inner.Count == 0:
				return true
			case inner.Share != outer.Share:
				return false
			case inner.Share:
				return inner.Percent <= outer.Percent
			}
			return inner.Count <= outer.Count
		}) {
			return false
		}
	}
	return true
}

// loosened says what the files let pass that the last apply did not, one
// sentence each, in the order of the guards.
func (j *judging) loosened() []string {
	if j.applied == nil || j.Input.Config == nil {
		return nil
	}
	const when = "This counts from the apply after the one that records it."
	var out []string
	if j.applied.enforced && !j.files.enforced {
		out = append(out, "The guard block is gone: guards would only report from now on. "+when)
	}
	for _, g := range config.GuardNames() {
		now, was := j.files.limits[g.Name], j.applied.limits[g.Name]
		if len(was) > 0 && !atLeastAsTight(now, was) {
			out = append(out, fmt.Sprintf("The limit of the guard %s is loosened: %s -> %s. %s", g.Name, config.LimitsText(was), config.LimitsText(now), when))
		}
		if slices.Contains(j.files.allow, g.Name) && !slices.Contains(j.applied.allow, g.Name) {
			out = append(out, fmt.Sprintf("The guard block allows %s from now on. %s", g.Name, when))
		}
	}
	return out
}

// rememberRules puts into the plan what the state will hold of the rules. A
// plan that does only a part of what the files say leaves them as they were.
func (j *judging) rememberRules() {
	if j.Input.Config == nil || j.Input.Destroy || j.partial() {
		return
	}
	raw := j.files.encode()
	if j.Input.Prior != nil && string(j.Input.Prior.Guards) == string(raw) {
		return
	}
	j.Plan.Guarding = raw
	j.Plan.GuardingChanged = j.applied != nil
}

// partial reports whether the plan does only a part of what the files say.
func (j *judging) partial() bool {
	return j.Input.MembershipOnly || j.Input.RefreshOnly || j.Plan.Partial
}

// shareFrom is how many there must be for a share to be judged where it says
// so: of three, one is a third and no alarm.
const shareFrom = 10

// within judges a count of base against limits that all hold. A share of less
// than from is not judged.
func within(limits []config.Limit, count, base, from int) bool {
	for _, l := range limits {
		if l.Share && base >= from && 100*float64(count) > l.Percent*float64(base) {
			return false
		}
		if !l.Share && int64(count) > l.Count {
			return false
		}
	}
	return true
}
