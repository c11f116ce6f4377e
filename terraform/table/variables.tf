variable "dataset" {
  description = "Id of the dataset."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false
}

variable "schema" {
  description = "Columns of a new table, as BigQuery's JSON."
  type        = string
  nullable    = false
}

variable "key" {
  description = "Columns that tell its rows apart; the table is clustered by them."
  type        = list(string)
  nullable    = false
}

variable "sharded" {
  description = "Partition the table by its column `shard`, so that a MERGE reads a thousandth of it."
  type        = bool
  nullable    = false
}

variable "labels" {
  description = "Labels of the table."
  type        = map(string)
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuse to delete the table."
  type        = bool
  nullable    = false
}
