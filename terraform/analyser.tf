# Analyser: object notifications in, rows out. Called by the push from audio-stored; may read the bucket and publish to rows.

variable "analyser_trigger" {
  description = "What triggers the analyser: notification (of the bucket, on a topic of ours) or eventarc (a trigger, see docs/deploy.md for what it lacks)."
  type        = string
  default     = "notification"
  nullable    = false
  validation {
    condition     = contains(["notification", "eventarc"], var.analyser_trigger)
    error_message = "analyser_trigger must be notification or eventarc."
  }
}

variable "analysis_timeout_s" {
  description = "Seconds that measuring one file may take."
  type        = number
  default     = 300
  nullable    = false
  validation {
    condition     = var.analysis_timeout_s >= 10 && var.analysis_timeout_s < var.request_timeout_s
    error_message = "analysis_timeout_s must be at least 10 and less than request_timeout_s: ack > timeout > the function's own deadline."
  }
}

variable "analyser_max_instances" {
  description = "Most instances of the analyser. Rows leave it by Pub/Sub, so BigQuery sets no limit; 35 instances of 2 vCPUs measure 5 million minutes of audio a day."
  type        = number
  default     = 10
  nullable    = false
  validation {
    condition     = var.analyser_max_instances >= 1 && var.analyser_max_instances <= 100
    error_message = "analyser_max_instances must lie between 1 and 100."
  }
}

variable "analyser_concurrency" {
  description = "Files that one instance works on at a time: two are measured on its two vCPUs while others are downloaded or published."
  type        = number
  default     = 4
  nullable    = false
  validation {
    condition     = var.analyser_concurrency >= 1 && var.analyser_concurrency <= 16
    error_message = "analyser_concurrency must lie between 1 and 16."
  }
}

variable "analyser_memory_mib" {
  description = "Memory of an analyser instance in MiB; the file being measured is held in it."
  type        = number
  default     = 2048
  nullable    = false
  validation {
    condition     = var.analyser_memory_mib <= 8192 && var.analyser_memory_mib >= 256 + var.analyser_concurrency * (2 * var.max_audio_bytes / 1048576 + 150)
    error_message = "analyser_memory_mib must be at most 8192 and at least 256 + analyser_concurrency x (2 x max_audio_bytes in MiB + 150): a file, its reference and what measuring takes."
  }
}

variable "high_energy_dbfs" {
  description = "At or above this loudness a recording is High Energy, in dBFS."
  type        = number
  default     = -14
  nullable    = false
  validation {
    condition     = var.high_energy_dbfs > var.medium_energy_dbfs && var.high_energy_dbfs <= 0
    error_message = "high_energy_dbfs must lie above medium_energy_dbfs and be at most 0."
  }
}

variable "medium_energy_dbfs" {
  description = "At or above this loudness, and below the high one, a recording is Medium Energy, in dBFS."
  type        = number
  default     = -26
  nullable    = false
  validation {
    condition     = var.medium_energy_dbfs >= -120
    error_message = "medium_energy_dbfs must be at least -120, where silence is clamped."
  }
}

data "google_service_account" "analyser" {
  account_id = "analyser"
}

data "google_service_account" "analyser_caller" {
  account_id = "analyser-caller"
}

module "analyser" {
  source = "./function"

  name                = "analyser"
  region              = var.region
  image               = var.images.analyser
  commit              = var.commit
  account             = data.google_service_account.analyser.email
  caller              = data.google_service_account.analyser_caller.email
  timeout_s           = var.request_timeout_s
  max_instances       = var.analyser_max_instances
  concurrency         = var.analyser_concurrency
  cpu                 = 2
  memory_mib          = var.analyser_memory_mib
  deletion_protection = var.deletion_protection

  env = {
    GOOGLE_CLOUD_PROJECT       = var.project
    EARSHOT_BUCKET             = google_storage_bucket.audio.name
    EARSHOT_ROWS_TOPIC         = google_pubsub_topic.rows.name
    EARSHOT_MAX_AUDIO_BYTES    = tostring(var.max_audio_bytes)
    EARSHOT_ANALYSIS_TIMEOUT_S = tostring(var.analysis_timeout_s)
    EARSHOT_HIGH_ENERGY_DBFS   = tostring(var.high_energy_dbfs)
    EARSHOT_MEDIUM_ENERGY_DBFS = tostring(var.medium_energy_dbfs)
    EARSHOT_LOG_LEVEL          = var.log_level
  }

  delivery = var.analyser_trigger != "notification" ? null : {
    topic          = google_pubsub_topic.audio_stored.id
    dead_topic     = google_pubsub_topic.audio_stored_dead.id
    ordered        = false # the generation says which notification is newer
    ack_deadline_s = var.ack_deadline_s
    retention_s    = local.retention_s
    max_attempts   = var.max_delivery_attempts
    agent          = local.pubsub_agent
  }
}

resource "google_storage_bucket_iam_member" "analyser_reads" {
  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectViewer"
  member = data.google_service_account.analyser.member
}

# The alternative triggers fire for every object in the bucket; the analyser ignores what is not audio/ or refused/.
resource "google_eventarc_trigger" "audio_stored" {
  for_each = var.analyser_trigger == "eventarc" ? toset(["finalized", "deleted"]) : []

  name            = "audio-stored-${each.value}"
  location        = var.region
  service_account = data.google_service_account.analyser_caller.email
  labels          = { function = "analyser" }

  matching_criteria {
    attribute = "type"
    value     = "google.cloud.storage.object.v1.${each.value}"
  }

  matching_criteria {
    attribute = "bucket"
    value     = google_storage_bucket.audio.name
  }

  destination {
    cloud_run_service {
      service = "analyser"
      region  = var.region
    }
  }

  depends_on = [module.analyser]
}
