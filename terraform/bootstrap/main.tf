# What must be there before anything can be built or deployed, and what only an owner of the project may make: enabled
# APIs, service agents, accounts, the few project-wide grants. A person runs this once; the deployer does the rest.

variable "project" {
  description = "Id of an existing Google Cloud project with billing."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project id: 6 to 30 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "region" {
  description = "Region of everything, here and in the deployment; both read it from the environment's tfvars file."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a single region such as europe-west1, not a multi-region or a zone."
  }
}

variable "env" {
  description = "Label that tells deployments apart on the bill; each has a project of its own."
  type        = string
  default     = "prod"
  nullable    = false
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,20}$", var.env))
    error_message = "env must be 1 to 21 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "analyser_trigger" {
  description = "As in the deployment: notification, or eventarc, which needs two grants on the whole project."
  type        = string
  default     = "notification"
  nullable    = false
  validation {
    condition     = contains(["notification", "eventarc"], var.analyser_trigger)
    error_message = "analyser_trigger must be notification or eventarc."
  }
}

variable "static_address" {
  description = "As in the deployment: one address that the crawler's requests come from, which needs the Compute Engine API and a role for the deployer."
  type        = bool
  default     = false
  nullable    = false
}

variable "trainer" {
  description = "Whether a training job will be deployed (`trainer` in the deployment): makes its account, which may run queries."
  type        = bool
  default     = false
  nullable    = false
}

locals {
  eventarc = var.analyser_trigger == "eventarc"
  apis = concat([
    "artifactregistry", "bigquery", "cloudbuild", "cloudresourcemanager", "cloudscheduler", "containeranalysis", "iam", "iamcredentials",
    "logging", "monitoring", "pubsub", "run", "secretmanager", "serviceusage", "storage",
    ],
    local.eventarc ? ["eventarc"] : [],
    var.static_address || var.pipelines ? ["compute"] : [],
    var.pipelines ? ["dataflow"] : [],
    var.billing_account == "" ? [] : ["billingbudgets"],
    var.github_repository == "" ? [] : ["sts"],
    var.scan_images ? ["containerscanning"] : [],
  )
}

data "google_project" "this" {
  depends_on = [google_project_service.api]
}

resource "google_project_service" "api" {
  for_each = toset(local.apis)

  service            = "${each.value}.googleapis.com"
  disable_on_destroy = false # something else in the project may use it
}

# Grants name these agents before anything has made Google create them.
resource "google_project_service_identity" "agent" {
  for_each = toset(concat(["pubsub"], local.eventarc ? ["eventarc"] : []))
  provider = google-beta

  service = "${each.value}.googleapis.com"

  depends_on = [google_project_service.api]
}
