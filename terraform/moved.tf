# Addresses of earlier versions, so that an upgrade renames in the state and replaces nothing. Names in the project did not change.

moved {
  from = google_storage_bucket.shelf
  to   = google_storage_bucket.audio
}

moved {
  from = google_storage_bucket_iam_member.downloader_shelves
  to   = google_storage_bucket_iam_member.downloader_writes
}

moved {
  from = google_logging_metric.settled
  to   = google_logging_metric.deliveries
}

moved {
  from = google_bigquery_table.table["audio_metadata"]
  to   = module.table["audio_metadata"].google_bigquery_table.table
}

moved {
  from = google_bigquery_table.table["refusals"]
  to   = module.table["refusals"].google_bigquery_table.table
}

moved {
  from = google_bigquery_table.table["analyses"]
  to   = module.table["analyses"].google_bigquery_table.table
}

moved {
  from = google_bigquery_table.table["policies"]
  to   = module.table["policies"].google_bigquery_table.table
}

moved {
  from = google_bigquery_table.table["prices"]
  to   = module.table["prices"].google_bigquery_table.table
}

moved {
  from = google_bigquery_table.view["audio_info"]
  to   = module.view_audio_info.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view["audio_metrics"]
  to   = module.view_audio_metrics.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view_on_views["audio_verdicts"]
  to   = module.view_audio_verdicts.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view_on_views["cost"]
  to   = module.view_cost.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view_on_those["crawl_freshness"]
  to   = module.view_crawl_freshness.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view["duplicate_groups"]
  to   = module.view_duplicate_groups.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view["fake_rate_suspects"]
  to   = module.view_fake_rate_suspects.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view_on_those["funnel"]
  to   = module.view_funnel.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view_on_those["host_health"]
  to   = module.view_host_health.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view_on_views["licence_matrix"]
  to   = module.view_licence_matrix.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view_on_views["open_refusals"]
  to   = module.view_open_refusals.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view["recordings"]
  to   = module.view_recordings.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view["withdrawn"]
  to   = module.view_withdrawn.google_bigquery_table.view
}

moved {
  from = google_bigquery_table.view_on_views["yield_curve"]
  to   = module.view_yield_curve.google_bigquery_table.view
}

# The grants of version 0.1.0 on the tables: the committer writes rows now, but the analyser's earlier revision serves until the
# new one has been tried, and may serve again. The state forgets them; docs/upgrading.md says how to remove them.
removed {
  from = google_bigquery_table_iam_member.analyser_writes
  lifecycle {
    destroy = false
  }
}
