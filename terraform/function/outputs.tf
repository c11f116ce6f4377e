output "uri" {
  description = "Address of the service."
  value       = google_cloud_run_v2_service.room.uri
}
