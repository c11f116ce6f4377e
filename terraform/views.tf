# One module for each view, whatever it reads, so that a view that begins to read another one is changed in place. Terraform
# makes a view after those that it reads because `depends_on` says so; tests/contract/test_terraform.py holds this list to
# the SQL files.

module "view_annotation_candidates" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "annotation_candidates"
  query      = local.views["annotation_candidates"]
  labels     = local.warehouse_labels
  depends_on = [module.view_annotations_current, module.view_segments]
}

module "view_annotations_current" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "annotations_current"
  query      = local.views["annotations_current"]
  labels     = local.warehouse_labels
  depends_on = [module.table]
}

module "view_audio_info" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "audio_info"
  query      = local.views["audio_info"]
  labels     = local.warehouse_labels
  depends_on = [module.table]
}

module "view_audio_metrics" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "audio_metrics"
  query      = local.views["audio_metrics"]
  labels     = local.warehouse_labels
  depends_on = [module.view_corpus]
}

module "view_audio_verdicts" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "audio_verdicts"
  query      = local.views["audio_verdicts"]
  labels     = local.warehouse_labels
  depends_on = [module.view_audio_metrics, module.view_recordings]
}

module "view_content_by_host" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "content_by_host"
  query      = local.views["content_by_host"]
  labels     = local.warehouse_labels
  depends_on = [module.view_predictions_current]
}

module "view_corpus" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "corpus"
  query      = local.views["corpus"]
  labels     = local.warehouse_labels
  depends_on = [module.view_judged_shares]
}

module "view_cost" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "cost"
  query      = local.views["cost"]
  labels     = local.warehouse_labels
  depends_on = [module.view_recordings]
}

module "view_crawl_freshness" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "crawl_freshness"
  query      = local.views["crawl_freshness"]
  labels     = local.warehouse_labels
  depends_on = [module.view_open_refusals, module.view_recordings]
}

module "view_duplicate_groups" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "duplicate_groups"
  query      = local.views["duplicate_groups"]
  labels     = local.warehouse_labels
  depends_on = [module.table]
}

module "view_energy_percentiles" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "energy_percentiles"
  query      = local.views["energy_percentiles"]
  labels     = local.warehouse_labels
  depends_on = [module.table]
}

module "view_embeddings" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "embeddings"
  query      = local.views["embeddings"]
  labels     = local.warehouse_labels
  depends_on = [module.view_predictions_current]
}

module "view_fake_rate_suspects" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "fake_rate_suspects"
  query      = local.views["fake_rate_suspects"]
  labels     = local.warehouse_labels
  depends_on = [module.table]
}

module "view_funnel" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "funnel"
  query      = local.views["funnel"]
  labels     = local.warehouse_labels
  depends_on = [module.view_audio_verdicts, module.view_open_refusals]
}

module "view_host_health" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "host_health"
  query      = local.views["host_health"]
  labels     = local.warehouse_labels
  depends_on = [module.view_open_refusals, module.view_recordings]
}

module "view_instrument_matrix" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "instrument_matrix"
  query      = local.views["instrument_matrix"]
  labels     = local.warehouse_labels
  depends_on = [module.view_segments]
}

module "view_judged_shares" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "judged_shares"
  query      = local.views["judged_shares"]
  labels     = local.warehouse_labels
  depends_on = [module.view_annotations_current, module.view_predictions_current]
}

module "view_licence_matrix" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "licence_matrix"
  query      = local.views["licence_matrix"]
  labels     = local.warehouse_labels
  depends_on = [module.view_recordings]
}

module "view_open_refusals" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "open_refusals"
  query      = local.views["open_refusals"]
  labels     = local.warehouse_labels
  depends_on = [module.view_recordings]
}

module "view_predictions_current" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "predictions_current"
  query      = local.views["predictions_current"]
  labels     = local.warehouse_labels
  depends_on = [module.table]
}

module "view_recordings" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "recordings"
  query      = local.views["recordings"]
  labels     = local.warehouse_labels
  depends_on = [module.table]
}

module "view_segments" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "segments"
  query      = local.views["segments"]
  labels     = local.warehouse_labels
  depends_on = [module.view_predictions_current]
}

module "view_withdrawn" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "withdrawn"
  query      = local.views["withdrawn"]
  labels     = local.warehouse_labels
  depends_on = [module.table]
}

module "view_yield_curve" {
  source     = "./view"
  dataset    = google_bigquery_dataset.earshot.dataset_id
  name       = "yield_curve"
  query      = local.views["yield_curve"]
  labels     = local.warehouse_labels
  depends_on = [module.view_audio_metrics, module.view_recordings]
}
