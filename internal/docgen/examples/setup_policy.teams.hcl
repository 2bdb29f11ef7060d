app "helpdesk" {
  package = "packages/helpdesk"
}

store_app "shifts" {
  id = "42f6c1da-a241-483a-a3cc-4f5be9185951"
}

setup_policy "frontline" {
  name               = "Frontline"
  description        = "Front-line staff: the helpdesk is pinned for them."
  upload_custom_apps = false
  pinned_apps        = ["activity", "chat", app.helpdesk, store_app.shifts]
  installed_apps     = [app.helpdesk]
}

# The org-wide default is taken under management and changed.
setup_policy "global" {
  name               = "Global"
  upload_custom_apps = false
}
