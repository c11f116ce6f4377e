"""Decisions as they are made, of a file, a pipe or a microphone: the same classes and numbers as for stored audio."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any

import numpy as np

from earshot.tagging.causal_windows import Floats
from earshot.tagging.silence_rule import level_dbfs
from earshot.tagging.tag_recording import RecordingTags
from earshot.tagging.task_stream import Decisions, Model, holding
from earshot.tagging.vocabulary import Task

Line = dict[str, Any]
"""One decision: file, start_ms, end_ms, task, scores, labels, model, version, level_dbfs."""
BLOCKS_WAITING = 64  # of a microphone: at 50 ms a block about three seconds


class Live:
    """One stream of samples, from its first block to its last."""

    def __init__(self, name: str, models: Mapping[Task, Model], rate_hz: int) -> None:
        """Nothing heard yet; `name` is what the lines call the stream."""
        self._name, self._models = name, models
        self._tags = RecordingTags(models, rate_hz, keep=False)

    def add(self, samples: Floats) -> list[Line]:
        """The decisions that a block of one channel completes, in the order of their ends."""
        return self._lines(self._tags.add(samples))

    def flush(self) -> list[Line]:
        """The decisions on the last samples; nothing may follow."""
        return self._lines(self._tags.flush())

    def _lines(self, made: Mapping[Task, Decisions]) -> list[Line]:
        lines = [line for task, decisions in made.items() for line in self._of(task, decisions)]
        return sorted(lines, key=lambda line: (line["end_ms"], line["task"]))

    def _of(self, task: Task, decisions: Decisions) -> Iterator[Line]:
        model = self._models[task]
        for row in range(len(decisions)):
            scores = decisions.scores[row]
            yield {
                "file": self._name,
                "start_ms": int(decisions.start_ms[row]),
                "end_ms": int(decisions.end_ms[row]),
                "task": task,
                "scores": {label: round(float(score), 4) for label, score in zip(model.labels, scores, strict=True)},
                "labels": holding(model, scores, bool(decisions.is_silent[row])),
                "model": model.name,
                "version": model.version,
                "level_dbfs": round(float(decisions.level_dbfs[row]), 1),
            }


class BoundedBlocks:
    """Blocks between a sound card's callback, which may never wait, and the thread that hears them.

    Where the thread falls behind, the oldest block is dropped and counted.
    """

    def __init__(self, waiting: int = BLOCKS_WAITING) -> None:
        """Nothing waits yet."""
        self._queue: queue.Queue[Floats | None] = queue.Queue(waiting)
        self.dropped = 0
        self.level_dbfs = -120.0

    def put(self, block: Floats) -> None:
        """Take a block, shape (frames,) or (frames, channels); never waits."""
        mono = block if block.ndim == 1 else block.mean(axis=1, dtype=np.float32)
        self.level_dbfs = level_dbfs(mono)
        self._put(mono.copy())  # the card's own memory is written again at once

    def end(self) -> None:
        """Nothing follows."""
        self._put(None)

    def _put(self, item: Floats | None) -> None:
        while True:
            try:
                self._queue.put_nowait(item)
                return
            except queue.Full:
                try:
                    self._queue.get_nowait()
                    self.dropped += 1
                except queue.Empty:
                    continue

    def __iter__(self) -> Iterator[Floats]:
        """The blocks in their order, until the end."""
        while (block := self._queue.get()) is not None:
            yield block


def hear_in_thread(blocks: BoundedBlocks, live: Live, emit: Callable[[Line], None]) -> "Future[None]":
    """Start a thread that hears blocks until they end, and calls `emit` for each decision.

    Returns:
        What is done when the last decision is made, or fails with what ended the thread. Not the thread itself: Python
        3.11 and 3.12 take a thread for ended whose `join` Ctrl-C interrupts.
    """
    ended: Future[None] = Future()

    def hear() -> None:
        try:
            for block in blocks:
                for line in live.add(block):
                    emit(line)
            for line in live.flush():
                emit(line)
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            ended.set_exception(error)
        else:
            ended.set_result(None)

    threading.Thread(target=hear, name="listen", daemon=True).start()
    return ended
