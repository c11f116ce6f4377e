# A budget warns; it stops nothing.

variable "billing_account" {
  description = "Billing account to watch, such as 000000-AAAAAA-BBBBBB; empty for no budget."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6})?$", var.billing_account))
    error_message = "billing_account must be three groups of six hex digits, or empty."
  }
}

variable "monthly_budget" {
  description = "Amount a month, in the billing account's currency, whose half, nine tenths and whole are announced."
  type        = number
  default     = 20
  nullable    = false
  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "monthly_budget must be a whole number of at least 1."
  }
}

resource "google_billing_budget" "month" {
  count = var.billing_account == "" ? 0 : 1

  billing_account = var.billing_account
  display_name    = "earshot in ${var.project}"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }

  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]
    content {
      threshold_percent = threshold_rules.value
    }
  }

  depends_on = [google_project_service.api]
}
