"""Lists of URLs: the address of a list in, its lines out, one at a time, however many there are."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

from google.api_core.exceptions import GoogleAPICallError, NotFound
from requests.exceptions import RequestException

from earshot.errors import BadUrl, ComeAgain, SourceGone

if TYPE_CHECKING:
    from google.cloud.storage import Client

CHUNK_BYTES = 1024 * 1024
LONGEST_LINE = 16 * 1024  # characters; of a longer one the rest is another line, and no URL


class UrlListReader:
    """Opens gs://bucket/name, and files of this machine where that is allowed."""

    def __init__(self, storage: "Callable[[], Client]", *, local: bool = False) -> None:
        """Connect nothing yet.

        Args:
            storage: makes the client, once a list needs it.
            local: a person at this machine asks; a request from elsewhere may not read our files.
        """
        self._storage, self._local = storage, local

    def lines(self, address: str) -> Iterator[str]:
        """Each line without its end; a list compressed with gzip is decompressed.

        Raises:
            BadUrl: neither gs:// nor, where allowed, a file.
            SourceGone: there is no such list.
            ComeAgain: Cloud Storage did not answer.
        """
        try:
            with self._opened(address) as packed, gzip.open(packed) if address.endswith(".gz") else packed as file:
                text = io.TextIOWrapper(file, "utf-8", errors="replace")
                while line := text.readline(LONGEST_LINE):
                    yield line.rstrip("\r\n")
        except (NotFound, FileNotFoundError) as error:
            raise SourceGone(f"{address}: there is no such list") from error
        except gzip.BadGzipFile as error:
            raise BadUrl(f"{address} is not compressed with gzip, whatever its name says") from error
        except (GoogleAPICallError, RequestException, EOFError, OSError, zlib.error) as error:
            raise ComeAgain(f"{address}: {error}") from error

    def _opened(self, address: str) -> BinaryIO:
        parts = urlsplit(address)
        if parts.scheme == "gs" and parts.netloc and parts.path.strip("/"):
            blob = self._storage().bucket(parts.netloc).blob(parts.path.lstrip("/"))
            return cast("BinaryIO", blob.open("rb", chunk_size=CHUNK_BYTES))
        if self._local and parts.scheme in ("", "file"):
            return Path(address.removeprefix("file://")).open("rb")
        raise BadUrl(f"{address}: a list is named as gs://bucket/name")
