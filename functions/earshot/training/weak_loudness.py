"""Weak labels for loudness_class: momentary loudness of BS.1770, with hysteresis. A person's labels override them.

Digital-domain loudness; how loud a listener finds it depends on the playback level, which nobody knows.
"""

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from earshot.audio import WEAK, Annotation
from earshot.sound.k_weighting import KWeighting

QUIET_BELOW = -36.0  # LUFS
LOUD_FROM = -23.0  # LUFS: EBU R 128's target level
HYSTERESIS = 1.0  # LU that the loudness must pass a limit by before the class changes
FRAME_MS = 200
LEAST_FRAMES = 2  # no class lasts for less than 400 ms
LABELS = ("quiet", "normal", "loud")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # when no person's judgement was made: weak labels give way to all


def momentary_lufs(wave: npt.NDArray[np.float32], rate_hz: int) -> npt.NDArray[np.float64]:
    """Momentary loudness at the end of each whole 200 ms frame, over the 400 ms before; mono; silence is -120."""
    weighting = KWeighting(rate_hz, 1)
    weighted = np.concatenate([weighting.push(wave[None, :]), weighting.flush()], axis=1)[0]
    frame = rate_hz * FRAME_MS // 1000
    count = len(wave) // frame
    energy = np.square(weighted[: count * frame], dtype=np.float64).reshape(count, frame).mean(axis=1)
    past = np.concatenate([[0.0], energy[:-1]]) if count else energy
    lufs: npt.NDArray[np.float64] = -0.691 + 10 * np.log10(np.maximum((energy + past) / 2, 1e-12))
    return lufs


def classes(lufs: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Index into LABELS of each frame: limits with hysteresis, then runs shorter than 400 ms join the run before."""
    result = np.zeros(len(lufs), dtype=np.int64)
    now = -1
    for at, level in enumerate(lufs):
        if now < 0:
            now = _class_of(level)
        elif _class_of(level) > now:
            now = max(now, _class_of(level - HYSTERESIS))
        elif _class_of(level) < now:
            now = min(now, _class_of(level + HYSTERESIS))
        result[at] = now
    start = 0
    for end in range(1, len(result) + 1):
        if end == len(result) or result[end] != result[start]:
            if end - start < LEAST_FRAMES and start:
                result[start:end] = result[start - 1]
            start = end
    return result


def _class_of(lufs: float) -> int:
    return int(lufs >= QUIET_BELOW) + int(lufs >= LOUD_FROM)


def weak_annotations(url: str, lufs: npt.NDArray[np.float64]) -> list[Annotation]:
    """Runs of one loudness class as annotations by `weak:bs1770`."""
    kinds = classes(lufs)
    made, start = [], 0
    for at in range(1, len(kinds) + 1):
        if at == len(kinds) or kinds[at] != kinds[start]:
            made.append(
                Annotation(
                    gcp_url=url,
                    task="loudness_class",
                    label=LABELS[int(kinds[start])],
                    start_ms=start * FRAME_MS,
                    end_ms=at * FRAME_MS,
                    annotator=f"{WEAK}bs1770",
                    source="bs1770",
                    created_at=EARLIEST,
                )
            )
            start = at
    return made
