# One view. It holds no data and is made again from its file.

resource "google_bigquery_table" "view" {
  #checkov:skip=CKV_GCP_80:a view holds no data
  #checkov:skip=CKV_GCP_121:a view holds no data and is made again from its file
  dataset_id          = var.dataset
  table_id            = var.name
  deletion_protection = false
  labels              = var.labels

  view {
    query          = var.query
    use_legacy_sql = false
  }
}
