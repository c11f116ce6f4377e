"""A small world for the views: seven recordings of two hosts and one put there by hand, and six refusals."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from google.cloud.bigquery import Client

from earshot.adapters.table import Table
from earshot.audio import Scalar, audio_id, shard

DAY = datetime(2026, 11, 1, tzinfo=UTC)
PAGE = "https://a.example.org/"


def recording(name: str, source_url: str | None = None, **facts: Scalar) -> dict[str, Scalar]:
    """A row of audio_metadata: a minute at -20 dBFS and 44.1 kHz, but for what is given."""
    gcp_url = f"gs://recordings/audio/{name}"
    row: dict[str, Scalar] = {
        "gcp_url": gcp_url,
        "audio_id": audio_id(source_url or gcp_url),
        "file_name": name,
        "shard": shard(gcp_url),
        "generation": 10,
        "analyser_version": 2,
        "duration_ms": 60_000,
        "loudness": -20.0,
        "classification": "Medium Energy",
        "source_url": source_url,
        "page_url": source_url and PAGE,
        "found_at": source_url and DAY,
        "fetched_at": source_url and DAY + timedelta(hours=1),
        "fetch_ms": source_url and 500,
        "analysed_at": DAY + timedelta(hours=2),
        "content_sha256": f"sha of {name}",
        "bytes": 1_000_000,
        "sample_rate_hz": 44_100,
        "channels": 1,
        "is_silent": False,
        "cpu_ms": 200,
    }
    return row | facts


def refusal(name: str, source_url: str | None, **facts: Scalar) -> dict[str, Scalar]:
    """A row of refusals."""
    gcp_url = f"gs://recordings/{name}"
    row: dict[str, Scalar] = {
        "gcp_url": gcp_url,
        "audio_id": audio_id(source_url or gcp_url),
        "shard": shard(gcp_url),
        "generation": 10,
        "analyser_version": 2,
        "source_url": source_url,
        "page_url": source_url and PAGE,
        "stage": "downloader",
        "attempts": 1,
        "first_seen": DAY,
        "last_seen": DAY,
    }
    return row | facts


A, B = "https://a.example.org", "http://b.example.org:8080"
RECORDINGS = [
    recording("one.flac", f"{A}/one.flac", license="CC0-1.0", license_from="link", content_sha256="same"),
    recording(
        "low.wav", f"{A}/low.wav", license="CC-BY-NC-4.0", duration_ms=30_000, sample_rate_hz=8000, loudness=-60.0
    ),
    recording("gone.wav", f"{A}/gone.wav", removed_at=DAY + timedelta(days=2), removed_because="withdrawn"),
    recording(
        "copy.mp3",
        f"{B}/copy.mp3",
        license="CC-BY-4.0",
        license_from="feed",
        author="Ada",
        rendition="preview",
        content_sha256="same",
        bytes=3_000_000,
        pcm_sha256="samples of one",
        fetch_ms=1500,
    ),
    recording("silence.wav", f"{B}/silence.wav", duration_ms=10_000, loudness=-120.0, is_silent=True),
    recording("noisy.wav", f"{B}/noisy.wav", license="CC-BY-SA-4.0", author="Bo", duration_ms=120_000, pesq=1.5),
    recording("dropped.wav", duration_ms=400),
]
REFUSALS = [
    refusal("refused/gone.json", f"{A}/broken.mp3", reason="source_gone"),
    refusal("refused/copy.json", f"{B}/copy.mp3", reason="not_audio"),  # over: it was fetched an hour later
    refusal("refused/never.json", f"{A}/never.mp3", reason="withdrawn"),
    refusal("audio/torn.ogg", f"{B}/torn.ogg", reason="undecodable", stage="analyser"),
    refusal("audio/noisy.wav", f"{B}/noisy.wav", reason="undecodable", stage="analyser", analyser_version=1),  # over
    refusal("audio/one.flac", f"{A}/one.flac", reason="too_long", stage="analyser", analyser_version=3),
]


def prediction(name: str, task: str, **facts: Scalar) -> dict[str, Scalar]:
    """A row of predictions."""
    gcp_url = f"gs://recordings/audio/{name}"
    row: dict[str, Scalar] = {
        "gcp_url": gcp_url,
        "task": task,
        "shard": shard(gcp_url),
        "generation": 10,
        "model_order": 0,
        "model": "tiny",
        "model_version": "20260101T000000Z-0123abcd",
        "cpu_ms": 500,
        "hop_ms": 250,
        "analysed_at": DAY + timedelta(hours=3),
    }
    return row | facts


def _pieces(*pieces: tuple[int, int, str]) -> str:
    return json.dumps([{"start_ms": a, "end_ms": b, "label": label, "score": 0.9} for a, b, label in pieces])


PREDICTIONS = [
    prediction(
        "one.flac",
        "content",
        music_ratio=1.0,
        speech_ratio=0.25,
        noise_ratio=0.0,
        silence_ratio=0.0,
        segments=_pieces((0, 60_000, "music"), (0, 15_000, "speech")),
        top_labels=json.dumps([{"label": "music", "score": 0.9, "coverage": 1.0}]),
        embedding="[1.0, 0.0]",
    ),
    prediction("one.flac", "instruments", segments=_pieces((0, 30_000, "piano"), (0, 60_000, "violin"))),
    prediction("copy.mp3", "content", music_ratio=0.9, speech_ratio=0.25, noise_ratio=0.0, embedding="[0.8, 0.6]"),
    prediction("copy.mp3", "instruments", segments=_pieces((0, 30_000, "piano"), (100, 900, "flute"))),
    prediction("low.wav", "content", speech_ratio=0.5, music_ratio=0.0, noise_ratio=0.5, embedding="[0.0, 1.0]"),
    prediction("low.wav", "speech_quality", speech_ratio=0.4, dnsmos_ovrl=3.1),
    prediction("low.wav", "loudness_class", summary='{"quiet": 0.75, "normal": 0.25, "loud": 0.0}'),
    prediction("noisy.wav", "content", generation=9, music_ratio=1.0),  # of bytes that have been replaced since
    prediction("gone.wav", "content", music_ratio=1.0),
    prediction("silence.wav", "content", reason="undecodable", detail="lost sync"),
]


def fill(client: Client, dataset: str, table: str, rows: Iterable[dict[str, Scalar]]) -> None:
    """Commit rows by the real adapter, together."""
    assert Table(client, dataset, table, schema=table).commit(list(rows)) == []
