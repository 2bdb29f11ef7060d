org_settings {
  custom_app_interaction = true
}
