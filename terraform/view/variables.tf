variable "dataset" {
  description = "Id of the dataset."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the view."
  type        = string
  nullable    = false
}

variable "query" {
  description = "Its SELECT, in GoogleSQL."
  type        = string
  nullable    = false
}

variable "labels" {
  description = "Labels of the view."
  type        = map(string)
  nullable    = false
}
