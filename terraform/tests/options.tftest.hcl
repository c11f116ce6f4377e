# Options that are off by default: what each adds, and that nothing of it is there without it. The provider is mocked.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
  mock_data "google_storage_project_service_account" {
    defaults = { email_address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com" }
  }
  mock_data "google_service_account" {
    defaults = { email = "account@demo-project-1.iam.gserviceaccount.com", member = "serviceAccount:account@demo-project-1.iam.gserviceaccount.com" }
  }
  mock_resource "google_cloud_run_v2_service" {
    defaults = { uri = "https://function-123456789012.europe-west1.run.app" }
  }
  mock_resource "google_compute_address" {
    defaults = { address = "203.0.113.7", self_link = "https://www.googleapis.com/compute/v1/projects/demo-project-1/regions/europe-west1/addresses/crawler" }
  }
}

variables {
  project     = "demo-project-1"
  region      = "europe-west1"
  contact_url = "https://example.org/about-our-crawler"
  images = {
    scraper    = "europe-west1-docker.pkg.dev/demo-project-1/earshot/scraper@sha256:0000000000000000000000000000000000000000000000000000000000000001"
    downloader = "europe-west1-docker.pkg.dev/demo-project-1/earshot/downloader@sha256:0000000000000000000000000000000000000000000000000000000000000002"
    analyser   = "europe-west1-docker.pkg.dev/demo-project-1/earshot/analyser@sha256:0000000000000000000000000000000000000000000000000000000000000003"
    tagger     = "europe-west1-docker.pkg.dev/demo-project-1/earshot/tagger@sha256:0000000000000000000000000000000000000000000000000000000000000004"
    committer  = "europe-west1-docker.pkg.dev/demo-project-1/earshot/committer@sha256:0000000000000000000000000000000000000000000000000000000000000005"
    listener   = "europe-west1-docker.pkg.dev/demo-project-1/earshot/listener@sha256:0000000000000000000000000000000000000000000000000000000000000006"
    trainer    = "europe-west1-docker.pkg.dev/demo-project-1/earshot/trainer@sha256:0000000000000000000000000000000000000000000000000000000000000007"
  }
  crawls = {
    archive = { hours = 24, request = { pages = ["https://example.org/archive/"] } }
  }
}

run "by_default_there_is_no_network_no_key_and_no_log_bucket" {
  command = apply

  assert {
    condition     = length(google_compute_network.crawler) == 0 && length(google_compute_router_nat.crawler) == 0 && output.crawler_address == ""
    error_message = "A static address is an option."
  }
  assert {
    condition     = length(module.downloader.service.template[0].vpc_access) == 0
    error_message = "Without the option requests go out by Cloud Run's own addresses."
  }
  assert {
    condition     = length(google_storage_bucket.audio.encryption) == 0 && length(google_bigquery_dataset.earshot.default_encryption_configuration) == 0 && length(google_logging_project_bucket_config.default) == 0
    error_message = "Keys and log retention are options."
  }
}

run "with_a_static_address_whatever_fetches_from_the_web_goes_out_by_it" {
  command = apply
  variables {
    static_address = true
  }

  assert {
    condition     = output.crawler_address == "203.0.113.7" && google_compute_router_nat.crawler[0].nat_ip_allocate_option == "MANUAL_ONLY"
    error_message = "The address is one, and named for owners of sites."
  }
  assert {
    condition = alltrue([for access in [
      module.scraper.service.template[0].vpc_access[0], module.downloader.service.template[0].vpc_access[0], google_cloud_run_v2_job.crawl["archive"].template[0].template[0].vpc_access[0]
    ] : access.egress == "ALL_TRAFFIC" && access.network_interfaces[0].subnetwork == google_compute_subnetwork.crawler[0].id])
    error_message = "The scraper, the downloader and long crawls go out by the network."
  }
  assert {
    condition     = length(module.analyser.service.template[0].vpc_access) == 0 && google_compute_subnetwork.crawler[0].private_ip_google_access
    error_message = "What fetches nothing stays out of it, and Google's services are reached without the address."
  }
}

run "with_a_key_what_holds_data_is_encrypted_with_it" {
  command = apply
  variables {
    kms_key = "projects/demo-project-1/locations/europe-west1/keyRings/r/cryptoKeys/k"
  }

  assert {
    condition     = google_storage_bucket.audio.encryption[0].default_kms_key_name == var.kms_key && google_bigquery_dataset.earshot.default_encryption_configuration[0].kms_key_name == var.kms_key && google_bigquery_dataset.staging.default_encryption_configuration[0].kms_key_name == var.kms_key
    error_message = "Bucket and datasets."
  }
  assert {
    condition     = alltrue([for topic in [google_pubsub_topic.audio_found, google_pubsub_topic.audio_stored, google_pubsub_topic.rows, google_pubsub_topic.audio_found_dead, google_pubsub_topic.audio_stored_dead, google_pubsub_topic.rows_dead] : topic.kms_key_name == var.kms_key])
    error_message = "Topics."
  }
}

run "logs_are_kept_as_long_as_is_asked" {
  command = apply
  variables {
    log_retention_days = 90
  }

  assert {
    condition     = google_logging_project_bucket_config.default[0].retention_days == 90
    error_message = "The project's default log bucket."
  }
}

run "without_members_there_is_no_page" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_service.listener) == 0 && length(google_bigquery_dataset_iam_member.listener_reads) == 0
    error_message = "Nobody is named, so there is nothing to open and nothing to read with."
  }
}

run "a_page_is_behind_the_proxy_and_reads" {
  command = plan
  variables {
    listener_members = ["group:audio-team@example.org"]
  }

  assert {
    condition     = google_cloud_run_v2_service.listener[0].iap_enabled && google_cloud_run_v2_service.listener[0].template[0].session_affinity && google_cloud_run_v2_service.listener[0].template[0].timeout == "3600s"
    error_message = "The page is behind the proxy; an upload stays at its instance; a socket may last."
  }
  assert {
    condition     = google_bigquery_dataset_iam_member.listener_reads[0].role == "roles/bigquery.dataViewer" && google_storage_bucket_iam_member.listener_reads[0].role == "roles/storage.objectViewer" && length(google_storage_bucket_iam_member.listener_keeps_uploads) == 0
    error_message = "The page reads; it keeps uploads only where that is asked for."
  }
}

run "everybody_is_refused" {
  command = plan
  variables {
    listener_members = ["allUsers"]
  }
  expect_failures = [var.listener_members]
}

run "by_default_there_is_no_training_job" {
  command = apply

  assert {
    condition     = length(google_cloud_run_v2_job.trainer) == 0 && length(google_storage_bucket_iam_member.trainer_writes_models) == 0
    error_message = "The trainer is an option."
  }
}

run "a_trainer_writes_models_and_chooses_none" {
  command = apply
  variables {
    trainer = {
      image = "europe-west1-docker.pkg.dev/demo-project-1/earshot/trainer@sha256:0000000000000000000000000000000000000000000000000000000000000007"
      gpu   = true
    }
  }
  override_data {
    target = data.google_service_account.trainer
    values = { email = "trainer@demo-project-1.iam.gserviceaccount.com", member = "serviceAccount:trainer@demo-project-1.iam.gserviceaccount.com" }
  }

  assert {
    condition     = google_storage_bucket_iam_member.trainer_writes_models["trainer"].role == "roles/storage.objectCreator" && strcontains(google_storage_bucket_iam_member.trainer_writes_models["trainer"].condition[0].expression, "!resource.name.endsWith(\"/current.json\")")
    error_message = "People move the pointers."
  }
  assert {
    condition     = google_cloud_run_v2_job.trainer["trainer"].template[0].template[0].containers[0].resources[0].limits["nvidia.com/gpu"] == "1" && google_cloud_run_v2_job.trainer["trainer"].template[0].template[0].max_retries == 0
    error_message = "A GPU is an option, and a training is not tried twice."
  }
}
