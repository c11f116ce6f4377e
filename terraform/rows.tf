# Topic rows: rows on their way from the functions that produce them to the committer, and rows that no table can take.

resource "google_pubsub_topic" "rows" {
  #checkov:skip=CKV_GCP_83:topics hold rows about public recordings, for a week; Google-managed keys are the default; kms_key names another
  name                       = "rows"
  message_retention_duration = "${local.retention_s}s"
  labels                     = { function = "committer" }
  kms_key_name               = var.kms_key == "" ? null : var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

# The rows themselves, pulled by the committer. In order for each key, so that a removal mark never overtakes its row.
# No dead-letter policy: a row that no table can take is published to rows-dead with its reason; the others wait.
resource "google_pubsub_subscription" "rows" {
  name                       = "rows"
  topic                      = google_pubsub_topic.rows.id
  ack_deadline_seconds       = 60 # extended while a round works on them; after a crash they come again so soon
  enable_message_ordering    = true
  message_retention_duration = "${local.retention_s}s"
  labels                     = { function = "committer" }

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription_iam_member" "rows_committer" {
  subscription = google_pubsub_subscription.rows.name
  role         = "roles/pubsub.subscriber"
  member       = data.google_service_account.committer.member
}

resource "google_pubsub_topic_iam_member" "rows_analyser" {
  topic  = google_pubsub_topic.rows.name
  role   = "roles/pubsub.publisher"
  member = data.google_service_account.analyser.member
}

resource "google_pubsub_topic_iam_member" "rows_tagger" {
  topic  = google_pubsub_topic.rows.name
  role   = "roles/pubsub.publisher"
  member = data.google_service_account.tagger.member
}

resource "google_pubsub_topic" "rows_dead" {
  #checkov:skip=CKV_GCP_83:topics hold rows about public recordings, for a week; Google-managed keys are the default; kms_key names another
  name         = "rows-dead"
  labels       = { function = "committer" }
  kms_key_name = var.kms_key == "" ? null : var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_subscription" "rows_dead" {
  name                       = "rows-dead"
  topic                      = google_pubsub_topic.rows_dead.id
  ack_deadline_seconds       = 60
  message_retention_duration = "${2 * local.retention_s}s"
  labels                     = { function = "committer" }

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "rows_dead_committer" {
  topic  = google_pubsub_topic.rows_dead.name
  role   = "roles/pubsub.publisher"
  member = data.google_service_account.committer.member
}
