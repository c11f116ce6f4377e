"""A URL, an object or a host in; it is on the shelf and in use no more, and is never fetched again.

First comes the memory that it was withdrawn, so that in no moment it could be fetched again; then what other tables say
of it; then the deletion, and the mark in its row, which the news of the deletion would make as well. A marked row no
longer tells its host, so by then nothing else may be left to do. Each step is harmless when repeated.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from earshot.audio import AudioObject, Refusal, audio_id, now, shard
from earshot.errors import BadRequest, Withdrawn
from earshot.urls import canonical, host

PARALLEL = 16  # recordings at a time; their marks share a MERGE
KNOWN = """
SELECT audio_id, gcp_url, generation
FROM audio_metadata
WHERE audio_id = @audio_id OR gcp_url = @gcp_url
  OR (@host != '' AND (
    REGEXP_EXTRACT(source_url, r'^https?://([^/:]+)') = @host
    OR ENDS_WITH(REGEXP_EXTRACT(source_url, r'^https?://([^/:]+)'), CONCAT('.', @host))
  ))
UNION DISTINCT
SELECT
  audio_id,
  IF(stage = 'analyser', gcp_url, NULL) AS gcp_url,
  IF(stage = 'analyser', generation, NULL) AS generation
FROM refusals
WHERE audio_id = @audio_id OR gcp_url = @gcp_url
  OR (@host != '' AND (
    REGEXP_EXTRACT(source_url, r'^https?://([^/:]+)') = @host
    OR ENDS_WITH(REGEXP_EXTRACT(source_url, r'^https?://([^/:]+)'), CONCAT('.', @host))
  ))
ORDER BY audio_id, gcp_url
"""


class Queries(Protocol):
    """The warehouse."""

    def ask(self, sql: str, **parameters: str) -> list[Mapping[str, Any]]: ...


class AudioStore(Protocol):
    """Where recordings and refusals lie."""

    def describe(self, name: str) -> AudioObject | None: ...
    def find(self, audio_id: str) -> AudioObject | None: ...
    def refuse(self, refusal: Refusal) -> None: ...
    def remove(self, audio_id: str) -> None: ...
    def delete(self, name: str) -> None: ...
    def withdraw_host(self, host: str) -> None: ...


class Removals(Protocol):
    """Takes the marks of rows that no longer stand."""

    def upsert(self, row: Mapping[str, Any]) -> None: ...


class WithdrawnRows(Protocol):
    """What the other tables still say of recordings."""

    def erase(self, audio_ids: Sequence[str], gcp_urls: Sequence[str]) -> None: ...


@dataclass(frozen=True)
class Recording:
    """One to forget; without an object when it was only ever refused, or never came."""

    audio_id: str
    gcp_url: str | None = None
    generation: int | None = None


def concerned(queries: Queries, store: AudioStore, bucket: str, target: str) -> list[Recording]:
    """The recordings that a target means, known or not: a URL, gs://bucket/name, or the name of a host.

    Raises:
        BadUrl: neither of the three.
        BadRequest: an object of another bucket.
    """
    name = hosted(target)
    if name:
        wanted, url = "", ""
    elif target.startswith("gs://"):
        if not target.startswith(f"gs://{bucket}/"):
            raise BadRequest(f"{target} does not lie in the bucket {bucket}")
        kept, url = store.describe(target.removeprefix(f"gs://{bucket}/")), target
        wanted = kept.metadata.audio_id if kept and kept.metadata.source_url else audio_id(target)
    else:
        wanted = audio_id(canonical(target))
        kept = store.find(wanted)
        url = kept.gcp_url if kept else ""
    rows = queries.ask(KNOWN, audio_id=wanted, gcp_url=url, host=name)
    known = [Recording(row["audio_id"], row["gcp_url"], row["generation"]) for row in rows]
    with_object = {recording.audio_id for recording in known if recording.gcp_url}
    known = [recording for recording in known if recording.gcp_url or recording.audio_id not in with_object]
    return known if name or known else [Recording(wanted, url or None)]


def forget(
    recordings: Sequence[Recording],
    target: str,
    *,
    bucket: str,
    store: AudioStore,
    removals: Removals,
    traces: WithdrawnRows,
) -> None:
    """Withdraw recordings, and the host if the target is one.

    Raises:
        ComeAgain: the shelf or a table did not answer; what is done is done, so the same again goes on.
    """
    name = hosted(target)
    if name:
        store.withdraw_host(name)
    moment = now()
    detail = f"with all of {name}" if name else None

    def remember(recording: Recording) -> None:
        store.refuse(
            Refusal(
                audio_id=recording.audio_id,
                stage="person",
                reason=Withdrawn.reason,
                detail=detail,
                first_seen=moment,
                last_seen=moment,
            )
        )

    def take_away(recording: Recording) -> None:
        store.remove(recording.audio_id)
        if recording.gcp_url:
            store.delete(recording.gcp_url.removeprefix(f"gs://{bucket}/"))
            removals.upsert(
                {
                    "gcp_url": recording.gcp_url,
                    "shard": shard(recording.gcp_url),
                    "generation": recording.generation or 0,
                    "removed_at": moment,
                    "removed_because": Withdrawn.reason,
                }
            )

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(remember, recordings))
        traces.erase(
            [recording.audio_id for recording in recordings],
            [recording.gcp_url for recording in recordings if recording.gcp_url],
        )
        list(pool.map(take_away, recordings))


def hosted(target: str) -> str:
    """The host that a target names in one spelling; empty for a URL or an object."""
    return "" if "/" in target else host(canonical(f"https://{target}/"))
