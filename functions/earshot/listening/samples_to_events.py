"""A microphone's samples in, decisions out as they are made, with their age; what waits is bounded.

The same classes as for stored audio (`earshot.tagging.live`), in a thread of its own.
"""

import base64
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from earshot.sound.mel_columns import MelColumns
from earshot.tagging.causal_windows import Floats
from earshot.tagging.live import Line, Live
from earshot.tagging.task_stream import Model
from earshot.tagging.vocabulary import SILENCE, Task

WAITING = 32  # blocks: at 80 ms a block two and a half seconds
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


class Microphone:
    """Blocks between a socket, which may never wait for a model, and the thread that hears them."""

    def __init__(self, heard: Heard, emit: Callable[[Event], None]) -> None:
        """Start the thread; `emit` is called in it."""
        self._heard, self._emit = heard, emit
        self._blocks: deque[tuple[Floats, float]] = deque()
        self._arrived = threading.Condition()
        self._ended = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._hear, name="microphone", daemon=True)
        self._thread.start()

    def put(self, block: Floats) -> None:
        """Take a block; where too many wait, the oldest is dropped and counted."""
        with self._arrived:
            self._blocks.append((block, time.monotonic()))
            if len(self._blocks) > WAITING:
                self._blocks.popleft()
                self.dropped += 1
            self._arrived.notify()

    def end(self) -> None:
        """Nothing follows; what waits is not heard any more."""
        with self._arrived:
            self._ended = True
            self._arrived.notify()

    def _hear(self) -> None:
        while True:
            with self._arrived:
                while not self._blocks and not self._ended:
                    self._arrived.wait()
                if self._ended:
                    return
                block, came = self._blocks.popleft()
            for event in self._heard.add(block):
                if event["kind"] == "decision":
                    event |= {"age_ms": round(1000 * (time.monotonic() - came)), "dropped": self.dropped}
                self._emit(event)
