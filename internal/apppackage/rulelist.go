package apppackage

import (
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/internal/apppackage/internal/rulelist"
)

// Rules returns every rule that is not one of the JSON schemas' (those have ids
// that begin with SchemaError_ and are all errors), by theme.
func Rules() []RuleInfo { return rulelist.All() }

// ReaderRules returns what stops a package from being read. These rules cannot
// be silenced.
func ReaderRules() []RuleInfo { return rulelist.Reader() }

// UnusedCode is a code of the service for which there is no rule, and why.
type UnusedCode = rulelist.Unused

// UnusedCodes lists them by name.
func UnusedCodes() []UnusedCode { return rulelist.UnusedCodes() }

// RuleIDs returns the ids of all rules, those of the JSON schemas too, sorted.
func RuleIDs() []string {
	var out []string
	for _, r := range Rules() {
		out = append(out, r.ID)
	}
	for _, name := range schemaRuleNames() {
		out = append(out, schemaRulePrefix+name)
	}
	slices.Sort(out)
	return out
}

// RuleOf describes a rule, also one of the JSON schemas and those that only the
// reader of packages names.
func RuleOf(id string) RuleInfo {
	for _, r := range slices.Concat(Rules(), ReaderRules()) {
		if r.ID == id {
			return r
		}
	}
	for keyword, name := range schemaRuleNames() {
		if id == schemaRulePrefix+name {
			return RuleInfo{ID: id, Layer: LayerSchema, Severity: SeverityError, Summary: "the JSON schema of the version holds: " + keyword}
		}
	}
	return RuleInfo{ID: id, Layer: LayerPackaging, Severity: SeverityError, Summary: "the package can be read"}
}

// NoSuchRule says why the severity of a rule cannot be set; "" when it can.
func NoSuchRule(id string) string {
	switch {
	case KnownRule(id):
		return ""
	case slices.ContainsFunc(ReaderRules(), func(r RuleInfo) bool { return r.ID == id }):
		return fmt.Sprintf("%s stops a package from being read, so it cannot be silenced.", id)
	}
	return fmt.Sprintf("There is no rule %q for app packages.", id)
}

// KnownRule reports whether findings can have that rule id.
func KnownRule(id string) bool { return slices.Contains(RuleIDs(), id) }
