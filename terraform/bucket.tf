# The bucket. audio/ and refused/ hold what the analyser is notified of, incoming/ unfinished downloads, references/ clean
# recordings for PESQ, features/ frame features, tags/ scores of what is heard, models/ the registry of models, lists/ URLs to crawl, budgets/ counts of requests to an API.

variable "audio_retention_days" {
  description = "Days that audio is kept before the bucket deletes it; 0 keeps it for good. Rows stay, marked as deleted."
  type        = number
  default     = 0
  nullable    = false
  validation {
    condition     = var.audio_retention_days >= 0 && var.audio_retention_days <= 3650 && floor(var.audio_retention_days) == var.audio_retention_days
    error_message = "audio_retention_days must be a whole number from 0 (for good) to 3650."
  }
}

variable "soft_delete_days" {
  description = "Days that a deleted object can be restored, and is billed for; 0 deletes at once. `make destroy` sets 0 before it deletes."
  type        = number
  default     = 7
  nullable    = false
  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "soft_delete_days must be 0, or lie between 7 and 90, as Cloud Storage wants."
  }
}

resource "google_storage_bucket" "audio" {
  #checkov:skip=CKV_GCP_62:Cloud Audit Logs say who touched a bucket; access logs would be a second bucket to keep
  #checkov:skip=CKV_GCP_78:an object is named after its URL and never overwritten by the functions; soft delete keeps what was removed for a week
  name                        = "${var.project}-earshot-audio"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection
  labels                      = { function = "downloader" }

  dynamic "encryption" {
    for_each = var.kms_key == "" ? [] : [var.kms_key]
    content {
      default_kms_key_name = encryption.value
    }
  }

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 24 * 3600
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 1
      matches_prefix = ["incoming/", "smoke/"] # downloads and revision tests that ended half-way
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 14
      matches_prefix = ["pipelines/"] # what pipelines on Dataflow staged, longer than any of them runs
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  dynamic "lifecycle_rule" {
    for_each = var.audio_retention_days == 0 ? [] : [var.audio_retention_days]
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = ["audio/", "features/", "tags/"] # refused/ is the memory of what was withdrawn: it outlives the audio
      }
    }
  }
}

# The smoke test drops a tone here after each deployment, and takes it away again.
resource "google_storage_bucket_iam_member" "deployer_tests" {
  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectUser"
  member = "serviceAccount:deployer@${var.project}.iam.gserviceaccount.com"
}
