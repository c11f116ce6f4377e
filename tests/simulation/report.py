"""What a simulated run did: rows a second, how fresh they are, refused statements, and USD for a million rows."""

from dataclasses import dataclass, field

from tests.simulation import limits
from tests.simulation.loads import Load

MEMORY_GIB = 2.0  # of an analyser instance
COMMITTER_VCPUS, COMMITTER_GIB = 1, 1.0
MESSAGES = 2  # of a file: its row and its history
SUBSCRIPTIONS = 2  # of the topic: the rows, and the push that starts a round


@dataclass
class Report:
    """Figures of one run."""

    load: Load
    freshness_s: list[float] = field(default_factory=list)
    """From the arrival of a file to its row."""
    billed_bytes: int = 0
    refused: int = 0
    end_s: float = 0.0
    cloud_run_usd: float = 0.0
    pubsub_usd: float = 0.0
    measuring_s: float = 0.0
    """vCPU seconds spent on measuring."""
    committer_s: float = 0.0
    """Seconds in which the committer has a request open."""
    statement_at: list[float] = field(default_factory=list)

    def committed(self, freshness_s: list[float], moment: float) -> None:
        """Add rows that are in the table at a moment."""
        self.freshness_s += freshness_s
        self.end_s = moment

    def pay_for_landing(self, seconds: float) -> None:
        """Instances are paid for while a request is open: of an analyser with all its vCPUs, if one measures alone."""
        instances_s = min(seconds * self.load.instances, self.measuring_s)
        committer_s = min(seconds, self.committer_s)
        vcpu_s = instances_s * self.load.vcpus + committer_s * COMMITTER_VCPUS
        gib_s = instances_s * MEMORY_GIB + committer_s * COMMITTER_GIB
        self._pay(vcpu_s, gib_s, len(self.freshness_s) * (1 + MESSAGES))
        messages = len(self.freshness_s) * MESSAGES * self.load.message_bytes * (1 + SUBSCRIPTIONS)
        self.pubsub_usd = messages * limits.USD_PER_TIB_OF_MESSAGES / limits.TIB

    def pay_for_instances(self, seconds: float) -> None:
        """Analysers are paid for while they measure or wait."""
        self._pay(
            seconds * self.load.instances * self.load.vcpus,
            seconds * self.load.instances * MEMORY_GIB,
            len(self.freshness_s),
        )

    def _pay(self, vcpu_s: float, gib_s: float, requests: int) -> None:
        self.cloud_run_usd = (
            vcpu_s * limits.USD_PER_VCPU_S
            + gib_s * limits.USD_PER_GIB_S
            + requests * limits.USD_PER_MILLION_REQUESTS / 1e6
        )

    @property
    def rows_per_s(self) -> float:
        """Rows in the table, over the whole run."""
        return len(self.freshness_s) / self.end_s

    @property
    def bigquery_usd(self) -> float:
        """Of all statements."""
        return self.billed_bytes * limits.USD_PER_TIB / limits.TIB

    def per_million(self, usd: float) -> float:
        """USD for a million rows."""
        return 1e6 * usd / len(self.freshness_s)

    def percentile(self, share: float) -> float:
        """Freshness in seconds that this share of the rows does not exceed."""
        return sorted(self.freshness_s)[min(len(self.freshness_s) - 1, int(share * len(self.freshness_s)))]

    def most_in_10_s(self) -> int:
        """Statements of one table that begin within 10 s, at most; a round has three a table."""
        moments = sorted(self.statement_at)
        return max(sum(1 for other in moments[n : n + 99] if other < moment + 10) for n, moment in enumerate(moments))

    def line(self) -> str:
        """One line of the table."""
        return (
            f"{self.rows_per_s:7.1f} {self.rows_per_s * 0.0864:7.2f} M"
            f" {self.percentile(0.5):7.1f} {self.percentile(0.95):7.1f} {self.percentile(0.99):7.1f} s"
            f" {self.refused:8d} {self.per_million(self.bigquery_usd):10.2f}"
            f" {self.per_million(self.cloud_run_usd):10.2f}"
        )
