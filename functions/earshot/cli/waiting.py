"""Waits until all submitted recordings have a row or a refusal, for a bounded time, with a progress bar."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from earshot.cli.row_formats import Row
from earshot.cli.target import Target, say
from earshot.errors import EarshotError
from earshot.plurals import counted

AT_ONCE = 5000  # keys of one query: BigQuery allows 10 MB of query and parameters
LEAST_S = 5.0

BY_AUDIO_ID = """
SELECT audio_id AS key, removed_because AS reason FROM audio_metadata
WHERE audio_id IN UNNEST(@keys) AND (removed_at IS NULL OR removed_because = 'withdrawn')
UNION ALL
SELECT audio_id AS key, reason FROM refusals WHERE audio_id IN UNNEST(@keys)
"""
BY_OBJECT = """
SELECT gcp_url AS key, removed_because AS reason FROM audio_metadata
WHERE gcp_url IN UNNEST(@keys) AND analysed_at >= TIMESTAMP(@since)
  AND (removed_at IS NULL OR removed_because = 'withdrawn')
UNION ALL
SELECT gcp_url AS key, reason FROM refusals
WHERE gcp_url IN UNNEST(@keys) AND last_seen >= TIMESTAMP(@since)
"""
BY_PREDICTION = """
SELECT gcp_url AS key, NULL AS reason FROM predictions
WHERE gcp_url IN UNNEST(@keys) AND analysed_at >= TIMESTAMP(@since)
"""
ANY_TIME = "1970-01-01 00:00:00+00"
WITHDRAWN = "withdrawn"

Returned = TypeVar("Returned")


class NotInTime(EarshotError):
    """A call did not return in its time."""


@dataclass(frozen=True)
class Outcome:
    """Outcome by key: keys with a row, those withdrawn, refusals with their reason, and keys with neither yet."""

    rows: frozenset[str] = frozenset()
    refusals: dict[str, str] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    def __str__(self) -> str:
        text = f"{len(self.rows)} in audio_metadata, {len(self.refusals)} in refusals"
        text += f", {len(self.withdrawn)} withdrawn" if self.withdrawn else ""
        return text + (f", {len(self.lost)} without either yet" if self.lost else "")


class Deadline:
    """The end of a command's waiting, counted from its beginning.

    Args:
        least_s: for the first query, where all of the time is used up by what came before it.
    """

    def __init__(self, seconds: float, least_s: float = LEAST_S) -> None:
        self.seconds, self.least_s = seconds, least_s
        self.end = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Seconds left; negative after the end."""
        return self.end - time.monotonic()


def wait_for_recordings(target: Target, audio_ids: Iterable[str], deadline: Deadline) -> Outcome:
    """Wait for recordings by audio_id, as a crawl reports them; a row of any age counts."""
    return _wait(target, BY_AUDIO_ID, frozenset(audio_ids), deadline)


def wait_for_objects(target: Target, gcp_urls: Iterable[str], deadline: Deadline, since: str = ANY_TIME) -> Outcome:
    """Wait until objects of the bucket have a row made at `since` or later."""
    return _wait(target, BY_OBJECT, frozenset(gcp_urls), deadline, since=since)


def present_outcome(target: Target, gcp_urls: Iterable[str]) -> Outcome:
    """The outcome of objects so far, without waiting."""
    return _outcome(target, BY_OBJECT, frozenset(gcp_urls), {"since": ANY_TIME})


def wait_for_predictions(target: Target, gcp_urls: Iterable[str], deadline: Deadline, since: str = ANY_TIME) -> Outcome:
    """Wait until objects of the bucket have been heard at `since` or later."""
    return _wait(target, BY_PREDICTION, frozenset(gcp_urls), deadline, since=since)


def warehouse_time(target: Target) -> str:
    """The current time of the warehouse, to distinguish new rows from old ones."""
    (row,) = target.query("SELECT CAST(CURRENT_TIMESTAMP() AS STRING) AS moment")
    return str(row["moment"])


def explain_lost(outcome: Outcome, deadline: Deadline) -> None:
    """Say what to do about recordings with neither row nor refusal."""
    if outcome.lost:
        count = counted(len(outcome.lost), "recording has", "recordings have")
        say.print(
            f"[yellow]{count} neither row nor refusal after {deadline.seconds:.0f} s.[/] `earshot status` shows what is"
            " queued and the last errors; `earshot classify --missing` submits stored recordings without a row again;"
            " `--wait` waits longer."
        )


def within(seconds: float, call: Callable[[], Returned]) -> Returned:
    """The result of a call that may take that long, whatever it waits for and retries.

    The call goes on in a thread that ends with the process; its result is not used then.

    Raises:
        NotInTime: it took longer.
        Exception: whatever the call raised.
    """
    results: SimpleQueue[tuple[Returned | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            results.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - raised again by the caller
            results.put((None, error))

    Thread(target=run, daemon=True).start()
    try:
        result, error = results.get(timeout=max(seconds, 0.01))
    except Empty:
        raise NotInTime(f"no response within {seconds:.0f} s") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def _wait(target: Target, sql: str, keys: frozenset[str], deadline: Deadline, **parameters: str) -> Outcome:
    outcome = Outcome(lost=keys)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=say, transient=True, disable=not say.is_terminal
    ) as progress:
        task = progress.add_task("waiting for rows", total=len(keys))
        left_s = max(deadline.left_s, deadline.least_s)
        while outcome.lost and left_s > 0:
            try:
                outcome = within(left_s, lambda: _outcome(target, sql, keys, parameters))
            except NotInTime:
                say.print("[yellow]The tables do not respond.[/]")
                break
            completed = len(keys) - len(outcome.lost)
            done = f"waiting: {counted(len(outcome.rows), 'row')}, {counted(len(outcome.refusals), 'refusal')}"
            progress.update(task, completed=completed, description=done)
            left_s = deadline.left_s
            if outcome.lost and left_s > 0:
                time.sleep(min(target.settings.poll_s, left_s))
    return outcome


def _outcome(target: Target, sql: str, keys: frozenset[str], parameters: dict[str, str]) -> Outcome:
    seen: list[Row] = []
    for batch in batches(sorted(keys)):
        seen += target.query(sql, keys=batch, **parameters)
    reasons = [(row["key"], row["reason"]) for row in seen]
    rows = frozenset(key for key, reason in reasons if reason is None)
    withdrawn = frozenset(key for key, reason in reasons if reason == WITHDRAWN) - rows
    refusals = {key: reason for key, reason in reasons if reason and key not in rows | withdrawn}
    return Outcome(rows, refusals, withdrawn, keys - rows - withdrawn - refusals.keys())


def batches(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    """The keys in lists that fit into one query."""
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
