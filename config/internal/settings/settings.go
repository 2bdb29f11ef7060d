package settings

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
)

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
