# Copy to prod.tfvars (or staging.tfvars, …: its name is ENV), change, and keep it with your copy of the repository: nothing
# here is secret. Images are given by `make deploy`. The region cannot be changed later: what holds data does not move.
project     = "your-project"
region      = "europe-west1"
contact_url = "https://example.org/about-our-crawler"
alert_email = "audio-team@example.org"

crawls = {
  nightly = {
    schedule  = "15 3 * * *"
    time_zone = "Europe/Berlin"
    request = {
      pages = ["https://example.org/recordings/"]
      depth = 1
      limit = 500
    }
  }
  archive = { # a job that may take a day, on Saturdays; without a schedule it is started by hand
    schedule = "0 1 * * 6"
    hours    = 24
    request = {
      pages = ["https://example.org/archive/"]
      depth = 3
      limit = 100000
    }
  }
}
