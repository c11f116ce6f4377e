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
  }
  table_schemas = { for table, key in local.table_keys : table => file("${local.adapters}/${table}.schema.json") }
  sharded       = { for table, schema in local.table_schemas : table => contains(jsondecode(schema)[*].name, "shard") }

  dataset = "${var.project}.${google_bigquery_dataset.earshot.dataset_id}"
  views = {
    for file in fileset("${local.adapters}/views", "*.sql") :
    trimsuffix(file, ".sql") => templatefile("${local.adapters}/views/${file}", { dataset = local.dataset })
  }
  # A view can be made only after those that it reads: storey 0 reads tables only, 1 reads storey 0, 2 the rest.
  reads   = { for view, sql in local.views : view => [for other in keys(local.views) : other if strcontains(sql, ".${other}`")] }
  storey0 = [for view, others in local.reads : view if length(others) == 0]
  storey1 = [for view, others in local.reads : view if length(others) > 0 && length(setsubtract(others, local.storey0)) == 0]
  storey2 = [for view in keys(local.views) : view if !contains(concat(local.storey0, local.storey1), view)]
}

resource "google_bigquery_dataset" "earshot" {
  #checkov:skip=CKV_GCP_81:rows describe public recordings; Google-managed keys are enough, and a key of ours would have to be kept
  dataset_id                 = "earshot"
  location                   = var.region
  description                = "One trustworthy row per recording, and why other links have none."
  delete_contents_on_destroy = !var.deletion_protection
  max_time_travel_hours      = "168"
  labels                     = { function = "analyser" }
}

resource "google_bigquery_table" "table" {
  #checkov:skip=CKV_GCP_80:rows describe public recordings; Google-managed keys are enough, and a key of ours would have to be kept
  for_each = local.table_keys

  dataset_id          = google_bigquery_dataset.earshot.dataset_id
  table_id            = each.key
  schema              = local.table_schemas[each.key]
  clustering          = each.value
  deletion_protection = var.deletion_protection
  labels              = { function = "analyser" }

  dynamic "range_partitioning" {
    for_each = local.sharded[each.key] ? ["shard"] : []
    content {
      field = range_partitioning.value
      range {
        start    = 0
        end      = 1000
        interval = 1
      }
    }
  }

  table_constraints {
    primary_key {
      columns = each.value # BigQuery does not enforce it; the MERGE does
    }
  }
}

resource "google_bigquery_table" "view" {
  #checkov:skip=CKV_GCP_80:rows describe public recordings; Google-managed keys are enough, and a key of ours would have to be kept
  #checkov:skip=CKV_GCP_121:a view holds no data and is made again from its file
  for_each = { for view in local.storey0 : view => local.views[view] }

  dataset_id          = google_bigquery_dataset.earshot.dataset_id
  table_id            = each.key
  deletion_protection = false # holds no data
  labels              = { function = "analyser" }

  view {
    query          = each.value
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.table]
}

resource "google_bigquery_table" "view_on_views" {
  #checkov:skip=CKV_GCP_80:rows describe public recordings; Google-managed keys are enough, and a key of ours would have to be kept
  #checkov:skip=CKV_GCP_121:a view holds no data and is made again from its file
  for_each = { for view in local.storey1 : view => local.views[view] }

  dataset_id          = google_bigquery_dataset.earshot.dataset_id
  table_id            = each.key
  deletion_protection = false
  labels              = { function = "analyser" }

  view {
    query          = each.value
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.view]
}

resource "google_bigquery_table" "view_on_those" {
  #checkov:skip=CKV_GCP_80:rows describe public recordings; Google-managed keys are enough, and a key of ours would have to be kept
  #checkov:skip=CKV_GCP_121:a view holds no data and is made again from its file
  for_each = { for view in local.storey2 : view => local.views[view] }

  dataset_id          = google_bigquery_dataset.earshot.dataset_id
  table_id            = each.key
  deletion_protection = false
  labels              = { function = "analyser" }

  view {
    query          = each.value
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.view_on_views]
}
