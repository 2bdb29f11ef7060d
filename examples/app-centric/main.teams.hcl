# An organisation whose tenant has app-centric management: each app says for
# itself whom it is available to. There are no permission policies.

tenant {
  driver       = "emulated"
  access_model = "app_centric"
  people       = "people.json"
}

# New custom apps are nobody's until somebody says otherwise. Apps that are there
# keep what they have: closing the default takes no app from anybody.
org_settings {
  custom_app_interaction = true
  custom_apps_default    = "no_one"
}

app "helpdesk" {
  package = "packages/helpdesk"
  blocked = false
}

group "frontline" {
  name = "Front-line staff"
}

users "testers" {
  upns = ["ana@contoso.example", "raj@contoso.example"]
}

# The app is submitted, restricted to these people, and published only then.
app_availability "helpdesk" {
  app           = app.helpdesk
  available_to  = [group.frontline, users.testers]
  installed_for = [group.frontline]
}

# Pins are still a matter of setup policies. Whoever may not use the app does
# not see the pin.
setup_policy "global" {
  name        = "Global"
  pinned_apps = ["activity", "chat", "teams", app.helpdesk]
}
