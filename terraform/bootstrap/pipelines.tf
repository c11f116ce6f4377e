# Workers of Apache Beam pipelines (earshot export and features with --runner dataflow): an account of their own, off by
# default. What they may read and write in the bucket is granted in the deployment.

variable "pipelines" {
  description = "Whether exports and features may run on Dataflow: enables its API and makes the account of its workers."
  type        = bool
  default     = false
  nullable    = false
}

resource "google_service_account" "pipelines" {
  count = var.pipelines ? 1 : 0

  account_id   = "pipelines"
  display_name = "Runs exports and features on Dataflow"

  depends_on = [google_project_service.api]
}

# A worker fetches its tasks and reports on them by this role, which Dataflow grants on nothing smaller than the project.
resource "google_project_iam_member" "pipelines_work" {
  count = var.pipelines ? 1 : 0

  project = var.project
  role    = "roles/dataflow.worker"
  member  = google_service_account.pipelines[0].member
}

resource "google_artifact_registry_repository_iam_member" "pipelines_pull" {
  count = var.pipelines ? 1 : 0

  repository = google_artifact_registry_repository.earshot.name
  location   = google_artifact_registry_repository.earshot.location
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.pipelines[0].member
}
