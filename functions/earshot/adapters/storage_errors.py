"""Errors of Google's storage client, translated into those of the project."""

from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core.exceptions import GoogleAPICallError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from requests.exceptions import RequestException

from earshot.errors import ComeAgain

FOREIGN = (GoogleAPICallError, InvalidResponse, DataCorruption, RequestException)  # what Google's client lets out


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Translate errors of Google's client and of the transport into `ComeAgain`."""
    try:
        yield
    except FOREIGN as error:
        raise ComeAgain(f"{doing}: {error}") from error
