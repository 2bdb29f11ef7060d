package config_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

const realTenant = `
teamsform {
  root = "teams-apps"
  state "azblob" {
    account   = "contoso"
    container = "state"
    retries   = 3
    lease     = true
    tags      = { a = "b", none = null }
    list      = ["x", 1]
    key       = null
  }
}
variable "tenant_id" { default = "11111111-2222-3333-4444-55555555555A" }
tenant {
  driver           = "microsoft365"
  id               = var.tenant_id
  access_model     = "app_centric"
  cloud            = "gcc_high"
  ca_file          = "ca.pem"
  policy_transport = "config_api"
}
output "model" { value = tenant.access_model }
output "id" { value = tenant.id }
-- ca.pem --
x
`

func TestMicrosoft365(t *testing.T) {
	c := mustLoad(t, one(realTenant))
	got := c.Tenant
	got.Range = hcl.Range{}
	want(t, "tenant", got, config.Tenant{
		Driver: "microsoft365", ID: "11111111-2222-3333-4444-55555555555a", AccessModel: "app_centric", Cloud: "gcc_high",
		CAFile: "ca.pem", PolicyTransport: "config_api", Path: ".teamsform/tenant.db",
	})
	want(t, "state type", c.Settings.State.Type, "azblob")
	want(t, "state", c.Settings.State.Attrs, map[string]any{
		"account": "contoso", "container": "state", "retries": int64(3), "lease": true,
		"tags": map[string]any{"a": "b"}, "list": []any{"x", int64(1)},
	})
	want(t, "outputs", outputs(t, c), map[string]string{"model": `"app_centric"`, "id": `"11111111-2222-3333-4444-55555555555a"`})
}

// TestEmulatedNeverTouchesWhatIsConfigured: same configuration, own state.
func TestEmulatedNeverTouchesWhatIsConfigured(t *testing.T) {
	emulated := func(o *config.Options) { o.Emulated = true }
	c := mustLoad(t, one(realTenant), emulated)
	want(t, "driver", c.Tenant.Driver, config.DriverEmulated)
	want(t, "model", c.Tenant.AccessModel, config.ModelAppCentric)
	want(t, "path", c.Tenant.Path, ".teamsform/emulated/tenant.db")
	want(t, "state", c.Settings.State, config.State{Type: "local", Path: ".teamsform/emulated/state.json"})
	want(t, "root", c.Settings.Root, "teams-apps")
	want(t, "id", outputs(t, c)["id"], `"11111111-2222-3333-4444-55555555555a"`)

	c = mustLoad(t, one("tenant {\n driver = \"microsoft365\"\n id = \"11111111-2222-3333-4444-555555555555\"\n access_model = \"policies\"\n}"), emulated)
	want(t, "root", c.Settings.Root, "local")
	c = mustLoad(t, one("tenant {\n path = \"mine.db\"\n people = \"p.json\"\n}\nteamsform {\n state \"local\" { path = \"mine.json\" }\n}\n-- p.json --\n{}"), emulated)
	want(t, "paths", c.Tenant.Path+" "+c.Settings.State.Path+" "+c.Tenant.People, ".teamsform/emulated/tenant.db .teamsform/emulated/state.json p.json")
}

func TestDefaults(t *testing.T) {
	c := mustLoad(t, one(`output "id" { value = tenant.id }`))
	want(t, "tenant", c.Tenant, config.Tenant{Driver: "emulated", AccessModel: "policies", Cloud: "global", Path: ".teamsform/tenant.db", PolicyTransport: "powershell"})
	want(t, "settings", c.Settings, config.Settings{Root: "local", State: config.State{Type: "local", Path: ".teamsform/state.json"}})
	want(t, "id", outputs(t, c)["id"], "null")
	if c.Guard != nil {
		t.Error("a guard without a guard block")
	}
	want(t, "state block without path", mustLoad(t, one("teamsform {\n state \"local\" {}\n}")).Settings.State.Path, ".teamsform/state.json")
}

func TestGuardLimits(t *testing.T) {
	c := mustLoad(t, one(`
variable "share" { default = 12.5 }
guard {
  deletions            = "${var.share}%"
  membership_changes   = "0 %"
  people_losing_access = "7"
  delete_app           = 1
  allow                = ["consent", "adopt", "consent"]
}`))
	got := map[string]string{}
	for name, limit := range c.Guard.Limits {
		got[name] = limit.String()
	}
	want(t, "limits", got, map[string]string{"deletions": "12.5%", "membership_changes": "0%", "people_losing_access": "7", "delete_app": "1"})
	want(t, "allow", c.Guard.Allow, []string{"adopt", "consent"})
	want(t, "place", c.Guard.Ranges["delete_app"].Start.Line, 7)
	want(t, "guards", len(config.GuardNames()), 12)
}

// TestRequiredVersion: the constraint is compared with the program's version,
// and a build without one passes.
func TestRequiredVersion(t *testing.T) {
	for tool, fits := range map[string]bool{"0.2.9": false, "0.3.0": true, "": true, "(devel)": true} {
		_, diags := load(t, one(`teamsform { required_version = ">= 0.3" }`), func(o *config.Options) { o.Tool = tool })
		want(t, tool, !diags.HasErrors(), fits)
	}
}
