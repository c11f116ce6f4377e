# The deployer builds, plans and applies, in Cloud Build. It may make and change the kinds of things that the deployment
# consists of, and act as the six accounts; it can neither make accounts, nor change the project's policy, nor read secrets.

locals {
  deployer_roles = concat([
    "roles/bigquery.user", # makes the dataset, and owns what it made
    "roles/cloudscheduler.admin",
    "roles/logging.configWriter", # the metric behind the refusal alert
    "roles/logging.logWriter",    # the build's own log
    "roles/monitoring.alertPolicyEditor",
    "roles/monitoring.dashboardEditor",
    "roles/monitoring.notificationChannelEditor",
    "roles/pubsub.admin", # topics and who may publish on them
    "roles/run.admin",    # services and who may call them
    ],
    local.eventarc ? ["roles/eventarc.admin"] : [],
    var.github_repository == "" ? [] : ["roles/cloudbuild.builds.editor", "roles/logging.viewer", "roles/serviceusage.serviceUsageConsumer"], # submits its own build, follows its log, uses the project's quota
  )
}

resource "google_service_account" "deployer" {
  account_id   = "deployer"
  display_name = "Builds and deploys earshot"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "deployer" {
  for_each = toset(local.deployer_roles)

  project = var.project
  role    = each.value
  member  = google_service_account.deployer.member
}

# roles/storage.admin would open every object of the project; the deployer needs buckets only.
resource "google_project_iam_custom_role" "bucket_keeper" {
  role_id     = "earshotBucketKeeper"
  title       = "earshot bucket keeper"
  description = "Make buckets, change them and who may use them; no access to the objects in them."
  permissions = [
    "storage.buckets.create",
    "storage.buckets.delete",
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
    "storage.buckets.list",
    "storage.buckets.setIamPolicy",
    "storage.buckets.update",
  ]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "deployer_keeps_buckets" {
  project = var.project
  role    = google_project_iam_custom_role.bucket_keeper.name
  member  = google_service_account.deployer.member
}

resource "google_service_account_iam_member" "deployer_acts_as" {
  for_each = local.accounts

  service_account_id = google_service_account.account[each.value].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deployer.member
}
