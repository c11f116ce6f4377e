"""A microphone's samples in, decisions out as they are made, with their age; what waits is bounded.

The same classes as for stored audio (`earshot.tagging.live`), in a thread of its own.
"""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from earshot.sound.mel_columns import MelColumns
from earshot.tagging.causal_windows import Floats
from earshot.tagging.live import BoundedBlocks, Line, Live
from earshot.tagging.task_stream import Model
from earshot.tagging.vocabulary import SILENCE, Task

WAITING = 512  # blocks: of 80 ms more than the 32 s that a page sends at once after a break
LONGEST_S = 2.5  # that one of them waits: a decision as old as that is of no use to who listens now
CONTENT = "content"
Event = dict[str, Any]


class Heard:
    """Turns samples into events: decisions with their place, and columns of the spectrogram."""

    def __init__(self, models: Mapping[Task, Model], rate_hz: int, start_ms: int = 0) -> None:
        """`start_ms` is where in its stream the first sample lies, for one that goes on after a break."""
        self._live = Live("stream", models, rate_hz)
        self._mel = MelColumns(rate_hz)
        self._by_name: dict[str, Model] = dict(models.items())
        self._start_ms = start_ms

    def add(self, samples: Floats) -> list[Event]:
        """The events that these samples complete."""
        return self._events(self._live.add(samples), self._mel.add(samples))

    def skip(self, samples: int) -> list[Event]:
        """Take so many samples for lost: nothing is decided of them, and their columns are empty."""
        if not samples:
            return []
        self._live.skip(samples)
        return self._events([], self._mel.add(np.zeros(samples, np.float32)))

    def flush(self) -> list[Event]:
        """The events of the last samples."""
        return self._events(self._live.flush(), self._mel.add(np.zeros(0, np.float32), last=True))

    def _events(self, lines: list[Line], columns: Floats) -> list[Event]:
        events: list[Event] = []
        if len(columns):
            shrunk = np.round(columns * 255).astype(np.uint8)
            events.append({"kind": "mel", "p": base64.b64encode(shrunk.tobytes()).decode(), "bands": columns.shape[1]})
        return events + [self._decision(line) for line in lines]

    def _decision(self, line: Line) -> Event:
        model = self._by_name[line["task"]]
        hop = model.hop / model.sample_rate_hz * 1000
        at = self._start_ms + line["end_ms"]
        event = {
            "kind": "decision",
            "seq": round(at / hop),  # of its task: the same decision has the same number whenever it is made
            "t": at / 1000,
            "task": line["task"],
            "probabilities": line["scores"],
            "labels": line["labels"],
            "level_dbfs": line["level_dbfs"],
        }
        if line["task"] == CONTENT and (not line["labels"] or line["labels"] == [SILENCE]):
            event["rejected"] = self._why(line)
        return event

    def _why(self, line: Line) -> str:
        if line["labels"]:
            return f"silence: {line['level_dbfs']:.0f} dBFS"
        best = max(line["scores"], key=line["scores"].get)
        threshold = self._by_name[CONTENT].thresholds[best]
        return f"{best} {line['scores'][best]:.2f}, under its threshold of {threshold:.2f}"


class Microphone(BoundedBlocks):
    """Blocks between a socket, which may never wait for a model, and the thread that hears them."""

    def __init__(self, heard: Heard, emit: Callable[[Event], None]) -> None:
        """Start the thread; `emit` is called in it."""
        super().__init__(WAITING, LONGEST_S)
        self._heard, self._emit = heard, emit
        threading.Thread(target=self._hear, name="microphone", daemon=True).start()

    def _hear(self) -> None:
        for block in self:
            for event in [*self._heard.skip(block.lost), *self._heard.add(block.samples)]:
                if event["kind"] == "decision":
                    event |= {"age_ms": round(1000 * (time.monotonic() - block.came_s)), "dropped": self.dropped}
                self._emit(event)
