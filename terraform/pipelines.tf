# What the workers of Apache Beam pipelines may do with the bucket: read recordings, write exports, features and their own
# temporary files, and nothing else. Off by default; bootstrap makes the account where its variable of the same name is set.

variable "pipelines" {
  description = "Whether exports and features may run on Dataflow: grants its workers what they need of the bucket."
  type        = bool
  default     = false
  nullable    = false
}

data "google_service_account" "pipelines" {
  count = var.pipelines ? 1 : 0

  account_id = "pipelines"
}

resource "google_storage_bucket_iam_member" "pipelines_read" {
  count = var.pipelines ? 1 : 0

  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectViewer"
  member = data.google_service_account.pipelines[0].member
}

resource "google_storage_bucket_iam_member" "pipelines_write" {
  for_each = var.pipelines ? toset(["exports", "features", "pipelines"]) : toset([])

  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectUser"
  member = data.google_service_account.pipelines[0].member

  condition {
    title      = "${each.value} only"
    expression = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.audio.name}/objects/${each.value}/\")"
  }
}
