"""The downloader's work: an AudioFound in; its bytes on the shelf, or the reason why not, out."""

from earshot.downloading.download import download
from earshot.downloading.fetch import file_name

__all__ = ["download", "file_name"]
