# Option: one address that every request to a site comes from, so that its owner can recognise the crawler, and let it in or
# keep it out. A network of its own with Cloud NAT; billed for each hour, used or not.

variable "static_address" {
  description = "Send the requests of scraper, downloader and long crawls from one static address; needs the same in bootstrap's tfvars first."
  type        = bool
  default     = false
  nullable    = false
}

locals {
  crawler_network = !var.static_address ? null : {
    network    = google_compute_network.crawler[0].id
    subnetwork = google_compute_subnetwork.crawler[0].id
  }
}

resource "google_compute_network" "crawler" {
  #checkov:skip=CKV2_GCP_18:nothing listens in it, and a network without a firewall rule admits no connection from outside
  count = var.static_address ? 1 : 0

  name                    = "earshot-crawler"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "crawler" {
  #checkov:skip=CKV_GCP_26:flow logs would record what the functions' own logs say, at a price for each request
  #checkov:skip=CKV_GCP_76:the check is of IPv6, which the subnetwork does not have
  count = var.static_address ? 1 : 0

  name                     = "earshot-crawler"
  region                   = var.region
  network                  = google_compute_network.crawler[0].id
  ip_cidr_range            = "10.124.0.0/24" # two addresses an instance, some of them for a while after it has ended
  private_ip_google_access = true            # Pub/Sub and Cloud Storage are reached without NAT
}

resource "google_compute_address" "crawler" {
  count = var.static_address ? 1 : 0

  name        = "earshot-crawler"
  region      = var.region
  description = "Requests of the crawler come from here."
  labels      = { function = "downloader" }
}

resource "google_compute_router" "crawler" {
  count = var.static_address ? 1 : 0

  name    = "earshot-crawler"
  region  = var.region
  network = google_compute_network.crawler[0].id
}

resource "google_compute_router_nat" "crawler" {
  count = var.static_address ? 1 : 0

  name                               = "earshot-crawler"
  region                             = var.region
  router                             = google_compute_router.crawler[0].name
  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = [google_compute_address.crawler[0].self_link]
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.crawler[0].id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }
}
