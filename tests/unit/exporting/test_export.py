"""An export is complete, the same each time, and goes on after it was killed."""

import csv
import json
import multiprocessing
import shutil
import subprocess

import pytest

from earshot.errors import BadRequest
from earshot.exporting.export import _locked
from earshot.exporting.export_request import Form
from tests.sounds import encoded, silence
from tests.unit.exporting.fake_store import AudioStore, Catalogue, files, many, recording, write

ATTRIBUTION_FILES = {
    "ATTRIBUTION.csv", "README.md", "SHA256SUMS", "croissant.json", "licences.csv", "manifest.json", "withdrawn.csv",
}  # fmt: skip


@pytest.mark.parametrize("form", Form)
def test_a_repeated_export_writes_nothing_new(tmp_path, form):
    write(tmp_path, Catalogue(many(7)), form=form, shard_items=3)
    before = files(tmp_path)
    store = AudioStore()
    report = write(tmp_path, Catalogue(many(7)), store, form=form, shard_items=3)
    assert store.fetched == []
    assert (report.shards, report.shards_kept) == (3, 3)
    assert files(tmp_path) == before


@pytest.mark.parametrize("form", Form)
def test_the_order_of_rows_makes_no_difference(tmp_path, form):
    write(tmp_path / "a", Catalogue(many(7)), form=form, split=(50, 50))
    write(tmp_path / "b", Catalogue(many(7)[::-1]), form=form, split=(50, 50))
    assert files(tmp_path / "a") == files(tmp_path / "b")


@pytest.mark.parametrize("form", Form)
def test_an_export_killed_midway_continues_where_it_was(tmp_path, form):
    options = {"form": form, "shard_items": 4, "split": (80, 20)}
    write(tmp_path / "clean", Catalogue(many(20)), **options)
    died = multiprocessing.get_context("fork").Process(
        target=write, args=(tmp_path / "killed", Catalogue(many(20)), AudioStore(most_fetches=11)), kwargs=options
    )
    died.start()
    died.join(60)
    assert died.exitcode == -9
    assert not (tmp_path / "killed" / "manifest.json").exists()
    store = AudioStore()
    report = write(tmp_path / "killed", Catalogue(many(30)), store, **options)  # rows that came since are not its own
    assert report.resumed
    assert len(store.fetched) < 20
    assert files(tmp_path / "killed") == files(tmp_path / "clean")


def test_another_request_after_a_kill_leaves_nothing_of_the_first(tmp_path):
    died = multiprocessing.get_context("fork").Process(
        target=write,
        args=(tmp_path / "changed", Catalogue(many(20)), AudioStore(most_fetches=11)),
        kwargs={"shard_items": 4, "form": "lhotse"},
    )
    died.start()
    died.join(60)
    assert any((tmp_path / "changed" / "audio").rglob("*.wav"))
    write(tmp_path / "changed", Catalogue(many(3)), form="webdataset", force=True)
    write(tmp_path / "clean", Catalogue(many(3)), form="webdataset")
    assert files(tmp_path / "changed") == files(tmp_path / "clean")


def test_growing_data_rewrites_only_shards_that_differ(tmp_path):
    write(tmp_path, Catalogue(many(30)), form="webdataset", shard_items=5)
    last = max(many(30), key=lambda one: one.audio_id)
    more = next(one for one in many(500, start=30) if one.audio_id > last.audio_id)
    store = AudioStore()
    report = write(tmp_path, Catalogue([*many(30), more]), store, form="webdataset", shard_items=5)
    assert (report.shards, report.shards_kept) == (7, 6)
    assert store.fetched == [more.gcp_url]


def test_withdrawn_recordings_leave_the_files_and_are_listed(tmp_path):
    catalogue = Catalogue(many(6))
    write(tmp_path, catalogue)
    victim = catalogue.chosen[2]
    catalogue.gone = {victim.gcp_url: "withdrawn", "gs://bucket/audio/never-exported.wav": "withdrawn"}
    report = write(tmp_path, catalogue)
    assert report.withdrawn == 1
    assert report.left_out == {"withdrawn": 1}
    assert not list(tmp_path.rglob(f"{victim.audio_id}*"))
    assert victim.gcp_url not in (tmp_path / "ATTRIBUTION.csv").read_text()
    for _ in range(2):  # it stays listed in all later exports
        (listed,) = csv.DictReader((tmp_path / "withdrawn.csv").open())
        assert (listed["gcp_url"], listed["because"]) == (victim.gcp_url, "withdrawn")
        write(tmp_path, catalogue)


def test_a_recording_withdrawn_between_a_kill_and_the_next_start_is_not_exported(tmp_path):
    options = {"form": "webdataset", "shard_items": 2}
    died = multiprocessing.get_context("fork").Process(
        target=write, args=(tmp_path, Catalogue(many(6)), AudioStore(most_fetches=4)), kwargs=options
    )
    died.start()
    died.join(60)
    victim = min(many(6), key=lambda one: one.audio_id)  # in the first shard, which is packed already
    report = write(tmp_path, Catalogue(many(6), gone={victim.gcp_url: "withdrawn"}), **options)
    assert report.resumed
    listed = subprocess.run(["tar", "tf", tmp_path / "train-00000.tar"], capture_output=True, text=True, check=True)
    assert len(listed.stdout.split()) == 2
    assert victim.audio_id not in listed.stdout


def test_a_recording_that_no_longer_exists_is_left_out_with_its_reason(tmp_path):
    report = write(tmp_path, Catalogue(many(3)), AudioStore(lacking={"gs://bucket/audio/1.wav"}))
    assert report.left_out == {"no_longer_there": 1}
    assert report.recordings["train"][0] == 2
    assert json.loads((tmp_path / "manifest.json").read_text())["left_out"] == {"no_longer_there": 1}


def test_a_file_that_cannot_be_recoded_is_left_out_with_its_reason(tmp_path):
    store = AudioStore(
        bodies={"gs://bucket/audio/1.wav": b"<html>", "gs://bucket/audio/2.wav": encoded(silence(seconds=0.1))}
    )
    report = write(tmp_path, Catalogue(many(3)), store, transcode="flac", rate_hz=16_000)
    assert report.left_out == {"not_audio": 1}


def test_the_attribution_files_list_hours_by_licence(tmp_path):
    free = recording("free.wav", license="CC0-1.0", license_url=None, duration_ms=3_600_000)
    write(tmp_path, Catalogue([*many(36), free, recording("x.wav", license=None)]))
    rows = list(csv.DictReader((tmp_path / "licences.csv").open()))
    assert [(row["license"], row["recordings"], float(row["hours"])) for row in rows] == [
        ("CC0-1.0", "1", 1.0),
        ("CC-BY-4.0", "36", 0.001),
        ("unknown", "1", pytest.approx(0.1 / 3600, abs=1e-6)),
    ]


def test_every_attribution_file_is_written_and_the_checksums_hold(tmp_path):
    write(tmp_path, Catalogue(many(3)))
    assert files(tmp_path).keys() >= ATTRIBUTION_FILES
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=False)
    assert checked.returncode == 0


def test_a_withdrawal_known_by_its_identity_alone_is_listed_too(tmp_path):
    catalogue = Catalogue(many(3))
    write(tmp_path, catalogue)
    known = catalogue.chosen.pop(0)  # as where the tables were filled anew after it was forgotten
    catalogue.withdrawn = lambda: [
        (known.audio_id, None, "2026-11-02", "withdrawn"),
        ("never here", None, "", "withdrawn"),
    ]
    assert write(tmp_path, catalogue).withdrawn == 1
    (row,) = csv.DictReader((tmp_path / "withdrawn.csv").open())
    assert (row["audio_id"], row["gcp_url"]) == (known.audio_id, known.gcp_url)


def test_text_of_owners_is_no_formula_of_a_spreadsheet(tmp_path):
    formula = '=HYPERLINK("https://example.org/","more")'
    owned = recording("a.wav", title=formula, author="@sum", license="-1", license_url="+1", row={"title": formula})
    write(tmp_path, Catalogue([owned]), form="nemo-jsonl")
    (row,) = csv.DictReader((tmp_path / "ATTRIBUTION.csv").open())
    assert (row["title"], row["author"]) == (f"'{formula}", "'@sum")
    (bill,) = csv.DictReader((tmp_path / "licences.csv").open())
    assert (bill["license"], bill["license_url"]) == ("'-1", "'+1")
    assert json.loads((tmp_path / "manifest_train.jsonl").read_text())["title"] == formula


def test_the_manifest_has_the_query_and_its_time(tmp_path):
    write(tmp_path, Catalogue(many(3)))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["sql"] == "SELECT gcp_url, loudness, found_at FROM recordings"
    assert manifest["snapshot"] == "2026-11-01T00:00:00+00:00"


def test_a_query_without_recordings_makes_an_empty_export(tmp_path):
    report = write(tmp_path, Catalogue([]))
    assert report.recordings == {}
    assert files(tmp_path).keys() == ATTRIBUTION_FILES


def test_two_exports_to_one_destination_do_not_mix(tmp_path):
    with _locked(tmp_path / ".earshot-export"), pytest.raises(BadRequest, match="another export"):
        write(tmp_path, Catalogue(many(1)))


def test_a_folder_with_other_files_is_left_alone_without_force(tmp_path):
    (tmp_path / "README.md").write_text("my notes")
    with pytest.raises(BadRequest, match="files that are no export"):
        write(tmp_path, Catalogue(many(2)))
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "my notes"
    write(tmp_path, Catalogue(many(2)), force=True)
    assert "my notes" not in (tmp_path / "README.md").read_text()


def test_another_export_in_the_folder_is_left_alone_without_force(tmp_path):
    write(tmp_path, Catalogue(many(2)))
    before = files(tmp_path)
    with pytest.raises(BadRequest, match="another export"):
        write(tmp_path, Catalogue(many(2)), form="webdataset")
    assert files(tmp_path) == before
    shutil.rmtree(tmp_path / ".earshot-export")  # as on another machine: the manifest names the request
    with pytest.raises(BadRequest, match="another export"):
        write(tmp_path, Catalogue(many(2)), form="webdataset")
    write(tmp_path, Catalogue(many(3)))
    assert len((tmp_path / "ATTRIBUTION.csv").read_text().splitlines()) == 1 + 3
