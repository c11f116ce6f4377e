"""An answer on its way: status and headers are here, the bytes come in blocks, within limits of size, time and rate."""

from collections.abc import Iterator, Mapping

import requests
import urllib3

from earshot.adapters.checked_connections import Deadline
from earshot.consent import Signal
from earshot.errors import SourceFails, TooLarge

BLOCK_BYTES = 64 * 1024
DRIP_GRACE_S = 30.0  # a slow start is forgiven


class Answer:
    """What a URL answered; its bytes are still on the way."""

    def __init__(
        self,
        hops: list[str],
        response: requests.Response,
        deadline: Deadline,
        max_bytes: int,
        least_bytes_per_s: float,
        drip_grace_s: float = DRIP_GRACE_S,
    ) -> None:
        self.hops = hops
        """URLs asked, in order."""
        self.url = hops[-1]
        """Canonical URL that answered, after redirects."""
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        """By name in any case; repeated ones joined by ", "."""
        self.signals: list[Signal] = []
        """What the owner says about its use, where somebody has asked for that."""
        self._response, self._deadline = response, deadline
        self._max_bytes, self._least_bytes_per_s, self._drip_grace_s = max_bytes, least_bytes_per_s, drip_grace_s

    def lines(self) -> dict[str, list[str]]:
        """Header name in lower case to its lines as sent, unjoined."""
        sent = self._response.raw.headers
        return {name.lower(): sent.getlist(name) for name in sent}

    def blocks(self) -> Iterator[bytes]:
        """The content, with any Content-Encoding undone, in blocks of at most 64 KiB; can be read once.

        Raises:
            TooLarge: more than `max_bytes`, counted after decoding.
            SourceFails: the connection broke, the time is over, the bytes drip, or fewer came than were announced.
        """
        counted = 0
        raw = self._response.raw
        while True:
            try:
                block = raw.read1(BLOCK_BYTES, decode_content=True)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                self._mind_the_time(counted)
                raise SourceFails(f"{self.url} broke off after {counted} bytes: {error}") from error
            self._mind_the_time(counted)
            if not block:
                return
            counted += len(block)
            if counted > self._max_bytes:
                raise TooLarge(f"{self.url} is over {self._max_bytes} bytes", final_url=self.url)
            self._mind_the_drip(counted)
            yield block

    def _mind_the_time(self, counted: int) -> None:
        if self._deadline.left_s() < 0:
            raise SourceFails(f"{self.url} had sent {counted} bytes when its time was over")

    def _mind_the_drip(self, counted: int) -> None:
        taken_s = self._deadline.taken_s()
        if taken_s > self._drip_grace_s and counted < self._least_bytes_per_s * taken_s:
            raise SourceFails(f"{self.url} drips: {counted} bytes in {taken_s:.0f} s")

    def content(self) -> bytes:
        """All of it, for pages; raises as `blocks` does."""
        return b"".join(self.blocks())
