terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 7.44, < 9.0"
    }
    google-beta = { # service agents can be made with this one only
      source  = "hashicorp/google-beta"
      version = ">= 7.44, < 9.0"
    }
  }
  # The state is a file here: the bucket for states is made by this root. `make bootstrap` keeps a copy in that bucket.
}

provider "google" {
  project               = var.project
  region                = var.region
  user_project_override = true # a person's own credentials carry no project to bill the calls to
  billing_project       = var.project

  default_labels = {
    app = "earshot"
    env = var.env
  }
}

provider "google-beta" {
  project               = var.project
  region                = var.region
  user_project_override = true
  billing_project       = var.project
}
