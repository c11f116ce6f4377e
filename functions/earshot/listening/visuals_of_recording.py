"""The outline, spectrogram and loudness of a recording: from the file beside the object, or made at the first look."""

import json
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from earshot.errors import GiveUp
from earshot.listening.services import Objects
from earshot.sound.isolated_process import IsolatedProcess
from earshot.sound.limits_per_file import Limits
from earshot.sound.visuals import read_header
from earshot.tagging.vocabulary import visuals_name

BEGINNING = 96 * 1024  # holds the header of most recordings, their outline and loudness
MOST_HEADERS = 200
MOST_MADE = 50  # files of recordings that the tagger has not drawn
DRAWING = IsolatedProcess(preload=["earshot.sound.visuals"])


@dataclass(frozen=True)
class Visuals:
    """Header of the file, where its parts begin, and where it is: in the bucket, or on this machine."""

    header: Mapping[str, Any]
    start: int
    name: str
    path: Path | None = None


class VisualsOfRecordings:
    """Reads the files of visuals; makes those that are missing, in a process that may crash without harm."""

    def __init__(self, objects: Objects, max_bytes: int, max_duration_s: float) -> None:
        """Nothing is read yet."""
        self._objects, self._max_bytes = objects, max_bytes
        self._limits = Limits(max_duration_s=max_duration_s, wall_s=240.0)
        self._folder = tempfile.TemporaryDirectory(prefix="earshot-visuals-")
        self._kept: OrderedDict[tuple[str, int], Visuals] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()

    def of(self, row: Mapping[str, Any]) -> Visuals | None:
        """The visuals of a recording by its row; None where it cannot be decoded or is gone."""
        key = str(row["audio_id"]), int(row["generation"] or 0)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = self._read(key[0]) or self._made(row)
            if found is None:
                return None
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > MOST_HEADERS:
                    self._kept.popitem(last=False)
        return found

    def part(self, visuals: Visuals, place: tuple[int, int]) -> bytes | None:
        """A part by its [offset, bytes]; None where the file is gone."""
        first = visuals.start + place[0]
        if not place[1]:
            return b""
        if visuals.path is None:
            return self._objects.read(visuals.name, None, first, first + place[1] - 1)
        with visuals.path.open("rb") as file:
            file.seek(first)
            return file.read(place[1])

    def _read(self, audio_id: str) -> Visuals | None:
        name = visuals_name(audio_id)
        beginning = self._objects.read(name, None, 0, BEGINNING - 1)
        if beginning is None:
            return None
        try:
            header, start = read_header(beginning)
        except (ValueError, json.JSONDecodeError):
            return None
        return Visuals(header, start, name)

    def _made(self, row: Mapping[str, Any]) -> Visuals | None:
        name = str(row["gcp_url"]).split("/", 3)[3]
        kept = self._objects.describe(name)
        if kept is None or kept.bytes > self._max_bytes:
            return None
        with self._making, tempfile.TemporaryDirectory(prefix="earshot-") as folder:
            audio = Path(folder, "audio" + PurePosixPath(name).suffix[:8])
            with audio.open("wb") as file:
                for chunk in self._objects.stream(kept, 0, kept.bytes - 1):
                    file.write(chunk)
            out = Path(self._folder.name, f"{row['audio_id']}-{kept.generation}.bin")
            try:
                DRAWING.call("earshot.sound.visuals:draw", self._limits, path=audio, out=out)
            except GiveUp:
                return None
        made = sorted(Path(self._folder.name).iterdir(), key=lambda path: path.stat().st_mtime)
        for old in made[:-MOST_MADE]:
            old.unlink(missing_ok=True)
        with out.open("rb") as file:
            header, start = read_header(file.read(1 << 20))
        return Visuals(header, start, name, out)
