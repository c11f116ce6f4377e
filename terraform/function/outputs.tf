output "uri" {
  description = "Address of the service."
  value       = google_cloud_run_v2_service.function.uri
}

output "service" {
  description = "The service, for tests."
  value       = google_cloud_run_v2_service.function
}

output "invoker" {
  description = "The grant of its caller, for tests."
  value       = google_cloud_run_v2_service_iam_member.caller
}

output "subscription" {
  description = "The push subscription, for tests; null without one."
  value       = one(google_pubsub_subscription.delivery)
}

output "env" {
  description = "Environment of the service, for jobs that do the same work."
  value       = var.env
}

output "secrets" {
  description = "Environment variables from Secret Manager, for the same."
  value       = var.secrets
}
