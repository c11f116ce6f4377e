output "state_bucket" {
  description = "Bucket of the states of both roots."
  value       = google_storage_bucket.state.name
}

output "image_prefix" {
  description = "Prefix of the images' names, before /FUNCTION."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.earshot.repository_id}"
}

output "deployer" {
  description = "Account that Cloud Build deploys as."
  value       = google_service_account.deployer.email
}

output "github_provider" {
  description = "What a GitHub workflow gives as workload_identity_provider; empty without a repository."
  value       = join("", google_iam_workload_identity_pool_provider.github[*].name)
}
