"""Clipping: where it is, and what only looks like it."""

import json

import numpy as np
import pytest
from sounds import Samples, joined, noise, silence, tone

from earshot.sound.clipping import Clipping
from earshot.sound.decoder_output import Facts


def measured(samples: Samples, bit_depth: int | None = 16, rate_hz: int = 48000) -> Facts:
    meter = Clipping(rate_hz, samples.shape[1], bit_depth)
    for start in range(0, len(samples), 10_000):
        meter.add(np.asfortranarray(samples[start : start + 10_000], dtype=np.float32))
    return meter.facts()


def driven(seconds: float, *, gain: float = 1.0) -> Samples:
    return gain * np.clip(tone(441, amplitude=2, seconds=seconds), -1, 1)


def test_sections_state_where_clipping_is() -> None:
    facts = measured(joined(noise(seconds=1), driven(0.5), noise(seconds=1), driven(0.25), noise(seconds=1)))
    sections = json.loads(str(facts["clipped_sections"]))
    assert sections == [[1000, pytest.approx(1500, abs=3)], [pytest.approx(2500, abs=3), pytest.approx(2750, abs=3)]]


def test_sections_of_a_long_stereo_recording_are_reported_to_the_end() -> None:
    facts = measured(np.repeat(joined(driven(60), silence(seconds=1), driven(0.25)), 2, axis=1))
    ends = [[round(at, -2) for at in span] for span in json.loads(str(facts["clipped_sections"]))]
    assert ends == [[0, 60_000], [61_000, 61_200]]


def test_a_quiet_flat_stretch_is_not_clipping() -> None:
    assert measured(joined(driven(0.5, gain=0.3), tone(seconds=0.5, amplitude=0.9)))["flat_runs"] == 0


def test_two_samples_at_full_scale_are_no_run() -> None:
    sound = noise(seconds=1)
    sound[1000:1002] = 1.0
    sound[2000:2003] = 1.0
    facts = measured(sound)
    assert (facts["clipped_runs"], facts["clipped_ratio"]) == (1, pytest.approx(3 / 48000))


def test_a_run_across_blocks_is_one() -> None:
    sound = noise(seconds=1)
    sound[9_990:10_010] = -1.0
    facts = measured(sound)
    assert (facts["clipped_runs"], facts["clipped_ratio"]) == (1, pytest.approx(20 / 48000))


def test_runs_of_two_levels_in_one_place_are_one_section() -> None:
    sound = noise(level_dbfs=-30, seconds=3)
    for start in range(48_000, 96_000, 2_000):
        sound[start : start + 5] = 1.0
        sound[start + 1_000 : start + 1_005] = -0.95
    sound[60_000:60_005] = 0.95
    assert json.loads(str(measured(sound)["clipped_sections"])) == [[1000, 1979]]


def test_a_section_lasts_as_long_as_the_channel_that_is_clipped_longest() -> None:
    sound = noise(level_dbfs=-30, seconds=3, channels=2)
    sound[1_000:1_005] = 1.0
    sound[100_000:108_000, 0] = 1.0  # 167 ms, within one block
    sound[101_000:101_005, 1] = 1.0
    assert json.loads(str(measured(sound)["clipped_sections"])) == [[21, 21], [2083, 2250]]


def test_runs_before_one_that_is_open_at_the_end_of_a_block_are_counted() -> None:
    sound = noise(level_dbfs=-30, seconds=1)
    for start in (5_000, 7_000, 9_000, 9_996):
        sound[start : start + 8] = 1.0
    facts = measured(sound)
    assert (facts["clipped_runs"], facts["clipped_ratio"]) == (4, pytest.approx(32 / 48000))


def test_a_run_at_the_very_beginning_is_counted() -> None:
    sound = noise(level_dbfs=-30, seconds=1)
    sound[:5] = 1.0
    assert measured(sound)["clipped_runs"] == 1


def test_both_polarities_in_a_row_are_two_runs() -> None:
    sound = silence(seconds=1)
    sound[100:104], sound[104:108] = 1.0, -1.0
    assert measured(sound)["clipped_runs"] == 2


def test_eight_bit_rounding_is_not_clipping() -> None:
    rounded = np.round(tone(60, amplitude=0.9, seconds=2) * 128) / 128
    assert measured(rounded, bit_depth=8)["flat_runs"] == 0


def test_silence_is_not_clipped() -> None:
    facts = measured(silence())
    assert (facts["clipped_runs"], facts["flat_runs"], facts["clipped_sections"]) == (0, 0, None)
