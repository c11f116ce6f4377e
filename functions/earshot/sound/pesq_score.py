"""A recording and its clean reference in; PESQ out, or the reason why there is none.

PESQ compares a degraded recording with the very same speech before degradation; against any other recording its
number means nothing, yet looks like one. So the pair must pass a gate first. The `pesq` library overruns its memory on
long or busy input: windows stay short, and this runs in an isolated process (`measure_in_process.score_isolated`).

Source: ITU-T P.862 (nb), P.862.2 (wb), application guide P.862.3.
"""

from pathlib import Path
from typing import Literal

import numpy as np
import soxr
from pesq import PesqError, pesq

from earshot.errors import GiveUp
from earshot.sound.alignment import cut, lag
from earshot.sound.decoder_output import Facts
from earshot.sound.limits_per_file import Limits
from earshot.sound.speech_rate_mono import Mono, Voice, listen, native_rate_hz

Mode = Literal["wb", "nb"]
Status = Literal[
    "ok", "no_reference", "reference_mismatch", "partial", "too_short", "silent", "cancelled", "music", "error"
]

RATES_HZ: dict[Mode, int] = {"wb": 16_000, "nb": 8_000}
WINDOW_S = 12.0  # P.862.3 advises 8 to 12 s; the library is memory-safe to 19 s
MOST_WINDOWS = 10  # spread over the recording: bounds the cost of a long one to about 6 CPU-seconds
COMPARED_S = 300.0  # of a recording's beginning
LEAST_COVERAGE = 0.9  # of the longer one; what is missing would not count against the recording
LEAST_SPEECH_S = 3.2  # P.862.3: less active speech gives no reliable score
DURATION_TOLERANCE = 0.25  # relative; recordings of the same speech differ by codec padding or a trimmed pause
LEAST_CORRELATION = 0.3  # median over windows; 0 dB SNR gives 0.7, other speech under 0.15
COARSE_HZ = 4_000
COARSE_S = 60.0
DRIFT_S = 0.5  # how far a window's own lag may lie from that of the whole


def without_score(status: Status, coverage: float | None = None) -> Facts:
    """The facts of a recording that has no score."""
    return {
        "pesq": None,
        "pesq_min": None,
        "pesq_coverage": coverage,
        "pesq_windows": None,
        "pesq_mode": None,
        "pesq_status": status,
    }


def score(path: Path, reference: Path, *, limits: Limits, least_coverage: float = LEAST_COVERAGE) -> Facts:
    """PESQ of a file against its reference.

    Returns:
        `pesq` (MOS-LQO, median over windows), `pesq_min`, `pesq_coverage`, `pesq_windows`, `pesq_mode`, `pesq_status`.

    Raises:
        GiveUp: the file itself cannot be decoded; a reference that cannot is the status `error`.
    """
    own_hz = native_rate_hz(path, limits)
    try:
        rate_hz = min(own_hz, native_rate_hz(reference, limits))
        mode: Mode = "wb" if rate_hz >= RATES_HZ["wb"] else "nb"
        clean = listen(reference, rate_hz=RATES_HZ[mode], at_most_s=COMPARED_S, limits=limits)
    except GiveUp:
        return without_score("error")
    degraded = listen(path, rate_hz=RATES_HZ[mode], at_most_s=COMPARED_S, limits=limits)
    return without_score("error") if rate_hz < RATES_HZ["nb"] else compare(clean, degraded, mode, least_coverage)


def compare(clean: Voice, degraded: Voice, mode: Mode, least_coverage: float = LEAST_COVERAGE) -> Facts:
    """PESQ of one recording against another, if the pair passes the gate."""
    refused = gate(clean, degraded)
    if refused:
        return without_score(refused)
    pairs, correlation, coverage = windows(clean, degraded)
    if correlation < LEAST_CORRELATION:
        return without_score("reference_mismatch")
    if coverage < least_coverage:
        return without_score("partial", coverage)
    scores: list[float] = []
    for ours, theirs in pairs:
        try:
            value = float(pesq(RATES_HZ[mode], ours, theirs, mode))
        except (PesqError, ValueError):  # no utterance in this window; a silent degraded one is a plain ValueError
            continue
        if np.isfinite(value):
            scores.append(value)
    if not scores:
        return without_score("error", coverage)
    return {
        "pesq": float(np.median(scores)),
        "pesq_min": min(scores),
        "pesq_coverage": coverage,
        "pesq_windows": len(scores),
        "pesq_mode": mode,
        "pesq_status": "ok",
    }


def gate(clean: Voice, degraded: Voice) -> Status | None:
    """Why the pair cannot be compared; None where nothing speaks against it yet."""
    if clean.is_cancelled or degraded.is_cancelled:
        return "cancelled"
    if clean.active_s == 0 or degraded.active_s == 0:
        return "silent"
    if abs(clean.duration_s - degraded.duration_s) > DURATION_TOLERANCE * max(clean.duration_s, degraded.duration_s):
        return "reference_mismatch"
    if min(clean.active_s, degraded.active_s) < LEAST_SPEECH_S:
        return "too_short"
    return None if clean.is_speech else "music"


def windows(clean: Voice, degraded: Voice) -> tuple[list[tuple[Mono, Mono]], float, float]:
    """Cut both into aligned windows of at most 12 s, each holding speech.

    Returns:
        Pairs (clean, degraded) of equal length, the median of their correlation coefficients, and the share of the
        longer recording that both have.
    """
    rate_hz = clean.rate_hz
    behind = round(_coarse_lag(clean, degraded) * rate_hz)
    first, last = max(0, -behind), min(len(clean.samples), len(degraded.samples) - behind)
    if last <= first:
        return [], 0.0, 0.0
    count = int(np.ceil((last - first) / (WINDOW_S * rate_hz)))
    length = (last - first) // count
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_WINDOWS)).round().astype(int))
    slack = round(DRIFT_S * rate_hz)
    pairs, coefficients = [], []
    for start in (first + length * chosen).tolist():
        ours = clean.samples[start : start + length]
        around = cut(degraded.samples, start + behind - slack, length + 2 * slack)
        offset, _ = lag(ours, around)
        theirs = cut(degraded.samples, start + behind - slack + offset, length)
        pairs.append((ours, theirs))
        coefficients.append(lag(ours, theirs)[1])
    coverage = (last - first) / max(len(clean.samples), len(degraded.samples))
    return pairs, float(np.median(coefficients)), coverage


def _coarse_lag(clean: Voice, degraded: Voice) -> float:
    """Seconds that the degraded recording runs behind, judged on its first minute."""
    ours, theirs = (
        soxr.resample(voice.samples[: round(COARSE_S * voice.rate_hz)], voice.rate_hz, COARSE_HZ, quality="LQ")
        for voice in (clean, degraded)
    )
    return lag(ours, theirs)[0] / COARSE_HZ
