"""Log-mel features of recordings, computed once: keyed by the samples' hash and the front end, so a run resumes."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.training.augment_waves import WaveAugment
from earshot.training.front_end import FrontEnd
from earshot.training.synthesis.wav_and_spectrum_tools import read_mono
from earshot.training.training_data_manifest import Row

Halves = npt.NDArray[np.float16]


class FeatureCache:
    """A folder of .npy files, one a recording and front end."""

    def __init__(self, folder: Path, front_end: FrontEnd) -> None:
        """Make the folder where it is missing."""
        self._folder = folder / front_end.key
        self._folder.mkdir(parents=True, exist_ok=True)
        self._front_end = front_end
        self.computed = 0

    def log_mel(self, row: Row, root: Path, change: WaveAugment | None = None, copy: int = 0) -> Halves:
        """Features of the row's stretch, or of a changed copy of it; shape (frames, mels) as float16."""
        path = self._folder / (f"{row.sha256}-{change.key}-{copy}.npy" if change else f"{row.sha256}.npy")
        if path.exists():
            whole: Halves = np.load(path)
        else:
            rate_hz = self._front_end.sample_rate_hz
            wave = read_mono(root / row.path, rate_hz)
            if change:
                wave = change.copy(wave, rate_hz, copy, row.sha256)
            whole = self._front_end.log_mel(wave).astype(np.float16)
            partial = path.with_suffix(".part.npy")
            np.save(partial, whole)
            partial.rename(path)
            self.computed += 1
        per_ms = self._front_end.sample_rate_hz / self._front_end.hop / 1000
        return whole[round(row.start_ms * per_ms) : max(1, round(row.end_ms * per_ms))]

    def all(self, rows: Iterable[Row], root: Path, change: WaveAugment | None = None, copy: int = 0) -> list[Halves]:
        """Features of all rows, or of that copy of all, in their order."""
        return [self.log_mel(row, root, change, copy) for row in rows]
