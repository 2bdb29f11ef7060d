# The first half of an app's life, as code: let a few trusted people try it,
# publish it, pin it for the people who work with it. See README.md.

# The tenant: an emulated one, with the people of people.json. A real one is
#   tenant { driver = "microsoft365", id = "...", access_model = "policies" }
tenant {
  driver = "emulated"
  people = "people.json"
}

# Teams apps > Manage apps > Org-wide app settings
org_settings {
  custom_app_interaction = true
}

# Teams apps > Setup policies > Global (Org-wide default): nobody uploads.
setup_policy "global" {
  name               = "Global"
  upload_custom_apps = false
}

# The trusted users may.
setup_policy "trusted" {
  name               = "Trusted uploaders"
  description        = "May upload custom apps to try them before they are published."
  upload_custom_apps = true
}

users "trusted" {
  csv = "trusted.csv"
}

group "it_admins" {
  name = "IT administrators"
}

policy_assignment "trusted" {
  policy = setup_policy.trusted
  users  = users.trusted
}

policy_assignment "trusted_admins" {
  policy = setup_policy.trusted
  group  = group.it_admins
  rank   = 1
}
