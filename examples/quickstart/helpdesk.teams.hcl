# The app, from its package folder. To update it, raise the version in
# packages/helpdesk/manifest.json.
app "helpdesk" {
  package = "packages/helpdesk"
}

# Teams apps > Permission policies > Global: of our own apps, people may use
# the helpdesk.
permission_policy "global" {
  name        = "Global"
  custom_apps = { allow_only = [app.helpdesk] }
}

# Front-line staff find it pinned and installed.
setup_policy "frontline" {
  name               = "Frontline"
  upload_custom_apps = false
  pinned_apps        = ["activity", "chat", app.helpdesk]
  installed_apps     = [app.helpdesk]
}

group "frontline" {
  name = "Front-line staff"
}

policy_assignment "frontline" {
  policy = setup_policy.frontline
  group  = group.frontline
  rank   = 2
}

output "helpdesk_app_id" {
  value       = app.helpdesk.catalog_id
  description = "The App ID under which the admin centre lists the helpdesk."
}
