"""Each form opens in the library that it is for: here those that install lightly; `make test-export` has the rest."""

import gzip
import io
import json
import re
import tarfile
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
import soundfile
import webdataset

from earshot.exporting.export_request import Codec, ExportRequest
from earshot.sound.limits_per_file import Limits
from earshot.sound.transcode import LOSSLESS, LOSSY, counted
from tests.unit.exporting.fake_store import WAV, Catalogue, many, recording, write


def test_parquet_names_its_audio_files(tmp_path):
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


def test_hf_contains_the_bytes_as_an_audio_feature(tmp_path):
    write(tmp_path, Catalogue(many(3)), form="hf")
    table = pq.read_table(tmp_path / "data" / "train-00000.parquet")
    assert [row["bytes"] for row in table["audio"].to_pylist()] == [WAV] * 3
    features = json.loads(table.schema.metadata[b"huggingface"])
    assert features["info"]["features"]["audio"] == {"_type": "Audio"}
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


def test_lhotse_cuts_state_the_number_of_samples(tmp_path):
    write(tmp_path, Catalogue([recording("a.wav", row={"speaker": "s1"})]), form="lhotse")
    (cut,) = map(json.loads, gzip.decompress((tmp_path / "cuts_train.jsonl.gz").read_bytes()).splitlines())
    recording_of = cut["recording"]
    assert soundfile.info(tmp_path / recording_of["sources"][0]["source"]).frames == recording_of["num_samples"]
    assert (cut["type"], cut["channel"]) == ("MultiCut", [0, 1])
    assert cut["supervisions"][0]["speaker"] == "s1"


def test_codecs_are_those_that_can_be_written():
    assert {codec for codec in Codec if codec.is_lossy} == set(LOSSY)
    assert {codec for codec in Codec if not codec.is_lossy} == set(LOSSLESS)


def test_a_lossy_copy_has_the_samples_that_its_cut_states_and_its_owner_in_its_tags(tmp_path):
    owned = recording("a.wav", title="Rain", author="ann", license="CC-BY-4.0")
    write(tmp_path, Catalogue([owned]), form="lhotse", transcode="mp3", rate_hz=16_000)
    (cut,) = map(json.loads, gzip.decompress((tmp_path / "cuts_train.jsonl.gz").read_bytes()).splitlines())
    path = tmp_path / cut["recording"]["sources"][0]["source"]
    assert path.suffix == ".mp3"
    assert counted(path, Limits()) == (16_000, 1, cut["recording"]["num_samples"])
    assert {b"Rain", b"ann", b"CC-BY-4.0"} <= set(re.findall(rb"Rain|ann|CC-BY-4.0", path.read_bytes()[:500]))


@pytest.mark.parametrize("name", ["Mr. Smith, " + "on and on " * 20, "a.json", "a.=cmd", "talk", "a.toolongforone"])
def test_text_after_a_dot_that_is_no_extension_is_not_exported_as_one(tmp_path, name):
    write(tmp_path, Catalogue([recording(name)]), form="webdataset")
    with tarfile.open(tmp_path / "train-00000.tar") as tar:
        assert [entry.partition(".")[2] for entry in tar.getnames()] == ["bin", "json"]


def test_equal_rows_make_equal_tars(tmp_path):
    write(tmp_path, Catalogue(many(2)), form="webdataset")
    with tarfile.open(tmp_path / "train-00000.tar") as tar:
        assert {(entry.mtime, entry.uid, entry.uname) for entry in tar} == {(0, 0, "")}


@pytest.mark.parametrize(
    "request_", [{"rate_hz": 16_000}, {"split": (1,)}, {"split": (0, 0)}, {"rate_hz": 10, "transcode": "wav"}]
)
def test_a_contradictory_request_is_refused(request_):
    with pytest.raises(ValueError):
        ExportRequest(sql="SELECT 1", **request_)


def test_text_of_owners_cannot_break_the_card(tmp_path):
    write(tmp_path, Catalogue([recording("a.wav", license="x | y\n# <script>")]), name='say "hi"\n# no')
    card = (tmp_path / "README.md").read_text()
    assert "\n# no" not in card
    assert "<script>" not in card
    assert io.StringIO(card).readline() == "---\n"
