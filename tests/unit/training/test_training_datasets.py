"""Public sets as manifests, on miniatures of their archives' layouts."""

import numpy as np
import pytest
import soundfile

from earshot.training.dataset_reader_helpers import UnknownLayout
from earshot.training.import_public_datasets import READERS, prepare
from earshot.training.public_datasets import DATASETS
from earshot.training.training_data_manifest import read_manifest


def clip(path, seconds=0.1, rate=8000):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(int(rate * seconds)), rate, format="OGG" if path.suffix == ".ogg" else None)


def rows_of(name, folder):
    return {row.path: row for row in read_manifest(prepare(name, folder))}


def test_gtzan_is_read_by_its_two_folders(tmp_path):
    clip(tmp_path / "music_speech/music_wav/bach.wav", 0.5)
    clip(tmp_path / "music_speech/speech_wav/voice.wav")
    rows = rows_of("gtzan", tmp_path)
    assert rows["music_speech/music_wav/bach.wav"].labels == ("music",)
    assert rows["music_speech/music_wav/bach.wav"].end_ms == 500
    assert rows["music_speech/speech_wav/voice.wav"].labels == ("speech",)


def test_musan_has_three_kinds(tmp_path):
    for kind in ("music", "speech", "noise"):
        clip(tmp_path / f"musan/{kind}/source/{kind}-1.wav")
    assert {row.labels for row in rows_of("musan", tmp_path).values()} == {("music",), ("speech",), ("noise",)}


def test_irmas_takes_the_folder_and_leaves_other_labels_unknown(tmp_path):
    for code in ("cel", "cla", "flu", "gac", "gel", "org", "pia", "sax", "tru", "vio", "voi"):
        clip(tmp_path / f"IRMAS-TrainingData/{code}/[{code}][cla]0012__1.wav")
    row = rows_of("irmas", tmp_path)["IRMAS-TrainingData/pia/[pia][cla]0012__1.wav"]
    assert row.labels == ("piano",)
    assert "clarinet" in row.unknown
    assert row.group == "0012"


def test_what_openmic_does_not_judge_is_unknown_and_not_absent(tmp_path):
    root = tmp_path / "openmic-2018"
    clip(root / "audio/000/000046_3840.ogg")
    clip(root / "audio/001/001000_0.ogg")
    (root / "openmic-2018-aggregated-labels.csv").write_text(
        "sample_key,instrument,relevance,num_responses\n000046_3840,clarinet,0.17,3\n000046_3840,flute,0.9,3\n"
        "001000_0,mallet_percussion,1.0,3\n"
    )
    (root / "partitions").mkdir()
    (root / "partitions/split01_test.csv").write_text("001000_0\n")
    rows = rows_of("openmic", tmp_path)
    first = rows["openmic-2018/audio/000/000046_3840.ogg"]
    assert (first.labels, first.unknown) == (("flute",), ("mallet_percussion",))
    assert rows["openmic-2018/audio/001/001000_0.ogg"].split == "test"


def test_fsdkaggle2018_keeps_each_clip_s_licence_and_leaves_out_what_is_no_instrument(tmp_path):
    clip(tmp_path / "FSDKaggle2018.audio_train/a.wav")
    clip(tmp_path / "FSDKaggle2018.audio_test/b.wav")
    meta = tmp_path / "FSDKaggle2018.meta"
    meta.mkdir()
    head = "fname,label,manually_verified,freesound_id,license\n"
    (meta / "train_post_competition.csv").write_text(head + "a.wav,Cello,1,7,CC0\nx.wav,Bark,1,8,CC0\n")
    (meta / "test_post_competition_scoring_clips.csv").write_text(head + "b.wav,Flute,1,9,CC BY 3.0\n")
    rows = rows_of("fsdkaggle2018", tmp_path)
    assert {row.labels for row in rows.values()} == {("cello",), ("flute",)}
    assert rows["FSDKaggle2018.audio_test/b.wav"].split == "test"
    assert rows["FSDKaggle2018.audio_test/b.wav"].licence == "CC BY 3.0"


@pytest.mark.parametrize("name", READERS)
def test_another_layout_is_refused_with_what_is_missing(name, tmp_path):
    with pytest.raises(UnknownLayout, match="missing"):
        prepare(name, tmp_path)


def test_a_file_that_the_table_names_and_is_gone_is_named(tmp_path):
    meta = tmp_path / "FSDKaggle2018.meta"
    meta.mkdir()
    (meta / "train_post_competition.csv").write_text("fname,label,license\na.wav,Cello,CC0\n")
    (meta / "test_post_competition_scoring_clips.csv").write_text("fname,label,license\n")
    with pytest.raises(UnknownLayout, match=r"a\.wav"):
        prepare("fsdkaggle2018", tmp_path)


def test_philharmonia_is_read_by_the_names_of_its_files(tmp_path):
    for name in (
        "banjo_A3_very-long_forte_normal",
        "double-bass_E2_1_piano_arco-normal",
        "cor-anglais_A3_1_piano_normal",
    ):
        path = tmp_path / "all-samples" / f"{name}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.zeros(4000), 8000, format="WAV")
    rows = rows_of("philharmonia", tmp_path)
    assert {row.labels for row in rows.values()} == {("banjo",), ("bass",)}


def test_a_singer_of_vocalset_is_never_split(tmp_path):
    for technique in ("straight", "vibrato"):
        clip(tmp_path / f"FULL/female1/scales/{technique}/f1_scales_{technique}_a.wav")
    rows = rows_of("vocalset", tmp_path)
    assert {(row.labels, row.group) for row in rows.values()} == {(("voice",), "female1")}


def test_misd_is_read_by_its_two_tables(tmp_path):
    for name, audio, file, kind in (
        ("Train", "Train_submission/Train_submission", "G1.wav", "Sound_Guitar"),
        ("Test", "Test_submission/Test_submission", "D1.wav", "Sound_Drum"),
    ):
        clip(tmp_path / audio / file)
        (tmp_path / f"Metadata_{name}.csv").write_text(f"FileName,Class\n{file},{kind}\n")
    rows = {row.labels: row.split for row in rows_of("misd", tmp_path).values()}
    assert rows[("drums",)] == "test"
    assert ("guitar",) in rows


def test_every_set_that_is_listed_can_be_read():
    assert {each.name for each in DATASETS} == set(READERS)
