# Inputs that the plan refuses, each with a message that names the allowed range.

mock_provider "google" {}

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
  }
}

run "more_merges_than_bigquery_queues" {
  command = plan
  variables {
    analyser_max_instances = 101
  }
  expect_failures = [var.analyser_max_instances]
}

run "an_image_by_tag" {
  command = plan
  variables {
    images = {
      scraper    = "europe-west1-docker.pkg.dev/demo-project-1/earshot/scraper:latest"
      downloader = "europe-west1-docker.pkg.dev/demo-project-1/earshot/downloader:latest"
      analyser   = "europe-west1-docker.pkg.dev/demo-project-1/earshot/analyser:latest"
      tagger     = "europe-west1-docker.pkg.dev/demo-project-1/earshot/tagger@sha256:0000000000000000000000000000000000000000000000000000000000000004"
      committer  = "europe-west1-docker.pkg.dev/demo-project-1/earshot/committer@sha256:0000000000000000000000000000000000000000000000000000000000000005"
    }
  }
  expect_failures = [var.images]
}

run "a_function_without_an_image" {
  command = plan
  variables {
    images = { scraper = "europe-west1-docker.pkg.dev/demo-project-1/earshot/scraper@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
  }
  expect_failures = [var.images]
}

run "a_request_longer_than_its_ack_deadline" {
  command = plan
  variables {
    ack_deadline_s = 500
  }
  expect_failures = [var.request_timeout_s]
}

run "a_download_longer_than_its_request" {
  command = plan
  variables {
    download_timeout_s = 540
  }
  expect_failures = [var.download_timeout_s]
}

run "an_analysis_longer_than_its_request" {
  command = plan
  variables {
    analysis_timeout_s = 600
  }
  expect_failures = [var.analysis_timeout_s]
}

run "files_that_do_not_fit_into_memory" {
  command = plan
  variables {
    max_audio_bytes = 1073741824
  }
  expect_failures = [var.analyser_memory_mib, var.tagger_memory_mib]
}

run "a_contact_that_is_no_address" {
  command = plan
  variables {
    contact_url = "us"
  }
  expect_failures = [var.contact_url]
}

run "a_multi_region" {
  command = plan
  variables {
    region = "EU"
  }
  expect_failures = [var.region]
}

run "so_few_attempts_that_a_burst_is_dead_lettered" {
  command = plan
  variables {
    max_delivery_attempts = 5
  }
  expect_failures = [var.max_delivery_attempts]
}

run "a_schedule_that_is_no_cron_line" {
  command = plan
  variables {
    crawls = { nightly = { schedule = "every day", request = { pages = ["https://example.org/"] } } }
  }
  expect_failures = [var.crawls]
}

run "a_crawl_without_schedule_or_hours" {
  command = plan
  variables {
    crawls = { nightly = { request = { pages = ["https://example.org/"] } } }
  }
  expect_failures = [var.crawls]
}

run "a_crawl_longer_than_a_job_may_take" {
  command = plan
  variables {
    crawls = { archive = { hours = 169, request = { pages = ["https://example.org/"] } } }
  }
  expect_failures = [var.crawls]
}

run "energy_thresholds_in_the_wrong_order" {
  command = plan
  variables {
    high_energy_dbfs = -30
  }
  expect_failures = [var.high_energy_dbfs]
}

run "a_secret_by_alias" {
  command = plan
  variables {
    freesound_token_version = "latest"
  }
  expect_failures = [var.freesound_token_version]
}

run "a_key_of_another_region" {
  command = plan
  variables {
    kms_key = "projects/demo-project-1/locations/us-central1/keyRings/r/cryptoKeys/k"
  }
  expect_failures = [var.kms_key]
}

run "a_commit_that_is_no_label" {
  command = plan
  variables {
    commit = "refs/heads/Main"
  }
  expect_failures = [var.commit]
}
