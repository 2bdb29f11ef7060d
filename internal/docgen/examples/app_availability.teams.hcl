tenant {
  access_model = "app_centric"
}

app "helpdesk" {
  package = "packages/helpdesk"
}

group "support" {
  name = "Support"
}

users "pilots" {
  upns = ["ana@contoso.example", "raj@contoso.example"]
}

# The people of the group, those of the groups inside it, and two more may use
# the app; the group has it installed.
app_availability "helpdesk" {
  app           = app.helpdesk
  available_to  = [group.support, users.pilots]
  installed_for = [group.support]
}
