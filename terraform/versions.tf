terraform {
  required_version = ">= 1.9, < 2.0" # 1.9: validations that compare variables

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 7.44, < 9.0" # 7.44 ends a permanent difference of template.scaling
    }
  }

  backend "gcs" {} # bucket and prefix come from `make deploy`; the bucket itself from bootstrap/
}

provider "google" {
  project = var.project
  region  = var.region

  default_labels = {
    app = "earshot"
    env = var.env
  }
}
