package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
)

// What the service has accepted and does not show everywhere yet: neither done
// nor changed by anybody.

// becoming says in a clause how much is on its way, or "".
func becoming(changes, deletions int) string {
	var parts []string
	if changes > 0 {
		parts = append(parts, fmt.Sprintf("%s still becoming visible", thousands(changes)))
	}
	if deletions > 0 {
		parts = append(parts, fmt.Sprintf("%s %s pending", thousands(deletions), plural(deletions, "deletion", "deletions")))
	}
	return strings.Join(parts, ", ")
}

// pending lists what a plan found to be on its way.
func (v *planView) pending() {
	changes, deletions := v.plan.Waiting()
	if changes+deletions == 0 {
		return
	}
	v.heading("Still becoming visible")
	for _, s := range v.plan.Pending {
		if !s.Waiting() {
			continue
		}
		sign, what := v.style.yellow("~"), "sent on %s, visible by about %s"
		if s.Deletion {
			sign, what = v.style.red("-"), "deleted on %s, gone by about %s"
		}
		v.line("  %s %s: %s (%s)", sign, v.sightTitle(s), fmt.Sprintf(what, moment(s.Since), moment(s.Until)), s.Kind.Delay.Why)
	}
	for _, s := range v.plan.PendingRows {
		if s.Waiting == 0 {
			continue
		}
		sign, what := v.style.yellow("~"), fmt.Sprintf("%s %s the %s %q", people(s.Waiting), plural(s.Waiting, "gets", "get"), strings.ReplaceAll(s.Type, "_", " "), s.Policy)
		if s.Policy == "" {
			sign, what = v.style.red("-"), fmt.Sprintf("%s %s a direct %s", people(s.Waiting), plural(s.Waiting, "loses", "lose"), strings.ReplaceAll(s.Type, "_", " "))
		}
		v.line("  %s %s: sent on %s, visible by about %s (%s)", sign, what, moment(s.Since), moment(s.Until), sightSamples(s))
	}
}

func sightSamples(s *engine.RowsSight) string {
	return few(s.Samples, s.Waiting)
}

func (v *planView) sightTitle(s *engine.Sight) string {
	name := s.Name
	if name == "" {
		name = s.Key
	}
	at := s.Addr.String()
	if s.Retiring {
		at += " (retiring)"
	}
	if s.Kind.Unlabeled || s.Kind.Generated {
		return at
	}
	return fmt.Sprintf("%s %q", at, name)
}

// waiting lists what an apply leaves on its way.
func waiting(b *strings.Builder, s Style, out *applying.Outcome) (changes, deletions int) {
	for _, w := range out.Waiting {
		if w.Deletion {
			deletions += w.Count
		} else {
			changes += w.Count
		}
	}
	if changes+deletions == 0 {
		return 0, 0
	}
	fmt.Fprintf(b, "\n%s\n", s.bold("Accepted, still becoming visible"))
	for _, w := range out.Waiting {
		what := w.What
		if w.Addr.IsZero() {
			what += " (" + people(w.Count) + ")"
		} else {
			what = w.Addr.String() + ", " + what
		}
		sign, by := s.yellow("~"), "visible"
		if w.Deletion {
			sign, by = s.red("-"), "gone"
		}
		fmt.Fprintf(b, "  %s %s: %s by about %s (%s)\n", sign, what, by, moment(w.Until), w.Why)
	}
	if out.WaitedOut > 0 {
		fmt.Fprintf(b, "Waited %s for it, as asked.\n", out.WaitedOut)
	}
	return changes, deletions
}

// moment writes a time as people say it in a plan.
func moment(t time.Time) string { return t.UTC().Format("Monday, 2 January, 15:04 UTC") }
