# The deployer builds, plans and applies, in Cloud Build. It may make and change the kinds of things that the deployment
# consists of, and act as the functions' accounts; it can neither make accounts nor change the project's policy. docs/deploy.md says
# what else it can do.

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
    var.static_address ? ["roles/compute.networkAdmin"] : [],                                                                                 # the network, its router and its address
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

# roles/storage.admin would open every object of the project; the deployer needs buckets only, and to change only one. Making and
# listing are permissions on the project, which a condition on a bucket's name cannot narrow.
resource "google_project_iam_custom_role" "bucket_keeper" {
  role_id     = "earshotBucketKeeper"
  title       = "earshot bucket keeper"
  description = "Make buckets and list them; no access to buckets that are there, nor to the objects in them."
  permissions = [
    "storage.buckets.create",
    "storage.buckets.list",
  ]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "deployer_keeps_buckets" {
  project = var.project
  role    = google_project_iam_custom_role.bucket_keeper.name
  member  = google_service_account.deployer.member
}

resource "google_project_iam_custom_role" "bucket_editor" {
  role_id     = "earshotBucketEditor"
  title       = "earshot bucket editor"
  description = "Change a bucket, who may use it, and delete it; no access to the objects in it."
  permissions = [
    "storage.buckets.delete",
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
    "storage.buckets.setIamPolicy",
    "storage.buckets.update",
  ]

  depends_on = [google_project_service.api]
}

# The bucket of the audio is made by the deployment, so the grant is on the project, and its condition names the bucket.
resource "google_project_iam_member" "deployer_edits_the_audio_bucket" {
  project = var.project
  role    = google_project_iam_custom_role.bucket_editor.name
  member  = google_service_account.deployer.member

  condition {
    title       = "the audio bucket only"
    description = "Not those of states and builds, nor others of the project."
    expression  = "resource.name == \"projects/_/buckets/${var.project}-earshot-audio\""
  }
}

resource "google_service_account_iam_member" "deployer_acts_as" {
  for_each = local.accounts

  service_account_id = google_service_account.account[each.value].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deployer.member
}
