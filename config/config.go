package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/people"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/config/internal/settings"
	"github.com/teamsform/teamsform/config/internal/variables"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Config is an evaluated configuration. Every path and every file name in a
// range is relative to Dir and written with "/".
type Config struct {
	Dir      string
	Settings Settings
	Tenant   Tenant
	Guard    *Guard // nil: no guard block

	Users     map[addr.Instance]*Users
	Groups    map[addr.Instance]*Group
	StoreApps map[addr.Instance]*StoreApp

	Instances []*Instance // managed objects and inputs of the compile step, by address
	Outputs   []Output    // by name
	Expects   []Expect    // in file order
	Variables []Variable  // by name
	Files     []File      // every file read, by path

	Moved   []Moved // in file order, as are the following
	Removed []Removed
	Imports []Import
	Ignored []Ignore

	// Sources are the parsed files by the name that ranges give, for snippets.
	Sources map[string]*hcl.File

	kept *loader // for Evaluate
}

// What the blocks teamsform, tenant and guard say.
type (
	Settings = settings.Settings
	State    = settings.State
	Tenant   = settings.Tenant
	Guard    = settings.Guard
	Limit    = settings.Limit
	// GuardName documents one guard.
	GuardName = settings.GuardName
)

// The words of tenant.driver and tenant.access_model.
const (
	DriverEmulated     = settings.DriverEmulated
	DriverMicrosoft365 = settings.DriverMicrosoft365
	ModelPolicies      = settings.ModelPolicies
	ModelAppCentric    = settings.ModelAppCentric
)

// Where things are kept unless the configuration says otherwise.
const (
	defaultStatePath  = settings.DefaultStatePath
	defaultTenantPath = settings.DefaultTenantPath
	localRoot         = settings.LocalRoot
)

// GuardNames lists the guards that a guard block and --allow may name.
func GuardNames() []GuardName { return settings.GuardNames() }

// CheckGuardName says what is wrong with the name of a guard, or "".
func CheckGuardName(name string) string { return settings.CheckGuardName(name) }

// ParseLimit reads a limit as a guard block writes it: a count such as 50, or
// a share such as 10%.
func ParseLimit(s string) (Limit, bool) { return settings.ParseLimit(s) }

// LimitsText gives limits that all hold as people write them: "10 and 10%".
func LimitsText(limits []Limit) string { return settings.LimitsText(limits) }

// DiagnosticDoc documents one diagnostic for the reference.
type DiagnosticDoc = problem.Doc

// Diagnostics lists the diagnostics of this package in the order in which a
// configuration is read. Besides these, the language library reports mistakes
// of syntax and failed function calls in its own words, and each kind those of
// its own rules.
func Diagnostics() []DiagnosticDoc { return problem.Docs() }

// File is one file that the configuration was made from.
type File = files.File

// Instance is one declared object: a block, or one key of a for_each block.
type Instance struct {
	Addr      addr.Instance
	Kind      *schema.Kind
	Attrs     schema.Attrs         // written and derived; absent means not mentioned
	Ranges    map[string]hcl.Range // of each written attribute's expression
	DeclRange hcl.Range            // of the block's header
	Blocks    map[string][]BlockInstance
	Lifecycle Lifecycle
	DependsOn []addr.Instance // managed objects named by depends_on, sorted
	Needs     []addr.Instance // managed objects that the block refers to, depends_on included, sorted
	Sensitive []string        // attributes computed from sensitive values, sorted
}

// BlockInstance is one nested block.
type BlockInstance = schema.BlockInstance

// Lifecycle is the lifecycle block.
type Lifecycle struct {
	PreventDestroy bool
	// IgnoreChanges are attributes, or one part of one as attribute.part; a
	// part may itself hold dots.
	IgnoreChanges []string
	OnDestroy     string // "", "delete", "let_go", "reset" or "restore"
}

// Users is a list of people who are not managed here.
type Users struct {
	Addr    addr.Instance
	Names   []UserName // in file order, without repeats
	File    string     // the CSV file, or the configuration file
	Missing string     // MissingError or MissingWarn
	Range   hcl.Range
}

// The words of users.missing.
const (
	MissingError = "error"
	MissingWarn  = "warn"
)

// UserName names one person by UPN or by ID; Line is in Users.File, from 1.
type UserName = people.Name

// Group is a directory group. Exactly one of Name, ID and Mail is set.
type Group struct {
	Addr  addr.Instance
	Name  string
	ID    string // lower-case GUID
	Mail  string
	Range hcl.Range
}

// StoreApp is an app of the Microsoft Teams store.
type StoreApp struct {
	Addr  addr.Instance
	ID    string // lower case
	Range hcl.Range
}

// Output is a value for people or for the next program. Value may be or hold
// late values (see [schema.RefOf]); it has no other marks.
type Output struct {
	Name        string
	Value       cty.Value
	Description string
	Sensitive   bool
	Range       hcl.Range
}

// Variable is a declared variable and where its value came from.
type Variable = variables.Variable

// The words of Variable.Source that are not file names.
const (
	SourceDefault     = variables.SourceDefault
	SourceEnvironment = variables.SourceEnvironment
	SourceFlag        = variables.SourceFlag
)

// EnvPrefix starts the names of environment variables that give values.
const EnvPrefix = variables.EnvPrefix

// Digest identifies what the configuration was made from: the hexadecimal
// SHA-256 of the sorted paths and digests of every file read.
func (c *Config) Digest() string {
	h := sha256.New()
	for _, f := range c.Files {
		fmt.Fprintf(h, "%s\x00%x\n", f.Path, f.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Path returns where to open a path that the configuration gives, such as
// Tenant.People.
func (c *Config) Path(name string) string { return filepath.Join(c.Dir, filepath.FromSlash(name)) }

// Instance returns the declared object with the given address, or nil.
func (c *Config) Instance(a addr.Instance) *Instance {
	lo, hi := 0, len(c.Instances)
	for lo < hi {
		mid := (lo + hi) / 2
		switch order := addr.Compare(c.Instances[mid].Addr, a); {
		case order == 0:
			return c.Instances[mid]
		case order < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil
}
