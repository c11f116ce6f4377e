"""Conductor: the crawl of every day as an Airflow 3 DAG that waits for its outcome and judges it.

    crawl     posts a crawl to the deployed scraper
    load      waits, by SQL, until everything found is a row or a refusal, or nothing more comes
    classify  has the analyser measure objects without a row, or measured by an older version, and fails
              loudly when too much was refused or lost
    tag       has the tagger hear recordings in which nothing was heard yet

Knows the deployment from outside only: the scraper's URL, the tables, the bucket and its topic, from the same
environment variables as the functions (GOOGLE_CLOUD_PROJECT, EARSHOT_SCRAPER_URL, EARSHOT_BUCKET, EARSHOT_DATASET).
What to crawl, and what is too much, are the run's parameters; EARSHOT_CRAWL holds the request of the scheduled runs, as
JSON.
"""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, PokeReturnValue, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

OUTCOMES = """
SELECT audio_id AS key, NULL AS reason, analysed_at AS moment FROM audio_metadata WHERE audio_id IN UNNEST(@keys)
UNION ALL
SELECT audio_id AS key, reason, last_seen AS moment FROM refusals WHERE audio_id IN UNNEST(@keys)
"""
STALE = """
SELECT gcp_url, generation FROM audio_metadata
WHERE removed_at IS NULL AND analyser_version < (SELECT MAX(newest.analyser_version) FROM audio_metadata AS newest)
ORDER BY gcp_url LIMIT 1000
"""
CURRENT = """
SELECT gcp_url FROM audio_metadata
WHERE gcp_url IN UNNEST(@keys)
  AND analyser_version = (SELECT MAX(newest.analyser_version) FROM audio_metadata AS newest)
"""
UNHEARD = """
SELECT recording.gcp_url, recording.generation
FROM audio_metadata AS recording
LEFT JOIN predictions AS heard ON heard.gcp_url = recording.gcp_url AND heard.generation = recording.generation
WHERE recording.audio_id IN UNNEST(@keys) AND recording.removed_at IS NULL AND heard.gcp_url IS NULL
ORDER BY recording.gcp_url
"""
CRAWL_S = 1800  # as long as the cloud lets a crawl take
REQUEST = json.loads(os.environ.get("EARSHOT_CRAWL") or '{"pages": []}')


def query(sql: str, keys: list[str] | None = None) -> list[dict[str, Any]]:
    """Rows of a query, local where BIGQUERY_EMULATOR_HOST says so."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.bigquery import ArrayQueryParameter, Client, QueryJobConfig

    project = os.environ["GOOGLE_CLOUD_PROJECT"]
    credentials = AnonymousCredentials() if os.environ.get("BIGQUERY_EMULATOR_HOST") else None
    config = QueryJobConfig(default_dataset=f"{project}.{os.environ.get('EARSHOT_DATASET', 'earshot')}")
    if keys is not None:
        config.query_parameters = [ArrayQueryParameter("keys", "STRING", keys)]
    answer = Client(project=project, credentials=credentials).query(sql, job_config=config, timeout=60).result()
    return [dict(row.items()) for row in answer]


def outcome(audio_ids: list[str]) -> tuple[set[str], dict[str, str], datetime | None]:
    """Which have rows, which of the others are refused and why, and when the last of these came."""
    seen = query(OUTCOMES, audio_ids)
    rows = {row["key"] for row in seen if row["reason"] is None}
    refused = {row["key"]: row["reason"] for row in seen if row["reason"] and row["key"] not in rows}
    return rows, refused, max((row["moment"] for row in seen), default=None)


def notify(objects: list[tuple[str, str, int]], only: str = "analyser") -> None:
    """Notify one function of objects (bucket, name, generation), in the form of the bucket's own notifications."""
    from google.cloud.pubsub_v1 import PublisherClient

    publisher = PublisherClient()
    topic = f"projects/{os.environ['GOOGLE_CLOUD_PROJECT']}/topics/audio-stored"
    sent = []
    for bucket, name, generation in objects:
        facts = {"bucketId": bucket, "objectId": name, "objectGeneration": str(generation), "only": only}
        body = json.dumps({"bucket": bucket, "name": name, "generation": str(generation)}).encode()
        sent.append(publisher.publish(topic, body, eventType="OBJECT_FINALIZE", payloadFormat="JSON_API_V1", **facts))
    for accepted in sent:
        accepted.result(timeout=60)


def stored_objects(audio_ids: list[str]) -> list[tuple[str, str, int]]:
    """Bytes and refusals of these recordings that lie in the bucket."""
    from google.cloud.storage import Client

    project = os.environ["GOOGLE_CLOUD_PROJECT"]
    bucket = Client(project=project).bucket(os.environ.get("EARSHOT_BUCKET") or f"{project}-earshot-audio")
    names = (f"{folder}/{audio_id}" for audio_id in audio_ids for folder in ("audio", "refused"))
    found = (blob for name in names for blob in bucket.list_blobs(prefix=name))
    return [(bucket.name, blob.name, int(blob.generation)) for blob in found]


@dag(
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=5)},
    params={
        "crawl": Param(REQUEST, type="object", description="Request to the scraper: pages, feeds, depth, limit, …"),
        "quiet_s": Param(600, type="number", description="Nothing new for so long: the crawl is complete."),
        "patience_s": Param(1800, type="number", description="How long measuring again may take."),
        "most_refused": Param(0.5, type="number", description="Share of recordings that may be refused.", maximum=1),
        "poke_s": Param(30, type="number", description="Pause between two looks while measuring again."),
    },
    tags=["earshot"],
)
def earshot_daily() -> None:
    """Crawl >> load >> classify >> tag."""

    @task
    def crawl() -> dict[str, Any]:
        import requests
        from google.auth.transport.requests import Request
        from google.oauth2.id_token import fetch_id_token

        url, params = os.environ["EARSHOT_SCRAPER_URL"], get_current_context()["params"]
        token = f"Bearer {fetch_id_token(Request(), url)}" if url.startswith("https://") else ""
        answer = requests.post(url, json=params["crawl"], headers={"Authorization": token}, timeout=CRAWL_S)
        if answer.status_code == requests.codes.bad_request:
            raise AirflowFailException(f"the scraper answers: {answer.text}")
        answer.raise_for_status()
        report = answer.json()
        if not report["pages_read"] and not report["published"]:
            raise AirflowException(f"nothing could be read: {report['refused']}")
        return {"recordings": report["recordings"], "ended_at": datetime.now(UTC).isoformat()}

    @task.sensor(poke_interval=30, timeout=6 * 3600, mode="reschedule")
    def load(crawled: dict[str, Any]) -> PokeReturnValue:
        rows, refused, last = outcome(crawled["recordings"])
        missing = [key for key in crawled["recordings"] if key not in rows and key not in refused]
        ended = datetime.fromisoformat(crawled["ended_at"])
        quiet = datetime.now(UTC) - max(filter(None, (last, ended)))
        complete = not missing or quiet.total_seconds() > get_current_context()["params"]["quiet_s"]
        return PokeReturnValue(is_done=complete, xcom_value={**crawled, "missing": missing})

    @task
    def classify(loaded: dict[str, Any]) -> dict[str, int]:
        params = get_current_context()["params"]
        stale = [(*row["gcp_url"].removeprefix("gs://").split("/", 1), row["generation"]) for row in query(STALE)]
        notify(stored_objects(loaded["missing"]) + stale)
        old = {f"gs://{bucket}/{name}" for bucket, name, _generation in stale}
        end = time.monotonic() + params["patience_s"]
        while True:
            rows, refused, _last = outcome(loaded["recordings"])
            lost = set(loaded["recordings"]) - rows - refused.keys()
            left = old - {row["gcp_url"] for row in query(CURRENT, sorted(old))} if old else set()
            if not lost | left or time.monotonic() > end:
                break
            time.sleep(params["poke_s"])
        share = len(refused) / max(1, len(loaded["recordings"]))
        if share > params["most_refused"]:
            raise AirflowFailException(f"{len(refused)} of {len(loaded['recordings'])} refused: {refused}")
        if lost | left:
            raise AirflowException(f"nothing is known of {sorted(lost)}; not measured again: {sorted(left)}")
        return {"rows": len(rows), "refused": len(refused), "measured_again": len(stale)}

    @task
    def tag(loaded: dict[str, Any]) -> dict[str, int]:
        params = get_current_context()["params"]
        unheard = query(UNHEARD, loaded["recordings"])
        objects = [(*row["gcp_url"].removeprefix("gs://").split("/", 1), row["generation"]) for row in unheard]
        notify(objects, only="tagger")
        end = time.monotonic() + params["patience_s"]
        while (left := query(UNHEARD, loaded["recordings"])) and time.monotonic() < end:
            time.sleep(params["poke_s"])
        return {"heard_again": len(objects) - len(left), "not_heard": len(left)}  # the tagger may be switched off

    loaded = load(crawl())
    classify(loaded) >> tag(loaded)


earshot_daily()
