"""The measures under the settings: their limits, and the thresholds that go into the row."""

import pytest
from sounds import speech, written

from earshot.configured_measures import Measures
from earshot.settings import Analyser


def measures_with(**settings):
    return Measures(Analyser(project="tests", bucket="recordings", **settings))


@pytest.mark.parametrize(("spent_s", "left_s"), [(0.0, 300.0), (100.0, 200.0), (299.9, 1.0), (500.0, 1.0)])
def test_a_files_time_is_for_all_that_is_measured_of_it(spent_s, left_s):
    measures = measures_with(analysis_timeout_s=300, max_duration_s=60)
    assert measures.left(spent_s).wall_s == pytest.approx(left_s)
    assert measures.left(spent_s).max_duration_s == 60


def test_a_class_comes_with_the_thresholds_that_decided_it():
    assert measures_with(high_energy_dbfs=-30, medium_energy_dbfs=-40).classify(-35.0) == {
        "classification": "Medium Energy",
        "high_energy_dbfs": -30.0,
        "medium_energy_dbfs": -40.0,
    }


def test_a_label_goes_by_the_settings(tmp_path):
    path = written(tmp_path / "a.wav", speech(rate_hz=16000), rate_hz=16000)
    assert measures_with().compare(path, path, spent_s=0)["quality_label"] == "Excellent"
    assert measures_with(excellent_pesq=4.9).compare(path, path, spent_s=0)["quality_label"] == "Good"
    assert measures_with().compare(path, None, spent_s=0)["quality_label"] is None
