"""Hear a file while it is still coming, in a process of its own: `python -m earshot.listening.hear_upload JOB`.

JOB is a JSON file: the upload, the file that appears when it is complete, the models, and limits. Events go to standard
output, one JSON object a line. What does not decode as it comes (an MP4 whose index is at its end) is decoded when it
is complete, by the analyser's own decoders and with their refusals.
"""

import json
import pickle
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from earshot.errors import GiveUp
from earshot.listening.growing_file import GrowingFile
from earshot.listening.samples_to_events import Heard
from earshot.sound.decode import container_of, opened
from earshot.sound.limits_per_file import Limits
from earshot.tagging.causal_windows import Floats
from earshot.tagging.onnx_model import ModelRefused
from earshot.tagging.tag_recording import one_channel

MEMORY_BYTES = 4 << 30  # of address space, most of it libraries and their arenas
FIRST_BYTES = 4096  # by which it is sniffed
STREAMED = ("wav", "mp3", "flac", "ogg", "matroska", "aac")  # containers whose beginning is enough


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
            _all(_while_it_comes(path, done), models, max_duration_s)
            return
        except (av.FFmpegError, ValueError, StopIteration):
            emit({"kind": "again"})  # from the start, once it is complete
    while not done.exists():
        time.sleep(0.05)
    with opened(path, Limits(max_duration_s=max_duration_s)) as decoding:
        rate = decoding.stated.sample_rate_hz
        _all(((rate, one_channel(block)) for block in decoding), models, max_duration_s)


def _all(blocks: Iterator[tuple[int, Floats]], models: Any, max_duration_s: float) -> None:
    heard: Heard | None = None
    frames = rate = 0
    for rate, samples in blocks:
        heard = heard or Heard(models, rate)
        frames += len(samples)
        if frames > max_duration_s * rate:
            emit({"kind": "refused", "reason": "too_long", "detail": f"lasts more than {max_duration_s:g} s"})
            return
        for part in np.array_split(samples, max(len(samples) // rate, 1)):
            for event in heard.add(part):
                emit(event)
    if heard is None:
        raise ValueError("not one sample")
    for event in heard.flush():
        emit(event)
    emit({"kind": "heard", "duration_ms": round(1000 * frames / rate)})


def _while_it_comes(path: Path, done: Path) -> Iterator[tuple[int, Floats]]:
    demuxer = container_of(path).demuxer  # named, so that no playlist can be smuggled in
    source = GrowingFile(path, done)
    with av.open(source, "r", format=demuxer, options={"probesize": "8192"}) as file:
        stream = file.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout="mono")
        for frame in file.decode(stream):
            for mono in resampler.resample(frame):
                samples = np.nan_to_num(mono.to_ndarray().reshape(-1)).clip(-8, 8).astype(np.float32)
                yield int(mono.sample_rate), samples


def emit(event: dict[str, Any]) -> None:
    """One line."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
