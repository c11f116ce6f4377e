output "table_id" {
  description = "Name of the table."
  value       = google_bigquery_table.table.table_id
}

output "dataset_id" {
  description = "Dataset of the table."
  value       = google_bigquery_table.table.dataset_id
}

output "table" {
  description = "The table, for tests."
  value       = google_bigquery_table.table
}
