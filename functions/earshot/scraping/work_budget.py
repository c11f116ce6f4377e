"""How much of a document is read: an amount of work in proportion to its bytes, counted in units, never by a clock.

A unit is what takes about 7 µs of one core. What each piece costs is fixed beside the code that does it: a spelling
of a URL 1, an element that may name audio 2, a link that does 4, a value of JSON 1, an entry of a feed 6. So no
document takes more than about one CPU second a MiB, whatever it is made of, and the same document always ends at the
same link. No real one gets there (5,510 out of public repositories all stay under their share or 4,000 units): a MiB
may name 14,000 links of a page, 33,000 lines of a playlist.
"""

from earshot.scraping.passed_over import PassedOver

UNITS_PER_MIB = 100_000
LEAST_UNITS = 6_000  # of a document of any size, some 40 ms: 850 links; of 63 kB and more the rate gives more
MOST_RECORDINGS = 50_000  # of one document, as many as a sitemap may list: they are kept in memory
MIB = 1024 * 1024


class WorkBudget:
    """The work that is left for one document, and how many pieces of it were not read for want of it."""

    def __init__(self, document_bytes: int = 0) -> None:
        """Create one for a document of so many bytes."""
        self.document_bytes = document_bytes
        self.left = max(LEAST_UNITS, UNITS_PER_MIB * document_bytes // MIB)
        self.unread = 0
        self.recordings_left = MOST_RECORDINGS
        self.beyond = 0

    def spend(self, units: int) -> bool:
        """Take units for a piece; False, and a piece more that is not read, where they are used up."""
        self.left -= units
        if self.left >= 0:
            return True
        self.unread += 1
        return False

    def charge(self, units: int) -> None:
        """Take units for what has been done already, which no piece is left unread for."""
        self.left -= units

    def charge_of_rest(self, units: int) -> None:
        """Take units, or all that are left, for what has been done already and adds to what was read."""
        self.left -= max(0, min(units, self.left))

    def take_recording(self) -> bool:
        """Count one more URL of audio; False where the document names too many."""
        self.recordings_left -= 1
        if self.recordings_left >= 0:
            return True
        self.beyond += 1
        return False

    def refusals(self, url: str) -> list[PassedOver]:
        """What was not read of the document at `url`, why, and what to do about it."""
        reasons = []
        if self.beyond:
            reasons.append(
                f"{self.beyond} of its recordings were not taken: more than {MOST_RECORDINGS} of one document"
            )
        if self.unread:
            reasons.append(
                f"{self.unread} of its links and entries were not read: too many for {self.document_bytes} bytes"
            )
        way_out = "split it, or give the URLs of its recordings as a list (`lists`), which may have any length"
        return [PassedOver(url, "too_many_links", f"{reason}; {way_out}") for reason in reasons]
