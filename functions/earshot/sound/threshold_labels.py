"""A number in, its class out; the thresholds are the caller's and go into the row with the class."""

from typing import Literal

EnergyClass = Literal["High Energy", "Medium Energy", "Low Energy"]
QualityLabel = Literal["Excellent", "Good", "Fair", "Poor"]


def energy_class(loudness: float, high_dbfs: float, medium_dbfs: float) -> EnergyClass:
    """Which of three classes an RMS level belongs to; a threshold belongs to the class above it.

    A proxy for level, nothing more: turning the gain changes it, and nothing about the sound's energy as a
    listener perceives it is stated.

    Args:
        loudness: dBFS, -120 for silence, which is Low Energy at any sensible threshold.
        high_dbfs: from here on, High Energy.
        medium_dbfs: from here on, and below `high_dbfs`, Medium Energy.
    """
    if loudness >= high_dbfs:
        return "High Energy"
    return "Medium Energy" if loudness >= medium_dbfs else "Low Energy"


def quality_label(pesq: float | None, *, excellent: float, good: float, fair: float) -> QualityLabel | None:
    """The word for a PESQ score (MOS-LQO, about 1.0 to 4.64); None without a score: never guessed."""
    if pesq is None:
        return None
    if pesq >= excellent:
        return "Excellent"
    if pesq >= good:
        return "Good"
    return "Fair" if pesq >= fair else "Poor"
