package docgen

import (
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage"
)

// packageRulesPage lists the rules that packages are checked by.
func packageRulesPage() string {
	var p page
	p.title("Rules of app packages")
	p.text("What `teamsform package validate`, `validate` and `plan` check a package by. A finding names its rule; a `rule` block of the app or `--rule ID=off|warning|error` raises or silences it. How to use them: [validate a package](../guides/validate-a-package.md).")
	p.text("Layers, strongest first: **schema** is the JSON schema of the manifest version, and what must hold before it can be asked; **service** has the code under which the service refuses a package on publishing; **packaging** is what tools that build and upload packages refuse, or this program; **guideline** is documentation and the guidelines of the store.")
	p.heading("Rules that no schema holds")
	var rows [][]string
	for _, r := range apppackage.Rules() {
		rows = append(rows, []string{"`" + r.ID + "`", string(r.Layer), string(r.Severity), escape(r.Summary)})
	}
	p.table([]string{"rule", "layer", "severity", "what it wants"}, rows)
	p.heading("Rules of the schemas")
	p.text("Each is an error of the layer schema. Some violations have a code of their own with the service, and are told under that.")
	rows = nil
	for _, id := range apppackage.RuleIDs() {
		if strings.HasPrefix(id, "SchemaError_") {
			rows = append(rows, []string{"`" + id + "`", escape(apppackage.RuleOf(id).Summary)})
		}
	}
	p.table([]string{"rule", "what it wants"}, rows)
	p.heading("What stops a package from being read")
	p.text("These cannot be silenced.")
	rows = nil
	for _, r := range apppackage.ReaderRules() {
		rows = append(rows, []string{"`" + r.ID + "`", escape(r.Summary)})
	}
	p.table([]string{"rule", "what it wants"}, rows)
	p.heading("Codes of the service without a rule")
	rows = nil
	for _, c := range apppackage.UnusedCodes() {
		rows = append(rows, []string{"`" + c.Code + "`", escape(c.Reason)})
	}
	p.table([]string{"code", "why"}, rows)
	return p.String()
}

// consentRulesPage lists the changes that ask people again, and which of the
// documented lists have them.
func consentRulesPage() string {
	var p page
	p.title("What makes people consent again")
	p.text("Rules by which an update of an app asks people who have it to accept it again, and the documented lists that name them: [update an app](../guides/update-an-app.md). A rule of a list that holds today asks for sure; one of older lists only may ask. `package diff --rules` takes an id or a year and judges by that list alone.")
	lists, err := apppackage.ConsentLists()
	if err != nil {
		p.text(escape(err.Error()))
		return p.String()
	}
	var rows [][]string
	for _, l := range lists {
		holds := ""
		if l.Current {
			holds = "yes"
		}
		rows = append(rows, []string{"`" + l.ID + "`", l.Date, l.Audience, holds, escape(l.Source)})
	}
	p.table([]string{"list", "date", "for", "holds today", "source"}, rows)
	head := []string{"rule"}
	for _, l := range lists {
		head = append(head, l.ID)
	}
	rows = nil
	for _, rule := range apppackage.ConsentRules() {
		row := []string{"`" + rule + "`"}
		for _, l := range lists {
			on, off := l.Has(rule, "on"), l.Has(rule, "off")
			switch {
			case on && off:
				row = append(row, "yes")
			case on:
				row = append(row, "when added")
			case off:
				row = append(row, "when removed")
			default:
				row = append(row, "")
			}
		}
		rows = append(rows, row)
	}
	p.heading("Rules")
	p.table(head, rows)
	return p.String()
}
