"""Exports and features by Apache Beam: the same bytes as in one process, with one worker process and with two.

Runs in the environment that `make test-beam` makes.
"""

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest
from google.cloud import storage

from earshot.exporting.export_request import Form
from tests.sounds import encoded, tone
from tests.unit.exporting.fake_store import files

pytestmark = [pytest.mark.beam, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def bucket(storage_server: str, monkeypatch: pytest.MonkeyPatch) -> storage.Bucket:
    if not os.environ.get("EARSHOT_BEAM"):
        pytest.skip("EARSHOT_BEAM names no Python with Apache Beam; make test-beam makes one")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    return storage.Client(project="tests").create_bucket(f"b-{uuid.uuid4().hex}")


def recordings(bucket: storage.Bucket, count: int) -> list[list[Any]]:
    """So many tones in the bucket: URL, generation, size."""
    kept = []
    for number in range(count):
        blob = bucket.blob(f"audio/{number}.wav")
        blob.upload_from_string(encoded(tone(300 + 10 * number, level_dbfs=-20, seconds=1, rate_hz=8000), "wav"))
        kept.append([f"gs://{bucket.name}/{blob.name}", blob.generation, blob.size])
    return kept


def run_by_beam(*arguments: str) -> dict[str, Any]:
    command = [os.environ["EARSHOT_BEAM"], "-m", "tests.run_by_beam", *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert ran.returncode == 0, ran.stdout[-1000:] + ran.stderr[-3000:]
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("form", list(Form))
def test_an_export_by_beam_has_the_bytes_of_one_in_a_process(
    form: Form, bucket: storage.Bucket, tmp_path: Path
) -> None:
    kept = recordings(bucket, 12)
    gone, broken = f"gs://{bucket.name}/audio/gone.wav", f"gs://{bucket.name}/audio/broken.wav"
    blob = bucket.blob("audio/broken.wav")
    blob.upload_from_string(b"RIFF")
    kept += [[gone, 1, 1000], [broken, blob.generation, 4]]
    request = {"sql": "SELECT 1", "form": form, "split": [50, 50], "shard_items": 3, "transcode": "flac"}
    reports = run_by_beam("export", str(tmp_path), json.dumps(request), json.dumps(kept))
    expected = files(tmp_path / "process")
    assert "manifest.json" in expected
    assert sum(count for count, _hours in reports["process"]["recordings"].values()) == 12
    assert reports["process"]["left_out"]["no_longer_there"] == 1
    for mode in ("one", "two"):
        assert reports[mode] == reports["process"]
        assert files(tmp_path / mode) == expected
        assert not any((tmp_path / mode / ".earshot-export" / "pipeline").rglob("*.jsonl"))


def test_features_by_beam_have_the_bytes_of_those_in_a_process(bucket: storage.Bucket, tmp_path: Path) -> None:
    kept = [*recordings(bucket, 5), [f"gs://{bucket.name}/audio/gone.wav", 1, 1000]]
    made = run_by_beam("features", str(tmp_path), bucket.name, json.dumps(kept))
    assert (made["process"]["written"], made["process"]["gone"], len(made["process"]["objects"])) == (5, 1, 5)
    assert made["one"] == made["process"]
    assert made["two"] == made["process"]


def test_an_export_whose_pipeline_failed_continues_with_the_shards_that_are_left(
    bucket: storage.Bucket, tmp_path: Path
) -> None:
    request, kept = {"sql": "SELECT 1", "form": "webdataset", "shard_items": 3}, recordings(bucket, 9)
    run_by_beam("export", str(tmp_path / "clean"), json.dumps(request), json.dumps(kept))
    seen = run_by_beam("resumed", str(tmp_path / "failed"), json.dumps(request), json.dumps(kept))
    assert "the pipeline failed" in seen["failure"]
    assert seen["resumed"]
    assert seen["kept"] == seen["written"]
    assert files(tmp_path / "failed" / "one") == files(tmp_path / "clean" / "process")
