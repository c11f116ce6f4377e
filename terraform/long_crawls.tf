# Long crawls: a Cloud Run job each, of the scraper's image and as the scraper, for what takes longer than Cloud Scheduler
# waits. A job keeps a pace of its own beside the scraper's, so a site should be in one crawl at a time: in two, it is asked
# twice as often. Downloads do not get faster by it, for their pace is the ordering key's.
#
#   gcloud run jobs execute crawl-NAME --region=REGION                                     as written in `crawls`
#   gcloud run jobs execute crawl-NAME --region=REGION --args=gs://BUCKET/lists/other.json  another request

locals {
  long_crawls      = { for name, crawl in var.crawls : name => crawl if crawl.hours > 0 }
  scheduled_crawls = { for name, crawl in local.long_crawls : name => crawl if crawl.schedule != "" }
}

resource "google_cloud_run_v2_job" "crawl" {
  for_each = local.long_crawls

  name                = "crawl-${each.key}"
  location            = var.region
  deletion_protection = false # holds nothing; an entry that leaves `crawls` takes its job along
  labels              = { function = "scraper" }

  template {
    task_count  = 1
    parallelism = 1
    labels      = { function = "scraper", commit = var.commit }

    template {
      service_account = data.google_service_account.scraper.email
      timeout         = "${each.value.hours * 3600}s"
      max_retries     = 1 # begins anew; what was published before changes nothing when it is published again

      dynamic "vpc_access" {
        for_each = var.static_address ? ["network"] : []
        content {
          egress = "ALL_TRAFFIC"
          network_interfaces {
            network    = local.crawler_network.network
            subnetwork = local.crawler_network.subnetwork
          }
        }
      }

      containers {
        image   = var.images.scraper
        command = ["python3", "-m", "earshot.crawl_job"]
        args    = [local.crawl_requests[each.key]]

        resources {
          limits = {
            cpu    = "1"
            memory = "512Mi"
          }
        }

        dynamic "env" {
          for_each = merge(module.scraper.env, {
            EARSHOT_CRAWL_TIMEOUT_S = tostring(each.value.hours * 3600 - 300) # the last page, and the links still to be published
            EARSHOT_MAX_PAGES       = tostring(each.value.max_pages)
          })
          content {
            name  = env.key
            value = env.value
          }
        }

        dynamic "env" {
          for_each = module.scraper.secrets
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value.secret
                version = env.value.version
              }
            }
          }
        }
      }
    }
  }
}

# Enough to run the job as it is written, not to give it other arguments.
resource "google_cloud_run_v2_job_iam_member" "scheduler_starts" {
  for_each = local.scheduled_crawls

  name     = google_cloud_run_v2_job.crawl[each.key].name
  location = google_cloud_run_v2_job.crawl[each.key].location
  role     = "roles/run.invoker"
  member   = "serviceAccount:${data.google_service_account.scraper_caller.email}"
}

resource "google_cloud_scheduler_job" "long_crawl" {
  for_each = local.scheduled_crawls

  name             = "crawl-${each.key}"
  description      = "Crawl ${each.key}, as a job"
  region           = var.region
  schedule         = each.value.schedule
  time_zone        = each.value.time_zone
  paused           = each.value.paused
  attempt_deadline = "180s"

  retry_config {
    retry_count = 0 # a start whose answer was lost would be a second crawl beside the first
  }

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project}/locations/${var.region}/jobs/${google_cloud_run_v2_job.crawl[each.key].name}:run"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oauth_token {
      service_account_email = data.google_service_account.scraper_caller.email
      scope                 = "https://www.googleapis.com/auth/cloud-platform"
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.scheduler_starts]
}
