# The dashboard: deliveries, backlog, dead letters, answers, latency, instances.

resource "google_monitoring_dashboard" "earshot" {
  dashboard_json = templatefile("${path.module}/templates/dashboard.json.tftpl", {
    metric = google_logging_metric.deliveries.name
  })
}
