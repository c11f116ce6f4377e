"""Each form opens in the library that it is for: here those that install lightly; `make test-export` has the rest."""

import gzip
import io
import json
import tarfile
from datetime import UTC, datetime

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import webdataset

from earshot.exporting.recoding import recode
from earshot.exporting.request import Codec, ExportRequest
from earshot.sound.limits import Limits
from earshot.sound.transcode import transcode
from tests.sounds import tone, written
from tests.unit.exporting.shelf import WAV, Catalogue, many, recording, write


def test_parquet_names_files_beside_it(tmp_path):
    write(tmp_path, Catalogue(many(3)), form="parquet")
    table = pq.read_table(tmp_path / "train-00000.parquet")
    assert table.num_rows == 3
    for row in table.to_pylist():
        assert (tmp_path / row["audio"]).read_bytes() == WAV
        assert row["found_at"] == datetime(2026, 11, 1, 1, tzinfo=UTC)
        assert (row["loudness"], row["duration_s"], row["channels"]) == (-20.0, 0.1, 2)


def test_a_column_of_nulls_keeps_its_type(tmp_path):
    write(tmp_path, Catalogue([recording("a.wav", row={"loudness": None})]), form="parquet")
    assert str(pq.read_schema(tmp_path / "train-00000.parquet").field("loudness").type) == "double"


def test_hf_holds_the_bytes_and_says_they_are_audio(tmp_path):
    write(tmp_path, Catalogue(many(3)), form="hf")
    table = pq.read_table(tmp_path / "data" / "train-00000.parquet")
    assert [row["bytes"] for row in table["audio"].to_pylist()] == [WAV] * 3
    told = json.loads(table.schema.metadata[b"huggingface"])
    assert told["info"]["features"]["audio"] == {"_type": "Audio"}
    assert "path: data/train-*.parquet" in (tmp_path / "README.md").read_text()


def test_webdataset_iterates_over_pairs(tmp_path):
    write(tmp_path, Catalogue(many(5)), form="webdataset", shard_items=2)
    shards = [str(path) for path in sorted(tmp_path.glob("*.tar"))]
    samples = list(webdataset.WebDataset(shards, shardshuffle=False))
    assert len(shards) == 3
    assert [sample["__key__"] for sample in samples] == sorted(one.audio_id for one in many(5))
    for sample in samples:
        assert sample["wav"] == WAV
        assert json.loads(sample["json"])["key"] == sample["__key__"]


def test_a_shard_ends_before_it_grows_over_its_size(tmp_path):
    big = [recording(f"{n}.wav", bytes=700 * 1024) for n in range(4)]
    write(tmp_path, Catalogue(big), form="webdataset", shard_bytes=1024 * 1024)
    assert len(list(tmp_path.glob("*.tar"))) == 4


def test_nemo_lines_lead_to_the_audio(tmp_path):
    spoken = recording("a.wav", row={"text": "to whom it may concern"})
    write(tmp_path, Catalogue([spoken]), form="nemo-jsonl", transcode="wav", rate_hz=16_000)
    (line,) = map(json.loads, (tmp_path / "manifest_train.jsonl").read_text().splitlines())
    assert line["text"] == "to whom it may concern"
    assert soundfile.info(tmp_path / line["audio_filepath"]).frames == line["duration"] * 16_000 == 1600


def test_lhotse_cuts_state_the_samples_that_are_there(tmp_path):
    write(tmp_path, Catalogue([recording("a.wav", row={"speaker": "s1"})]), form="lhotse")
    (cut,) = map(json.loads, gzip.decompress((tmp_path / "cuts_train.jsonl.gz").read_bytes()).splitlines())
    recording_of = cut["recording"]
    assert soundfile.info(tmp_path / recording_of["sources"][0]["source"]).frames == recording_of["num_samples"]
    assert (cut["type"], cut["channel"]) == ("MultiCut", [0, 1])
    assert cut["supervisions"][0]["speaker"] == "s1"


def test_equal_rows_make_equal_tars(tmp_path):
    write(tmp_path, Catalogue(many(2)), form="webdataset")
    with tarfile.open(tmp_path / "train-00000.tar") as tar:
        assert {(entry.mtime, entry.uid, entry.uname) for entry in tar} == {(0, 0, "")}


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("rate_hz", [None, 16_000, 44_100])
def test_recoded_audio_is_mono_16_bit_at_the_rate_asked_for(tmp_path, codec, rate_hz):
    source = written(tmp_path / "a.wav", tone(1000, level_dbfs=-20, seconds=1.5, rate_hz=48_000, channels=2))
    rate, frames = recode(source, tmp_path / "out", codec, rate_hz, Limits())
    told = soundfile.info(tmp_path / "out")
    assert (told.samplerate, told.channels, told.subtype) == (rate_hz or 48_000, 1, "PCM_16")
    assert (rate, frames) == (told.samplerate, told.frames)
    assert told.frames == pytest.approx(1.5 * told.samplerate, abs=1)


def test_recoding_keeps_level_and_pitch(tmp_path):
    source = written(tmp_path / "a.wav", tone(1000, level_dbfs=-20, seconds=1.0, rate_hz=48_000, channels=2))
    recode(source, tmp_path / "out", Codec.FLAC, 16_000, Limits())
    samples, _rate = soundfile.read(tmp_path / "out")
    steady = samples[1600:-1600]
    assert 20 * np.log10((steady**2).mean() ** 0.5) == pytest.approx(-20, abs=0.01)
    crossings = ((steady[:-1] < 0) & (steady[1:] >= 0)).sum()
    assert crossings == pytest.approx(len(steady) / 16, abs=1)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
def test_recoding_by_blocks_gives_what_transcoding_the_whole_gives(tmp_path, rate_hz):
    source = written(tmp_path / "a.wav", tone(440, level_dbfs=-12, seconds=3.0, rate_hz=48_000, channels=2))
    recode(source, tmp_path / "blocks.wav", Codec.WAV, rate_hz, Limits())
    transcode(source, tmp_path / "whole.wav", rate_hz=rate_hz, limits=Limits())
    blocks, whole = (
        soundfile.read(tmp_path / name, dtype="int16")[0].astype(int) for name in ("blocks.wav", "whole.wav")
    )
    assert len(blocks) == len(whole)
    assert np.abs(blocks - whole).max() <= 1


@pytest.mark.parametrize(
    "request_", [{"rate_hz": 16_000}, {"split": (1,)}, {"split": (0, 0)}, {"rate_hz": 10, "transcode": "wav"}]
)
def test_a_request_that_makes_no_sense_is_refused(request_):
    with pytest.raises(ValueError):
        ExportRequest(sql="SELECT 1", **request_)


def test_text_of_owners_cannot_break_the_card(tmp_path):
    write(tmp_path, Catalogue([recording("a.wav", license="x | y\n# <script>")]), name='say "hi"\n# no')
    card = (tmp_path / "README.md").read_text()
    assert "\n# no" not in card
    assert "<script>" not in card
    assert io.StringIO(card).readline() == "---\n"
