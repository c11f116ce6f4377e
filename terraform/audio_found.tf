# Topic audio-found: links on their way from the scraper to the downloader, and those that never got through.

resource "google_pubsub_topic" "audio_found" {
  #checkov:skip=CKV_GCP_83:topics hold links and notifications of files, for a week; Google-managed keys are the default; kms_key names another
  name                       = "audio-found"
  message_retention_duration = "${local.retention_s}s" # a replay can start this far back
  labels                     = { function = "scraper" }
  kms_key_name               = var.kms_key == "" ? null : var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_topic" "audio_found_dead" {
  #checkov:skip=CKV_GCP_83:topics hold links and notifications of files, for a week; Google-managed keys are the default; kms_key names another
  name         = "audio-found-dead"
  labels       = { function = "downloader" }
  kms_key_name = var.kms_key == "" ? null : var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

# A dead-letter topic without a subscription loses what is published on it.
resource "google_pubsub_subscription" "audio_found_dead" {
  name                       = "audio-found-dead"
  topic                      = google_pubsub_topic.audio_found_dead.id
  ack_deadline_seconds       = 60
  message_retention_duration = "${local.dead_letter_s}s"
  labels                     = { function = "downloader" }

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "audio_found_dead_agent" {
  topic  = google_pubsub_topic.audio_found_dead.name
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}
