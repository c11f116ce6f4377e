# Addresses of earlier versions, so that an upgrade renames in the state and replaces nothing. Names in the project did not change.

moved {
  from = google_storage_bucket.shelf
  to   = google_storage_bucket.audio
}

moved {
  from = google_storage_bucket_iam_member.downloader_shelves
  to   = google_storage_bucket_iam_member.downloader_writes
}

moved {
  from = google_logging_metric.settled
  to   = google_logging_metric.deliveries
}
