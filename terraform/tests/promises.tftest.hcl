# Properties of the plan, with the provider mocked: no cloud is reached.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
  mock_data "google_storage_project_service_account" {
    defaults = { email_address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com" }
  }
  mock_resource "google_cloud_run_v2_service" {
    defaults = { uri = "https://function-123456789012.europe-west1.run.app" }
  }
}

override_data {
  target = data.google_service_account.scraper
  values = { email = "scraper@demo-project-1.iam.gserviceaccount.com", member = "serviceAccount:scraper@demo-project-1.iam.gserviceaccount.com" }
}
override_data {
  target = data.google_service_account.scraper_caller
  values = { email = "scraper-caller@demo-project-1.iam.gserviceaccount.com" }
}
override_data {
  target = data.google_service_account.downloader
  values = { email = "downloader@demo-project-1.iam.gserviceaccount.com", member = "serviceAccount:downloader@demo-project-1.iam.gserviceaccount.com" }
}
override_data {
  target = data.google_service_account.downloader_caller
  values = { email = "downloader-caller@demo-project-1.iam.gserviceaccount.com" }
}
override_data {
  target = data.google_service_account.analyser
  values = { email = "analyser@demo-project-1.iam.gserviceaccount.com", member = "serviceAccount:analyser@demo-project-1.iam.gserviceaccount.com" }
}
override_data {
  target = data.google_service_account.analyser_caller
  values = { email = "analyser-caller@demo-project-1.iam.gserviceaccount.com" }
}
override_data {
  target = data.google_service_account.tagger
  values = { email = "tagger@demo-project-1.iam.gserviceaccount.com", member = "serviceAccount:tagger@demo-project-1.iam.gserviceaccount.com" }
}
override_data {
  target = data.google_service_account.tagger_caller
  values = { email = "tagger-caller@demo-project-1.iam.gserviceaccount.com" }
}

override_data {
  target = data.google_service_account.committer
  values = { email = "committer@demo-project-1.iam.gserviceaccount.com", member = "serviceAccount:committer@demo-project-1.iam.gserviceaccount.com" }
}

override_data {
  target = data.google_service_account.committer_caller
  values = { email = "committer-caller@demo-project-1.iam.gserviceaccount.com" }
}

variables {
  project     = "demo-project-1"
  region      = "europe-west1"
  contact_url = "https://example.org/about-our-crawler"
  alert_email = "audio-team@example.org"
  commit      = "0123456789ab"
  images = {
    scraper    = "europe-west1-docker.pkg.dev/demo-project-1/earshot/scraper@sha256:0000000000000000000000000000000000000000000000000000000000000001"
    downloader = "europe-west1-docker.pkg.dev/demo-project-1/earshot/downloader@sha256:0000000000000000000000000000000000000000000000000000000000000002"
    analyser   = "europe-west1-docker.pkg.dev/demo-project-1/earshot/analyser@sha256:0000000000000000000000000000000000000000000000000000000000000003"
    tagger     = "europe-west1-docker.pkg.dev/demo-project-1/earshot/tagger@sha256:0000000000000000000000000000000000000000000000000000000000000004"
    committer  = "europe-west1-docker.pkg.dev/demo-project-1/earshot/committer@sha256:0000000000000000000000000000000000000000000000000000000000000005"
  }
  crawls = {
    nightly = {
      schedule = "15 3 * * *"
      request  = { pages = ["https://example.org/recordings/"], limit = 50 }
    }
    archive = {
      schedule = "0 1 * * 6"
      hours    = 24
      request  = { lists = ["gs://demo-project-1-earshot-audio/lists/urls.txt.gz"], limit = 1000000 }
    }
    by-hand = {
      hours     = 168
      max_pages = 5000
      request   = { pages = ["https://example.org/all/"], depth = 5 }
    }
  }
}

run "each_function_runs_its_own_image_as_its_own_account" {
  command = apply

  assert {
    condition     = module.analyser.service.template[0].containers[0].image == var.images.analyser && module.analyser.service.template[0].service_account == "analyser@demo-project-1.iam.gserviceaccount.com"
    error_message = "The analyser must run its image, as its account."
  }
  assert {
    condition     = alltrue([for function in [module.scraper, module.downloader, module.analyser, module.tagger, module.committer] : function.service.template[0].labels["commit"] == "0123456789ab"])
    error_message = "A revision must name the commit that it was built from."
  }
  assert {
    condition     = alltrue([for function in [module.scraper, module.downloader, module.analyser, module.tagger, module.committer] : function.service.template[0].scaling[0].min_instance_count == 0 && function.service.template[0].containers[0].resources[0].cpu_idle])
    error_message = "An idle function must cost nothing."
  }
  assert {
    condition     = alltrue([for function in [module.scraper, module.downloader, module.analyser, module.tagger, module.committer] : function.service.template[0].containers[0].startup_probe[0].http_get[0].path == "/health"])
    error_message = "A function's health must be probed before it receives requests."
  }
  assert {
    condition     = alltrue([for function in [module.scraper, module.downloader, module.analyser, module.tagger, module.committer] : function.service.deletion_protection])
    error_message = "Services must be protected from deletion."
  }
}

run "only_its_own_caller_may_call_a_function" {
  command = apply

  assert {
    condition     = module.downloader.invoker.member == "serviceAccount:downloader-caller@demo-project-1.iam.gserviceaccount.com" && module.downloader.invoker.role == "roles/run.invoker"
    error_message = "The downloader is called by its push subscription's account."
  }
  assert {
    condition     = google_cloud_scheduler_job.crawl["nightly"].http_target[0].oidc_token[0].service_account_email == "scraper-caller@demo-project-1.iam.gserviceaccount.com"
    error_message = "Scheduler calls the scraper with a token of scraper-caller."
  }
}

run "the_ack_deadline_is_longer_than_a_request" {
  command = apply

  assert {
    condition = alltrue([for function in [module.downloader, module.analyser, module.tagger] :
      function.subscription.ack_deadline_seconds == 600 &&
      tonumber(trimsuffix(function.service.template[0].timeout, "s")) == 540 &&
      function.subscription.retry_policy[0].minimum_backoff == "30s" &&
      function.subscription.retry_policy[0].maximum_backoff == "600s" &&
      function.subscription.expiration_policy[0].ttl == ""
    ])
    error_message = "Pub/Sub must wait longer than Cloud Run works, back off from 30 s to 600 s, and never forget a subscription."
  }
  assert {
    condition     = module.downloader.subscription.enable_message_ordering && !module.analyser.subscription.enable_message_ordering
    error_message = "Links are ordered by host; object notifications are not."
  }
}

run "rows_wait_until_one_committer_has_written_them" {
  command = apply

  assert {
    condition     = google_pubsub_subscription.rows.enable_message_ordering && google_pubsub_subscription.rows.ack_deadline_seconds == 60 && length(google_pubsub_subscription.rows.dead_letter_policy) == 0 && google_pubsub_subscription.rows.expiration_policy[0].ttl == ""
    error_message = "Rows are pulled in the order of their keys, come again soon after a crash, and wait through an outage."
  }
  assert {
    condition     = length(module.committer.subscription.dead_letter_policy) == 0 && module.committer.subscription.topic == google_pubsub_topic.rows.id
    error_message = "The push that starts a round is repeated until a round has succeeded."
  }
  assert {
    condition     = module.committer.service.template[0].scaling[0].max_instance_count == 1
    error_message = "One committer, so that statements do not compete."
  }
  assert {
    condition     = google_bigquery_dataset.staging.default_table_expiration_ms == 86400000
    error_message = "Staging tables are deleted after a day."
  }
}

run "dead_letters_are_kept" {
  command = apply

  assert {
    condition     = module.downloader.subscription.dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.audio_found_dead.id && google_pubsub_subscription.audio_found_dead.topic == google_pubsub_topic.audio_found_dead.id
    error_message = "What the downloader never takes goes to audio-found-dead, where a subscription keeps it."
  }
  assert {
    condition     = module.analyser.subscription.dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.audio_stored_dead.id && google_pubsub_subscription.audio_stored_dead.topic == google_pubsub_topic.audio_stored_dead.id
    error_message = "What the analyser never takes goes to audio-stored-dead, where a subscription keeps it."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.audio_found_dead_agent.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "Pub/Sub's agent must be able to publish on the dead-letter topic."
  }
}

run "a_withdrawal_is_remembered_for_longer_than_audio_is_kept" {
  command = plan

  variables {
    audio_retention_days = 90
  }

  assert {
    condition = toset(flatten([
      for rule in google_storage_bucket.audio.lifecycle_rule : [for when in rule.condition : when.matches_prefix if when.matches_prefix != null]
    ])) == toset(["incoming/", "smoke/", "pipelines/", "audio/", "features/", "tags/"])
    error_message = "The bucket may delete what is on its way or staged, audio with its features and tags, and nothing else."
  }
}

run "the_bucket_is_private_and_announces_two_prefixes" {
  command = apply

  assert {
    condition     = google_storage_bucket.audio.public_access_prevention == "enforced" && google_storage_bucket.audio.uniform_bucket_level_access && length(google_storage_bucket.audio.cors) == 0 && !google_storage_bucket.audio.force_destroy
    error_message = "The bucket must be private, without CORS, and not deletable with its files."
  }
  assert {
    condition     = toset([for notification in google_storage_notification.audio_stored : notification.object_name_prefix]) == toset(["audio/", "refused/"])
    error_message = "Only audio/ and refused/ are announced."
  }
  assert {
    condition     = alltrue([for notification in google_storage_notification.audio_stored : notification.payload_format == "JSON_API_V1" && toset(notification.event_types) == toset(["OBJECT_FINALIZE", "OBJECT_DELETE"])])
    error_message = "Notifications are of created and deleted objects, with a body: without one the push is answered 400."
  }
}

run "tables_are_sharded_keyed_and_protected" {
  command = apply

  assert {
    condition     = alltrue([for table in module.table : table.table.deletion_protection])
    error_message = "Tables must be protected from deletion."
  }
  assert {
    condition = (
      module.table["audio_metadata"].table.range_partitioning[0].field == "shard" &&
      module.table["audio_metadata"].table.range_partitioning[0].range[0].end == 1000 &&
      tolist(module.table["audio_metadata"].table.clustering) == tolist(["gcp_url"]) &&
      tolist(module.table["audio_metadata"].table.table_constraints[0].primary_key[0].columns) == tolist(["gcp_url"])
    )
    error_message = "audio_metadata must be partitioned by shard, clustered and keyed by gcp_url."
  }
  assert {
    condition     = strcontains(module.view_audio_info.query, "`demo-project-1.earshot.audio_metadata`")
    error_message = "audio_info must read this project's table."
  }
}

run "a_crawl_is_the_request_as_written" {
  command = apply

  assert {
    condition     = jsondecode(base64decode(google_cloud_scheduler_job.crawl["nightly"].http_target[0].body)) == { pages = ["https://example.org/recordings/"], limit = 50 }
    error_message = "What is not set in a crawl's request must not be sent."
  }
}

run "a_long_crawl_is_a_job_of_the_scrapers_image_as_the_scraper" {
  command = apply

  assert {
    condition     = keys(google_cloud_run_v2_job.crawl) == ["archive", "by-hand"] && keys(google_cloud_scheduler_job.crawl) == ["nightly"]
    error_message = "A crawl with hours is a job; one without is the scraper's."
  }
  assert {
    condition = alltrue([for job in google_cloud_run_v2_job.crawl :
      job.template[0].template[0].containers[0].image == var.images.scraper &&
      job.template[0].template[0].service_account == "scraper@demo-project-1.iam.gserviceaccount.com" &&
      job.template[0].task_count == 1 && job.template[0].template[0].max_retries == 1
    ])
    error_message = "A long crawl must run the scraper's image as the scraper, once, and begin again at most once."
  }
  assert {
    condition     = jsondecode(google_cloud_run_v2_job.crawl["by-hand"].template[0].template[0].containers[0].args[0]) == { pages = ["https://example.org/all/"], depth = 5 }
    error_message = "What is not set in a crawl's request must not be given."
  }
  assert {
    condition     = alltrue([for env in google_cloud_run_v2_job.crawl["archive"].template[0].template[0].containers[0].env : length(env.value_source) == 0])
    error_message = "A job that reads a secret without a version does not start."
  }
}

run "a_long_crawl_ends_before_its_job_is_ended" {
  command = apply

  assert {
    condition = alltrue([for job in google_cloud_run_v2_job.crawl :
      tonumber(one([for env in job.template[0].template[0].containers[0].env : env.value if env.name == "EARSHOT_CRAWL_TIMEOUT_S"])) == tonumber(trimsuffix(job.template[0].template[0].timeout, "s")) - 300
    ])
    error_message = "A crawl must end in time to publish what it has."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_job.crawl["by-hand"].template[0].template[0].containers[0].env : env.value if env.name == "EARSHOT_MAX_PAGES"]) == "5000"
    error_message = "A long crawl reads as many pages as it is allowed."
  }
}

run "scheduler_may_start_a_long_crawl_and_nothing_else" {
  command = apply

  assert {
    condition     = keys(google_cloud_scheduler_job.long_crawl) == ["archive"] && google_cloud_scheduler_job.long_crawl["archive"].http_target[0].uri == "https://run.googleapis.com/v2/projects/demo-project-1/locations/europe-west1/jobs/crawl-archive:run"
    error_message = "Scheduler starts the jobs that have a schedule."
  }
  assert {
    condition     = google_cloud_scheduler_job.long_crawl["archive"].http_target[0].oauth_token[0].service_account_email == "scraper-caller@demo-project-1.iam.gserviceaccount.com" && google_cloud_scheduler_job.long_crawl["archive"].retry_config[0].retry_count == 0
    error_message = "Scheduler starts a job as scraper-caller, and never twice."
  }
  assert {
    condition     = keys(google_cloud_run_v2_job_iam_member.scheduler_starts) == ["archive"] && google_cloud_run_v2_job_iam_member.scheduler_starts["archive"].role == "roles/run.invoker" && google_cloud_run_v2_job_iam_member.scheduler_starts["archive"].member == "serviceAccount:scraper-caller@demo-project-1.iam.gserviceaccount.com"
    error_message = "Only scraper-caller may start a job, as it is written."
  }
}

run "without_a_freesound_key_no_secret_is_read" {
  command = apply

  assert {
    condition     = alltrue([for env in module.scraper.service.template[0].containers[0].env : length(env.value_source) == 0])
    error_message = "A revision that reads a secret without a version does not start."
  }
}

run "with_a_freesound_key_the_scraper_reads_that_version" {
  command = apply
  variables {
    freesound_token_version = "3"
  }

  assert {
    condition     = one([for env in module.scraper.service.template[0].containers[0].env : env.value_source[0].secret_key_ref[0].version if length(env.value_source) > 0]) == "3"
    error_message = "The secret's version must be the one given."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_job.crawl["archive"].template[0].template[0].containers[0].env : env.value_source[0].secret_key_ref[0].version if length(env.value_source) > 0]) == "3"
    error_message = "A long crawl must read the same version."
  }
}

run "eventarc_replaces_the_notification" {
  command = apply
  variables {
    analyser_trigger = "eventarc"
  }

  assert {
    condition     = length(google_eventarc_trigger.audio_stored) == 2 && length(google_storage_notification.audio_stored) == 2 && module.analyser.subscription == null
    error_message = "Either the notification or Eventarc, never both."
  }
}
