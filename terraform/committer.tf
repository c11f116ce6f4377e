# Committer: rows in from the subscription rows, a few BigQuery statements for all of them out. One instance, so that
# statements never compete; a push of each row starts a round, and nothing runs or is paid for while there are no rows.

variable "commit_wait_ms" {
  description = "Milliseconds that rows gather before a round begins."
  type        = number
  default     = 1000
  nullable    = false
  validation {
    condition     = var.commit_wait_ms >= 0 && var.commit_wait_ms <= 60000
    error_message = "commit_wait_ms must lie between 0 and 60000."
  }
}

variable "statements_usd_per_hour" {
  description = "Most that BigQuery's statements may cost in an hour while rows come all the time, in USD; the pause between rounds follows from it."
  type        = number
  default     = 2
  nullable    = false
  validation {
    condition     = var.statements_usd_per_hour > 0 && var.statements_usd_per_hour <= 1000
    error_message = "statements_usd_per_hour must be more than 0 and at most 1000."
  }
}

data "google_service_account" "committer" {
  account_id = "committer"
}

data "google_service_account" "committer_caller" {
  account_id = "committer-caller"
}

module "committer" {
  source = "./function"

  name                = "committer"
  region              = var.region
  image               = var.images.committer
  commit              = var.commit
  account             = data.google_service_account.committer.email
  caller              = data.google_service_account.committer_caller.email
  timeout_s           = var.request_timeout_s
  max_instances       = 1
  concurrency         = 80 # at most two deliveries wait for a round; the others return at once
  cpu                 = 1
  memory_mib          = 1024 # 10,000 rows of 5 kB, as messages, as objects and as JSON to load
  deletion_protection = var.deletion_protection

  env = {
    GOOGLE_CLOUD_PROJECT            = var.project
    EARSHOT_ROWS_TOPIC              = google_pubsub_topic.rows.name
    EARSHOT_DATASET                 = google_bigquery_dataset.earshot.dataset_id
    EARSHOT_COMMIT_WAIT_MS          = tostring(var.commit_wait_ms)
    EARSHOT_STATEMENTS_USD_PER_HOUR = tostring(var.statements_usd_per_hour)
    EARSHOT_LOG_LEVEL               = var.log_level
  }

  # Repeated until a round has succeeded: without a dead-letter topic, so that an outage of BigQuery never uses up the
  # deliveries while the rows wait.
  delivery = {
    topic          = google_pubsub_topic.rows.id
    dead_topic     = null
    ordered        = false
    ack_deadline_s = var.ack_deadline_s
    retention_s    = local.retention_s
    max_attempts   = null
    agent          = local.pubsub_agent
  }
}

resource "google_bigquery_table_iam_member" "committer_writes" {
  for_each = { for name, table in module.table : name => table if local.sharded[name] } # policies and prices are people's

  dataset_id = each.value.dataset_id
  table_id   = each.value.table_id
  role       = "roles/bigquery.dataEditor"
  member     = data.google_service_account.committer.member
}

# Rows are loaded here before the statements read them: a table for each process and table, deleted after a day.
resource "google_bigquery_dataset" "staging" {
  #checkov:skip=CKV_GCP_81:rows describe public recordings; Google-managed keys are the default; kms_key names another
  dataset_id                  = "${google_bigquery_dataset.earshot.dataset_id}_staging"
  location                    = var.region
  description                 = "Rows on their way into the tables of earshot; nothing here is kept for longer than a day."
  default_table_expiration_ms = 86400000
  delete_contents_on_destroy  = true
  max_time_travel_hours       = "48"
  labels                      = { function = "committer" }

  dynamic "default_encryption_configuration" {
    for_each = var.kms_key == "" ? [] : [var.kms_key]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }
}

resource "google_bigquery_dataset_iam_member" "committer_stages" {
  dataset_id = google_bigquery_dataset.staging.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = data.google_service_account.committer.member
}
