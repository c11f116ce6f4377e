"""Hear a file while it is still coming, in a process of its own: `python -m earshot.listening.hear_upload JOB`.

JOB is a JSON file: the upload, the file that appears when it is complete, the models, and limits. Events go to standard
output, one JSON object a line. What does not decode as it comes (an MP4 whose index is at its end) is decoded when it
is complete, by the analyser's own decoders and with their refusals.
"""

import json
import math
import pickle
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from earshot.errors import GiveUp, Undecodable
from earshot.listening.growing_file import GrowingFile
from earshot.listening.samples_to_events import Heard
from earshot.sound.decode import Decoding, container_of, opened
from earshot.sound.decode_stream import STREAMED, opened_stream
from earshot.sound.limits_per_file import Limits
from earshot.tagging.onnx_model import ModelRefused
from earshot.tagging.tag_recording import one_channel

MEMORY_BYTES = 4 << 30  # of address space, most of it libraries and their arenas
FIRST_BYTES = 4096  # by which it is sniffed


def main(job: Path) -> None:
    """Read the job, and hear."""
    given: dict[str, Any] = pickle.loads(job.read_bytes())  # noqa: S301 - written by our parent
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (given["cpu_s"], given["cpu_s"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    path, done = given["path"], given["done"]
    models = {}
    for choice in given["choices"]:
        try:
            models[choice.task] = choice.load()
        except ModelRefused:
            continue
    try:
        _hear(path, done, models, given["max_duration_s"])
    except GiveUp as error:
        emit({"kind": "refused", "reason": error.reason, "detail": str(error)})
    except TimeoutError as error:
        emit({"kind": "refused", "reason": "incomplete", "detail": str(error)})


def _hear(path: Path, done: Path, models: Any, max_duration_s: float) -> None:
    while not done.exists() and (not path.exists() or path.stat().st_size < FIRST_BYTES):
        time.sleep(0.02)
    container = container_of(path)  # refuses what is no audio before a decoder sees it
    if container.demuxer in STREAMED and not done.exists():
        try:
            limits = Limits(max_duration_s=max_duration_s, wall_s=math.inf)  # the sender decides how long it takes
            with opened_stream(GrowingFile(path, done), limits) as decoding:
                _all(decoding, models)
                return
        except Undecodable:
            emit({"kind": "again"})  # from the start, once it is complete
    while not done.exists():
        time.sleep(0.05)
    with opened(path, Limits(max_duration_s=max_duration_s)) as decoding:
        _all(decoding, models)


def _all(decoding: Decoding, models: Any) -> None:
    rate = decoding.stated.sample_rate_hz
    heard = Heard(models, rate)
    for samples in map(one_channel, decoding):
        for part in np.array_split(samples, max(len(samples) // rate, 1)):
            for event in heard.add(part):
                emit(event)
    for event in heard.flush():
        emit(event)
    emit({"kind": "heard", "duration_ms": round(1000 * decoding.frames / rate)})


def emit(event: dict[str, Any]) -> None:
    """One line."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
