"""Files and folders of a machine: each is audio, or left out with a reason."""

import os
from pathlib import Path

import pytest

from earshot.cli.local_files import LeftOut, Local, find_audio
from tests.sounds import encoded, tone

WAV = encoded(tone(seconds=0.1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.wav").write_bytes(WAV)
    (tmp_path / "a.wav").write_bytes(WAV + b"\0\0")
    (tmp_path / "page.mp3").write_text("<!doctype html>")
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / ".hidden").write_bytes(WAV)
    (tmp_path / "dangling.wav").symlink_to("nowhere.wav")
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    (tmp_path / "linked").symlink_to(tmp_path / "below")
    os.mkfifo(tmp_path / "fifo.wav")
    return tmp_path


def test_everything_is_audio_or_left_out_with_its_reason(folder: Path) -> None:
    found = list(find_audio([folder]))
    assert [one.path.name for one in found if isinstance(one, Local)] == ["a.wav", "b.wav"]
    reasons = {one.path.name: one.reason for one in found if isinstance(one, LeftOut)}
    assert reasons.keys() == {p.name for p in folder.iterdir()} - {"a.wav", "below"}
    assert reasons["dangling.wav"] == "a link to a file that does not exist"
    assert reasons["fifo.wav"] == "a fifo, not a file"
    assert reasons["linked"] == "a link to a folder; name the folder itself"
    assert reasons["loop.wav"].startswith("cannot be read: ")
    assert reasons[".hidden"] == "hidden"
    assert "HTML" in reasons["page.mp3"]


def test_a_file_that_cannot_be_read_stops_no_other(folder: Path) -> None:
    unreadable = Path("/proc/self/mem")  # opens, and fails to read, for root too
    found = list(find_audio([unreadable, folder / "a.wav"]))
    assert isinstance(found[0], LeftOut)
    assert found[0].reason.startswith("cannot be read: ")
    assert isinstance(found[1], Local)


def test_a_folder_that_cannot_be_listed_stops_no_other(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may list every folder")
    (tmp_path / "a.wav").write_bytes(WAV)
    (tmp_path / "closed").mkdir(mode=0)
    closed, audio = sorted(find_audio([tmp_path]), key=lambda one: one.path.name, reverse=True)
    assert isinstance(closed, LeftOut)
    assert isinstance(audio, Local)
