# One table of rows. Its columns only ever grow: Terraform makes the table and leaves its columns alone from then on, because
# the provider drops columns in place, those that users added among them. `earshot add-columns` adds what the schema file
# has and the table has not, before the plan is made.

resource "google_bigquery_table" "table" {
  #checkov:skip=CKV_GCP_80:rows describe public recordings; Google-managed keys are the default; kms_key names another for the dataset
  dataset_id          = var.dataset
  table_id            = var.name
  schema              = var.schema
  clustering          = var.key
  deletion_protection = var.deletion_protection
  labels              = var.labels

  dynamic "range_partitioning" {
    for_each = var.sharded ? ["shard"] : []
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
      columns = var.key # BigQuery does not enforce it; the MERGE does
    }
  }

  lifecycle {
    ignore_changes = [schema]
  }
}
