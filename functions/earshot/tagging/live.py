"""Decisions as they are made, of a file, a pipe or a microphone: the same classes and numbers as for stored audio."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
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
        self._name, self._models, self._rate_hz = name, models, rate_hz
        self._skipped = 0
        self._tags = RecordingTags(models, rate_hz, keep=False)

    def add(self, samples: Floats) -> list[Line]:
        """The decisions that a block of one channel completes, in the order of their ends."""
        return self._lines(self._tags.add(samples))

    def skip(self, samples: int) -> None:
        """Take so many samples for lost: what follows is later by as much."""
        self._skipped += samples

    def flush(self) -> list[Line]:
        """The decisions on the last samples; nothing may follow."""
        return self._lines(self._tags.flush())

    def _lines(self, made: Mapping[Task, Decisions]) -> list[Line]:
        lines = [line for task, decisions in made.items() for line in self._of(task, decisions)]
        return sorted(lines, key=lambda line: (line["end_ms"], line["task"]))

    def _of(self, task: Task, decisions: Decisions) -> Iterator[Line]:
        model = self._models[task]
        later = self._skipped * 1000 // self._rate_hz
        for row in range(len(decisions)):
            scores = decisions.scores[row]
            yield {
                "file": self._name,
                "start_ms": int(decisions.start_ms[row]) + later,
                "end_ms": int(decisions.end_ms[row]) + later,
                "task": task,
                "scores": {label: round(float(score), 4) for label, score in zip(model.labels, scores, strict=True)},
                "labels": holding(model, scores, bool(decisions.is_silent[row])),
                "model": model.name,
                "version": model.version,
                "level_dbfs": round(float(decisions.level_dbfs[row]), 1),
            }


@dataclass
class Block:
    """Samples of one channel, when they came (monotonic seconds), and how many were dropped just before them."""

    samples: Floats
    came_s: float
    lost: int = 0


class BoundedBlocks:
    """Blocks between a sound card's callback or a socket, which may never wait, and the thread that hears them.

    Where the thread falls behind, the oldest block is dropped and counted.
    """

    def __init__(
        self,
        waiting: int = BLOCKS_WAITING,
        longest_s: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing waits yet; so many blocks may, and none of them longer than that."""
        self._most, self._longest_s, self._clock = waiting, longest_s, clock
        self._waiting = deque[Block]()
        self._changed = threading.Condition()
        self._ended = False
        self.dropped = 0
        self.level_dbfs = -120.0

    def put(self, block: Floats) -> None:
        """Take a block, shape (frames,) or (frames, channels); never waits."""
        mono = block if block.ndim == 1 else block.mean(axis=1, dtype=np.float32)
        self.level_dbfs = level_dbfs(mono)
        now = self._clock()
        with self._changed:
            self._waiting.append(Block(mono.copy(), now))  # the card's own memory is written again at once
            while len(self._waiting) > self._most or now - self._waiting[0].came_s > self._longest_s:
                gone = self._waiting.popleft()
                self._waiting[0].lost += gone.lost + len(gone.samples)
                self.dropped += 1
            self._changed.notify()

    def end(self, *, discard: bool = False) -> None:
        """Nothing follows; `discard` also what waits."""
        with self._changed:
            self._ended = True
            if discard:
                self._waiting.clear()
            self._changed.notify()

    def __iter__(self) -> Iterator[Block]:
        """The blocks in their order, until the end."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    return
                block = self._waiting.popleft()
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
                live.skip(block.lost)
                for line in live.add(block.samples):
                    emit(line)
            for line in live.flush():
                emit(line)
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            ended.set_exception(error)
        else:
            ended.set_result(None)

    threading.Thread(target=hear, name="listen", daemon=True).start()
    return ended
