package ops

import (
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// DefaultPlanAge is how old a plan may be when it is applied.
const DefaultPlanAge = 72 * time.Hour

// The summaries of what keeps a plan file from being applied. Each leads to
// exit code 5.
const (
	SummaryPlanIncomplete = "Plan is incomplete"
	SummaryPlanTooOld     = "Plan is too old"
	SummaryPlanEnded      = "Plan has ended"
	SummaryPlanApplied    = "Plan was applied already"
	SummaryPlanTenant     = "Plan of another tenant"
	SummaryPlanCloud      = "Plan of another cloud"
	SummaryPlanModel      = "Plan for another access model"
	SummaryPlanState      = "Plan of another state"
	SummaryPlanSerial     = "State has changed since the plan"
	SummaryPlanConfig     = "Configuration has changed since the plan"
	SummaryPlanSecret     = "Sensitive input is missing"
)

const newPlan = " Make a new one with \"teamsform plan --out FILE\"."

// checkPlan judges what the file says of itself.
func (s *session) checkPlan(f *planfile.File, maxAge time.Duration) {
	h, now := f.Plan.Header, s.rt.Clock()
	if maxAge == 0 {
		maxAge = DefaultPlanAge
	}
	switch age := now.Sub(h.PlannedAt); {
	case len(f.Plan.Incomplete) > 0:
		s.refuse(SummaryPlanIncomplete, "The plan was made without all of the tenant: %s It can be read, but not applied.%s", strings.Join(f.Plan.Incomplete, " "), newPlan)
	case age > maxAge:
		s.refuse(SummaryPlanTooOld, "The plan was made on %s, %s ago; one that is older than %s is not applied (--max-plan-age).%s", at(h.PlannedAt), roughly(age), roughly(maxAge), newPlan)
	case !h.NotAfter.IsZero() && now.After(h.NotAfter):
		s.refuse(SummaryPlanEnded, "Something in the plan held until %s only.%s", at(h.NotAfter), newPlan)
	}
}

func at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// roughly words a duration for people.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d >= 2*time.Minute:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return d.String()
}

// checkSecrets wants a value for every sensitive variable that had one.
func (s *session) checkSecrets(f *planfile.File, now Source) {
	given := map[string]bool{}
	for _, v := range now.Vars {
		name, _, _ := strings.Cut(v, "=")
		name = strings.TrimSpace(name)
		if given[name] = true; !slices.Contains(f.Source.Secret, name) {
			s.wrong("Value for a saved plan", "--var gives a value for %q. A plan that is saved is applied with the values that it was made with; only sensitive variables, which it does not keep, are given again.", name)
		}
	}
	var missing []string
	for _, name := range f.Source.Secret {
		if _, env := s.rt.lookupEnv(config.EnvPrefix + name); !env && !given[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		s.refuse(SummaryPlanSecret, "The plan was made with a value for %s, which is sensitive, so the plan does not keep it. Give it again with --var '%s=...', or in the environment variable %s%s.",
			"var."+strings.Join(missing, ", var."), missing[0], config.EnvPrefix, missing[0])
	}
}

// checkConfig compares the configuration with the one that the plan was made
// from, and names what differs.
func (s *session) checkConfig(f *planfile.File, cfg *config.Config) bool {
	t := f.Source.Tenant
	if cfg.Tenant.Cloud != "" && t.Cloud != cfg.Tenant.Cloud {
		s.refuse(SummaryPlanCloud, "The plan is for the cloud %q, and the configuration is for %q.%s", t.Cloud, cfg.Tenant.Cloud, newPlan)
		return false
	}
	if cfg.Digest() == f.Plan.Header.ConfigDigest {
		return true
	}
	if len(cfg.Files) == 0 {
		s.refuse(SummaryPlanConfig, "The configuration that the plan was made from is not here. Say where it is with -C, or apply the plan without it: --no-config.")
		return false
	}
	before, now := map[string]string{}, map[string]string{}
	for _, file := range f.Source.Files {
		before[file.Path] = file.SHA256
	}
	for _, file := range cfg.Files {
		now[file.Path] = hex.EncodeToString(file.SHA256[:])
	}
	var lines []string
	for path, sum := range before {
		if n, there := now[path]; !there {
			lines = append(lines, path+" is not read any more")
		} else if n != sum {
			lines = append(lines, path+" has changed")
		}
	}
	for path := range now {
		if before[path] == "" {
			lines = append(lines, path+" is new")
		}
	}
	sort.Strings(lines)
	if n := len(lines); n > 10 {
		lines = append(lines[:10], fmt.Sprintf("and %d more", n-10))
	}
	s.refuse(SummaryPlanConfig, "The plan was made from other files:\n\n  %s\n\nPut them back, or make a new plan with \"teamsform plan --out FILE\".", strings.Join(lines, "\n  "))
	return false
}

// checkState judges the state that lies there. It reports whether the plan
// starts from it; if not, and nothing is refused, a plan made again has to tell
// whether the state's changes matter.
func (s *session) checkState(f *planfile.File) (same bool) {
	h := f.Plan.Header
	done, applied := applying.Applied(s.prior, f.Digest)
	j := s.loaded.Journal
	switch st := s.prior; {
	case applied:
		s.refuse(SummaryPlanApplied, "This plan was applied before; serial %d of the state holds what came of it.%s", done.Serial, newPlan)
	case j != nil && j.Header.Plan == f.Digest && s.loaded.Fit == state.FitStarts:
		s.refuse(SummaryPlanApplied, "An apply of this plan was interrupted; what it did is settled by the next one.%s", newPlan)
	case st == nil && h.Lineage == "":
		return journalOf(s.loaded) == h.Journal
	case st == nil:
		s.refuse(SummaryPlanState, "The plan was made from a state of the lineage %s, and there is no state here now.%s", h.Lineage, newPlan)
	case h.Lineage == "":
		s.refuse(SummaryPlanState, "The plan was made when there was no state; now there is one, of the lineage %s.%s", st.Lineage, newPlan)
	case st.Lineage != h.Lineage:
		s.refuse(SummaryPlanState, "The plan was made from a state of the lineage %s, and the state here is of %s.%s", h.Lineage, st.Lineage, newPlan)
	case st.Cloud != "" && f.Source.Tenant.Cloud != st.Cloud:
		s.refuse(SummaryPlanCloud, "The plan is for the cloud %q, and the state is of %q.%s", f.Source.Tenant.Cloud, st.Cloud, newPlan)
	default:
		return h.Serial >= st.Base() && h.Serial <= st.Serial && journalOf(s.loaded) == h.Journal
	}
	return false
}

// checkTenant compares the tenant that was reached with that of the plan.
func (s *session) checkTenant(f *planfile.File) {
	want, is := f.Plan.Header.Tenant, s.conn.Info
	switch {
	case schema.FoldKey(want.ID) != schema.FoldKey(is.ID):
		s.refuse(SummaryPlanTenant, "The plan is for the tenant %s, and this is %s. Nothing was changed.", orUnnamed(want.Name, want.ID), orUnnamed(is.Name, is.ID))
	case want.AccessModel != is.AccessModel:
		s.refuse(SummaryPlanModel, "The plan is for a tenant with access by %s, and this one has %s by now.%s", want.AccessModel, is.AccessModel, newPlan)
	}
}
