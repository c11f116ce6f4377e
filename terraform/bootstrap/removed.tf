# What earlier versions made and this one does not need: the state forgets it and the cloud keeps it, because an earlier revision
# of the analyser serves until the new one has been tried, and may serve again. docs/upgrading.md says how to remove it.

removed {
  from = google_project_iam_member.analyser_runs_jobs
  lifecycle {
    destroy = false
  }
}
