"""Reasons in; the refusals that still stand for them are tried again: links asked for, files measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from earshot.audio import AudioFound, Refusal

OPEN = """
SELECT gcp_url, audio_id, stage, reason, generation
FROM open_refusals
WHERE (reason IN UNNEST(@reasons) OR (retryable AND @retryable = 'yes')) AND stage != 'person' AND reason != 'withdrawn'
  AND (ARRAY_LENGTH(@hosts) = 0 OR source_host IN UNNEST(@hosts))
ORDER BY gcp_url
"""


class Queries(Protocol):
    """The warehouse."""

    def stream(self, sql: str, **parameters: str | Sequence[str]) -> Iterable[Mapping[str, Any]]: ...


class AudioStore(Protocol):
    """Where refusals lie."""

    def refusal(self, audio_id: str) -> Refusal | None: ...


class Topic(Protocol):
    """Where links go."""

    def publish(self, found: AudioFound) -> None: ...
    def flush(self) -> None: ...


class ObjectNotifications(Protocol):
    """Where the analyser hears of objects."""

    def publish(self, gcp_url: str, generation: int) -> None: ...
    def flush(self) -> None: ...


@dataclass
class Retried:
    """How many of which kind; `kept` are those of which too little is known to try again."""

    links: int = 0
    files: int = 0
    kept: int = 0


def retry(
    queries: Queries,
    store: AudioStore,
    topic: Topic,
    notifications: ObjectNotifications,
    *,
    reasons: Sequence[str] = (),
    retryable: bool = False,
    hosts: Sequence[str] = (),
    limit: int | None = None,
    dry_run: bool = False,
) -> Retried:
    """Try open refusals again; what was withdrawn is never among them.

    A link is asked for in spite of the refusal as it stands now, so a repeat of this, or of a delivery, that finds a
    younger one does not ask again.

    Args:
        retryable: those of any reason that a source can change.
        hosts: only of these; all, if none is named.
        limit: at most so many.

    Raises:
        ComeAgain: not all were accepted.
    """
    done = Retried()
    for row in queries.stream(OPEN, reasons=reasons, retryable="yes" if retryable else "no", hosts=hosts):
        if limit is not None and done.links + done.files >= limit:
            break
        if row["stage"] == "analyser":
            if not row["gcp_url"].startswith("gs://"):  # news that could not be read names no object
                done.kept += 1
                continue
            done.files += 1
            if not dry_run:
                notifications.publish(row["gcp_url"], int(row["generation"] or 0))
            continue
        refusal = store.refusal(row["audio_id"])
        if refusal is None or refusal.found is None:
            done.kept += 1
            continue
        done.links += 1
        if not dry_run:
            topic.publish(refusal.found.model_copy(update={"despite": refusal.last_seen}))
    topic.flush()
    notifications.flush()
    return done
