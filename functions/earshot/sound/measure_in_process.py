"""Measuring, scoring and assessing a file in an isolated process."""

import atexit
from pathlib import Path
from typing import Final

from earshot.errors import GiveUp
from earshot.sound.isolated_process import Facts, IsolatedProcess
from earshot.sound.limits_per_file import Limits

ISOLATED: Final = IsolatedProcess(preload=["earshot.sound.measures:warm_up", "earshot.sound.pesq_score"])
"""Started at the first file; `ISOLATED.start()` saves that file the wait."""

WITHOUT_REFERENCE: Final[Facts] = {
    "pesq": None,
    "pesq_min": None,
    "pesq_coverage": None,
    "pesq_windows": None,
    "pesq_mode": None,
    "pesq_status": "no_reference",
}
# Columns of estimates by models, which the tagger makes now; rows of earlier versions have values.
WITHOUT_ESTIMATES: Final[Facts] = dict.fromkeys(
    ("speech_ratio", "speech_model", "dnsmos_sig", "dnsmos_bak", "dnsmos_ovrl", "dnsmos_model")
)

FEATURES: Final = IsolatedProcess(preload=["earshot.sound.frame_features:load_compiled_code"])
"""Another, because librosa takes seconds to import, and its compiled code to load; the analyser has no use for it."""

atexit.register(ISOLATED.stop)
atexit.register(FEATURES.stop)


def measure_isolated(path: Path, *, limits: Limits) -> Facts:
    """`measures.measure` in an isolated process.

    Raises:
        GiveUp: as `measures.measure`; `Undecodable` also where the decoder crashes, hangs or outgrows its memory.
    """
    return ISOLATED.call("earshot.sound.measures:measure", limits, path=path)


def score_isolated(path: Path, reference: Path | None, *, limits: Limits) -> Facts:
    """`pesq_score.score` in an isolated process; a failure there is the status `error` and never costs the row.

    Args:
        path: a file that `measure_isolated` has measured.
        reference: the same speech before degradation, or None where none is known.

    Returns:
        `pesq`, `pesq_min`, `pesq_coverage`, `pesq_windows`, `pesq_mode` and `pesq_status`.
    """
    if reference is None:
        return dict(WITHOUT_REFERENCE)
    try:
        return ISOLATED.call("earshot.sound.pesq_score:score", limits, path=path, reference=reference)
    except GiveUp:
        return WITHOUT_REFERENCE | {"pesq_status": "error"}


def write_features_isolated(path: Path, out: Path, *, frame_ms: int, limits: Limits) -> int:
    """`frame_features.write_features` in an isolated process.

    Raises:
        GiveUp: as `frame_features.write_features`; `Undecodable` also where the decoder crashes or outgrows its limits.
    """
    written = FEATURES.call("earshot.sound.measure_in_process:_written", limits, path=path, out=out, frame_ms=frame_ms)
    return int(str(written["frames"]))


def _written(path: Path, out: Path, *, frame_ms: int, limits: Limits) -> Facts:
    from earshot.sound.frame_features import write_features  # imported already by the process that this is forked from

    return {"frames": write_features(path, out, frame_ms=frame_ms, limits=limits)}
