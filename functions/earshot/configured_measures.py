"""The analyser's measures: the functions of `earshot.sound` under the limits and thresholds of the settings."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from earshot.audio import Scalar
from earshot.sound import ANALYSER_VERSION
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import WITHOUT_ESTIMATES, measure_isolated, score_isolated
from earshot.sound.threshold_labels import energy_class, quality_label

LEAST_S = 1.0  # for a step that finds its file's time used up: a timer of 0 s would be none


class Settings(Protocol):
    """What the measures take from the settings; levels in dBFS, PESQ thresholds in MOS-LQO."""

    @property
    def analysis_timeout_s(self) -> float: ...
    @property
    def max_duration_s(self) -> float: ...
    @property
    def high_energy_dbfs(self) -> float: ...
    @property
    def medium_energy_dbfs(self) -> float: ...
    @property
    def excellent_pesq(self) -> float: ...
    @property
    def good_pesq(self) -> float: ...
    @property
    def fair_pesq(self) -> float: ...


class Measures:
    """What is measured of a file: values by column name."""

    version = ANALYSER_VERSION

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limits = Limits(max_duration_s=settings.max_duration_s, wall_s=settings.analysis_timeout_s)

    def measure(self, path: Path) -> Mapping[str, Scalar]:
        """Everything the sound alone decides, computed in an isolated process.

        Raises:
            GiveUp: not audio, or not within the limits.
        """
        return {**measure_isolated(path, limits=self.limits), **WITHOUT_ESTIMATES}

    def compare(self, path: Path, reference: Path | None, *, spent_s: float) -> Mapping[str, Scalar]:
        """PESQ against a clean recording with its label, or the reason why there is none.

        Args:
            spent_s: seconds that the file has taken already.
        """
        facts = score_isolated(path, reference, limits=self.left(spent_s))
        value = facts["pesq"]
        label = quality_label(
            float(value) if value is not None else None,
            excellent=self.settings.excellent_pesq,
            good=self.settings.good_pesq,
            fair=self.settings.fair_pesq,
        )
        return {**facts, "quality_label": label}

    def left(self, spent_s: float) -> Limits:
        """The limits of a file that has taken so long already.

        `analysis_timeout_s` is for all of it, since the delivery is neither acknowledged nor refused once its request
        times out.
        """
        return replace(self.limits, wall_s=max(self.limits.wall_s - spent_s, LEAST_S))

    def classify(self, loudness_dbfs: float) -> Mapping[str, Scalar]:
        """The energy class, and the thresholds that decided it."""
        high, medium = self.settings.high_energy_dbfs, self.settings.medium_energy_dbfs
        energy = energy_class(loudness_dbfs, high, medium)
        return {"classification": energy, "high_energy_dbfs": high, "medium_energy_dbfs": medium}
