"""What nobody expects in a bucket: each recording is a row of finite numbers for each task, or a reason."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earshot.adapters.schema import conform
from earshot.audio import AudioObject, ObjectMetadata
from earshot.errors import Empty
from earshot.sound.limits_per_file import Limits
from earshot.tagging.choose_model import SHIPPED, Choice
from earshot.tagging.prediction_rows import prediction_row
from earshot.tagging.scores_file import read_scores
from earshot.tagging.tag_recording import tag
from tests.sounds import noise, tone, written

TASKS = [*sorted(path.parent.name for path in SHIPPED.glob("*/model.json")), "speech_quality"]


def click() -> np.ndarray:
    samples = np.zeros((80_000, 1))
    samples[40_000] = 1
    return samples


SOUNDS = {
    "silence": (lambda: np.zeros((160_000, 1)), 16_000),
    "a constant": (lambda: np.full((160_000, 1), 0.5), 16_000),
    "a click": (click, 16_000),
    "one sample": (lambda: np.array([[0.5]]), 16_000),
    "one silent sample": (lambda: np.zeros((1, 1)), 44_100),
    "8 kHz": (lambda: tone(seconds=3, rate_hz=8_000), 8_000),
    "192 kHz": (lambda: noise(seconds=2, rate_hz=192_000), 192_000),
    "8 channels": (lambda: noise(seconds=2, channels=8), 48_000),
    "channels that cancel each other": (lambda: tone(seconds=2) * [1, -1], 48_000),
    "full scale": (lambda: np.sign(tone(seconds=2)), 48_000),
}


@pytest.mark.parametrize("what", SOUNDS)
def test_every_task_gives_a_row_of_finite_numbers(what: str, tmp_path: Path) -> None:
    make, rate_hz = SOUNDS[what]
    path = written(tmp_path / "sound.wav", make(), rate_hz=rate_hz)
    choices = [Choice(task) for task in TASKS]
    found = tag(path, tmp_path, choices, limits=Limits())
    answers = json.loads(str(found["tasks"]))  # refuses NaN, as it was written without
    kept = AudioObject("recordings", "audio/sound.wav", 1, 44, "audio/wav", ObjectMetadata())
    for choice in choices:
        row = prediction_row(
            kept, choice, answers[choice.task], duration_ms=int(str(found["duration_ms"])), scores_url=None
        )
        conform(row, "predictions")
        assert "reason" not in row
        assert all(math.isfinite(value) for value in row.values() if isinstance(value, float))
        summary = answers[choice.task]["summary"]
        if choice.task != "speech_quality":
            assert all(0 <= share <= 1 for share in summary.values())
            _, scores = read_scores((tmp_path / f"{choice.task}.json.gz").read_bytes())
            assert len(scores) >= (what != "one silent sample")  # at 16 kHz nothing is left of it
        for segment in answers[choice.task]["segments"]:
            assert 0 <= segment["start_ms"] < segment["end_ms"]
    if what == "silence" or what in ("a constant", "channels that cancel each other"):
        assert answers["content"]["summary"]["silence"] == 1


def test_a_file_without_a_sample_has_a_reason(tmp_path: Path) -> None:
    path = written(tmp_path / "empty.wav", np.zeros((0, 1)))
    with pytest.raises(Empty):
        tag(path, tmp_path, [Choice("content")], limits=Limits())


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_six_hours_are_a_row_at_a_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    minute = np.concatenate([tone(seconds=30, rate_hz=16_000), noise(seconds=30, rate_hz=16_000)])
    with soundfile.SoundFile(path, "w", 16_000, 1, "PCM_16", format="FLAC") as file:
        for _ in range(360):
            file.write(minute)
    code = (
        "import json, resource, sys; from pathlib import Path; from earshot.sound.limits_per_file import Limits;"
        "from earshot.tagging.choose_model import Choice; from earshot.tagging.tag_recording import tag;"
        "out = Path(sys.argv[1]);"
        "found = tag(out / 'long.flac', out, [Choice(t) for t in sys.argv[2:]], limits=Limits(86400, 86400));"
        "used = resource.getrusage(resource.RUSAGE_SELF);"
        "print(json.dumps([found, used.ru_maxrss / 1024, used.ru_utime]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path), *TASKS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"OPENBLAS_NUM_THREADS": "1"})
    found, peak_mib, cpu_s = json.loads(done.stdout)
    print(f"six hours: {peak_mib:.0f} MiB, {cpu_s:.0f} s of CPU time")
    assert found["duration_ms"] == 6 * 3_600_000
    assert peak_mib <= 400
    answers = json.loads(found["tasks"])
    for task in TASKS:
        assert all(math.isfinite(share) for share in answers[task]["summary"].values())
