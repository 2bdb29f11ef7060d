permission_policy "pilot" {
  name        = "Pilot"
  custom_apps = { allow_only = [app.helpdesk] }
}

group "staff" {
  name = "Staff"
}

setup_policy "staff" {
  name               = "Staff"
  upload_custom_apps = false
}

policy_assignment "staff" {
  policy = setup_policy.staff
  group  = group.staff
  rank   = 1
}
