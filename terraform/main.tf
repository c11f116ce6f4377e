# Variables that several files read, and the agents of Google's services. Accounts, enabled APIs, the registry and the secret come
# from bootstrap/: whoever applies this root needs no right to make accounts or to change the project's own policy.

variable "project" {
  description = "Id of the Google Cloud project that everything lives in."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project id: 6 to 30 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "region" {
  description = "One region for services, topics, bucket and dataset, so that no byte crosses a border or is billed for it. It cannot change later."
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

variable "images" {
  description = "Image of each function, pinned by digest."
  type        = map(string)
  nullable    = false
  validation {
    condition     = length(setsubtract(["scraper", "downloader", "analyser", "tagger", "committer"], keys(var.images))) == 0
    error_message = "images must name an image for each function: scraper, downloader, analyser, tagger and committer."
  }
  validation {
    condition     = alltrue([for image in values(var.images) : can(regex("@sha256:[0-9a-f]{64}$", image))])
    error_message = "images must end in @sha256: and 64 hex digits: a tag can move under a running service."
  }
}

variable "commit" {
  description = "Commit that the images were built from, for the labels of revisions; the build gives it with the images."
  type        = string
  default     = "unknown"
  nullable    = false
  validation {
    condition     = can(regex("^[a-z0-9_-]{1,63}$", var.commit))
    error_message = "commit must be fit for a label: at most 63 lower-case letters, digits, hyphens and underscores."
  }
}

variable "ack_deadline_s" {
  description = "Seconds that Pub/Sub waits for a function's answer before it delivers the message again."
  type        = number
  default     = 600 # the most that Pub/Sub allows
  nullable    = false
  validation {
    condition     = var.ack_deadline_s >= 60 && var.ack_deadline_s <= 600
    error_message = "ack_deadline_s must lie between 60 and 600."
  }
}

variable "request_timeout_s" {
  description = "Seconds after which Cloud Run ends a request; shorter than ack_deadline_s, or a message runs twice at once."
  type        = number
  default     = 540
  nullable    = false
  validation {
    condition     = var.request_timeout_s >= 30 && var.request_timeout_s < var.ack_deadline_s
    error_message = "request_timeout_s must be at least 30 and less than ack_deadline_s: ack > timeout > the function's own deadline."
  }
}

variable "max_audio_bytes" {
  description = "Largest file that is kept and measured, in bytes."
  type        = number
  default     = 104857600 # 100 MiB
  nullable    = false
  validation {
    condition     = var.max_audio_bytes > 0 && var.max_audio_bytes <= 1073741824
    error_message = "max_audio_bytes must lie between 1 byte and 1 GiB."
  }
}

variable "max_delivery_attempts" {
  description = "Failed deliveries before a message goes to its dead-letter topic. A busy function answers 429, which counts."
  type        = number
  default     = 50
  nullable    = false
  validation {
    condition     = var.max_delivery_attempts >= 30 && var.max_delivery_attempts <= 100
    error_message = "max_delivery_attempts must lie between 30 (a burst must not dead-letter good messages) and 100 (Pub/Sub's most)."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete tables, services and a bucket that holds files; `make destroy` turns it off first."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_level" {
  description = "Least severe line that the functions write."
  type        = string
  default     = "INFO"
  nullable    = false
  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level must be DEBUG, INFO, WARNING or ERROR."
  }
}

variable "message_retention_days" {
  description = "Days that Pub/Sub keeps a message that nobody has acknowledged. A crawl publishes no more links of one host than are fetched in nine tenths of it, one every two seconds: 272,160 in 7 days, 1,205,280 in 31."
  type        = number
  default     = 7
  nullable    = false
  validation {
    condition     = var.message_retention_days >= 1 && var.message_retention_days <= 31 && floor(var.message_retention_days) == var.message_retention_days
    error_message = "message_retention_days must be a whole number from 1 to 31."
  }
}

data "google_project" "this" {}

data "google_storage_project_service_account" "agent" {}

locals {
  pubsub_agent  = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  storage_agent = "serviceAccount:${data.google_storage_project_service_account.agent.email_address}"
  retention_s   = var.message_retention_days * 24 * 3600
  dead_letter_s = min(2 * local.retention_s, 31 * 24 * 3600) # the most that Pub/Sub keeps
}
