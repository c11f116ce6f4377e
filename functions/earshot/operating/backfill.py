"""A condition in; news of every recording it selects out, so that the analyser measures them again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

PLAN = """
WITH chosen AS (
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
    COALESCE(SUM(chosen.duration_ms), 0) / 3600000 AS hours,
    COALESCE(SUM(COALESCE(chosen.cpu_ms, chosen.duration_ms * known.cpu_share)), 0) / 1000 AS cpu_s
  FROM chosen
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

CHOSEN = """
SELECT gcp_url, generation
FROM audio_metadata
WHERE removed_at IS NULL AND (
{where}
)
ORDER BY gcp_url
"""


class Queries(Protocol):
    """The warehouse; refuses what is not one SELECT."""

    def ask(self, sql: str) -> list[Mapping[str, Any]]: ...
    def stream(self, sql: str) -> Iterable[Mapping[str, Any]]: ...


class ObjectNotifications(Protocol):
    """Where the analyser hears of objects."""

    def publish(self, gcp_url: str, generation: int) -> None: ...
    def flush(self) -> None: ...


@dataclass(frozen=True)
class Plan:
    """What a backfill would do: how many recordings, of how many hours, and about what it takes.

    `cpu_s` is what measuring them took the last time; of those for which that is not known, as much as the others took
    a second of sound. `usd` follows from the table prices and is None where that is empty.
    """

    recordings: int
    hours: float
    cpu_s: float
    usd: float | None


def plan(queries: Queries, where: str) -> Plan:
    """Count what a condition on the columns of audio_metadata selects.

    Raises:
        BadRequest: the condition makes it something else than one SELECT.
    """
    (row,) = queries.ask(PLAN.format(where=where))
    return Plan(int(row["recordings"]), float(row["hours"]), float(row["cpu_s"]), row["usd"])


def backfill(queries: Queries, notifications: ObjectNotifications, where: str) -> int:
    """Tell the analyser of every recording that the condition selects; how many those were.

    One told of twice is measured twice and is still one row, so a backfill that broke off is started again as it was,
    or with a condition that leaves out what is done.

    Raises:
        BadRequest: the condition makes it something else than one SELECT.
        ComeAgain: not all were accepted.
    """
    told = 0
    for row in queries.stream(CHOSEN.format(where=where)):
        notifications.publish(row["gcp_url"], int(row["generation"] or 0))
        told += 1
    notifications.flush()
    return told
