app "helpdesk" {
  package = "packages/helpdesk"
}

# A developer has submitted version 1.0.0; it is approved if it is the package
# that was reviewed.
submission "helpdesk" {
  app      = app.helpdesk
  version  = "1.0.0"
  decision = "approve"
}
