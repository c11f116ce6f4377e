# Alert policies. All but one read metrics that Google Cloud records by itself; the refusal ratio is counted from the functions' logs.

variable "alert_email" {
  description = "Where alerts are sent; empty leaves them in the console only."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = var.alert_email == "" || can(regex("^[^@\\s]+@[^@\\s]+$", var.alert_email))
    error_message = "alert_email must be an email address, or empty."
  }
}

variable "refusal_alert_ratio" {
  description = "Share of an hour's processed deliveries that may be refusals before an alert is sent."
  type        = number
  default     = 0.5
  nullable    = false
  validation {
    condition     = var.refusal_alert_ratio > 0 && var.refusal_alert_ratio <= 1
    error_message = "refusal_alert_ratio must lie above 0 and be at most 1."
  }
}

locals {
  deliveries = ["downloader", "analyser", "tagger", "rows"]
  alerts = {
    dead-letters = {
      title = "Messages are in a dead-letter topic"
      query = "max by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource=\"pubsub_subscription\", subscription_id=~\"audio-found-dead|audio-stored-dead|rows-dead\"}) > 0"
      for_s = 300
      help  = "Deliveries failed ${var.max_delivery_attempts} times."
    }
    backlog-age = {
      title = "A function makes no progress"
      query = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\", subscription_id=~\"${join("|", local.deliveries)}\"}) > 3600 unless on (subscription_id) sum by (subscription_id) (increase(pubsub_googleapis_com:subscription_ack_message_count{monitored_resource=\"pubsub_subscription\", subscription_id=~\"${join("|", local.deliveries)}\"}[30m])) > 0"
      for_s = 600
      help  = "The oldest message has waited an hour, and for half an hour none was acknowledged. A long queue that moves, such as many links of one host, does not alert."
    }
    expiring = {
      title = "Messages expire soon"
      query = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\", subscription_id=~\"${join("|", local.deliveries)}\"}) > ${local.retention_s / 2}"
      for_s = 600
      help  = "The oldest message has waited half of the ${var.message_retention_days} days that Pub/Sub keeps it; what expires leaves neither row nor refusal. Raise message_retention_days first."
    }
    server-errors = {
      title = "A function fails"
      query = "sum by (service_name) (increase(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\", service_name=~\"scraper|downloader|analyser|tagger|committer|listener\", response_code_class=\"5xx\"}[15m])) > 20"
      for_s = 0
      help  = "Twenty answers in fifteen minutes were 5xx: faults of the function or of Cloud Run. A delivery that is put off because a source, the bucket or a table is busy is answered 429 and not counted."
    }
    scheduler = {
      title = "A crawl could not be started"
      query = "sum(increase(logging_googleapis_com:log_entry_count{monitored_resource=\"cloud_scheduler_job\", severity=\"ERROR\"}[1h])) > 0"
      for_s = 0
      help  = "Cloud Scheduler did not get a 2xx from the scraper, or from Cloud Run for a long crawl. The job's log says what it got."
    }
    long-crawls = {
      title = "A long crawl failed"
      query = "sum by (job_name) (increase(run_googleapis_com:job_completed_execution_count{monitored_resource=\"cloud_run_job\", job_name=~\"crawl-.*\", result=\"failed\"}[15m])) > 0"
      for_s = 0
      help  = "The job failed twice. Its log says why; what it had found has been published, and executing it again does no harm."
    }
    models-refused = {
      title = "The tagger refuses a model"
      query = "sum(increase(logging_googleapis_com:user_${google_logging_metric.models_refused.name}{monitored_resource=\"cloud_run_revision\"}[1h])) > 0"
      for_s = 0
      help  = "A model of the registry is not what its description says, or answers with no numbers; the one before still answers. The tagger's log line `model refused` names it: docs/tagging.md, \"Models\"."
    }
    refusals = {
      title = "Most of what comes in is refused"
      query = "sum(increase(logging_googleapis_com:user_${google_logging_metric.deliveries.name}{monitored_resource=\"cloud_run_revision\", outcome=\"refused\"}[1h])) / sum(increase(logging_googleapis_com:user_${google_logging_metric.deliveries.name}{monitored_resource=\"cloud_run_revision\"}[1h])) > ${var.refusal_alert_ratio} and sum(increase(logging_googleapis_com:user_${google_logging_metric.deliveries.name}{monitored_resource=\"cloud_run_revision\"}[1h])) > 20"
      for_s = 600
      help  = "Over ${100 * var.refusal_alert_ratio} % of the last hour's deliveries were refused. SELECT reason, COUNT(*) FROM earshot.refusals GROUP BY reason says why."
    }
  }
}

resource "google_logging_metric" "deliveries" {
  name             = "earshot_settled"
  description      = "Processed deliveries, by function and outcome."
  filter           = "resource.type=\"cloud_run_revision\" AND jsonPayload.message=(\"stored\" OR \"analysed\" OR \"tagged\" OR \"refused\")"
  label_extractors = { outcome = "EXTRACT(jsonPayload.message)" }

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "INT64"
    display_name = "Processed deliveries"
    labels {
      key         = "outcome"
      value_type  = "STRING"
      description = "stored, analysed, tagged or refused"
    }
  }

  lifecycle {
    ignore_changes = [metric_descriptor] # its texts only differ between versions, and a descriptor in use cannot be changed freely
  }
}

resource "google_logging_metric" "models_refused" {
  name        = "earshot_models_refused"
  description = "Models that the tagger did not believe."
  filter      = "resource.type=\"cloud_run_revision\" AND jsonPayload.message=\"model refused\""

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "INT64"
    display_name = "Refused models"
  }
}

resource "google_monitoring_notification_channel" "email" {
  count = var.alert_email == "" ? 0 : 1

  display_name = "earshot alerts"
  type         = "email"
  labels       = { email_address = var.alert_email }
  user_labels  = { app = "earshot", env = var.env }
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  display_name          = "earshot: ${each.value.title}"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = google_monitoring_notification_channel.email[*].id
  user_labels           = { app = "earshot", env = var.env, alert = each.key }

  conditions {
    display_name = each.value.title
    condition_prometheus_query_language {
      query                     = each.value.query
      duration                  = "${each.value.for_s}s"
      evaluation_interval       = "60s"
      disable_metric_validation = true # a metric that has never been written is unknown for its first minutes
    }
  }

  documentation {
    content   = "${each.value.help}\n\nRunbook: docs/operations.md#alert-${each.key}"
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "86400s"
  }
}
