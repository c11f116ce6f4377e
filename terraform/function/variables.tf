variable "name" {
  description = "Name of the function: of the service, of the subscription, of the label."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the service."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Container image by digest."
  type        = string
  nullable    = false
}

variable "commit" {
  description = "Commit that the image was built from; a label of the revision."
  type        = string
  default     = "unknown"
  nullable    = false
}

variable "account" {
  description = "Email of the service account that the service runs as."
  type        = string
  nullable    = false
}

variable "caller" {
  description = "Email of the one service account that may call the service."
  type        = string
  nullable    = false
}

variable "env" {
  description = "Environment variables by name; settings.py reads them."
  type        = map(string)
  nullable    = false
}

variable "secrets" {
  description = "Environment variables whose values Secret Manager keeps."
  type        = map(object({ secret = string, version = string }))
  default     = {}
  nullable    = false
}

variable "max_instances" {
  description = "Most instances at a time."
  type        = number
  nullable    = false
}

variable "concurrency" {
  description = "Requests that one instance works on at a time; also its number of threads."
  type        = number
  nullable    = false
}

variable "cpu" {
  description = "CPUs of an instance."
  type        = number
  nullable    = false
}

variable "memory_mib" {
  description = "Memory of an instance in MiB; its files in /tmp count."
  type        = number
  nullable    = false
}

variable "timeout_s" {
  description = "Seconds after which a request is ended."
  type        = number
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuse to delete the service."
  type        = bool
  nullable    = false
}

variable "network" {
  description = "Network and subnetwork that all outgoing requests take; null for Cloud Run's own way out."
  type        = object({ network = string, subnetwork = string })
  default     = null
}

variable "delivery" {
  description = "Topic that is pushed to the service, and the dead-letter topic of what it never acknowledges (null: repeated without end); null where nothing is pushed."
  type = object({
    topic          = string
    dead_topic     = string
    ordered        = bool
    ack_deadline_s = number
    retention_s    = number
    max_attempts   = number
    agent          = string
  })
  default = null
}
