package apppackage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/rulelist"
)

// What describes rules and findings. The types are those of internal/rulelist.
type (
	// Layer says who holds the rule that a finding is about.
	Layer = rulelist.Layer
	// Severity says what a finding does to a run.
	Severity = rulelist.Severity
	// RuleInfo describes a rule that findings name.
	RuleInfo = rulelist.Rule
)

// The layers, strongest first.
const (
	LayerSchema    = rulelist.Schema    // the JSON schema of the manifest version, and what must hold before it can be asked
	LayerService   = rulelist.Service   // the service refuses it on publishing; the rule has the service's code
	LayerPackaging = rulelist.Packaging // the tools that build and upload packages, or this program
	LayerGuideline = rulelist.Guideline // documentation and the store's guidelines
)

// The severities. Off is for ValidateOptions only.
const (
	SeverityError   = rulelist.Error
	SeverityWarning = rulelist.Warning
	SeverityInfo    = rulelist.Info
	SeverityOff     = rulelist.Off
)

// Finding is one thing that should be otherwise about a package.
type Finding struct {
	Rule         string // id; the service's code where it has one
	Layer        Layer
	Severity     Severity
	Keyword      string // JSON Schema keyword for LayerSchema, else ""
	File         string // path inside the package
	Path         string // JSON pointer in that file; "" is the root or does not apply
	Line, Column int    // from 1; 0 when the finding is about no place in a text
	Message      string
	Remedy       string
}

// String returns "file:line:column: severity: message (rule)".
func (f Finding) String() string {
	place := f.File
	if f.Line > 0 {
		place += fmt.Sprintf(":%d:%d", f.Line, f.Column)
	}
	return fmt.Sprintf("%s: %s: %s (%s)", place, f.Severity, f.Message, f.Rule)
}

// HasErrors reports whether any finding is an error.
func HasErrors(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == SeverityError })
}

// ValidateOptions adjust the verdict. Severity maps a rule id to the severity
// it shall have instead of its own: "off" silences it, and a rule that is off
// by default is switched on by any other. See Rules for the ids.
type ValidateOptions struct {
	Severity map[string]Severity
}

// apply sets severities and sorts.
func (o ValidateOptions) apply(findings []Finding) []Finding {
	return sortFindings(o.adjust(findings))
}

func (o ValidateOptions) adjust(findings []Finding) []Finding {
	out := []Finding{}
	for _, f := range findings {
		if s, ok := o.Severity[f.Rule]; ok {
			f.Severity = s
		}
		if f.Severity != SeverityOff {
			out = append(out, f)
		}
	}
	return out
}

// sortFindings orders by file (the manifest first) and place, and says the same
// thing once.
func sortFindings(out []Finding) []Finding {
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(fileRank(a.File), fileRank(b.File)),
			strings.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			strings.Compare(a.Path, b.Path),
			strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(out)
}

func fileRank(name string) int {
	if name == manifestName {
		return 0
	}
	return 1
}

// Severities returns those that a user can give to a rule.
func Severities() []Severity { return []Severity{SeverityOff, SeverityWarning, SeverityError} }
