output "uri" {
  description = "Address of the service."
  value       = google_cloud_run_v2_service.room.uri
}

output "service" {
  description = "The service, for tests."
  value       = google_cloud_run_v2_service.room
}

output "invoker" {
  description = "The grant that lets somebody call it, for tests."
  value       = google_cloud_run_v2_service_iam_member.caller
}

output "subscription" {
  description = "The push subscription, for tests; null without one."
  value       = one(google_pubsub_subscription.delivery)
}

output "env" {
  description = "What the room is told, for jobs that do the same work."
  value       = var.env
}

output "secrets" {
  description = "What it is told by Secret Manager, for the same."
  value       = var.secrets
}
