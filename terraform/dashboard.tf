# One page that says how the house is doing.

resource "google_monitoring_dashboard" "earshot" {
  dashboard_json = templatefile("${path.module}/templates/dashboard.json.tftpl", {
    settled = google_logging_metric.settled.name
  })
}
