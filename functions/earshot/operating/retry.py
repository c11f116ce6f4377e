"""Take refusal reasons and try the open refusals of them again: links are downloaded, files are measured."""

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
    """The bucket of refusals."""

    def refusal(self, audio_id: str) -> Refusal | None: ...


class Topic(Protocol):
    """The topic of links to download."""

    def publish(self, found: AudioFound) -> None: ...
    def flush(self) -> None: ...


class ObjectNotifications(Protocol):
    """The topic of the bucket's notifications, to which the analyser subscribes."""

    def publish(self, gcp_url: str, generation: int) -> None: ...
    def flush(self) -> None: ...


@dataclass
class Retried:
    """Number of refusals tried again, by kind; `kept` counts those with too little information to try again."""

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
    """Try open refusals again; withdrawn recordings are never among them.

    A link is published with the time of the refusal it overrides, so a repeated call or delivery that finds a newer
    refusal does not download again.

    Args:
        retryable: also those of any reason that the source can change.
        hosts: only links of these hosts; all hosts if empty.
        limit: largest number of refusals to try.

    Raises:
        ComeAgain: a topic did not accept all messages.
    """
    done = Retried()
    for row in queries.stream(OPEN, reasons=reasons, retryable="yes" if retryable else "no", hosts=hosts):
        if limit is not None and done.links + done.files >= limit:
            break
        if row["stage"] == "analyser":
            if not row["gcp_url"].startswith("gs://"):  # an unreadable notification names no object
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
