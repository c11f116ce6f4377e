# Addresses of earlier versions, so that an upgrade renames in the state and replaces nothing.

moved {
  from = google_cloud_run_v2_service.room
  to   = google_cloud_run_v2_service.function
}
