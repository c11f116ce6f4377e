"""Take an SQL condition and publish a notification for each recording it selects, which the analyser measures again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

PLAN = """
WITH selected AS (
  SELECT duration_ms, cpu_ms FROM audio_metadata WHERE removed_at IS NULL AND (
{where}
)
),
known AS (
  SELECT SAFE_DIVIDE(SUM(cpu_ms), SUM(duration_ms)) AS cpu_share FROM audio_metadata WHERE cpu_ms IS NOT NULL
),
amounts AS (
  SELECT
    COUNT(*) AS recordings,
    COALESCE(SUM(selected.duration_ms), 0) / 3600000 AS hours,
    COALESCE(SUM(COALESCE(selected.cpu_ms, selected.duration_ms * known.cpu_share)), 0) / 1000 AS cpu_s
  FROM selected
  CROSS JOIN known
)
SELECT
  amounts.recordings,
  amounts.hours,
  amounts.cpu_s,
  amounts.cpu_s * price.second + amounts.recordings * price.recording AS usd
FROM amounts
CROSS JOIN (
  SELECT
    SUM(IF(item = 'analyser_vcpu_s', usd, 0)) AS second,
    SUM(usd * CASE item
      WHEN 'request' THEN 1
      WHEN 'pubsub_message' THEN 1
      WHEN 'storage_class_b' THEN 3
      WHEN 'bigquery_merge' THEN 2
      ELSE 0
    END) AS recording
  FROM prices
) AS price
"""

SELECTED = """
SELECT gcp_url, generation
FROM audio_metadata
WHERE removed_at IS NULL AND (
{where}
)
ORDER BY gcp_url
"""


class Queries(Protocol):
    """The warehouse, read only: anything but a single SELECT is refused."""

    def rows(self, sql: str) -> list[Mapping[str, Any]]: ...
    def stream(self, sql: str) -> Iterable[Mapping[str, Any]]: ...


class ObjectNotifications(Protocol):
    """The topic of the bucket's notifications, to which the analyser subscribes."""

    def publish(self, gcp_url: str, generation: int) -> None: ...
    def flush(self) -> None: ...


@dataclass(frozen=True)
class Plan:
    """Estimate of a backfill: recordings, hours of audio, CPU seconds and cost in US dollars.

    `cpu_s` is the CPU time of their last measurement; where that is unknown, it is estimated from the mean CPU time per
    second of audio of the other rows. `usd` follows from the table `prices` and is None while that is empty.
    """

    recordings: int
    hours: float
    cpu_s: float
    usd: float | None


def plan(queries: Queries, where: str) -> Plan:
    """Estimate what measuring again takes for the rows of audio_metadata that a condition selects.

    Raises:
        BadRequest: with the condition the statement is no longer a single SELECT.
    """
    (row,) = queries.rows(PLAN.format(where=where))
    return Plan(int(row["recordings"]), float(row["hours"]), float(row["cpu_s"]), row["usd"])


def backfill(queries: Queries, notifications: ObjectNotifications, where: str) -> int:
    """Publish a notification for every recording that the condition selects; returns their number.

    A recording published twice is measured twice and remains one row, so an interrupted backfill can be repeated
    unchanged, or with a condition that excludes what is done.

    Raises:
        BadRequest: with the condition the statement is no longer a single SELECT.
        ComeAgain: the topic did not accept all notifications.
    """
    published = 0
    for row in queries.stream(SELECTED.format(where=where)):
        notifications.publish(row["gcp_url"], int(row["generation"] or 0))
        published += 1
    notifications.flush()
    return published
