app "helpdesk" {
  package = "packages/helpdesk"
}

# Of our own apps only the helpdesk; of Microsoft's all; nothing is said about
# the store, so that it is left as it is.
permission_policy "global" {
  name           = "Global"
  custom_apps    = { allow_only = [app.helpdesk] }
  microsoft_apps = { allow_all_but = [] }
}
