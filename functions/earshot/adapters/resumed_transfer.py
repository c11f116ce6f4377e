"""A transfer that breaks is taken up where it broke: an answer in, its blocks out, over several requests if need be.

RFC 9110, 13.1.5 and 14.2: `Range` asks for the rest, `If-Range` for all of it if it has changed meanwhile; bytes of
two versions are never put together.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping

from earshot.adapters.streamed_response import Answer
from earshot.consent import Signal
from earshot.errors import ComeAgain, SourceFails

CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
MOST_RESUMPTIONS = 3


class Resuming:
    """An answer that may be asked for the rest of itself."""

    def __init__(
        self,
        answer: Answer,
        rest: Callable[[Mapping[str, str], int], Answer],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Args:
        rest: asks the same URL again, given headers and how many bytes have been had.
        """
        self.url, self.status, self.headers, self.hops = answer.url, answer.status, answer.headers, answer.hops
        self.signals: list[Signal] = answer.signals
        self.resumed = 0
        """How many times the transfer was taken up again."""
        self._answer, self._rest, self._sleep = answer, rest, sleep

    def blocks(self) -> Iterator[bytes]:
        """As `Answer.blocks`; a break is mended where the source lets us."""
        had = 0
        answer = self._answer
        while True:
            try:
                for block in answer.blocks():
                    had += len(block)
                    yield block
                return
            except ComeAgain as error:
                validator = self._validator()
                if validator is None or not had or self.resumed == MOST_RESUMPTIONS:
                    raise
                self.resumed += 1
                self._sleep(random.uniform(0.5, 1.0) * 2 ** (self.resumed - 1))  # noqa: S311 - jitter
                try:
                    answer = self._rest({"Range": f"bytes={had}-", "If-Range": validator}, had)
                except ComeAgain:
                    raise error from None
                self._check(answer, had)

    def content(self) -> bytes:
        """All of it; raises as `blocks` does."""
        return b"".join(self.blocks())

    def lines(self) -> dict[str, list[str]]:
        """Headers as sent, unjoined."""
        return self._answer.lines()

    def _validator(self) -> str | None:
        """What proves that the rest belongs to the same bytes; None when nothing does."""
        encoded = self.headers.get("Content-Encoding", "identity") != "identity"
        if self.status != 200 or encoded or self.headers.get("Accept-Ranges", "").lower() == "none":
            return None
        etag = self.headers.get("ETag", "")
        return etag if etag and not etag.startswith("W/") else self.headers.get("Last-Modified")

    def _check(self, answer: Answer, had: int) -> None:
        seen = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        whole = self.headers.get("Content-Length")
        if answer.status != 206 or seen is None or int(seen[1]) != had:
            raise SourceFails(f"{self.url} broke off after {had} bytes and does not go on from there")
        if whole is not None and seen[2] not in ("*", whole):
            raise SourceFails(f"{self.url} was {whole} bytes and is {seen[2]} now")
