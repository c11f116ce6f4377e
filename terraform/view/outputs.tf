output "query" {
  description = "The SELECT, for tests."
  value       = google_bigquery_table.view.view[0].query
}
