"""Remembers recently seen texts in bounded memory."""

from hashlib import blake2b

REMEMBERED = 100_000


class RecentlySeen:
    """Remembers at least the last `REMEMBERED` texts, and never more than twice as many, as digests of 8 bytes.

    A text seen longer ago counts as new again. That any two in a full memory share a digest has a chance of 1 in 10^9.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()

    def is_new(self, text: str) -> bool:
        """Whether the text has not been seen recently; it is recorded as seen."""
        digest = blake2b(text.encode(), digest_size=8).digest()
        known = digest in self._young or digest in self._old
        self._young.add(digest)
        if len(self._young) >= self._remembered:
            self._old, self._young = self._young, set()
        return not known
