# One function: a service on Cloud Run, the grant of its caller, and, where messages drive it, the push subscription.

resource "google_cloud_run_v2_service" "function" {
  name                = var.name
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_ALL" # Scheduler and push come from outside the VPC; IAM refuses everybody else
  deletion_protection = var.deletion_protection
  labels              = { function = var.name }

  # Of the first revision. From then on traffic is shifted by revisions.sh, after a new revision has been tried without any,
  # and by `make rollback`.
  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  template {
    service_account                  = var.account
    timeout                          = "${var.timeout_s}s"
    max_instance_request_concurrency = var.concurrency
    labels                           = { function = var.name, commit = var.commit }

    scaling {
      min_instance_count = 0
      max_instance_count = var.max_instances
    }

    dynamic "vpc_access" {
      for_each = var.network == null ? [] : ["network"] # a network that is yet to be made has no known id
      content {
        egress = "ALL_TRAFFIC"
        network_interfaces {
          network    = var.network.network
          subnetwork = var.network.subnetwork
        }
      }
    }

    containers {
      image = var.image

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = tostring(var.cpu)
          memory = "${var.memory_mib}Mi"
        }
        cpu_idle          = true # pay while a request is open only
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
        for_each = merge(var.env, { WORKERS = "1", THREADS = tostring(var.concurrency) })
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = var.secrets
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

  lifecycle {
    ignore_changes = [traffic]
  }
}

resource "google_cloud_run_v2_service_iam_member" "caller" {
  name     = google_cloud_run_v2_service.function.name
  location = google_cloud_run_v2_service.function.location
  role     = "roles/run.invoker"
  member   = "serviceAccount:${var.caller}"
}

resource "google_pubsub_subscription" "delivery" {
  count = var.delivery == null ? 0 : 1

  name                       = var.name
  topic                      = var.delivery.topic
  ack_deadline_seconds       = var.delivery.ack_deadline_s
  message_retention_duration = "${var.delivery.retention_s}s"
  enable_message_ordering    = var.delivery.ordered
  labels                     = { function = var.name }

  push_config {
    push_endpoint = "${google_cloud_run_v2_service.function.uri}/${var.delivery.topic}" # the path names the event's source
    oidc_token {
      service_account_email = var.caller
      audience              = google_cloud_run_v2_service.function.uri
    }
  }

  retry_policy {
    minimum_backoff = "30s"
    maximum_backoff = "600s"
  }

  dynamic "dead_letter_policy" {
    for_each = var.delivery.max_attempts == null ? [] : [var.delivery.dead_topic] # a topic that is yet to be made has no known id
    content {
      dead_letter_topic     = dead_letter_policy.value
      max_delivery_attempts = var.delivery.max_attempts
    }
  }

  expiration_policy {
    ttl = "" # never, however quiet it gets
  }

  depends_on = [google_cloud_run_v2_service_iam_member.caller]
}

# Without this grant Pub/Sub cannot take a message off the subscription, and nothing is ever dead-lettered.
resource "google_pubsub_subscription_iam_member" "dead_letters_out" {
  count = try(var.delivery.max_attempts, null) == null ? 0 : 1

  subscription = google_pubsub_subscription.delivery[0].name
  role         = "roles/pubsub.subscriber"
  member       = var.delivery.agent
}
