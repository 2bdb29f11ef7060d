app "helpdesk" {
  package = "packages/helpdesk"
}

output "helpdesk_app_id" {
  value = app.helpdesk.catalog_id
}
