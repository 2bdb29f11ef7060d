package rulelist

import "slices"

// Layer says who holds the rule that a finding is about.
type Layer string

// The layers, strongest first.
const (
	Schema    Layer = "schema"    // the JSON schema of the manifest version, and what must hold before it can be asked
	Service   Layer = "service"   // the service refuses it on publishing; the rule has the service's code
	Packaging Layer = "packaging" // the tools that build and upload packages, or this program
	Guideline Layer = "guideline" // documentation and the store's guidelines
)

// Severity says what a finding does to a run.
type Severity string

// The severities. Off is for ValidateOptions only.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
	Off     Severity = "off"
)

// Rule describes a rule that findings name.
type Rule struct {
	ID       string
	Layer    Layer
	Severity Severity // unless a finding or the options say otherwise
	Summary  string   // what the rule wants
}

// All returns every rule that is not one of the JSON schemas' (those have ids
// that begin with SchemaError_ and are all errors), by theme. Sources: the error
// codes of the Graph call that publishes an app, the manifest reference, the
// store's validation guidelines, and for Packaging our own judgement.
func All() []Rule {
	return slices.Concat(identityRules(), domainRules(), capabilityRules(), extensionRules(), apiRules(), localizationRules(), fileRules(), updateRules())
}

// Reader returns what stops a package from being read. They cannot be
// silenced.
func Reader() []Rule {
	return []Rule{
		{"NotAZip", Packaging, Error, "the file is a zip"},
		{"TooBig", Packaging, Error, "sizes, counts and compression stay within the limits"},
		{"UnsafePath", Packaging, Error, "paths stay inside the package and mean the same on every system"},
		{"DuplicateEntry", Packaging, Error, "no two files have the same name where case does not count"},
		{"SymbolicLink", Packaging, Error, "the package holds no symbolic links"},
		{"IrregularFile", Packaging, Error, "the package holds files and folders only"},
		{"EncryptedEntry", Packaging, Error, "the zip has no password"},
		{"NestedArchive", Packaging, Error, "no zip stands inside the package"},
		{"UnreadableEntry", Packaging, Error, "every file of the zip can be read, and its checksum is right"},
	}
}
