# Downloader: links in, stored bytes out. Called by the push from audio-found; may write to the bucket, nothing else.

variable "download_timeout_s" {
  description = "Seconds that one download may take; the function gives up before Cloud Run ends its request."
  type        = number
  default     = 480
  nullable    = false
  validation {
    condition     = var.download_timeout_s >= 10 && var.download_timeout_s < var.request_timeout_s
    error_message = "download_timeout_s must be at least 10 and less than request_timeout_s: ack > timeout > the function's own deadline."
  }
}

variable "downloader_max_instances" {
  description = "Most instances of the downloader; with downloader_concurrency the most downloads at a time."
  type        = number
  default     = 3
  nullable    = false
  validation {
    condition     = var.downloader_max_instances >= 1 && var.downloader_max_instances <= 100
    error_message = "downloader_max_instances must lie between 1 and 100."
  }
}

variable "downloader_concurrency" {
  description = "Downloads at a time in one instance; each streams, so memory does not grow with the files."
  type        = number
  default     = 8
  nullable    = false
  validation {
    condition     = var.downloader_concurrency >= 1 && var.downloader_concurrency <= 32
    error_message = "downloader_concurrency must lie between 1 and 32, the connections that its storage client keeps."
  }
}

data "google_service_account" "downloader" {
  account_id = "downloader"
}

data "google_service_account" "downloader_caller" {
  account_id = "downloader-caller"
}

module "downloader" {
  source = "./function"

  name                = "downloader"
  region              = var.region
  image               = var.images.downloader
  commit              = var.commit
  network             = local.crawler_network
  account             = data.google_service_account.downloader.email
  caller              = data.google_service_account.downloader_caller.email
  timeout_s           = var.request_timeout_s
  max_instances       = var.downloader_max_instances
  concurrency         = var.downloader_concurrency
  cpu                 = 1
  memory_mib          = 512
  deletion_protection = var.deletion_protection

  env = {
    GOOGLE_CLOUD_PROJECT       = var.project
    EARSHOT_BUCKET             = google_storage_bucket.audio.name
    EARSHOT_CONTACT_URL        = var.contact_url
    EARSHOT_MAX_AUDIO_BYTES    = tostring(var.max_audio_bytes)
    EARSHOT_DOWNLOAD_TIMEOUT_S = tostring(var.download_timeout_s)
    EARSHOT_LOG_LEVEL          = var.log_level
  }

  delivery = {
    topic          = google_pubsub_topic.audio_found.id
    dead_topic     = google_pubsub_topic.audio_found_dead.id
    ordered        = true # the key is the host: one request at a time for each site
    ack_deadline_s = var.ack_deadline_s
    retention_s    = local.retention_s
    max_attempts   = var.max_delivery_attempts
    agent          = local.pubsub_agent
  }
}

resource "google_storage_bucket_iam_member" "downloader_writes" {
  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectUser" # creates, and replaces or removes what it left in incoming/
  member = data.google_service_account.downloader.member
}
