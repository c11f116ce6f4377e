"""`earshot try-revisions`: calls new revisions at their own addresses, before they get traffic."""

import base64
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import requests
import typer

from earshot.audio import audio_id, shard
from earshot.cli.smoke_test import DURATION_MS, LEVEL_DBFS, WrongRow, tone
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.errors import EarshotError
from earshot.plurals import counted

TIMEOUT_S = 300
UNREACHABLE = "http://10.0.0.1/{}.wav"
"""A link that the downloader refuses without asking anybody: the address is private."""

ROW_WITHIN_S = 45.0


class RevisionFailed(EarshotError):
    """A new revision did not do what it was asked."""


@dataclass(frozen=True)
class Revision:
    """A new revision: its own address, and the service's, for which tokens are made."""

    function: str
    url: str
    audience: str

    @classmethod
    def read(cls, path: Path, tag: str = "candidate") -> "Revision | None":
        """From the description that `gcloud run services describe --format=json` gives; None if nothing has the tag."""
        status = json.loads(path.read_text())["status"]
        tagged = [entry["url"] for entry in status.get("traffic", ()) if entry.get("tag") == tag]
        return cls(path.stem, tagged[0], status["url"]) if tagged else None


@explained
def try_revisions(
    folder: Annotated[
        Path, typer.Argument(help="Folder of FUNCTION.json files, as terraform/revisions.sh writes them.")
    ],
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Call each new revision at its own address, with a message that no subscription delivers.

    Nothing of it reaches the revisions that serve, and nothing is left behind.
    """
    with at(data_dir, cloud) as target:
        for path in sorted(folder.glob("*.json")):
            revision = Revision.read(path)
            if revision is not None:
                TRIALS.get(revision.function, _answers)(revision, target)
                say.print(f"{revision.function}: the new revision works.")


def _analyses(revision: Revision, target: Target) -> None:
    """Of an object under smoke/ the bucket notifies nobody, so only the new revision can have made its row."""
    blob = target.bucket.blob(f"smoke/{uuid.uuid4().hex}.wav")
    gcp_url = f"gs://{target.bucket.name}/{blob.name}"
    mine = f"WHERE shard = {shard(gcp_url)} AND gcp_url = @gcp_url"
    blob.upload_from_string(tone(), content_type="audio/wav", if_generation_match=0)
    try:
        attributes = {
            "eventType": "OBJECT_FINALIZE",
            "bucketId": target.bucket.name,
            "objectId": str(blob.name),
            "objectGeneration": str(blob.generation),
        }
        _post(revision, target, _push({"name": blob.name}, "audio-stored", attributes))
        sql = f"SELECT duration_ms, loudness FROM audio_metadata {mine}"  # noqa: S608 - a computed number
        end = time.monotonic() + ROW_WITHIN_S  # rows travel by a topic and are written in rounds
        while not (rows := target.query(sql, gcp_url=gcp_url)) and time.monotonic() < end:
            time.sleep(target.settings.poll_s)
        if len(rows) != 1 or abs(rows[0]["loudness"] - LEVEL_DBFS) > 0.1 or rows[0]["duration_ms"] != DURATION_MS:
            raise WrongRow(f"a tone of {LEVEL_DBFS} dBFS and {DURATION_MS} ms was measured as {rows}")
    finally:
        blob.delete()
        for table in ("audio_metadata", "analyses"):
            target.query(f"DELETE FROM {table} {mine}", gcp_url=gcp_url)  # noqa: S608 - fixed names and a computed number


def _refuses(revision: Revision, target: Target) -> None:
    """The downloader stores a refusal of a link to a private address; the refusal and its row are deleted."""
    url = UNREACHABLE.format(uuid.uuid4().hex)
    found = {"source_url": url, "page_url": url, "found_at": "1970-01-01T00:00:00Z"}
    _post(revision, target, _push(found, "audio-found", {"schema": "AudioFound/1"}))
    blob = target.bucket.blob(f"refused/{audio_id(url)}.json")
    if not blob.exists():
        raise RevisionFailed(f"the downloader stored no refusal of {url}")
    blob.delete()


def _crawls(revision: Revision, target: Target) -> None:
    """The scraper reads one page and publishes nothing, because no link matches."""
    page = f"{revision.audience}/health"
    request = {"pages": [page], "include": ["https://nothing.invalid/*"], "limit": 1}
    report = _post(revision, target, request).json()
    if report.get("published") != 0:
        raise RevisionFailed(f"the scraper published {counted(int(report.get('published') or 0), 'link')}, not none")


def _answers(revision: Revision, target: Target) -> None:
    """A function without a trial of its own: it has started and answers."""
    answer = requests.get(f"{revision.url}/health", headers=_headers(revision, target), timeout=TIMEOUT_S)
    if not answer.ok:
        raise RevisionFailed(f"{revision.function} answered {answer.status_code} to /health")


TRIALS: Mapping[str, Callable[[Revision, Target], None]] = {
    "analyser": _analyses,
    "downloader": _refuses,
    "scraper": _crawls,
}


def _push(payload: Mapping[str, Any], topic: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    """What Pub/Sub posts for a message."""
    data = base64.b64encode(json.dumps(payload).encode()).decode()
    message = {
        "data": data,
        "attributes": attributes,
        "messageId": uuid.uuid4().hex,
        "publishTime": "1970-01-01T00:00:00Z",
    }
    return {"message": message, "subscription": f"projects/none/subscriptions/{topic}-of-a-trial"}


def _post(revision: Revision, target: Target, body: Mapping[str, Any]) -> requests.Response:
    answer = requests.post(revision.url, json=body, headers=_headers(revision, target), timeout=TIMEOUT_S)
    if not answer.ok:
        raise RevisionFailed(f"{revision.function} answered {answer.status_code}: {answer.text[:300]}")
    return answer


def _headers(revision: Revision, target: Target) -> dict[str, str]:
    """A token of the function's caller: a revision is called as it will be, by the one account that may."""
    if target.is_local:
        return {}
    from earshot.adapters.google_clients import identity_token

    account = f"{revision.function}-caller@{target.settings.project}.iam.gserviceaccount.com"
    return {"Authorization": f"Bearer {identity_token(account, revision.audience)}"}
