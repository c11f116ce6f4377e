"""Withdraw a URL, an object or a host: delete it from the bucket, erase it in the tables, never fetch it again.

The order matters. First the refusal `withdrawn` is stored, so that it cannot be downloaded again at any moment; then
the other tables are erased; then the object is deleted and its row is marked, which the notification of the deletion
would do as well. A marked row no longer contains its host, so the mark comes last. Each step may be repeated.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from earshot.audio import AudioObject, Refusal, audio_id, now, shard
from earshot.errors import BadRequest, Withdrawn
from earshot.url_identity import identity_url
from earshot.urls import canonical, host

PARALLEL = 16  # recordings at a time; their marks share a MERGE
KNOWN = """
SELECT audio_id, gcp_url, generation
FROM audio_metadata
WHERE audio_id IN (@audio_id, @identity) OR gcp_url = @gcp_url
  OR (@url != '' AND (source_url = @url OR fetched_url = @url))
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
WHERE audio_id IN (@audio_id, @identity) OR gcp_url = @gcp_url OR (@url != '' AND source_url = @url)
  OR (@host != '' AND (
    REGEXP_EXTRACT(source_url, r'^https?://([^/:]+)') = @host
    OR ENDS_WITH(REGEXP_EXTRACT(source_url, r'^https?://([^/:]+)'), CONCAT('.', @host))
  ))
ORDER BY audio_id, gcp_url
"""


class Queries(Protocol):
    """The warehouse."""

    def rows(self, sql: str, **parameters: str) -> list[Mapping[str, Any]]: ...


class AudioStore(Protocol):
    """The bucket of recordings and refusals."""

    def describe(self, name: str) -> AudioObject | None: ...
    def find(self, audio_id: str) -> AudioObject | None: ...
    def refuse(self, refusal: Refusal) -> None: ...
    def remove(self, audio_id: str) -> None: ...
    def delete(self, name: str) -> None: ...
    def withdraw_host(self, host: str) -> None: ...


class Removals(Protocol):
    """Marks rows of audio_metadata as removed."""

    def upsert(self, row: Mapping[str, Any]) -> None: ...


class WithdrawnRows(Protocol):
    """Erases recordings in the tables analyses and refusals."""

    def erase(self, audio_ids: Sequence[str], gcp_urls: Sequence[str]) -> None: ...


@dataclass(frozen=True)
class Recording:
    """A recording to withdraw; `gcp_url` is None if it was only ever refused, or never found."""

    audio_id: str
    gcp_url: str | None = None
    generation: int | None = None


def find_recordings(queries: Queries, store: AudioStore, bucket: str, subject: str) -> list[Recording]:
    """The recordings that `subject` names, known or not: a URL, gs://bucket/name, or a host name.

    A URL names the recording that was found or fetched there, and the one that it identifies without cache busters and
    measurement prefixes; both identities are withdrawn, known or not.

    Raises:
        BadUrl: none of the three.
        BadRequest: an object of another bucket.
    """
    name = host_name(subject)
    wanted = identity = asked = ""
    if name:
        url = ""
    elif subject.startswith("gs://"):
        if not subject.startswith(f"gs://{bucket}/"):
            raise BadRequest(f"{subject} is not in the bucket {bucket}")
        kept, url = store.describe(subject.removeprefix(f"gs://{bucket}/")), subject
        wanted = identity = kept.metadata.audio_id if kept and kept.metadata.source_url else audio_id(subject)
    else:
        asked = canonical(subject)
        wanted, identity = audio_id(asked), audio_id(identity_url(asked, names_a_file=True))
        kept = store.find(identity) or store.find(wanted)
        url = kept.gcp_url if kept else ""
    rows = queries.rows(KNOWN, audio_id=wanted, identity=identity, url=asked, gcp_url=url, host=name)
    known = [Recording(row["audio_id"], row["gcp_url"], row["generation"]) for row in rows]
    with_object = {recording.audio_id for recording in known if recording.gcp_url}
    known = [recording for recording in known if recording.gcp_url or recording.audio_id not in with_object]
    if name:
        return known
    named = {recording.audio_id for recording in known}
    if not known:
        known = [Recording(identity, url or None)]
        named = {identity}
    return [*known, *(Recording(one) for one in sorted({wanted, identity} - named))]


def forget(
    recordings: Sequence[Recording],
    subject: str,
    *,
    bucket: str,
    store: AudioStore,
    removals: Removals,
    withdrawn_rows: WithdrawnRows,
) -> None:
    """Withdraw recordings, and all of a host if `subject` is one.

    Raises:
        ComeAgain: the bucket or a table did not respond; repeat the call, which continues with what is left.
    """
    name = host_name(subject)
    if name:
        store.withdraw_host(name)
    moment = now()
    detail = f"with all of {name}" if name else None

    def store_refusal(recording: Recording) -> None:
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

    def delete(recording: Recording) -> None:
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
        list(pool.map(store_refusal, recordings))
        withdrawn_rows.erase(
            [recording.audio_id for recording in recordings],
            [recording.gcp_url for recording in recordings if recording.gcp_url],
        )
        list(pool.map(delete, recordings))


def host_name(subject: str) -> str:
    """The canonical host name, if `subject` is a host; empty for a URL or an object."""
    return "" if "/" in subject else host(canonical(f"https://{subject}/"))
