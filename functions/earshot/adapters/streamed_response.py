"""A response whose status and headers are here: its bytes come in blocks, within limits of size, time and rate."""

from collections.abc import Iterator, Mapping

import requests
import urllib3

from earshot.adapters.checked_connections import Deadline
from earshot.adapters.content_decoding import Undecodable, decoded
from earshot.consent import Signal
from earshot.errors import SourceFails, TooLarge

BLOCK_BYTES = 64 * 1024
SLOW_START_S = 30.0  # of a transfer, in which its rate is not looked at


class StreamedResponse:
    """The response of a URL; its bytes are still on the way."""

    def __init__(
        self,
        hops: list[str],
        response: requests.Response,
        deadline: Deadline,
        max_bytes: int,
        least_bytes_per_s: float,
        slow_start_s: float = SLOW_START_S,
        *,
        with_range: bool = False,
    ) -> None:
        self.hops = hops
        """URLs requested, in order."""
        self.url = hops[-1]
        """Canonical URL that answered, after redirects."""
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        """By name in any case; repeated ones joined by ", "."""
        self.signals: list[Signal] = []
        """What the owner says about its use, where that was collected."""
        self.with_range = with_range
        """The request asked for a range, so that a 206 is no surprise."""
        self._response, self._deadline = response, deadline
        self._max_bytes, self._least_bytes_per_s, self._slow_start_s = max_bytes, least_bytes_per_s, slow_start_s

    def lines(self) -> dict[str, list[str]]:
        """Header name in lower case to its lines as sent, unjoined."""
        sent = self._response.raw.headers
        return {name.lower(): sent.getlist(name) for name in sent}

    def blocks(self) -> Iterator[bytes]:
        """The content, with any Content-Encoding undone, in blocks of at most 64 KiB; can be read once.

        Raises:
            TooLarge: more than `max_bytes`, counted after decoding.
            SourceFails: the connection broke, the time is over, the rate is too low, fewer bytes came than were
                announced, or the encoding ends early.
        """
        counted = 0
        try:
            for block in decoded(self._raw_blocks(), self.headers.get("Content-Encoding", "")):
                counted += len(block)
                if counted > self._max_bytes:
                    raise TooLarge(f"{self.url} is over {self._max_bytes} bytes", final_url=self.url)
                yield block
        except Undecodable as error:
            raise SourceFails(f"{self.url} broke off after {counted} bytes: {error}") from error

    def _raw_blocks(self) -> Iterator[bytes]:
        received = 0
        while True:
            try:
                block = self._response.raw.read1(BLOCK_BYTES, decode_content=False)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                self._check_time(received)
                raise SourceFails(f"{self.url} broke off after {received} bytes: {error}") from error
            self._check_time(received)
            if not block:
                return
            received += len(block)
            self._check_rate(received)
            yield block

    def _check_time(self, received: int) -> None:
        if self._deadline.left_s() < 0:
            raise SourceFails(f"{self.url} had sent {received} bytes when its time was over")

    def _check_rate(self, received: int) -> None:
        taken_s = self._deadline.taken_s()
        if taken_s > self._slow_start_s and received < self._least_bytes_per_s * taken_s:
            raise SourceFails(f"{self.url} is too slow: {received} bytes in {taken_s:.0f} s")

    def content(self) -> bytes:
        """All of it, for pages; raises as `blocks` does."""
        return b"".join(self.blocks())
