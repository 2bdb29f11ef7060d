package config_test

import (
	"testing"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// tour is a configuration that uses most of the language once.
const tour = `
-- main.teams.hcl --
teamsform {
  required_version = ">= 0.1, < 1.0"
  root             = "teams-apps"
  state "local" { path = "state/s.json" }
}
tenant {
  people = "people.json"
}
guard {
  people_losing_access = 50
  deletions            = "10%"
  allow                = ["org_switch", "consent"]
}
variable "host" {
  type    = string
  default = "helpdesk.contoso.example"
}
locals {
  title = "Frontline ${var.host}"
  both  = [app.helpdesk, app.expenses]
}
org_settings {
  custom_app_interaction = true
}
app "helpdesk" {
  package = "packages/helpdesk"
  values  = { HOSTNAME = var.host }
  rule "ShortName" { severity = "off" }
  accept_consent {
    rules = ["b", "a", "b"]
  }
  lifecycle {
    prevent_destroy = tenant.access_model == "policies"
    ignore_changes  = [values.HOSTNAME, blocked]
    on_destroy      = "let_go"
    precondition {
      condition     = length(var.host) > 3
      error_message = "too short"
    }
  }
}
app "expenses" { manifest_id = "0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11" }
setup_policy "frontline" {
  description = local.title
  pinned_apps = ["chat", store_app.shifts, app.helpdesk]
}
permission_policy "global" {
  name        = "Global"
  custom_apps = { allow_only = local.both }
}
policy_assignment "frontline" {
  policy   = setup_policy.frontline
  users    = users.trusted
  group_id = group.support.object_id
  rank     = 1
  depends_on = [app.expenses]
}
output "catalog_id" {
  value       = app.helpdesk.catalog_id
  description = "the id"
}
-- other.teams.hcl --
users "trusted" { csv = "trusted.csv" }
group "support" { name = "Support" }
store_app "shifts" { id = "42F6C1DA-a241-483a-a3cc-4f5be9185951" }
-- trusted.csv --
upn
ana@contoso.example
raj@contoso.example
-- people.json --
{}
-- packages/helpdesk/version --
1.2.0
`

func TestTour(t *testing.T) {
	c, diags := load(t, tour)
	if len(diags) > 0 {
		t.Fatalf("unexpected diagnostics:\n%s", render(diags))
	}
	want(t, "root", c.Settings.Root, "teams-apps")
	want(t, "state", c.Settings.State.Path, "state/s.json")
	want(t, "tenant", c.Tenant, config.Tenant{
		Driver: "emulated", AccessModel: "policies", Cloud: "global", People: "people.json",
		Path: ".teamsform/tenant.db", PolicyTransport: "powershell", Range: c.Tenant.Range,
	})
	want(t, "limits", c.Guard.Limits, map[string]config.Limit{"people_losing_access": {Count: 50}, "deletions": {Share: true, Percent: 10}})
	want(t, "allow", c.Guard.Allow, []string{"consent", "org_switch"})

	var addrs []string
	for _, i := range c.Instances {
		addrs = append(addrs, i.Addr.String())
	}
	want(t, "instances", addrs, []string{"app.expenses", "app.helpdesk", "org_settings", "permission_policy.global", "policy_assignment.frontline", "setup_policy.frontline"})

	helpdesk := c.Instance(at("app", "helpdesk"))
	want(t, "app", helpdesk.Attrs, schema.Attrs{
		"package": "packages/helpdesk", "values": map[string]any{"HOSTNAME": "helpdesk.contoso.example"},
		"version": "1.2.0 without ShortName", "manifest_id": "id-of-helpdesk",
	})
	want(t, "accepted", helpdesk.Blocks["accept_consent"][0].Attrs, schema.Attrs{"rules": []any{"a", "b"}})
	want(t, "lifecycle", helpdesk.Lifecycle, config.Lifecycle{PreventDestroy: true, IgnoreChanges: []string{"blocked", "values.HOSTNAME"}, OnDestroy: "let_go"})

	late := func(name string) schema.Ref { return schema.Ref{Addr: at("app", name), Attr: "catalog_id"} }
	want(t, "setup policy", c.Instance(at("setup_policy", "frontline")).Attrs, schema.Attrs{
		"name": "frontline", "description": "Frontline helpdesk.contoso.example",
		"pinned_apps": []any{"86fcd49b-61a2-4701-b771-54728cd291fb", "42f6c1da-a241-483a-a3cc-4f5be9185951", late("helpdesk")},
	})
	want(t, "permission policy", c.Instance(at("permission_policy", "global")).Attrs, schema.Attrs{
		"name": "Global", "custom_apps": map[string]any{"allow_only": []any{late("expenses"), late("helpdesk")}},
	})
	assignment := c.Instance(at("policy_assignment", "frontline"))
	want(t, "assignment", assignment.Attrs, schema.Attrs{
		"policy": schema.Ref{Addr: at("setup_policy", "frontline")}, "users": schema.Ref{Addr: at("users", "trusted")},
		"group_id": schema.Ref{Addr: at("group", "support"), Attr: "object_id"}, "rank": int64(1),
	})
	want(t, "needs", assignment.Needs, []addr.Instance{at("app", "expenses"), at("setup_policy", "frontline")})
	want(t, "depends_on", assignment.DependsOn, []addr.Instance{at("app", "expenses")})

	out := c.Outputs[0]
	ref, _ := schema.RefOf(out.Value)
	want(t, "output", ref, late("helpdesk"))
	want(t, "people", len(c.Users[at("users", "trusted")].Names), 2)
	want(t, "group", c.Groups[at("group", "support")].Name, "Support")

	var files []string
	for _, f := range c.Files {
		files = append(files, f.Path)
	}
	want(t, "files", files, []string{"main.teams.hcl", "other.teams.hcl", "packages/helpdesk/version", "trusted.csv"})
}
