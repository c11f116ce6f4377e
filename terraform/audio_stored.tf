# Topic audio-stored: the bucket's notifications of stored audio and refusals, on their way to the analyser and the tagger.

resource "google_pubsub_topic" "audio_stored" {
  #checkov:skip=CKV_GCP_83:topics hold links and notifications of files, for a week; Google-managed keys are the default; kms_key names another
  name                       = "audio-stored"
  message_retention_duration = "${local.retention_s}s"
  labels                     = { function = "analyser" }
  kms_key_name               = var.kms_key == "" ? null : var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_topic_iam_member" "audio_stored_bucket" {
  topic  = google_pubsub_topic.audio_stored.name
  role   = "roles/pubsub.publisher"
  member = local.storage_agent
}

# Created and deleted objects under these two prefixes only: unfinished downloads, references and features are not announced.
resource "google_storage_notification" "audio_stored" {
  for_each = toset(["audio/", "refused/"])

  bucket             = google_storage_bucket.audio.name
  topic              = google_pubsub_topic.audio_stored.id
  payload_format     = "JSON_API_V1" # a push without a body is a 400 for the functions framework
  event_types        = ["OBJECT_FINALIZE", "OBJECT_DELETE"]
  object_name_prefix = each.value

  depends_on = [google_pubsub_topic_iam_member.audio_stored_bucket]
}

resource "google_pubsub_topic" "audio_stored_dead" {
  #checkov:skip=CKV_GCP_83:topics hold links and notifications of files, for a week; Google-managed keys are the default; kms_key names another
  name         = "audio-stored-dead"
  labels       = { function = "analyser" }
  kms_key_name = var.kms_key == "" ? null : var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_subscription" "audio_stored_dead" {
  name                       = "audio-stored-dead"
  topic                      = google_pubsub_topic.audio_stored_dead.id
  ack_deadline_seconds       = 60
  message_retention_duration = "${local.dead_letter_s}s"
  labels                     = { function = "analyser" }

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "audio_stored_dead_agent" {
  topic  = google_pubsub_topic.audio_stored_dead.name
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}
