"""How many links of one host a crawl publishes: a host in, whether one link more fits into the topic's retention out.

The host is the ordering key, so its links are fetched one after another. What is not fetched while the topic keeps
messages expires without a row or a refusal: a crawl therefore holds back what cannot be fetched in time, and says so.
"""

from earshot.errors import TooManyOfHost

HOSTS = 100_000  # counted at a time; beyond that those with the fewest links are counted anew
SHARE = 0.9  # of the retention; the rest is for retries and for what was published before


class LinksPerHost:
    """Counts the links of each host in bounded memory.

    Of more than 100,000 hosts the counts become lower bounds (lossy counting: Manku and Motwani, 2002); a host with
    hundreds of thousands of links stays far above those that are forgotten.
    """

    def __init__(self, *, retention_s: float, seconds_per_link: float) -> None:
        """Begin with no links.

        Args:
            retention_s: how long the topic keeps a message that nobody has acknowledged.
            seconds_per_link: mean time between two fetches of a host, pause included.
        """
        self.retention_s, self.seconds_per_link = retention_s, seconds_per_link
        self.most = max(1, int(SHARE * retention_s / seconds_per_link))
        self._counts: dict[str, int] = {}
        self._full: set[str] = set()

    def add(self, host: str) -> TooManyOfHost | None:
        """Count one link more.

        Returns:
            None if it fits; else why it does not.
        """
        count = self._counts.get(host, 0)
        if count >= self.most:
            days = self.retention_s / 86_400
            return TooManyOfHost(
                f"{host} has more than {self.most:,} links, what is fetched at {self.seconds_per_link:g} s each in "
                f"{SHARE:.0%} of the {days:g} days that the topic keeps them: crawl the rest later, or in parts"
            )
        self._counts[host] = count + 1
        if len(self._counts) > HOSTS:
            self._forget_fewest()
        return None

    def is_first_beyond(self, host: str) -> bool:
        """Whether the host is over the limit for the first time, so that one entry of a report names it."""
        first = host not in self._full
        self._full.add(host)
        return first

    def _forget_fewest(self) -> None:
        fewest = sorted(self._counts.values())[len(self._counts) // 2]
        self._counts = {host: count for host, count in self._counts.items() if count > fewest}
