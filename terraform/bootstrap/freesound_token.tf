# The one secret: the key for Freesound's API. It has no version here, or its value would be in the state;
# `make secret` adds one, and the deployment's freesound_token_version says which one the scraper reads.

resource "google_secret_manager_secret" "freesound_token" {
  secret_id = "freesound-token"
  labels    = { function = "scraper" }

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "scraper_reads" {
  secret_id = google_secret_manager_secret.freesound_token.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.account["scraper"].member
}
