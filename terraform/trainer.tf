# Trainer: a job that reads recordings and annotations, and writes models into the registry and rows into models. It chooses no
# model: the pointers that the tagger follows are moved by people (`earshot models use`).
#
#   gcloud run jobs execute trainer --region=REGION                                                as written in `trainer`
#   gcloud run jobs execute trainer --region=REGION --args=content,network=head,seed=2             another training

variable "trainer" {
  description = "The training job: image (of `docker build --target trainer`, pinned by digest), arguments (task and overrides), hours at most, whether it gets a GPU (an L4, where the region has them; its image then needs a CUDA build of torch). Without an image there is no job; the account comes from bootstrap with trainer = true."
  type = object({
    image     = optional(string, "")
    arguments = optional(list(string), ["content", "network=head"])
    hours     = optional(number, 2)
    gpu       = optional(bool, false)
  })
  default  = {}
  nullable = false
  validation {
    condition     = var.trainer.image == "" || can(regex("@sha256:[0-9a-f]{64}$", var.trainer.image))
    error_message = "trainer.image must be empty, or end in @sha256: and 64 hex digits: a tag can move under a running job."
  }
  validation {
    condition     = var.trainer.hours >= 1 && var.trainer.hours <= 24
    error_message = "trainer.hours must lie between 1 and 24."
  }
  validation {
    condition     = contains(["content", "instruments", "loudness_class"], try(var.trainer.arguments[0], ""))
    error_message = "trainer.arguments must begin with content, instruments or loudness_class."
  }
}

locals {
  trainers = var.trainer.image == "" ? {} : { trainer = var.trainer }
}

data "google_service_account" "trainer" {
  for_each = local.trainers

  account_id = "trainer"
}

resource "google_cloud_run_v2_job" "trainer" {
  for_each = local.trainers

  name                = "trainer"
  location            = var.region
  deletion_protection = false # holds nothing
  labels              = { function = "trainer" }

  template {
    task_count  = 1
    parallelism = 1
    labels      = { function = "trainer", commit = var.commit }

    template {
      service_account               = data.google_service_account.trainer[each.key].email
      timeout                       = "${each.value.hours * 3600}s"
      max_retries                   = 0 # a training that failed fails again, and costs as much
      gpu_zonal_redundancy_disabled = each.value.gpu ? true : null

      dynamic "node_selector" {
        for_each = each.value.gpu ? ["nvidia-l4"] : []
        content {
          accelerator = node_selector.value
        }
      }

      containers {
        image = each.value.image
        args  = each.value.arguments

        resources {
          limits = each.value.gpu ? { cpu = "4", memory = "16Gi", "nvidia.com/gpu" = "1" } : { cpu = "2", memory = "8Gi" }
        }

        env {
          name  = "GOOGLE_CLOUD_PROJECT"
          value = var.project
        }
        env {
          name  = "EARSHOT_BUCKET"
          value = google_storage_bucket.audio.name
        }
        env {
          name  = "EARSHOT_LOG_LEVEL"
          value = var.log_level
        }
      }
    }
  }
}

resource "google_storage_bucket_iam_member" "trainer_reads" {
  for_each = local.trainers

  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectViewer"
  member = data.google_service_account.trainer[each.key].member
}

resource "google_storage_bucket_iam_member" "trainer_writes_models" {
  for_each = local.trainers

  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectCreator" # models and evaluation manifests are never replaced
  member = data.google_service_account.trainer[each.key].member

  condition {
    title       = "models-only"
    description = "Objects under models/, but for the pointers to the models in use."
    expression  = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.audio.name}/objects/models/\") && !resource.name.endsWith(\"/current.json\")"
  }
}

resource "google_bigquery_dataset_iam_member" "trainer_reads" {
  for_each = local.trainers

  dataset_id = google_bigquery_dataset.earshot.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = data.google_service_account.trainer[each.key].member
}

resource "google_bigquery_table_iam_member" "trainer_appends" {
  for_each = local.trainers

  dataset_id = google_bigquery_dataset.earshot.dataset_id
  table_id   = module.table["models"].table_id
  role       = "roles/bigquery.dataEditor"
  member     = data.google_service_account.trainer[each.key].member
}
