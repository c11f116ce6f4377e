"""Synthetic recordings from what Debian packages ship, so that anybody can rebuild the default models."""
