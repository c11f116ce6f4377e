"""Splits never leak and never move."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.errors import BadRequest
from earshot.exporting.export_request import ExportRequest
from earshot.exporting.splits import position, split_key, split_of
from tests.unit.exporting.fake_store import Catalogue, many, recording, write

SHARES = ExportRequest(sql="q", split=(90, 5, 5)).splits


def placed(folder):
    """The split of each recording of an export."""
    lines = (folder / "ATTRIBUTION.csv").read_text().splitlines()[1:]
    return {line.split(",")[0]: line.split(",")[1] for line in lines}


def test_shares_are_kept_over_many_keys():
    counted = Counter(split_of(str(number), SHARES) for number in range(20_000))
    assert counted["train"] == pytest.approx(18_000, abs=200)  # 4.7 standard deviations
    assert counted["test"] == pytest.approx(1000, abs=150)


@given(st.text())
def test_a_position_is_a_fraction_of_one(key):
    assert 0 <= position(key) < 1


def test_a_split_is_the_same_on_every_machine_and_day():
    assert position("group:a") == 0x0A5ECC628193216C / 2**64


def test_growing_data_moves_no_recording(tmp_path):
    write(tmp_path, Catalogue(many(40)), split=(60, 20, 20))
    before = placed(tmp_path)
    write(tmp_path, Catalogue(many(90)), split=(60, 20, 20))
    after = placed(tmp_path)
    assert len(before) == 40
    assert len(after) == 90
    assert set(after.values()) == {"train", "validation", "test"}
    assert {key: after[key] for key in before} == before


def test_recordings_with_the_same_samples_share_a_split(tmp_path):
    twins = [recording(f"{n}-{copy}.wav", group=f"twins {n}") for n in range(20) for copy in range(3)]
    write(tmp_path, Catalogue(twins), split=(1, 1, 1))
    where = defaultdict(set)
    splits = placed(tmp_path)
    for one in twins:
        where[one.group].add(splits[one.audio_id])
    assert {len(found) for found in where.values()} == {1}
    assert set.union(*where.values()) == {"train", "validation", "test"}


def test_an_author_stays_in_one_split(tmp_path):
    songs = [recording(f"{a}-{n}.wav", author=f"author {a}") for a in range(12) for n in range(3)]
    write(tmp_path, Catalogue(songs), split=(1, 1), split_by="author")
    splits = placed(tmp_path)
    where = defaultdict(set)
    for one in songs:
        where[one.author].add(splits[one.audio_id])
    assert {len(found) for found in where.values()} == {1}
    assert set.union(*where.values()) == {"train", "test"}


def test_a_copy_that_would_leak_is_left_out_and_the_first_stays_whatever_comes(tmp_path):
    authors = {
        split_of(split_key(recording("x", author=f"author {n}"), "author"), (("train", 0.5), ("test", 0.5))): n
        for n in range(9)
    }
    first = recording("first.wav", group="same", author=f"author {authors['test']}", fetched_at="2026-11-01")
    copy = recording("copy.wav", group="same", author=f"author {authors['train']}", fetched_at="2026-11-05")
    write(tmp_path, Catalogue([first]), split=(1, 1), split_by="author")
    report = write(tmp_path, Catalogue([first, copy]), split=(1, 1), split_by="author")
    assert placed(tmp_path) == {first.audio_id: "test"}
    assert report.left_out == {"copy_in_other_split": 1}


def test_a_column_of_the_query_may_say_what_stays_together():
    one = recording("a.wav", row={"speaker": 7})
    assert split_key(one, "speaker") == "speaker:7"
    with pytest.raises(BadRequest, match="no column singer"):
        split_key(one, "singer")


@pytest.mark.parametrize(("by", "facts"), [("author", {"author": None}), ("host", {})])
def test_without_an_author_the_host_decides(by, facts):
    assert split_key(recording("a.wav", **facts), by) == "host:a.example.org"


def test_without_either_the_group_decides():
    assert split_key(recording("a.wav", author=None, host=None), "author") == "group:samples of a.wav"
