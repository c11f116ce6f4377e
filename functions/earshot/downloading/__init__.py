"""The downloader's work: an AudioFound in; its bytes on the shelf, or the reason why not, out."""

from earshot.downloading.fetching import file_name
from earshot.downloading.settling import download

__all__ = ["download", "file_name"]
