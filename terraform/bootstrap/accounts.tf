# Service accounts: one for each function, and one for its caller. Grants on a topic, a bucket or a table are beside that
# resource in the deployment; here are only the grants that have to be project-wide.

locals {
  functions = toset(["scraper", "downloader", "analyser", "tagger", "committer"])
  accounts  = toset(concat([for function in local.functions : function], [for function in local.functions : "${function}-caller"], ["listener"], var.trainer ? ["trainer"] : [])) # people call the page, through a proxy; a job has no caller
}

resource "google_service_account" "account" {
  for_each = local.accounts

  account_id   = each.value
  display_name = endswith(each.value, "-caller") ? "Calls the ${trimsuffix(each.value, "-caller")}" : "Runs the ${each.value}"

  depends_on = [google_project_service.api]
}

# A MERGE is a job, and jobs belong to the project.
resource "google_project_iam_member" "committer_runs_jobs" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.account["committer"].member
}

resource "google_project_iam_member" "listener_runs_queries" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.account["listener"].member
}

# So is a query, and the trainer's data comes by queries. Only where the job is wanted.
resource "google_project_iam_member" "trainer_runs_jobs" {
  count = var.trainer ? 1 : 0

  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.account["trainer"].member
}

# Pub/Sub's agent signs the tokens of its pushes as the callers; a project's first push fails without this grant, and so does
# every later one. Google grants it by itself in some projects and not in others.
resource "google_project_iam_member" "pubsub_agent" {
  #checkov:skip=CKV_GCP_49:this is Google's own agent and its own role, without which no push carries a token
  project = var.project
  role    = "roles/pubsub.serviceAgent"
  member  = google_project_service_identity.agent["pubsub"].member
}

# Eventarc only: its events travel through topics of its own, which nobody can be named for in advance.
resource "google_project_iam_member" "eventarc_receives" {
  count = local.eventarc ? 1 : 0

  project = var.project
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.account["analyser-caller"].member
}

data "google_storage_project_service_account" "agent" {
  count = local.eventarc ? 1 : 0

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "bucket_publishes" {
  count = local.eventarc ? 1 : 0

  project = var.project
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${data.google_storage_project_service_account.agent[0].email_address}"
}

resource "google_project_iam_member" "eventarc_agent" {
  #checkov:skip=CKV_GCP_49:this is Google's own agent and its own role, which it loses now and then on a new project; only where Eventarc is chosen
  count = local.eventarc ? 1 : 0

  project = var.project
  role    = "roles/eventarc.serviceAgent"
  member  = google_project_service_identity.agent["eventarc"].member
}
