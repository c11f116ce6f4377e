"""What a page shows of a recording before it plays, made once in one pass and kept as one file beside the object.

`EARSHOTV1`, four bytes of length, a JSON header, then what the header points to by [offset, bytes] from the header's
end: `peaks` (int8 pairs), `loudness` (uint8 a step, LUFS + 100), `overview` (PNG of the whole) and `tiles` (PNGs of
`tile_s` seconds each). A page reads header, peaks and overview; tiles by byte range when somebody zooms in.
"""

import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from earshot.sound.decode import opened
from earshot.sound.decoder_output import Block, Facts
from earshot.sound.limits_per_file import Limits
from earshot.sound.loudness import Loudness
from earshot.sound.mel_columns import COLUMNS_PER_S, MELS, Levels, MelColumns
from earshot.sound.palette_png import STEPS, png
from earshot.sound.peaks import MOST_SPANS, Peaks
from earshot.sound.silence_and_dropouts import Pauses

MAGIC = b"EARSHOTV1\n"
VERSION = 1
TILE_S = 30
OVERVIEW = 1600  # most columns of the whole
MOST_LOUDNESS = 2400  # steps of the loudness lane
CONTENT_TYPE = "application/octet-stream"


class Visuals:
    """Takes the blocks of a recording in turn, then writes the file."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """No samples yet."""
        self._rate_hz = rate_hz
        self._peaks = Peaks(rate_hz)
        self._mel = MelColumns(rate_hz)
        self._loudness = Loudness(rate_hz, channels)
        self._pauses = Pauses(rate_hz)
        self._frames = 0
        self._columns: list[Levels] = []  # of the tile that has begun
        self._overview = np.zeros((0, MELS), np.float32)
        self._merged = 1  # columns of a tile in one of the overview
        self._odd = np.zeros((0, MELS), np.float32)
        self._tiles: list[tuple[int, int]] = []
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - tiles of hours do not belong in memory

    def add(self, block: Block) -> None:
        """Process the next block."""
        self._peaks.add(block)
        self._loudness.add(block)
        self._pauses.add(block)
        self._frames += len(block)
        self._take(self._mel.add(block.mean(axis=1, dtype=np.float32)))

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks, each processed here before it is passed on."""
        for block in blocks:
            self.add(block)
            yield block

    def write(self, path: Path) -> None:
        """Write the file; nothing may follow."""
        self._take(self._mel.add(np.zeros(0, np.float32), last=True))
        if self._columns:
            self._write_tile(np.concatenate(self._columns))
        overview = self._overview if not len(self._odd) else np.concatenate([self._overview, self._odd.max(0)[None]])
        outline = self._peaks.outline()
        step_ms, momentary = self._loudness.momentary_steps(MOST_LOUDNESS)
        loudness = np.clip(np.round(momentary + 100), 0, 120).astype(np.uint8)
        blobs = [outline.tobytes(), loudness.tobytes(), png(_image(overview))]
        places, at = [], 0
        for blob in blobs:
            places.append([at, len(blob)])
            at += len(blob)
        header: dict[str, Any] = {
            "version": VERSION,
            "duration_ms": round(1000 * self._frames / self._rate_hz),
            "peaks": places[0],
            "loudness": places[1],
            "loudness_step_ms": step_ms,
            "overview": places[2],
            "overview_ms": round(1000 * len(overview) * self._merged / COLUMNS_PER_S),
            "tile_s": TILE_S,
            "columns_per_s": COLUMNS_PER_S,
            "tiles": [[at + start, size] for start, size in self._tiles],
            "clipped_ms": self._peaks.clipped_ms(),
            "dropouts_ms": self._pauses.dropouts_ms(MOST_SPANS),
        }
        text = json.dumps(header, separators=(",", ":")).encode()
        with path.open("wb") as out:
            out.write(MAGIC + struct.pack(">I", len(text)) + text + b"".join(blobs))
            self._file.seek(0)
            while chunk := self._file.read(1 << 20):
                out.write(chunk)
        self._file.close()

    def _take(self, columns: Levels) -> None:
        if not len(columns):
            return
        self._columns.append(columns)
        wanted = TILE_S * COLUMNS_PER_S
        while sum(map(len, self._columns)) >= wanted:
            joined = np.concatenate(self._columns)
            self._write_tile(joined[:wanted])
            self._columns = [joined[wanted:]]
        fresh = np.concatenate([self._odd, columns])
        whole = len(fresh) // self._merged * self._merged
        self._odd = fresh[whole:]
        self._overview = np.concatenate([self._overview, _maxima(fresh[:whole], self._merged)])
        while len(self._overview) > OVERVIEW:
            if len(self._overview) % 2:
                self._odd = np.concatenate([np.repeat(self._overview[-1:], self._merged, axis=0), self._odd])
                self._overview = self._overview[:-1]
            self._overview = _maxima(self._overview, 2)
            self._merged *= 2

    def _write_tile(self, columns: Levels) -> None:
        if not len(columns):
            return
        image = png(_image(columns))
        self._tiles.append((self._file.tell(), len(image)))
        self._file.write(image)


def _maxima(columns: Levels, count: int) -> Levels:
    maxima: Levels = columns.reshape(-1, count, MELS).max(axis=1)
    return maxima


def _image(columns: Levels) -> npt.NDArray[np.uint8]:
    """Columns as a picture: lowest mel band at the bottom."""
    levels = columns if len(columns) else np.zeros((1, MELS), np.float32)
    picture: npt.NDArray[np.uint8] = np.round(levels.T[::-1] * (STEPS - 1)).astype(np.uint8)
    return picture


def read_header(beginning: bytes) -> tuple[dict[str, Any], int]:
    """The header of a file, and where what it points to begins.

    Raises:
        ValueError: not such a file, or more of it is needed.
    """
    start = len(MAGIC) + 4
    if not beginning.startswith(MAGIC) or len(beginning) < start:
        raise ValueError("no file of visuals")
    (size,) = struct.unpack(">I", beginning[len(MAGIC) : start])
    if len(beginning) < start + size:
        raise ValueError(f"the header has {size} bytes")
    return json.loads(beginning[start : start + size]), start + size


def draw(path: Path, out: Path, *, limits: Limits) -> Facts:
    """The visuals of a file; called in an isolated process.

    Raises:
        GiveUp: not audio, or not within the limits.
    """
    with opened(path, limits) as decoding:
        visuals = Visuals(decoding.stated.sample_rate_hz, decoding.stated.channels)
        for block in decoding:
            visuals.add(block)
    visuals.write(out)
    return {"duration_ms": round(1000 * decoding.frames / decoding.stated.sample_rate_hz)}
