output "bucket" {
  description = "The bucket; a file put under audio/ is measured."
  value       = google_storage_bucket.audio.name
}

output "table" {
  description = "The table to query, as BigQuery names it."
  value       = "${local.dataset}.audio_metadata"
}

output "scraper_uri" {
  description = "Where a crawl request is posted, with an identity token."
  value       = module.scraper.uri
}

output "images" {
  description = "What is running; `make plan` and `make destroy` read it."
  value       = var.images
}

output "commit" {
  description = "The commit that it was built from."
  value       = var.commit
}

output "crawler_address" {
  description = "The address that requests to sites come from, for the page at contact_url; empty without static_address."
  value       = join("", google_compute_address.crawler[*].address)
}

output "eventarc_subscriptions" {
  description = "The triggers' own subscriptions, whose ack deadline and dead letters docs/deploy.md says how to set; none with the notification."
  value       = [for trigger in google_eventarc_trigger.audio_stored : try(trigger.transport[0].pubsub[0].subscription, "")]
}
