# Two buckets of the deployer's: Terraform's states (without force_destroy, so that it cannot be destroyed while it holds a
# state), and the sources of builds.

resource "google_storage_bucket" "state" {
  #checkov:skip=CKV_GCP_62:Cloud Audit Logs say who touched a bucket; access logs would be a second bucket to keep
  name                        = "${var.project}-earshot-state"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = { function = "deployer" }

  versioning {
    enabled = true # a state that was overwritten can be had back
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions = 20
      with_state         = "ARCHIVED"
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_iam_member" "deployer_states" {
  bucket = google_storage_bucket.state.name
  role   = "roles/storage.objectUser"
  member = google_service_account.deployer.member
}

resource "google_storage_bucket" "build" {
  #checkov:skip=CKV_GCP_62:Cloud Audit Logs say who touched a bucket; access logs would be a second bucket to keep
  #checkov:skip=CKV_GCP_78:sources of builds, deleted after a week; the repository keeps their versions
  name                        = "${var.project}-earshot-build"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
  labels                      = { function = "deployer" }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 7
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_iam_member" "deployer_sources" {
  bucket = google_storage_bucket.build.name
  role   = "roles/storage.objectUser" # reads them; writes them too where it submits its own build
  member = google_service_account.deployer.member
}
