# What the accounts may not do, with the providers mocked: no cloud is reached.

mock_provider "google" {
  mock_resource "google_service_account" {
    defaults = {
      name   = "projects/demo-project-1/serviceAccounts/account@demo-project-1.iam.gserviceaccount.com"
      email  = "account@demo-project-1.iam.gserviceaccount.com"
      member = "serviceAccount:account@demo-project-1.iam.gserviceaccount.com"
    }
  }
}

mock_provider "google-beta" {}

variables {
  project = "demo-project-1"
  region  = "europe-west1"
}

run "one_account_for_each_function_and_one_for_its_caller" {
  command = apply

  assert {
    condition     = toset(keys(google_service_account.account)) == toset(["scraper", "scraper-caller", "downloader", "downloader-caller", "analyser", "analyser-caller", "tagger", "tagger-caller", "committer", "committer-caller", "listener"])
    error_message = "Six accounts besides the deployer."
  }
}

run "the_deployer_cannot_raise_its_own_rights" {
  command = apply

  assert {
    condition = alltrue([for role in local.deployer_roles : !contains([
      "roles/owner", "roles/editor", "roles/viewer", "roles/storage.admin", "roles/bigquery.admin", "roles/secretmanager.admin",
      "roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountTokenCreator", "roles/resourcemanager.projectIamAdmin", "roles/iam.serviceAccountUser",
    ], role)])
    error_message = "The deployer must not be able to raise its own rights."
  }
  assert {
    condition     = alltrue([for permission in concat(tolist(google_project_iam_custom_role.bucket_keeper.permissions), tolist(google_project_iam_custom_role.bucket_editor.permissions)) : startswith(permission, "storage.buckets.")])
    error_message = "The deployer's roles for buckets touch no object."
  }
  assert {
    condition     = google_project_iam_custom_role.bucket_keeper.permissions == toset(["storage.buckets.create", "storage.buckets.list"])
    error_message = "Of other buckets than the audio's it may know the names only."
  }
  assert {
    condition     = google_project_iam_member.deployer_edits_the_audio_bucket.condition[0].expression == "resource.name == \"projects/_/buckets/demo-project-1-earshot-audio\""
    error_message = "It changes the audio's bucket and no other."
  }
}

run "by_default_one_function_holds_one_project_wide_role" {
  command = apply

  assert {
    condition     = google_project_iam_member.committer_runs_jobs.role == "roles/bigquery.jobUser" && google_project_iam_member.listener_runs_queries.role == "roles/bigquery.jobUser" && length(google_project_iam_member.eventarc_receives) == 0 && length(google_project_iam_member.bucket_publishes) == 0
    error_message = "Only the rights of committer and listener to run jobs are project-wide."
  }
  assert {
    condition     = length(google_iam_workload_identity_pool.github) == 0 && length(google_billing_budget.month) == 0
    error_message = "What is not asked for is not made."
  }
  assert {
    condition     = !contains(local.deployer_roles, "roles/compute.networkAdmin") && !contains(local.apis, "compute")
    error_message = "Without a static address the deployer makes no network."
  }
}

run "a_static_address_takes_a_network_role_and_an_api" {
  command = apply
  variables {
    static_address = true
  }

  assert {
    condition     = contains(local.deployer_roles, "roles/compute.networkAdmin") && contains(local.apis, "compute")
    error_message = "The deployer makes the network of the static address."
  }
}

run "pushes_carry_tokens" {
  command = apply

  assert {
    condition     = google_project_iam_member.pubsub_agent.role == "roles/pubsub.serviceAgent"
    error_message = "Pub/Sub's agent must be able to sign tokens as the callers."
  }
}

run "the_builder_pushes_images_and_results_and_nothing_else" {
  command = apply

  assert {
    condition     = toset([for grant in google_project_iam_member.builder : grant.role]) == toset(["roles/logging.logWriter"])
    error_message = "Builds run the code of others: their account may write logs, and no other thing of the project."
  }
  assert {
    condition     = google_artifact_registry_repository_iam_member.builder_pushes.role == "roles/artifactregistry.writer" && google_storage_bucket_iam_member.builder_sources.role == "roles/storage.objectViewer" && google_storage_bucket_iam_member.builder_releases.role == "roles/storage.objectCreator"
    error_message = "The builder reads sources, pushes images and keeps results."
  }
}

run "github_may_deploy_from_one_repository_and_one_ref" {
  command = apply
  variables {
    github_repository = "example/earshot"
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github[0].attribute_condition == "assertion.repository == \"example/earshot\" && assertion.ref == \"refs/heads/main\""
    error_message = "The condition must name the repository and the ref."
  }
  assert {
    condition     = endswith(google_service_account_iam_member.github_becomes_deployer[0].member, "/attribute.repository/example/earshot")
    error_message = "Only that repository's workflows become the deployer."
  }
}

run "the_newest_images_outlive_the_cleaning" {
  command = apply

  assert {
    condition     = toset([for policy in google_artifact_registry_repository.earshot.cleanup_policies : policy.action]) == toset(["KEEP", "DELETE"])
    error_message = "Deleting old images needs a rule that keeps the newest."
  }
}

run "not_a_repository" {
  command = plan
  variables {
    github_repository = "earshot"
  }
  expect_failures = [var.github_repository]
}

run "a_trainer_has_an_account_that_may_run_queries_and_no_caller" {
  command = apply
  variables {
    trainer = true
  }

  assert {
    condition     = contains(keys(google_service_account.account), "trainer") && !contains(keys(google_service_account.account), "trainer-caller")
    error_message = "A job is started by people and by Cloud Scheduler as a person says; it has no caller."
  }
  assert {
    condition     = google_project_iam_member.trainer_runs_jobs[0].role == "roles/bigquery.jobUser"
    error_message = "Queries are jobs, and jobs belong to the project."
  }
}
