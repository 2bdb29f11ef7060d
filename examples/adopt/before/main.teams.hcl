# What stands in for years of work by hand: a tenant with thirty apps and twelve
# policies. It is applied once, only so that there is something to adopt.

# The same root as in ../after: a policy that another root has made would have to
# be taken over, which writes to it.
teamsform {
  root = "teams-apps"
}

tenant {
  driver = "emulated"
  people = "people.json"
}

# Thirty packages of one folder, which differ in id and name.
app "house" {
  for_each = { for row in csvdecode(file("apps.csv")) : row.name => row }
  package  = "package"
  values = {
    ID   = each.value.manifest_id
    NAME = each.value.title
  }
}

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
  description        = "Set up by hand."
  upload_custom_apps = each.value.upload
  pinned_apps        = concat(["activity", "chat"], [for n in each.value.pins : app.house[n]])
}

permission_policy "team" {
  for_each    = local.permission_policies
  name        = each.value.name
  description = "Set up by hand."
  custom_apps = { allow_only = [for n in each.value.apps : app.house[n]] }
}

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
