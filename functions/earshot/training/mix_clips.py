"""Mixes of labelled clips for multi-label training: clips sorted by frequency range, complementary ranges together.

A clip's range is where its power-median frequency lies: the frequency below which half of its power is. Clips of a mix
have equal RMS before each gets a random gain, and come from one split, so that a mix never joins train and test.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.errors import BadRequest
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, Wave, at_rms, read_mono, write_wav
from earshot.training.training_data_manifest import Row, write_manifest

MODES = ("complementary", "random", "none")
CUTS_HZ = (200.0, 600.0)  # between low, middle and high
MOST_AT_ONCE = 3
LEAST_GAIN_DB = -8.0
_RMS_DBFS = -23.0
_PEAK = 0.98


@dataclass(frozen=True)
class MixRequest:
    """What to mix.

    Attributes:
        clips: mixes to write.
        mode: complementary (one clip of each range), random, or none (single clips).
        seconds: length of a mix; shorter clips are repeated.
        pictures: whether to draw a spectrogram of each.
    """

    clips: int
    mode: str = "complementary"
    seconds: float = 3.0
    seed: int = 1
    pictures: bool = False


def median_hz(wave: Wave, rate_hz: int = RATE_HZ) -> float:
    """The frequency below which half of the power lies; 0 for silence. Source: power median of the periodogram."""
    power = np.square(np.abs(np.fft.rfft(wave.astype(np.float64))))
    total = np.cumsum(power)
    if not len(total) or total[-1] <= 0:
        return 0.0
    return float(np.searchsorted(total, total[-1] / 2) * rate_hz / len(wave))


def range_of(hz: float, cuts: Sequence[float] = CUTS_HZ) -> int:
    """0 (low), 1 (middle) or 2 (high)."""
    return int(np.searchsorted(cuts, hz, side="right"))


def mix(rows: Sequence[Row], root: Path, out: Path, request: MixRequest, progress: Callable[[int, int], None]) -> Path:
    """Write `out/mix/*.wav`, pictures where wanted, and `out/manifest.jsonl`; returns its path.

    The same rows, request and seed give the same bytes.

    Raises:
        BadRequest: no mode of that name, no clips, or a manifest that is already there.
    """
    if request.mode not in MODES:
        raise BadRequest(f"mode {request.mode} is none of {', '.join(MODES)}")
    labelled = [row for row in rows if row.labels]
    if not labelled:
        raise BadRequest("the manifest has no labelled clip")
    if (out / "manifest.jsonl").exists():
        raise BadRequest(f"{out} holds a manifest already; name another folder")
    dice = np.random.default_rng(request.seed)
    by_split = _sorted_by_range(labelled, root)
    splits = sorted(by_split)
    shares = np.array([sum(map(len, by_split[split])) for split in splits], dtype=float)
    made = []
    for number in range(request.clips):
        split = splits[int(dice.choice(len(splits), p=shares / shares.sum()))]
        chosen = _chosen(by_split[split], request.mode, dice)
        wave = combined([_clip(row, root, request.seconds, dice) for row in chosen], dice)
        made.append(_written(chosen, wave, split, number, out, request.pictures))
        progress(number + 1, request.clips)
    return write_manifest(out / "manifest.jsonl", made)


def _sorted_by_range(rows: Sequence[Row], root: Path) -> dict[str, list[list[Row]]]:
    found: dict[str, list[list[Row]]] = {}
    for row in sorted(rows, key=lambda row: (row.path, row.start_ms)):
        wave = _stretch(row, root)
        if len(wave) >= RATE_HZ // 4:
            found.setdefault(row.split, [[], [], []])[range_of(median_hz(wave))].append(row)
    if not found:
        raise BadRequest("no clip of the manifest is a quarter of a second long")
    return found


def _chosen(ranges: list[list[Row]], mode: str, dice: np.random.Generator) -> list[Row]:
    count = 1 if mode == "none" else int(dice.integers(1, MOST_AT_ONCE + 1))
    if mode != "complementary":
        everything = [row for rows in ranges for row in rows]
        return [everything[int(at)] for at in dice.choice(len(everything), min(count, len(everything)), replace=False)]
    present = [number for number, rows in enumerate(ranges) if rows]
    picked = dice.choice(present, min(count, len(present)), replace=False)
    return [ranges[int(number)][int(dice.integers(len(ranges[int(number)])))] for number in picked]


def _stretch(row: Row, root: Path) -> Wave:
    wave = read_mono(root / row.path)
    return wave[row.start_ms * RATE_HZ // 1000 : row.end_ms * RATE_HZ // 1000]


def _clip(row: Row, root: Path, seconds: float, dice: np.random.Generator) -> Wave:
    wave, frames = _stretch(row, root), int(seconds * RATE_HZ)
    if len(wave) < frames:
        return np.tile(wave, -(-frames // len(wave)))[:frames]
    start = int(dice.integers(0, len(wave) - frames + 1))
    return wave[start : start + frames]


def combined(waves: Sequence[Wave], dice: np.random.Generator) -> Wave:
    """Sum of the waves at equal RMS and random gains of 0 to -8 dB, brought below full scale."""
    gains = 10 ** (dice.uniform(LEAST_GAIN_DB, 0, len(waves)) / 20)
    total = np.sum([gain * at_rms(wave, _RMS_DBFS) for gain, wave in zip(gains, waves, strict=True)], axis=0)
    peak = float(np.abs(total).max())
    scaled: Wave = (total * min(1.0, _PEAK / peak) if peak > 0 else total).astype(np.float32)
    return scaled


def _written(rows: Sequence[Row], wave: Wave, split: str, number: int, out: Path, pictures: bool) -> Row:
    labels = tuple(sorted({label for row in rows for label in row.labels}))
    unknown = tuple(sorted({label for row in rows for label in row.unknown} - set(labels)))
    path = f"mix/{number:06d}.wav"
    digest = write_wav(out / path, wave)
    picture = ""
    if pictures:
        picture = f"mix/{number:06d}.png"
        draw_spectrogram(wave, out / picture, ", ".join(labels))
    group = "+".join(sorted({row.group for row in rows}))
    licences = "; ".join(sorted({row.licence for row in rows}))
    return Row(path, labels, 0, len(wave) * 1000 // RATE_HZ, group, split, licences, digest, unknown, "", picture)


def spectrogram_db(wave: Wave, n_fft: int = 1024, hop: int = 256) -> npt.NDArray[np.float64]:
    """Level in dB of each bin of Hann windows, shape (bins, frames), 80 dB below the loudest at least."""
    padded = np.concatenate([wave, np.zeros(max(0, n_fft - len(wave)), np.float32)])
    framed = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    power = np.square(np.abs(np.fft.rfft(framed * np.hanning(n_fft), axis=1))).T
    level = 10 * np.log10(np.maximum(power, 1e-12))
    return np.asarray(np.maximum(level, level.max() - 80))


def draw_spectrogram(wave: Wave, path: Path, title: str) -> None:
    """A spectrogram as PNG, 0 to 8 kHz."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 2.6))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    seconds = len(wave) / RATE_HZ
    axes.imshow(spectrogram_db(wave), origin="lower", aspect="auto", extent=(0, seconds, 0, RATE_HZ / 2000))
    axes.set(xlabel="s", ylabel="kHz", title=title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80, bbox_inches="tight", metadata={"Software": None})
