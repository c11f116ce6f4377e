"""The downloader's work: an AudioFound in; its bytes in the bucket, or a refusal that says why not, out."""

from earshot.downloading.displayed_file_name import disposition_name, path_name
from earshot.downloading.download import download
from earshot.downloading.renditions import Patience

__all__ = ["Patience", "disposition_name", "download", "path_name"]
