package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/teamsform/teamsform/engine/hold"
	"github.com/teamsform/teamsform/internal/ops/blocking"
	"github.com/teamsform/teamsform/internal/teams"
)

// Blocked prints what a block did, when it takes effect, and what is left for
// whom.
func Blocked(w io.Writer, res *blocking.Blocked) error {
	var b strings.Builder
	verb := "Blocked"
	switch {
	case res.DryRun:
		verb = "Would block"
	case len(res.Unreached) > 0:
		verb = "Recorded, and not yet in force: the block of"
	case res.Existed:
		verb = "Blocked again"
	}
	n := namesOfHolds(res.Holds)
	for _, h := range res.Holds {
		fmt.Fprintf(&b, "%s %s: %s\n", verb, h.Title(), h.Reason)
		cuts(&b, n, h.Cuts, res.DryRun)
	}
	if len(res.Failed) > 0 {
		b.WriteString("\nRefused\n")
		for _, f := range res.Failed {
			fmt.Fprintf(&b, "  %s: %v\n", cutTitle(f.Cut), f.Err)
		}
		b.WriteString("\nSomebody who may do it can run this command again, or in Teams PowerShell:\n\n")
		for _, f := range res.Failed {
			if command := teams.Command(f.Kind, f.Key, f.ID, f.Attr, f.After); command != "" {
				fmt.Fprintf(&b, "  %s\n", command)
			}
		}
	}
	if len(res.Unseen) > 0 {
		b.WriteString("\nAccepted, and not to be seen yet\n")
		for _, c := range res.Unseen {
			fmt.Fprintf(&b, "  %s: run the command again in some minutes; it tells whether it is there\n", cutTitle(c))
		}
	}
	effects(&b, res)
	_, err := io.WriteString(w, b.String())
	return err
}

func cuts(b *strings.Builder, n names, list []hold.Cut, dry bool) {
	if len(list) == 0 {
		b.WriteString("  Nothing in the tenant let it through.\n")
		return
	}
	for _, c := range list {
		state := ""
		if !dry && !c.Done {
			state = ", not done"
		}
		if c.Root != "" {
			state += fmt.Sprintf("; managed by the configuration %q: its next apply would put the app back, so block it there too", c.Root)
		}
		fmt.Fprintf(b, "  %s: %s -> %s%s\n", cutTitle(c), n.value(c.Before), n.value(c.After), state)
	}
}

func cutTitle(c hold.Cut) string {
	switch c.Kind {
	case teams.OrgSettings:
		return "org-wide switch for custom apps"
	case teams.App:
		return "the app itself, blocked"
	}
	return fmt.Sprintf("%s %q", strings.ReplaceAll(c.Kind, "_", " "), c.Key)
}

// effects says when a block takes effect and who has to sign in.
func effects(b *strings.Builder, res *blocking.Blocked) {
	if res.Tenant.ID == "" {
		return
	}
	all, app := false, false
	for _, h := range res.Holds {
		all, app = all || h.All, app || !h.All
	}
	b.WriteString("\nWhen it takes effect\n  At once: no plan or apply of this configuration gives it back, and nobody gets it anew.\n")
	switch {
	case app && res.Tenant.AccessModel == "app_centric":
		b.WriteString("  Within one to three days, rarely six: people who have the app lose it in their clients.\n")
	case app:
		b.WriteString("  Within a few hours: people who have the app lose it; a client that is open may show it that long.\n")
	}
	if all {
		b.WriteString("  Within minutes to hours: no custom app can be used. The switch may read as on and off in turn for a minute or so.\n")
	} else {
		b.WriteString("  If that is too slow: teamsform block --all-custom-apps turns off every custom app of the organisation.\n")
	}
	b.WriteString("\nWho has to sign in\n")
	if all || res.Tenant.AccessModel == "app_centric" {
		b.WriteString("  A Teams administrator, in person: an application identity may not change this on a real tenant.\n")
	} else {
		b.WriteString("  Whoever ran this is enough: a Teams administrator, or an application with that role.\n")
	}
	b.WriteString("\nTo end it: ")
	for i, h := range res.Holds {
		if i > 0 {
			b.WriteString(", and ")
		}
		b.WriteString(unblockCommand(h))
	}
	b.WriteString("\n")
}

func unblockCommand(h *hold.Hold) string {
	if h.All {
		return "teamsform unblock --all-custom-apps"
	}
	return "teamsform unblock " + h.App.String()
}

// namesOfHolds knows the apps that are held by their addresses.
func namesOfHolds(holds []*hold.Hold) names {
	n := names{byID: map[string]string{}}
	for name, id := range teams.WellKnownApps() {
		n.byID[id] = name
	}
	for _, h := range holds {
		n.add(h.CatalogID, h.App.String())
	}
	return n
}

// Unblocked prints what an unblock did and what is left to the next apply.
func Unblocked(w io.Writer, res *blocking.Unblocked) error {
	var b strings.Builder
	n := namesOfHolds(res.Holds)
	for _, h := range res.Holds {
		verb := "Unblocked"
		switch {
		case res.DryRun:
			verb = "Would unblock"
		case !res.Removed:
			verb = "Still blocked:"
		}
		fmt.Fprintf(&b, "%s %s (blocked since %s by %s: %s)\n", verb, h.Title(), h.Since.UTC().Format("2006-01-02 15:04 UTC"), h.By, h.Reason)
	}
	section := func(title string, list []hold.Cut) {
		if len(list) > 0 {
			fmt.Fprintf(&b, "\n%s\n", title)
		}
		for _, c := range list {
			fmt.Fprintf(&b, "  %s: %s -> %s\n", cutTitle(c), n.value(c.Before), n.value(c.After))
		}
	}
	section("Given back now", res.Back)
	if len(res.Later) > 0 {
		b.WriteString("\nManaged here: the next apply restores what the files want\n")
		for _, c := range res.Later {
			fmt.Fprintf(&b, "  %s\n", cutTitle(c))
		}
	}
	if len(res.Left) > 0 {
		b.WriteString("\nLeft alone\n")
		for _, l := range res.Left {
			fmt.Fprintf(&b, "  %s: %s\n", cutTitle(l.Cut), l.Why)
		}
	}
	if len(res.Failed) > 0 {
		b.WriteString("\nRefused\n")
		for _, f := range res.Failed {
			fmt.Fprintf(&b, "  %s: %v\n", cutTitle(f.Cut), f.Err)
			if command := teams.Command(f.Kind, f.Key, f.ID, f.Attr, f.After); command != "" {
				fmt.Fprintf(&b, "    %s\n", command)
			}
		}
	}
	if res.Removed && len(res.Later) > 0 {
		b.WriteString("\nRun teamsform plan, and then teamsform apply.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// blockFormat is the version of the JSON of `block` and `unblock`.
const blockFormat = "1.0"

type blockedDoc struct {
	FormatVersion string     `json:"format_version"`
	DryRun        bool       `json:"dry_run,omitempty"`
	Recorded      bool       `json:"recorded"` // block: the hold is in the state; unblock: it is not any more
	InForce       bool       `json:"in_force"` // nothing in the tenant lets through what is held
	Holds         []holdJSON `json:"holds"`
	Back          []cutJSON  `json:"given_back,omitempty"`
	Later         []cutJSON  `json:"left_to_apply,omitempty"`
	Left          []cutJSON  `json:"left_alone,omitempty"`
	Failed        []cutJSON  `json:"failed,omitempty"`
	Unseen        []cutJSON  `json:"not_visible_yet,omitempty"`
}

type holdJSON struct {
	Address       string    `json:"address,omitempty"`
	AllCustomApps bool      `json:"all_custom_apps,omitempty"`
	ManifestID    string    `json:"manifest_id,omitempty"`
	CatalogID     string    `json:"catalog_id,omitempty"`
	Name          string    `json:"name,omitempty"`
	Reason        string    `json:"reason"`
	By            string    `json:"by"`
	Since         string    `json:"since"`
	Changes       []cutJSON `json:"changes"`
}

type cutJSON struct {
	Type      string `json:"type"`
	Key       string `json:"key"`
	Attribute string `json:"attribute"`
	Before    any    `json:"before"`
	After     any    `json:"after"`
	Done      bool   `json:"done"`
	ManagedBy string `json:"managed_by,omitempty"`
	Why       string `json:"why,omitempty"`
	Command   string `json:"command,omitempty"`
}

// BlockedJSON prints a block for programs.
func BlockedJSON(w io.Writer, res *blocking.Blocked) error {
	doc := blockedDoc{
		FormatVersion: blockFormat, DryRun: res.DryRun, Recorded: res.Recorded, Holds: holdsJSON(res.Holds), Failed: failedJSON(res.Failed), Unseen: cutsJSON(res.Unseen),
		InForce: res.Recorded && len(res.Unreached)+len(res.Failed)+len(res.Unseen) == 0,
	}
	return writeJSON(w, doc)
}

// UnblockedJSON prints an unblock for programs.
func UnblockedJSON(w io.Writer, res *blocking.Unblocked) error {
	doc := blockedDoc{
		FormatVersion: blockFormat, DryRun: res.DryRun, Recorded: res.Removed, InForce: !res.Removed, Holds: holdsJSON(res.Holds),
		Back: cutsJSON(res.Back), Later: cutsJSON(res.Later), Failed: failedJSON(res.Failed),
	}
	for _, l := range res.Left {
		c := cutsJSON([]hold.Cut{l.Cut})[0]
		c.Why = l.Why
		doc.Left = append(doc.Left, c)
	}
	return writeJSON(w, doc)
}

func holdsJSON(list []*hold.Hold) []holdJSON {
	out := []holdJSON{}
	for _, h := range list {
		changes := cutsJSON(h.Cuts)
		if changes == nil {
			changes = []cutJSON{}
		}
		j := holdJSON{
			AllCustomApps: h.All, ManifestID: h.ManifestID, CatalogID: h.CatalogID, Name: h.Name, Reason: h.Reason, By: h.By,
			Since: h.Since.UTC().Format(time.RFC3339), Changes: changes,
		}
		if !h.All {
			j.Address = h.App.String()
		}
		out = append(out, j)
	}
	return out
}

func cutsJSON(list []hold.Cut) []cutJSON {
	var out []cutJSON
	for _, c := range list {
		out = append(out, cutJSON{Type: c.Kind, Key: c.Key, Attribute: c.Attr, Before: c.Before, After: c.After, Done: c.Done, ManagedBy: c.Root})
	}
	return out
}

func failedJSON(list []blocking.FailedCut) []cutJSON {
	var out []cutJSON
	for _, f := range list {
		c := cutsJSON([]hold.Cut{f.Cut})[0]
		c.Why, c.Command = f.Err.Error(), teams.Command(f.Kind, f.Key, f.ID, f.Attr, f.After)
		out = append(out, c)
	}
	return out
}
