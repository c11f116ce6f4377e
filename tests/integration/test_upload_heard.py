"""An upload that is still coming, heard in the process of its own that the page starts for it."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from earshot.tagging.choose_model import Choice
from tests.sounds import encoded, noise

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SECONDS = 4.0


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


@pytest.mark.parametrize(("kind", "rate_hz"), [("wav", 44_100), ("mp3", 44_100), ("wav", 16_000), ("wav", 8_000)])
def test_the_first_prediction_takes_less_than_a_second_of_cpu_once_a_second_has_come(
    tmp_path: Path, kind: str, rate_hz: int
) -> None:
    whole = encoded(noise(seconds=SECONDS, rate_hz=rate_hz, channels=2), kind, rate_hz=rate_hz)
    path, done, job = tmp_path / "bytes", tmp_path / "done", tmp_path / "job"
    choices = [Choice("content"), Choice("instruments")]
    given = {"path": path, "done": done, "choices": choices, "cpu_s": 60, "max_duration_s": 60}
    job.write_bytes(pickle.dumps(given))
    path.write_bytes(whole[: int(len(whole) * 1.1 / SECONDS)])
    command = [sys.executable, "-m", "earshot.listening.hear_upload", str(job)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        events = (json.loads(line) for line in process.stdout)
        first = next(event for event in events if event["kind"] == "decision")
        used = cpu_s(process.pid)
        path.write_bytes(whole)
        done.touch()
        rest = list(events)
    assert first["t"] <= 1.0
    assert rest[-1]["kind"] == "heard"
    assert used <= 1.0, f"{used:.2f} s of CPU, the start of the process with its imports and model included"
