"""A file in; for each task what is heard in it, and a file of its scores. Decoded once, whatever its length.

Blocks of samples go through all tasks at once, so memory holds a block, the past of each model, and one byte-sized
score a label and decision: six hours of `content` are 86,400 decisions.
"""

import ctypes
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from earshot.sound.decode import opened
from earshot.sound.decoder_output import Block, Facts
from earshot.sound.limits_per_file import Limits
from earshot.sound.visuals import Visuals
from earshot.tagging import speech_quality_task
from earshot.tagging.causal_windows import Floats
from earshot.tagging.choose_model import Choice
from earshot.tagging.onnx_model import ModelRefused
from earshot.tagging.scores_file import write_scores
from earshot.tagging.segments import heard
from earshot.tagging.task_stream import Decisions, Model, TaskStream
from earshot.tagging.vocabulary import VISUALS, Task

MUSIC = "music"
STRETCH_S = 10.0


class RecordingTags:
    """The tasks over one stream; `add` blocks, then ask for the `results`."""

    def __init__(self, models: Mapping[Task, Model], rate_hz: int, *, keep: bool = True) -> None:
        """Nothing heard yet; `keep` remembers all decisions, which a stream without an end must not."""
        self._keep = keep
        self.streams = {task: TaskStream(model, rate_hz) for task, model in models.items()}
        self.decisions: dict[Task, list[Decisions]] = {task: [] for task in models}
        self.cpu_s = dict.fromkeys(models, 0.0)
        self.refused: dict[Task, str] = {}
        self._music: list[Decisions] = []

    def add(self, samples: Floats) -> dict[Task, Decisions]:
        """Hear a block of one channel; the decisions that it completes."""
        return self._each(lambda stream, where: stream.add(samples, where))

    def flush(self) -> dict[Task, Decisions]:
        """The decisions on the last samples; nothing may follow."""
        return self._each(lambda stream, where: stream.flush(where))

    def _each(self, step: Any) -> dict[Task, Decisions]:
        made: dict[Task, Decisions] = {}
        for task in sorted(self.streams, key=lambda task: task != "content"):  # instruments depend on its music
            started = time.process_time()
            try:
                made[task] = step(self.streams[task], self._where() if task == "instruments" else None)
            except ModelRefused as error:  # one task's; the others go on
                self.refused[task] = str(error)
                del self.streams[task]
                continue
            self.cpu_s[task] += time.process_time() - started
            if self._keep:
                self.decisions[task].append(made[task])
            if task == "content" and MUSIC in self.streams[task].model.labels:
                self._remember(made[task])
        return made

    def _remember(self, decisions: Decisions) -> None:
        """Keep where music was heard, for as long as an instrument's window may reach back."""
        model = self.streams["content"].model
        over = decisions.scores[:, [model.labels.index(MUSIC)]] >= model.thresholds[MUSIC]
        is_music = over & ~decisions.is_silent[:, None]
        found = Decisions(
            decisions.start_ms,
            decisions.end_ms,
            is_music.astype(np.float32),
            decisions.level_dbfs,
            decisions.is_silent,
        )
        self._music = [*self._music, found]
        while len(self._music) > 1 and self._music[-1].end_ms.size and self._music[0].end_ms.size:
            if self._music[0].end_ms[-1] >= self._music[-1].end_ms[-1] - 20_000:
                break
            self._music.pop(0)
        self._music = [part for part in self._music if part.end_ms.size]

    def _where(self) -> Decisions | None:
        content = self.streams.get("content")
        return Decisions.joined(self._music, 1) if content and MUSIC in content.model.labels else None


def tag(path: Path, out: Path, choices: Sequence[Choice], *, limits: Limits) -> Facts:
    """Tag a file.

    Args:
        out: folder for a file of scores a task, `{task}.json.gz`, and for what a page shows, `visuals.bin`.
        choices: the model of each task.

    Returns:
        `tasks`: a JSON object by task, of `refused` where its model gave no numbers, else of `model`, `version`,
        `sha256`, `stage`, `summary`, `top`, `segments` and more; and `duration_ms`.

    Raises:
        GiveUp: not audio, or not within the limits.
    """
    models, answers = _loaded(choices)
    wants_speech = any(choice.task == "speech_quality" for choice in choices)
    decoding_s, started = 0.0, time.process_time()
    with opened(path, limits) as decoding:
        rate_hz = decoding.stated.sample_rate_hz
        tags = RecordingTags(models, rate_hz)
        visuals = Visuals(rate_hz, decoding.stated.channels)
        beginning = speech_quality_task.Beginning(rate_hz) if wants_speech else None
        for mono in _stretches(visuals.watch(decoding), round(STRETCH_S * rate_hz)):
            tags.add(mono)
            if beginning:
                beginning.add(mono)
        tags.flush()
        visuals.write(out / VISUALS)
        duration_ms = round(1000 * decoding.frames / rate_hz)
    decoding_s = time.process_time() - started - sum(tags.cpu_s.values())
    answers |= {task: {"refused": why} for task, why in tags.refused.items()}
    for task, model in models.items():
        if task in answers:
            continue
        decisions = Decisions.joined(tags.decisions[task], len(model.labels))
        write_scores(out / f"{task}.json.gz", model, decisions)
        found = heard(model, decisions)
        answers[task] = described(model) | {
            "summary": found.summary,
            "top": found.top,
            "segments": [asdict(segment) for segment in found.segments],
            "is_cut": found.is_cut,
            "embedding": tags.streams[task].mean_embedding,
            "cpu_ms": round(1000 * (tags.cpu_s[task] + decoding_s / max(len(choices), 1))),
        }
    if beginning:
        del tags, models, visuals  # their sessions and what they gathered: DNSMOS takes as much again
        _return_freed_memory()
        answers["speech_quality"] = speech_quality_task.assessed(beginning)
    return {"tasks": json.dumps(answers, allow_nan=False), "duration_ms": duration_ms}


def _return_freed_memory() -> None:
    """Give memory that is free back to the system, where the C library can (glibc): after hours it lies in pieces."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def _stretches(blocks: Iterable[Block], frames: int) -> Iterator[Floats]:
    """One channel, in stretches of about as many frames: a model runs many windows at once faster than one."""
    waiting: list[Floats] = []
    count = 0
    for block in blocks:
        waiting.append(one_channel(block))
        count += len(block)
        if count >= frames:
            yield np.concatenate(waiting)
            waiting, count = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _loaded(choices: Sequence[Choice]) -> tuple[dict[Task, Model], dict[str, Any]]:
    """The models, and the answers of tasks whose models are refused."""
    models: dict[Task, Model] = {}
    refused: dict[str, Any] = {}
    for choice in choices:
        if choice.task == "speech_quality":
            continue
        try:
            models[choice.task] = choice.load()
        except ModelRefused as error:
            refused[choice.task] = {"refused": str(error)}
    return models, refused


def described(model: Model) -> dict[str, Any]:
    """What a row says of the model that made it."""
    return {
        "model": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "stage": model.stage,
        "hop_ms": round(1000 * model.hop / model.sample_rate_hz),
        "thresholds": model.thresholds,
    }


def one_channel(block: Block) -> Floats:
    """Mean of the channels, contiguous; bounded to ±8, beyond which no model was trained and a float may be broken."""
    mono = block.T.sum(axis=0, dtype=np.float32) / np.float32(block.shape[1])
    bounded: Floats = np.clip(np.nan_to_num(mono), -8, 8)
    return bounded
