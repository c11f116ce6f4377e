# Scraper: pages in, links out. Called by Cloud Scheduler, once for each crawl; may publish on audio-found, read lists of
# URLs and count what it asked of Freesound, nothing else. Crawls that take hours are jobs of their own: long_crawls.tf.

variable "contact_url" {
  description = "Page that explains the crawler to a site's owner; it is named in every request's User-Agent."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^https?://[^/\\s]+\\.[^/\\s]+", var.contact_url))
    error_message = "contact_url must be an http(s) address that a site's owner can open."
  }
}

variable "crawls" {
  description = "What is crawled when; `request` is a crawl request. Without `hours` the scraper does it, called by Cloud Scheduler. With `hours`, the most that it may take, it is a Cloud Run job, which may also have no schedule: a person starts it."
  type = map(object({
    schedule  = optional(string, "")
    time_zone = optional(string, "Etc/UTC")
    paused    = optional(bool, false)
    hours     = optional(number, 0)
    max_pages = optional(number, 100000)
    request = object({
      pages     = optional(list(string))
      feeds     = optional(list(string))
      sitemaps  = optional(list(string))
      playlists = optional(list(string))
      archive   = optional(list(string))
      freesound = optional(list(object({
        query  = optional(string, "")
        filter = optional(string, "")
        sort   = optional(string, "score")
        limit  = optional(number, 150)
      })))
      lists     = optional(list(string))
      depth     = optional(number)
      same_site = optional(bool)
      include   = optional(list(string))
      exclude   = optional(list(string))
      limit     = optional(number)
    })
  }))
  default  = {}
  nullable = false
  validation {
    condition     = alltrue([for name in keys(var.crawls) : can(regex("^[a-z][a-z0-9-]{0,40}$", name))])
    error_message = "A crawl's name must be 1 to 41 lower-case letters, digits and hyphens, beginning with a letter."
  }
  validation {
    condition     = alltrue([for crawl in values(var.crawls) : length(split(" ", trimspace(crawl.schedule))) == 5 || (crawl.schedule == "" && crawl.hours > 0)])
    error_message = "A crawl's schedule must be five cron fields, such as \"15 3 * * *\"; only a crawl with hours may have none."
  }
  validation {
    condition     = alltrue([for crawl in values(var.crawls) : crawl.hours >= 0 && crawl.hours <= 168 && floor(crawl.hours) == crawl.hours])
    error_message = "A crawl's hours must be a whole number from 1 to 168, a week, which is the most that Cloud Run gives a job; or 0 for a crawl by the scraper."
  }
  validation {
    condition     = alltrue([for crawl in values(var.crawls) : crawl.max_pages >= 1 && crawl.max_pages <= 100000])
    error_message = "A crawl's max_pages must lie between 1 and 100000."
  }
}

variable "crawl_timeout_s" {
  description = "Seconds after which a crawl ends with what it has; Cloud Run and Cloud Scheduler wait a little longer."
  type        = number
  default     = 1500
  nullable    = false
  validation {
    condition     = var.crawl_timeout_s >= 30 && var.crawl_timeout_s <= 1680
    error_message = "crawl_timeout_s must lie between 30 and 1680: Cloud Scheduler waits at most 1800 for an answer."
  }
}

variable "freesound_token_version" {
  description = "Version of the secret freesound-token that the scraper reads, such as \"1\"; empty without a Freesound key. `make secret` prints it."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^[0-9]*$", var.freesound_token_version))
    error_message = "freesound_token_version must be a version number or empty; \"latest\" would change under a running service."
  }
}

locals {
  crawl_requests = {
    for name, crawl in var.crawls : name => jsonencode({ for field, value in crawl.request : field => value if value != null })
  }
}

data "google_service_account" "scraper" {
  account_id = "scraper"
}

data "google_service_account" "scraper_caller" {
  account_id = "scraper-caller"
}

module "scraper" {
  source = "./function"

  name                = "scraper"
  region              = var.region
  image               = var.images.scraper
  commit              = var.commit
  network             = local.crawler_network
  account             = data.google_service_account.scraper.email
  caller              = data.google_service_account.scraper_caller.email
  timeout_s           = var.crawl_timeout_s + 60 # the last page, and the links still to be published
  max_instances       = 1                        # one process requests pages, so that its pause for each host is the only one
  concurrency         = 4
  cpu                 = 1
  memory_mib          = 512
  deletion_protection = var.deletion_protection

  env = { # the jobs of long_crawls.tf have the same
    GOOGLE_CLOUD_PROJECT    = var.project
    EARSHOT_FOUND_TOPIC     = google_pubsub_topic.audio_found.name
    EARSHOT_BUCKET          = google_storage_bucket.audio.name
    EARSHOT_CONTACT_URL     = var.contact_url
    EARSHOT_CRAWL_TIMEOUT_S = tostring(var.crawl_timeout_s)
    EARSHOT_RETENTION_S     = tostring(local.retention_s)
    EARSHOT_LOG_LEVEL       = var.log_level
  }
  secrets = var.freesound_token_version == "" ? {} : {
    EARSHOT_FREESOUND_TOKEN = { secret = "freesound-token", version = var.freesound_token_version } #checkov:skip=CKV_SECRET_6:this is the name of the secret, which Secret Manager keeps
  }
}

resource "google_pubsub_topic_iam_member" "scraper_publishes" {
  topic  = google_pubsub_topic.audio_found.name
  role   = "roles/pubsub.publisher"
  member = data.google_service_account.scraper.member
}

# What all instances together have asked of Freesound is counted in an object; no other object may be written.
resource "google_storage_bucket_iam_member" "scraper_counts" {
  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectUser"
  member = data.google_service_account.scraper.member

  condition {
    title      = "budgets only"
    expression = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.audio.name}/objects/budgets/\")"
  }
}

# Lists of URLs to crawl are read from the same bucket; those in another one need a grant there.
resource "google_storage_bucket_iam_member" "scraper_reads_lists" {
  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectViewer"
  member = data.google_service_account.scraper.member

  condition {
    title      = "lists only"
    expression = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.audio.name}/objects/lists/\")"
  }
}

resource "google_cloud_scheduler_job" "crawl" {
  for_each = { for name, crawl in var.crawls : name => crawl if crawl.hours == 0 }

  name             = "crawl-${each.key}"
  description      = "Crawl ${each.key}"
  region           = var.region
  schedule         = each.value.schedule
  time_zone        = each.value.time_zone
  paused           = each.value.paused
  attempt_deadline = "${var.crawl_timeout_s + 120}s"

  retry_config {
    retry_count          = 2 # a crawl that runs again publishes the same links, which change nothing
    min_backoff_duration = "60s"
    max_backoff_duration = "600s"
  }

  http_target {
    http_method = "POST"
    uri         = module.scraper.uri
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(local.crawl_requests[each.key])

    oidc_token {
      service_account_email = data.google_service_account.scraper_caller.email
      audience              = module.scraper.uri
    }
  }
}
