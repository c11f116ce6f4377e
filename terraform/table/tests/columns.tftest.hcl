# A table's columns are never dropped, with the provider mocked: no cloud is reached.

mock_provider "google" {}

variables {
  dataset             = "earshot"
  name                = "refusals"
  key                 = ["gcp_url"]
  sharded             = false
  labels              = { function = "analyser" }
  deletion_protection = true
}

run "a_new_table_has_the_columns_of_its_schema_file" {
  command = apply
  variables {
    schema = "[{\"name\":\"gcp_url\",\"type\":\"STRING\"},{\"name\":\"reason\",\"type\":\"STRING\"},{\"name\":\"added_by_a_user\",\"type\":\"STRING\"}]"
  }

  assert {
    condition     = length(jsondecode(google_bigquery_table.table.schema)) == 3
    error_message = "A table is made with the columns that it is given."
  }
}

run "a_version_with_fewer_columns_drops_none" {
  command = apply
  variables {
    schema = "[{\"name\":\"gcp_url\",\"type\":\"STRING\"}]"
    labels = { function = "downloader" }
  }

  assert {
    condition     = jsondecode(google_bigquery_table.table.schema)[*].name == ["gcp_url", "reason", "added_by_a_user"]
    error_message = "An update of the table must send the columns that are there, not those of the older schema file."
  }
  assert {
    condition     = google_bigquery_table.table.labels["function"] == "downloader"
    error_message = "What is not a column is updated."
  }
}
