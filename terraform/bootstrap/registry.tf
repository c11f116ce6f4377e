# The registry of the images. KEEP takes precedence over DELETE: the newest ten of each function stay, however old, so that a
# deployment without changes never loses the image that it runs.

variable "scan_images" {
  description = "Scan each pushed image for known weaknesses (billed for each image)."
  type        = bool
  default     = false
  nullable    = false
}

resource "google_artifact_registry_repository" "earshot" {
  #checkov:skip=CKV_GCP_84:images are public code; Google-managed keys are enough
  repository_id = "earshot"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the functions, and the build cache."
  labels        = { function = "deployer" }

  vulnerability_scanning_config {
    enablement_config = var.scan_images ? "INHERITED" : "DISABLED"
  }

  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "2592000s" # 30 days
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_artifact_registry_repository_iam_member" "deployer_pushes" {
  repository = google_artifact_registry_repository.earshot.name
  location   = google_artifact_registry_repository.earshot.location
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.deployer.member
}
