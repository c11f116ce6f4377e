"""The hosts from which nothing is fetched any more: `withdrawn/hosts.json`, read at most every few seconds.

A process that has read the list may use it for `CACHED_S` seconds. `add` therefore returns only after so long: what
was stored by a process that did not know the host yet is in the bucket by then, and is deleted with the rest.
"""

import json
import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound

from earshot.adapters.storage_errors import translated

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

HOSTS = "withdrawn/hosts.json"
CACHED_S = 5.0


class WithdrawnHosts:
    """The list in one bucket; may be shared by threads."""

    def __init__(
        self,
        bucket: "Bucket",
        *,
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is read yet."""
        self.bucket = bucket
        self.timeout_s = timeout_s
        self.clock = clock
        self.sleep = sleep
        self._known: frozenset[str] = frozenset()
        self._read_at: float | None = None
        self._lock = Lock()

    def read(self) -> frozenset[str]:
        """The hosts, as of at most `CACHED_S` seconds ago.

        Raises:
            ComeAgain: the bucket does not respond.
        """
        with self._lock:  # threads that come meanwhile wait for the same request
            begun = self.clock()
            if self._read_at is None or begun - self._read_at >= CACHED_S:
                self._known = self._request()
                self._read_at = begun
            return self._known

    def add(self, host: str) -> None:
        """Add a host, and return once no process uses a list without it.

        Raises:
            ComeAgain: the bucket does not respond, or somebody else changed the list at the same moment.
        """
        with translated(f"changing {HOSTS}"):
            blob = self.bucket.get_blob(HOSTS, timeout=self.timeout_s)
            known = set(json.loads(blob.download_as_bytes(timeout=self.timeout_s))) if blob else set()
            self.bucket.blob(HOSTS).upload_from_string(
                json.dumps(sorted(known | {host})),
                content_type="application/json",
                if_generation_match=blob.generation if blob else 0,
                timeout=self.timeout_s,
            )
        with self._lock:
            self._read_at = None
        self.sleep(CACHED_S)

    def _request(self) -> frozenset[str]:
        with translated(f"reading {HOSTS}"):
            try:
                return frozenset(json.loads(self.bucket.blob(HOSTS).download_as_bytes(timeout=self.timeout_s)))
            except NotFound:
                return frozenset()
