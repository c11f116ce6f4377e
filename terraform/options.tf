# Options that are off by default.

variable "kms_key" {
  description = "Cloud KMS key for the bucket's new objects, new tables and topics, as projects/P/locations/REGION/keyRings/R/cryptoKeys/K; empty for Google-managed keys. Grant roles/cloudkms.cryptoKeyEncrypterDecrypter on it to the agents of Cloud Storage, BigQuery and Pub/Sub first."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = var.kms_key == "" || can(regex("^projects/[^/]+/locations/${var.region}/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "kms_key must be the full name of a key in the deployment's region, or empty."
  }
}

variable "log_retention_days" {
  description = "Days that the project's default log bucket keeps logs; 0 leaves it as it is (30 days). Above 30 days logs are billed for each month."
  type        = number
  default     = 0
  nullable    = false
  validation {
    condition     = var.log_retention_days == 0 || (var.log_retention_days >= 1 && var.log_retention_days <= 3650)
    error_message = "log_retention_days must be 0, or lie between 1 and 3650."
  }
}

resource "google_logging_project_bucket_config" "default" {
  count = var.log_retention_days == 0 ? 0 : 1

  project        = var.project
  location       = "global"
  bucket_id      = "_Default"
  retention_days = var.log_retention_days
}
