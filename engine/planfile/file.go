package planfile

import (
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/table"
)

// FormatVersion is the version of the format that [Write] writes: a minor
// version adds fields, a major one changes their meaning. [Read] takes no newer
// one of either sort, because what it does not know it could not apply.
const FormatVersion = "1.0"

// File is a plan and what it was made from.
type File struct {
	Plan    *engine.Plan
	Strings *table.Strings // of the plan's rows
	Source  Source

	// Digest identifies a file that was read or written: "sha256:..." over its
	// bytes.
	Digest string
}

// Source says what a plan was made from: enough to check that it still is so,
// to make the plan again, and to reach state and tenant without the
// configuration.
type Source struct {
	Files    []SourceFile // every file read, by path
	Emulated bool         // made with --emulated
	State    StateAt
	Tenant   TenantAt
	Choice   Choice

	Variables map[string]string // values given by --var or the environment, as given
	VarFiles  []string          // files of values, relative to the configuration's folder
	// Secret are the sensitive variables that had a value from --var or the
	// environment. Their values are not kept and must be given again.
	Secret []string
}

// SourceFile is one file of a configuration.
type SourceFile struct {
	Path   string // relative to the configuration's folder
	SHA256 string // hexadecimal
}

// StateAt says where the state is. A backend takes its credentials from its
// surroundings, never from here.
type StateAt struct {
	Type string // "local"
	Path string // relative to the configuration's folder, or absolute
}

// TenantAt says how to reach the tenant, as the tenant block does.
type TenantAt struct {
	Driver, ID, AccessModel, Cloud string
	People, Path                   string // of an emulated tenant, relative to the configuration's folder
	CAFile, PolicyTransport        string
}

// Choice is what the plan was asked to do, and how far to go.
type Choice struct {
	Adopt, NoRefresh           bool
	MembershipOnly             bool // only what the directory has caused
	Targets, Excludes, Replace []string
}
