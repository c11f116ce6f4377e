"""Mixes of clips: ranges, levels, labels, splits, and the same bytes for the same seed."""

import numpy as np
import pytest

from earshot.errors import BadRequest
from earshot.local.demo_site.sounds import tone
from earshot.training.mix_clips import MixRequest, combined, median_hz, mix, range_of
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, read_mono, write_wav
from earshot.training.training_data_manifest import Row, read_manifest, write_manifest

PITCHES = {"bass": 80, "guitar": 400, "flute": 2000}


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    root, rows = tmp_path_factory.mktemp("clips"), []
    for label, hz in PITCHES.items():
        for seed, split in enumerate(("train", "train", "test")):
            wave = tone(hz * (1 + 0.02 * seed), 2, RATE_HZ, -12 - 6 * seed).astype(np.float32)
            path = f"{label}{seed}.wav"
            write_wav(root / path, wave)
            row = Row.of_file(path, wave, (label,), path, split, f"licence of {label}")
            rows.append(row)
    return root, write_manifest(root / "manifest.jsonl", rows)


def mixed(data, out, **fields):
    made = mix(read_manifest(data[1]), data[0], out, MixRequest(**{"clips": 30, **fields}), lambda _done, _of: None)
    return read_manifest(made)


@pytest.mark.parametrize(("hz", "wanted"), [(80, 0), (400, 1), (2000, 2)])
def test_the_power_median_of_a_tone_is_its_frequency(hz, wanted):
    found = median_hz(tone(hz, 1, RATE_HZ, -20).astype(np.float32))
    assert found == pytest.approx(hz, abs=2)
    assert range_of(found) == wanted


def test_silence_has_no_median():
    assert median_hz(np.zeros(RATE_HZ, np.float32)) == 0


def test_complementary_mixes_have_a_range_once_and_the_labels_of_their_clips(clips, tmp_path):
    rows = mixed(clips, tmp_path / "out")
    assert {len(row.labels) for row in rows} == {1, 2, 3}
    for row in rows:
        assert row.group.count("+") + 1 == len(row.labels)
        wave = read_mono(tmp_path / "out" / row.path)
        assert len(wave) == 3 * RATE_HZ
        heard = np.abs(np.fft.rfft(wave))
        for label, hz in PITCHES.items():
            around = heard[int(hz * 2.9) : int(hz * 3.2)].max()
            assert (around > 100) == (label in row.labels)


def test_a_mix_never_joins_splits(clips, tmp_path):
    for row in mixed(clips, tmp_path / "out", mode="random"):
        assert all(part.endswith("2.wav") == (row.split == "test") for part in row.group.split("+"))


def test_clips_have_equal_rms_before_their_gains():
    dice = np.random.default_rng(1)
    loud, quiet = (tone(hz, 1, RATE_HZ, level).astype(np.float32) for hz, level in ((300, -6), (3000, -40)))
    spectrum = np.abs(np.fft.rfft(combined([loud, quiet], dice)))
    ratio_db = 20 * np.log10(spectrum[300] / spectrum[3000])
    assert abs(ratio_db) <= 8


def test_the_same_seed_gives_the_same_bytes_and_pictures_are_named(clips, tmp_path):
    one, two = (mixed(clips, tmp_path / name, clips=3, pictures=True) for name in ("one", "two"))
    assert [row.sha256 for row in one] == [row.sha256 for row in two]
    assert (tmp_path / "one" / one[0].picture).read_bytes() == (tmp_path / "two" / one[0].picture).read_bytes()


def test_single_clips_by_mode_none(clips, tmp_path):
    assert {len(row.labels) for row in mixed(clips, tmp_path / "out", mode="none")} == {1}


def test_what_nobody_judged_in_a_clip_is_unknown_in_its_mixes(clips, tmp_path):
    rows = [
        Row(row.path, row.labels, row.start_ms, row.end_ms, row.group, row.split, row.licence, row.sha256, ("voice",))
        for row in read_manifest(clips[1])
    ]
    made = mix(rows, clips[0], tmp_path / "out", MixRequest(clips=4), lambda _done, _of: None)
    assert all(row.unknown == ("voice",) for row in read_manifest(made))


def test_an_unknown_mode_and_a_folder_in_use_are_refused(clips, tmp_path):
    with pytest.raises(BadRequest, match="is none of"):
        mixed(clips, tmp_path / "out", mode="loud")
    mixed(clips, tmp_path / "out", clips=1)
    with pytest.raises(BadRequest, match="holds a manifest already"):
        mixed(clips, tmp_path / "out", clips=1)
