tenant {
  driver = "emulated"
  people = "people.json"
}

app "helpdesk" {
  package = "package"
}

setup_policy "pilot" {
  name               = "Pilot"
  upload_custom_apps = false
  pinned_apps        = ["chat", app.helpdesk]
}

users "pilots" {
  upns = ["ana@contoso.example", "lee@contoso.example", "tom@contoso.example"]
}

policy_assignment "pilot" {
  policy = setup_policy.pilot
  users  = users.pilots
}
