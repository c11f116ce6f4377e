# Dataset earshot: tables from the schema files that Python reads too, views from the SQL files that the local stack runs.

locals {
  adapters = "${path.module}/../functions/earshot/adapters"

  # Key of each table. A table with a column `shard` is partitioned by it: a MERGE then reads a thousandth.
  table_keys = {
    audio_metadata = ["gcp_url"]
    refusals       = ["gcp_url"]
    analyses       = ["gcp_url", "generation", "analyser_version"]
    predictions    = ["gcp_url", "task"]
    policies       = ["name", "metric", "op", "reason"]
    prices         = ["item"]
    annotations    = ["gcp_url", "task", "start_ms", "created_at"]
    models         = ["task", "version"]
  }
  table_schemas = { for table, key in local.table_keys : table => file("${local.adapters}/${table}.schema.json") }
  sharded       = { for table, schema in local.table_schemas : table => contains(jsondecode(schema)[*].name, "shard") }

  dataset = "${var.project}.${google_bigquery_dataset.earshot.dataset_id}"
  views = {
    for file in fileset("${local.adapters}/views", "*.sql") :
    trimsuffix(file, ".sql") => templatefile("${local.adapters}/views/${file}", { dataset = local.dataset })
  }
  warehouse_labels = { function = "analyser" }
}

resource "google_bigquery_dataset" "earshot" {
  #checkov:skip=CKV_GCP_81:rows describe public recordings; Google-managed keys are the default; kms_key names another
  dataset_id                 = "earshot"
  location                   = var.region
  description                = "One trustworthy row per recording, and why other links have none."
  delete_contents_on_destroy = !var.deletion_protection
  max_time_travel_hours      = "168"
  labels                     = local.warehouse_labels

  dynamic "default_encryption_configuration" {
    for_each = var.kms_key == "" ? [] : [var.kms_key]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }
}

module "table" {
  source   = "./table"
  for_each = local.table_keys

  dataset             = google_bigquery_dataset.earshot.dataset_id
  name                = each.key
  schema              = local.table_schemas[each.key]
  key                 = each.value
  sharded             = local.sharded[each.key]
  labels              = local.warehouse_labels
  deletion_protection = var.deletion_protection
}
