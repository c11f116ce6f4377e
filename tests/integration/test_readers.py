"""Exports opened by datasets, Lhotse, webdataset and mlcroissant, in the environment that `make test-export` makes."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from earshot.exporting.export_request import Form
from tests.unit.exporting.fake_store import Catalogue, many, write

pytestmark = [pytest.mark.readers, pytest.mark.timeout(600)]
OPENED_BY_READERS = Path(__file__).parents[1] / "opened_by_readers.py"


def seen(library: str, folder: Path) -> dict[str, list[list[object]]]:
    """What the library makes of the export: keys and frames by split."""
    python = os.environ.get("EARSHOT_READERS")
    if not python:
        pytest.skip("EARSHOT_READERS names no Python with these libraries; make test-export makes one")
    done = subprocess.run(
        [python, OPENED_BY_READERS, library, folder],
        capture_output=True,
        text=True,
        env=os.environ | {"HF_HOME": str(folder.parent / "cache"), "HF_HUB_OFFLINE": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[list[object]]] = json.loads(done.stdout.splitlines()[-1])
    return {split: sorted(rows) for split, rows in found.items()}


def expected(folder: Path, frames: int) -> dict[str, list[list[object]]]:
    splits: dict[str, list[list[object]]] = {}
    for line in (folder / "ATTRIBUTION.csv").read_text().splitlines()[1:]:
        key, split, *_ = line.split(",")
        splits.setdefault(split, []).append([key, frames])
    return {split: sorted(rows) for split, rows in splits.items()}


@pytest.mark.parametrize(
    ("library", "form"), [("datasets", Form.HF), ("lhotse", Form.LHOTSE), ("webdataset", Form.WEBDATASET)]
)
def test_the_library_sees_every_recording_in_its_split(tmp_path: Path, library: str, form: Form) -> None:
    folder = tmp_path / "corpus"
    write(folder, Catalogue(many(20)), form=form, split=(60, 20, 20), shard_items=5)
    assert seen(library, folder) == expected(folder, 800)


@pytest.mark.parametrize("codec", ["flac", "mp3"])
def test_recoded_audio_has_the_samples_that_its_cut_states(tmp_path: Path, codec: str) -> None:
    folder = tmp_path / "corpus"
    write(folder, Catalogue(many(5)), form=Form.LHOTSE, transcode=codec, rate_hz=16_000)
    assert seen("lhotse", folder) == expected(folder, 1600)


@pytest.mark.parametrize("form", Form)
def test_croissant_is_valid_and_leads_to_the_records(tmp_path: Path, form: Form) -> None:
    folder = tmp_path / "corpus"
    write(folder, Catalogue(many(20)), form=form, split=(50, 50))
    assert seen("mlcroissant", folder) == expected(folder, 800)
