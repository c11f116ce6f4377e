"""A transfer that breaks is resumed where it broke: a response in, its blocks out, over several requests if need be.

RFC 9110, 13.1.5 and 14.2: `Range` asks for the rest, `If-Range` for all of it if it has changed meanwhile; bytes of
two versions are never put together. A server that sends a part (206) though nobody asked for one has not sent the
whole: the rest is asked for in the same way, and where that cannot be done the transfer counts as broken.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping

from earshot.adapters.streamed_response import StreamedResponse
from earshot.consent import Signal
from earshot.errors import ComeAgain, SourceFails

OK, PARTIAL = 200, 206
DIGITS = 19  # of a length in bytes
MOST_RESUMPTIONS = 3
RANGE_CHARACTERS = 100  # of a Content-Range; three numbers of 20 digits fit


class ResumedTransfer:
    """A response that asks for the rest of itself when it breaks."""

    def __init__(
        self,
        response: StreamedResponse,
        ask_rest: Callable[[Mapping[str, str], int], StreamedResponse],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take over a response of which nothing has been read.

        Args:
            response: the response.
            ask_rest: requests the same URL again, given headers and how many bytes have been received.
            sleep: waits some seconds.
        """
        self.url, self.status, self.headers, self.hops = response.url, response.status, response.headers, response.hops
        self.signals: list[Signal] = response.signals
        self.resumed = 0
        """How many times the transfer was resumed."""
        self._response, self._ask_rest, self._sleep = response, ask_rest, sleep

    def blocks(self) -> Iterator[bytes]:
        """As `StreamedResponse.blocks`; a broken transfer is resumed where the source allows it."""
        received = 0
        response = self._response
        is_part = self.status == PARTIAL and not response.with_range
        start, whole = content_range(self.headers.get("Content-Range")) or (0, None)
        if is_part and start:
            raise SourceFails(f"{self.url} sends the bytes from {start} on, which nobody has asked for")
        while True:
            try:
                for block in response.blocks():
                    received += len(block)
                    yield block
                if not is_part or received == whole:
                    return
                raise SourceFails(f"{self.url} sent {received} of {whole or 'unknown many'} bytes as a part")
            except ComeAgain as error:
                validator = self._validator()
                if validator is None or not received or self.resumed == MOST_RESUMPTIONS:
                    raise
                self.resumed += 1
                self._sleep(random.uniform(0.5, 1.0) * 2 ** (self.resumed - 1))  # noqa: S311 - jitter
                try:
                    response = self._ask_rest({"Range": f"bytes={received}-", "If-Range": validator}, received)
                except ComeAgain:
                    raise error from None
                self._check(response, received)

    def content(self) -> bytes:
        """All of it; raises as `blocks` does."""
        return b"".join(self.blocks())

    def lines(self) -> dict[str, list[str]]:
        """Headers as sent, unjoined."""
        return self._response.lines()

    def _validator(self) -> str | None:
        """What proves that the rest belongs to the same bytes; None when nothing does."""
        encoded = self.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", "")
        if self.status not in (OK, PARTIAL) or encoded or self.headers.get("Accept-Ranges", "").lower() == "none":
            return None
        etag = self.headers.get("ETag", "")
        return etag if etag and not etag.startswith("W/") else self.headers.get("Last-Modified")

    def _check(self, response: StreamedResponse, received: int) -> None:
        seen = content_range(response.headers.get("Content-Range"))
        length = self.headers.get("Content-Length", "") if self.status == OK else ""
        if response.status != PARTIAL or seen is None or seen[0] != received:
            raise SourceFails(f"{self.url} broke off after {received} bytes and does not continue from there")
        if length.isdecimal() and seen[1] not in (None, int(length[:DIGITS])):
            raise SourceFails(f"{self.url} was {length[:DIGITS]} bytes and is {seen[1]} now")


def content_range(value: str | None) -> tuple[int, int | None] | None:
    """First byte, and bytes of the whole or None, of a `Content-Range: bytes 0-99/200`; None if it is none."""
    unit, _, rest = (value or "")[:RANGE_CHARACTERS].strip().partition(" ")
    span, slash, whole = rest.strip().partition("/")
    first, dash, last = span.partition("-")
    numbers = (first, last, whole if whole != "*" else "0")
    if unit.lower() != "bytes" or not slash or not dash or not all(one.isdecimal() for one in numbers):
        return None
    return int(first), None if whole == "*" else int(whole)
