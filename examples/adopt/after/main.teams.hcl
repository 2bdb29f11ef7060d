# The tenant as it is, written down and taken under management: thirty apps and
# twelve policies, with three import blocks. See README.md.

teamsform {
  root = "teams-apps"
}

tenant {
  driver = "emulated"
  people = "people.json"
}

# --- apps ---------------------------------------------------------------------

# One row per app: a name for use here, the title, the manifest id ("External app
# ID" in the admin centre). Packages are not at hand, and need not be.
locals {
  apps = { for row in csvdecode(file("apps.csv")) : row.name => row }
}

app "house" {
  for_each    = local.apps
  manifest_id = each.value.manifest_id
}

import {
  for_each = local.apps
  to       = app.house[each.key]
  id       = each.value.manifest_id
}

# --- policies -----------------------------------------------------------------

locals {
  setup_policies = {
    office     = { name = "Office", upload = false, pins = ["helpdesk", "absence"] }
    warehouse  = { name = "Warehouse", upload = false, pins = ["handover", "safety"] }
    drivers    = { name = "Drivers", upload = false, pins = ["fleet", "deliveries"] }
    kitchen    = { name = "Kitchen", upload = false, pins = ["canteen", "inventory"] }
    reception  = { name = "Reception", upload = false, pins = ["visitors", "directory"] }
    developers = { name = "Developers", upload = true, pins = ["projects", "helpdesk"] }
  }
  permission_policies = {
    staff      = { name = "Staff", apps = ["absence", "canteen", "helpdesk", "news"] }
    finance    = { name = "Finance", apps = ["claims", "contracts", "invoices", "payroll"] }
    operations = { name = "Operations", apps = ["deliveries", "fleet", "incidents", "safety"] }
    visitors   = { name = "Visitors", apps = ["visitors"] }
    trainees   = { name = "Trainees", apps = ["onboarding", "training"] }
    partners   = { name = "Partners", apps = ["projects"] }
  }
}

setup_policy "team" {
  for_each           = local.setup_policies
  name               = each.value.name
  upload_custom_apps = each.value.upload
  pinned_apps        = concat(["activity", "chat"], [for n in each.value.pins : app.house[n]])
}

# Policies are imported by name. One that another configuration has made and
# marked as its own needs takeover = true besides.
import {
  for_each = local.setup_policies
  to       = setup_policy.team[each.key]
  id       = each.value.name
}

permission_policy "team" {
  for_each    = local.permission_policies
  name        = each.value.name
  custom_apps = { allow_only = [for n in each.value.apps : app.house[n]] }
}

import {
  for_each = local.permission_policies
  to       = permission_policy.team[each.key]
  id       = each.value.name
}

# --- who has them -------------------------------------------------------------

# Assignments need no import: one that is as it is written here is recorded.
users "finance" {
  upns = ["ana@contoso.example", "kim@contoso.example"]
}

policy_assignment "finance" {
  policy = permission_policy.team["finance"]
  users  = users.finance
}

group "warehouse" {
  name = "Warehouse staff"
}

policy_assignment "warehouse" {
  policy = setup_policy.team["warehouse"]
  group  = group.warehouse
  rank   = 1
}
