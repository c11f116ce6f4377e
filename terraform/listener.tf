# Listener: the page. On only where somebody is named who may open it. May read the bucket and the dataset, append judgements,
# and, where uploads may be kept, create objects under audio/.

variable "listener_members" {
  description = "Who may open the page through Identity-Aware Proxy: user:…, group:… or domain:…; empty for no page."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for member in var.listener_members : can(regex("^(user|group|domain|serviceAccount):[^ :]+$", member))])
    error_message = "listener_members must be persons, groups or domains, such as user:somebody@example.org; allUsers is refused."
  }
}

variable "listener_keeps_uploads" {
  description = "Let people put a file that they upload on the page into the bucket."
  type        = bool
  default     = false
  nullable    = false
}

variable "listener_max_instances" {
  description = "Most instances of the page; each hears at most eight uploads and microphones at a time."
  type        = number
  default     = 2
  nullable    = false
  validation {
    condition     = var.listener_max_instances >= 1 && var.listener_max_instances <= 20
    error_message = "listener_max_instances must lie between 1 and 20."
  }
}

locals {
  has_page = length(var.listener_members) > 0
}

data "google_service_account" "listener" {
  account_id = "listener"
}

resource "google_cloud_run_v2_service" "listener" {
  count = local.has_page ? 1 : 0

  name                = "listener"
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_ALL" # people come from anywhere; Identity-Aware Proxy refuses those who are not named
  iap_enabled         = true
  deletion_protection = var.deletion_protection
  labels              = { function = "listener" }

  template {
    service_account                  = data.google_service_account.listener.email
    timeout                          = "3600s" # of a WebSocket; the page itself ends one after 15 minutes
    session_affinity                 = true    # an upload is heard by the instance that has it
    max_instance_request_concurrency = 40
    labels                           = { function = "listener", commit = var.commit }

    scaling {
      min_instance_count = 0
      max_instance_count = var.listener_max_instances
    }

    containers {
      image = lookup(var.images, "listener", "")

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = "2"
          memory = "2048Mi" # uploads lie in memory while they last, at most a few of max_audio_bytes
        }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 30
        http_get {
          path = "/health"
        }
      }

      dynamic "env" {
        for_each = {
          GOOGLE_CLOUD_PROJECT    = var.project
          EARSHOT_BUCKET          = google_storage_bucket.audio.name
          EARSHOT_DATASET         = google_bigquery_dataset.earshot.dataset_id
          EARSHOT_IAP_AUDIENCE    = "/projects/${data.google_project.this.number}/locations/${var.region}/services/listener"
          EARSHOT_KEEP_UPLOADS    = tostring(var.listener_keeps_uploads)
          EARSHOT_MAX_AUDIO_BYTES = tostring(var.max_audio_bytes)
          EARSHOT_LOG_LEVEL       = var.log_level
        }
        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = contains(keys(var.images), "listener")
      error_message = "images must name an image for the listener where listener_members names somebody."
    }
  }
}

# The proxy calls the service as its own agent; nobody else may.
resource "google_cloud_run_v2_service_iam_member" "proxy_calls_listener" {
  count = local.has_page ? 1 : 0

  name     = google_cloud_run_v2_service.listener[0].name
  location = google_cloud_run_v2_service.listener[0].location
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-iap.iam.gserviceaccount.com"
}

resource "google_iap_web_cloud_run_service_iam_member" "people" {
  for_each = toset(var.listener_members)

  project                = var.project
  location               = google_cloud_run_v2_service.listener[0].location
  cloud_run_service_name = google_cloud_run_v2_service.listener[0].name
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.value
}

resource "google_storage_bucket_iam_member" "listener_reads" {
  count = local.has_page ? 1 : 0

  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectViewer"
  member = data.google_service_account.listener.member
}

resource "google_storage_bucket_iam_member" "listener_keeps_uploads" {
  count = local.has_page && var.listener_keeps_uploads ? 1 : 0

  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectUser" # the upload is staged under incoming/, given its name, and deleted there
  member = data.google_service_account.listener.member

  condition {
    title       = "uploads-only"
    description = "Objects under audio/ and incoming/: what people keep."
    expression  = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.audio.name}/objects/audio/\") || resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.audio.name}/objects/incoming/\")"
  }
}

# The dataset, because a view reads the tables below it as the person who queries it.
resource "google_bigquery_dataset_iam_member" "listener_reads" {
  count = local.has_page ? 1 : 0

  dataset_id = google_bigquery_dataset.earshot.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = data.google_service_account.listener.member
}

resource "google_bigquery_table_iam_member" "listener_appends_annotations" {
  count = local.has_page ? 1 : 0

  dataset_id = module.table["annotations"].dataset_id
  table_id   = module.table["annotations"].table_id
  role       = "roles/bigquery.dataEditor"
  member     = data.google_service_account.listener.member
}

output "page_uri" {
  description = "The page, behind Identity-Aware Proxy; empty where nobody may open it."
  value       = one(google_cloud_run_v2_service.listener[*].uri)
}
