package teams

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

// This file judges the package of an app before anything is planned: what the
// service would refuse is an error here, and the user may raise or silence each
// rule by a block, with a reason that reviewers see.

const ruleBlockName = "rule"

func ruleBlock() *schema.Block {
	words := make([]string, 0, 3)
	for _, s := range apppackage.Severities() {
		words = append(words, string(s))
	}
	return &schema.Block{
		Name: ruleBlockName, Labels: []string{"rule id"},
		Doc: "Raises or silences a rule that packages are checked by; the message of a finding names its rule, and the reference of package rules lists all. What stops a package from being read cannot be silenced.",
		Attrs: []*schema.Attr{
			{Name: "severity", Type: schema.String{Words: words}, Required: true, Doc: "off, warning or error."},
			{Name: "reason", Type: schema.String{}, Doc: "Why. Plans show it with what the rule would have said."},
		},
	}
}

// packageRule is a rule block of an app.
type packageRule struct {
	severity apppackage.Severity
	reason   string
	at       hcl.Range
}

func packageRules(blocks []schema.BlockInstance) map[string]packageRule {
	out := map[string]packageRule{}
	for _, b := range blocks {
		severity, _ := b.Attrs["severity"].(string)
		reason, _ := b.Attrs["reason"].(string)
		out[b.Labels[0]] = packageRule{apppackage.Severity(severity), reason, b.Range}
	}
	return out
}

// checkRules refuses rules that do not exist, or that two blocks change.
func checkRules(in schema.DeriveInput) hcl.Diagnostics {
	var diags hcl.Diagnostics
	seen := map[string]hcl.Range{}
	for _, b := range in.Blocks[ruleBlockName] {
		id := b.Labels[0]
		if first, twice := seen[id]; twice {
			diags = append(diags, diag.WithAddress(diag.Error(&b.Range, "Rule changed twice", "The rule %s is changed at %s:%d already. Keep one of the two blocks.", id, first.Filename, first.Start.Line), in.Addr.String()))
		}
		seen[id] = b.Range
		if !apppackage.KnownRule(id) {
			diags = append(diags, diag.WithAddress(diag.Error(&b.Range, "Unknown rule", "%s%s", apppackage.NoSuchRule(id), diag.DidYouMean(id, apppackage.RuleIDs())), in.Addr.String()))
		}
	}
	return diags
}

// judgePackage turns findings into diagnostics at the attribute that names the
// package. What is for information only is left to the command that shows it.
func judgePackage(in schema.DeriveInput, pkg *apppackage.Package) hcl.Diagnostics {
	rules := packageRules(in.Blocks[ruleBlockName])
	options := apppackage.ValidateOptions{Severity: map[string]apppackage.Severity{}}
	for id, r := range rules {
		options.Severity[id] = r.severity
	}
	rng := in.Ranges["package"]
	var diags hcl.Diagnostics
	for _, f := range pkg.Validate(options) {
		text := findingText(f)
		if r, changed := rules[f.Rule]; changed {
			text += because(r)
		}
		switch f.Severity {
		case apppackage.SeverityError:
			diags = append(diags, diag.WithAddress(diag.Error(&rng, "Invalid app package", "%s", text), in.Addr.String()))
		case apppackage.SeverityWarning:
			diags = append(diags, diag.WithAddress(diag.Warning(&rng, "Questionable app package", "%s", text), in.Addr.String()))
		case apppackage.SeverityInfo, apppackage.SeverityOff:
		}
	}
	return diags
}

// findingText is "file:line:column: message; remedy (rule)".
func findingText(f apppackage.Finding) string {
	text := f.File
	if f.Line > 0 {
		text += fmt.Sprintf(":%d:%d", f.Line, f.Column)
	}
	text += ": " + f.Message
	if f.Remedy != "" {
		text += "; " + f.Remedy
	}
	return text + " (" + f.Rule + ")"
}

// because says who changed a rule, and why.
func because(r packageRule) string {
	text := fmt.Sprintf(". The rule block at %s:%d makes this %s", r.at.Filename, r.at.Start.Line, map[apppackage.Severity]string{
		apppackage.SeverityError: "an error", apppackage.SeverityWarning: "a warning", apppackage.SeverityOff: "silent",
	}[r.severity])
	if r.reason != "" {
		text += ": " + r.reason
	}
	return text
}

// silenced says what rules that are off would have said, and why they are off.
func silenced(pkg *apppackage.Package, blocks []schema.BlockInstance) []string {
	rules := packageRules(blocks)
	var out []string
	for _, f := range pkg.Validate(apppackage.ValidateOptions{}) {
		if r, ok := rules[f.Rule]; ok && r.severity == apppackage.SeverityOff {
			out = append(out, "not counted: "+findingText(f)+because(r))
		}
	}
	return out
}
