"""Waits until all submitted recordings have a row or a refusal, with a progress bar."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from earshot.cli.row_formats import Row
from earshot.cli.target import Target, say

AT_ONCE = 5000  # keys of one query: BigQuery allows 10 MB of query and parameters

BY_AUDIO_ID = """
SELECT audio_id AS key, NULL AS reason FROM audio_metadata WHERE audio_id IN UNNEST(@keys)
UNION ALL
SELECT audio_id AS key, reason FROM refusals WHERE audio_id IN UNNEST(@keys)
"""
BY_OBJECT = """
SELECT gcp_url AS key, NULL AS reason FROM audio_metadata
WHERE gcp_url IN UNNEST(@keys) AND analysed_at >= TIMESTAMP(@since)
UNION ALL
SELECT gcp_url AS key, reason FROM refusals
WHERE gcp_url IN UNNEST(@keys) AND last_seen >= TIMESTAMP(@since)
"""
ANY_TIME = "1970-01-01 00:00:00+00"


@dataclass(frozen=True)
class Outcome:
    """Outcome by key: keys with a row, refusals with their reason, and keys with neither yet."""

    rows: frozenset[str] = frozenset()
    refusals: dict[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()

    def __str__(self) -> str:
        text = f"{len(self.rows)} in audio_metadata, {len(self.refusals)} in refusals"
        return text + (f", {len(self.lost)} without either yet" if self.lost else "")


def wait_for_recordings(target: Target, audio_ids: Iterable[str], patience_s: float) -> Outcome:
    """Wait for recordings by audio_id, as a crawl reports them; a row of any age counts."""
    return _wait(target, BY_AUDIO_ID, frozenset(audio_ids), patience_s)


def wait_for_objects(target: Target, gcp_urls: Iterable[str], patience_s: float, since: str = ANY_TIME) -> Outcome:
    """Wait until objects of the bucket have a row made at `since` or later."""
    return _wait(target, BY_OBJECT, frozenset(gcp_urls), patience_s, since=since)


def warehouse_time(target: Target) -> str:
    """The current time of the warehouse, to distinguish new rows from old ones."""
    (row,) = target.query("SELECT CAST(CURRENT_TIMESTAMP() AS STRING) AS moment")
    return str(row["moment"])


def _wait(target: Target, sql: str, keys: frozenset[str], patience_s: float, **parameters: str) -> Outcome:
    outcome = Outcome(lost=keys)
    end = time.monotonic() + patience_s
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=say, transient=True) as progress:
        task = progress.add_task("waiting for rows", total=len(keys))
        while outcome.lost:
            outcome = _outcome(target, sql, keys, parameters)
            completed = len(keys) - len(outcome.lost)
            done = f"{len(outcome.rows)} rows, {len(outcome.refusals)} refusals"
            progress.update(task, completed=completed, description=done)
            if time.monotonic() > end:
                break
            if outcome.lost:
                time.sleep(target.settings.poll_s)
    return outcome


def _outcome(target: Target, sql: str, keys: frozenset[str], parameters: dict[str, str]) -> Outcome:
    ordered = sorted(keys)
    seen: list[Row] = []
    for start in range(0, len(ordered), AT_ONCE):
        seen += target.query(sql, keys=ordered[start : start + AT_ONCE], **parameters)
    rows = frozenset(row["key"] for row in seen if row["reason"] is None)
    refusals = {row["key"]: row["reason"] for row in seen if row["reason"] is not None and row["key"] not in rows}
    return Outcome(rows, refusals, keys - rows - refusals.keys())
