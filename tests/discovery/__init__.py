"""Pages of our own making that are built as real sites build theirs, with the recordings that a person finds on them."""
