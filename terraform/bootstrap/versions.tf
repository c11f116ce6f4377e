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
  # No backend: this root makes the bucket for states. Its state begins as a file, and `make bootstrap` moves it into that bucket.
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
