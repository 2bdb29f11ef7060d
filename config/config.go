package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/people"
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
	Variables []Variable  // by name
	Files     []File      // every file read, by path

	Moved   []Moved // in file order, as are the following
	Removed []Removed
	Imports []Import
	Ignored []Ignore

	// Sources are the parsed files by the name that ranges give, for snippets.
	Sources map[string]*hcl.File
}

// Settings are the teamsform block.
type Settings struct {
	RequiredVersion string // constraint, "" when none
	Root            string // this configuration's name in the tenant; "local" on an emulated tenant without one
	State           State
	Range           hcl.Range // of the block's header; zero without a block
}

// State says where the state is kept.
type State struct {
	Type  string         // "local", "azblob", "http" or "s3"
	Path  string         // local only
	Attrs map[string]any // every attribute as written: bool, int64, string, []any, map[string]any
	Range hcl.Range
}

// Tenant is the tenant block with its defaults filled in.
type Tenant struct {
	Driver          string // DriverEmulated or DriverMicrosoft365
	ID              string // lower-case GUID; "" on an emulated tenant that names none
	AccessModel     string // ModelPolicies or ModelAppCentric
	Cloud           string // "global", "gcc_high", "dod" or "china"
	People          string // file of people and groups, emulated only; "" for none
	Path            string // database of the emulated tenant
	CAFile          string // "" for none
	PolicyTransport string // "powershell" or "config_api"
	Range           hcl.Range
}

// The words of tenant.driver and tenant.access_model.
const (
	DriverEmulated     = "emulated"
	DriverMicrosoft365 = "microsoft365"
	ModelPolicies      = "policies"
	ModelAppCentric    = "app_centric"
)

// Guard is the guard block: limits that replace defaults, by guard name.
type Guard struct {
	Limits map[string]Limit
	Allow  []string // guards that may trip, sorted
	Ranges map[string]hcl.Range
	Range  hcl.Range
}

// Limit is a count, or a share of those there were.
type Limit struct {
	Count   int64
	Percent float64 // when Share
	Share   bool
}

// String gives the limit as a configuration writes it: 10 or 10%.
func (l Limit) String() string {
	if l.Share {
		return fmt.Sprintf("%g%%", l.Percent)
	}
	return fmt.Sprint(l.Count)
}

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
type Variable struct {
	Name        string
	Description string
	Sensitive   bool
	Source      string // "default", "environment", "--var" or the path of a values file
	Range       hcl.Range
}

// File is one file that the configuration was made from.
type File struct {
	Path   string // relative to the folder, with "/"; "../" only for --var-file
	SHA256 [sha256.Size]byte
}

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
