"""The trainer's arithmetic without Keras or torch: front end, weak labels, figures, manifests, batches."""

import numpy as np
import pytest

from earshot.training import figures
from earshot.training.augment import NONE, Augment, band_limited, equalised
from earshot.training.batches import Mix, Stretches, content_batches, either, instrument_batches
from earshot.training.front_end import EPSILON, FrontEnd
from earshot.training.loudness_frames import FEATURES, loudness_frames
from earshot.training.training_data_manifest import Row, data_sha256, read_manifest, write_manifest
from earshot.training.weak_loudness import classes, momentary_lufs

RATE = 16_000


def sine(hz, level_dbfs, seconds=1.0):
    t = np.arange(int(RATE * seconds)) / RATE
    return (np.sqrt(2) * 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def row(path="a.wav", labels=("speech",), group="g", split="train"):
    return Row(path, labels, 0, 1000, group, split, "CC0", "0" * 64)


def noise_stretches(frames=49, mels=8, tail=12):
    dice = np.random.default_rng(1)
    return [
        Stretches(
            [dice.normal(level, 1, (200, mels)).astype(np.float16)], frames, tail, np.eye(3, dtype=np.float32)[[n]]
        )
        for n, level in enumerate((-4, 0, 3))
    ]


def test_a_tone_is_loudest_in_the_band_around_it():
    front_end = FrontEnd()
    for hz in (300, 1000, 4000):
        band = front_end.log_mel(sine(hz, -20)).mean(axis=0).argmax()
        alone = front_end.log_mel(sine(hz * 1.3, -20)).mean(axis=0).argmax()
        assert alone > band


def test_silence_is_the_lowest_value_and_finite():
    assert FrontEnd().log_mel(np.zeros(RATE, np.float32)) == pytest.approx(np.log(EPSILON))


def test_a_window_has_as_many_frames_as_fit_wholly():
    front_end = FrontEnd()
    assert front_end.frames(16_000) == 49 == len(front_end.log_mel(np.zeros(16_000, np.float32)))
    assert front_end.frames(100) == 0 == len(front_end.log_mel(np.zeros(100, np.float32)))


def test_other_settings_have_another_key():
    assert FrontEnd().key != FrontEnd(hop=160).key


def test_momentary_loudness_of_a_tone_is_its_level():
    lufs = momentary_lufs(sine(997, -23, 2), RATE)
    assert lufs[2:] == pytest.approx(-23.0, abs=0.1)  # BS.1770: a mono sine at 997 Hz reads its RMS level
    assert lufs[0] == pytest.approx(lufs[2] - 3.01, abs=0.1)  # half of the window is silence


def test_a_class_changes_only_beyond_the_hysteresis():
    assert list(classes(np.array([-30.0, -22.5, -22.5, -21.9, -22.5, -23.5, -24.5, -24.5]))) == [1, 1, 1, 2, 2, 2, 1, 1]


def test_a_class_lasts_for_at_least_400_ms():
    assert list(classes(np.array([-30.0, -30, -10, -30, -30, -60, -60]))) == [1, 1, 1, 1, 1, 0, 0]


def test_a_gain_moves_features_and_levels_alike():
    frames = loudness_frames(sine(500, -30, 1))
    features, truth, level = frames.at_gain(6.0206)
    assert features.shape == (5, FEATURES)
    assert level == pytest.approx(frames.frame_db + 6.0206)
    assert features[2, 20] - frames.features[2, 20] == pytest.approx(2 * np.log(2), abs=0.01)
    assert len(truth) == 5


def test_average_precision_of_a_perfect_and_of_a_reversed_order():
    truth = np.array([True, True, False, False])
    assert figures.average_precision(truth, np.array([0.9, 0.8, 0.2, 0.1])) == 1.0
    assert figures.average_precision(truth, np.array([0.1, 0.2, 0.8, 0.9])) == pytest.approx((1 / 3 + 2 / 4) / 2)


def test_balanced_accuracy_weighs_classes_alike():
    assert figures.balanced_accuracy(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])) == 0.5


def test_the_threshold_separates_what_can_be_separated():
    truth = np.array([True] * 10 + [False] * 10)
    scores = np.array([0.8] * 10 + [0.3] * 10)
    assert 0.3 < figures.best_threshold(truth, scores) <= 0.8


def test_calibrated_scores_have_no_calibration_error():
    scores = np.full(1000, 0.25)
    assert figures.calibration_error(np.arange(1000) % 4 == 0, scores) == pytest.approx(0)
    assert figures.calibration_error(np.arange(1000) % 2 == 0, scores) == pytest.approx(0.25)


def test_smoothing_looks_back_only():
    scores = np.array([[1.0], [0.0], [0.0]])
    assert figures.smoothed(scores, 2)[:, 0] == pytest.approx([1.0, 0.5, 0.0])


def test_an_interval_holds_the_mean_and_is_repeatable():
    low, high = figures.interval([0.9, 0.95, 0.99, 0.85])
    assert low <= 0.9225 <= high
    assert (low, high) == figures.interval([0.9, 0.95, 0.99, 0.85])


def test_a_manifest_is_equal_byte_for_byte_in_whatever_order(tmp_path):
    rows = [row("b.wav"), row("a.wav", group="h")]
    one, two = write_manifest(tmp_path / "1", rows), write_manifest(tmp_path / "2", rows[::-1])
    assert one.read_bytes() == two.read_bytes()
    assert read_manifest(one) == sorted(rows, key=lambda row: row.path)
    assert data_sha256(rows) == data_sha256(rows[::-1]) != data_sha256(rows[:1])


def test_a_group_in_two_splits_is_refused(tmp_path):
    path = write_manifest(tmp_path / "m", [row("a"), row("b", split="test")])
    with pytest.raises(ValueError, match="split by group"):
        read_manifest(path)


def test_batches_are_the_same_for_the_same_seed():
    one = next(content_batches(noise_stretches(), Mix(), Augment(), 16, 7))
    two = next(content_batches(noise_stretches(), Mix(), Augment(), 16, 7))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])
    assert np.isfinite(one[0]).all()


def test_without_mixing_one_label_holds():
    _, labels = next(content_batches(noise_stretches(), Mix(mixed=0, spliced=0, padded=0), NONE, 64, 1))
    assert (labels.sum(axis=1) == 1).all()


def test_mixes_have_at_most_three_instruments_and_none_mode_has_one():
    stretches = noise_stretches(tail=20)
    _, mixed = next(instrument_batches(stretches, [0, 1, 2], Mix(), NONE, 200, 1))
    assert set(mixed.sum(axis=1)) <= {1, 2, 3}
    assert (mixed.sum(axis=1) > 1).any()
    _, single = next(instrument_batches(stretches, [0, 1, 2], Mix(mode="none"), NONE, 200, 1))
    assert (single.sum(axis=1) == 1).all()


def test_windows_are_drawn_at_a_mean_power_of_one():
    windows, _ = noise_stretches()[2].draw(5, np.random.default_rng(0))
    assert np.exp(windows).mean(axis=(1, 2)) == pytest.approx(1.0, abs=1e-4)


def test_a_band_limit_only_takes_away_and_an_equaliser_keeps_differences_in_time():
    batch = np.random.default_rng(0).normal(0, 1, (8, 10, 32)).astype(np.float32)
    assert (band_limited(batch, np.random.default_rng(1)) <= batch).all()
    changed = equalised(batch, np.random.default_rng(1))
    assert np.diff(changed, axis=1) == pytest.approx(np.diff(batch, axis=1), abs=1e-4)


def test_what_nobody_judged_stays_unknown_in_mixes_unless_it_is_heard():
    one = np.array([[1, 0, np.nan, np.nan, 0]], np.float32)
    other = np.array([[np.nan, np.nan, np.nan, 1, 0]], np.float32)
    np.testing.assert_array_equal(either(one, other), [[1, np.nan, np.nan, 1, 0]])


def test_partial_labels_reach_the_batches_as_unknown():
    feature = np.random.default_rng(0).normal(0, 1, (200, 8)).astype(np.float16)
    cello = Stretches([feature], 40, 10, np.array([[1, np.nan]], np.float32))
    flute = Stretches([feature], 40, 10, np.array([[0, 1]], np.float32))
    _, truth = next(instrument_batches([cello, flute], [0, 1], Mix(mode="none"), NONE, 200, 1))
    assert {tuple(np.nan_to_num(row, nan=-1).tolist()) for row in truth} == {(1.0, -1.0), (0.0, 1.0)}


def test_the_average_precision_of_equal_scores_is_the_share_of_positives():
    truth = np.array([True, True, False, False, False])
    for order in (truth, truth[::-1]):
        assert figures.average_precision(order, np.full(5, 0.5)) == pytest.approx(0.4)
