# The builder checks, tests and builds, which runs the code of others. It may read the sources, push images, keep the results
# of builds and write logs: what breaks out of a test or a build finds no right to the deployment.

resource "google_service_account" "builder" {
  account_id   = "builder"
  display_name = "Tests and builds earshot"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "builder" {
  for_each = toset(["roles/logging.logWriter"])

  project = var.project
  role    = each.value
  member  = google_service_account.builder.member
}

resource "google_artifact_registry_repository_iam_member" "builder_pushes" {
  repository = google_artifact_registry_repository.earshot.name
  location   = google_artifact_registry_repository.earshot.location
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.builder.member
}

resource "google_storage_bucket_iam_member" "builder_sources" {
  bucket = google_storage_bucket.build.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.builder.member
}

resource "google_storage_bucket_iam_member" "builder_releases" {
  bucket = google_storage_bucket.build.name
  role   = "roles/storage.objectCreator" # adds results, replaces none
  member = google_service_account.builder.member

  condition {
    title      = "releases only"
    expression = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.build.name}/objects/releases/\")"
  }
}

# Whoever submits a build must be allowed to act as its account; from GitHub that is the deployer.
resource "google_service_account_iam_member" "deployer_submits_as_builder" {
  count = var.github_repository == "" ? 0 : 1

  service_account_id = google_service_account.builder.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deployer.member
}

# A new revision is tried as its caller would call it: `earshot try-revisions` asks for the callers' identity tokens.
resource "google_service_account_iam_member" "deployer_tries_as_caller" {
  for_each = local.functions

  service_account_id = google_service_account.account["${each.value}-caller"].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = google_service_account.deployer.member
}
