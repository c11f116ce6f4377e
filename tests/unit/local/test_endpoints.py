"""Who holds a state folder, and how others find out where its stack listens."""

import os
from pathlib import Path

import pytest

from earshot.local.endpoints import AlreadyRunning, Endpoints, found, held, home_folder

ENDPOINTS = Endpoints(
    pubsub="127.0.0.1:1",
    storage="http://127.0.0.1:2",
    bigquery="http://127.0.0.1:3",
    functions={"scraper": "http://127.0.0.1:4/"},
    pids={},
)


def test_a_stack_is_found_while_its_folder_is_held_and_not_after(tmp_path: Path) -> None:
    with held(tmp_path):
        assert found(tmp_path) is None
        ENDPOINTS.write(tmp_path)
        assert found(tmp_path) == ENDPOINTS
    assert found(tmp_path) is None


def test_what_a_killed_stack_left_behind_is_no_stack(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    ENDPOINTS.write(tmp_path)
    assert found(tmp_path) is None


def test_a_folder_is_held_once(tmp_path: Path) -> None:
    with held(tmp_path):
        with pytest.raises(AlreadyRunning, match=str(tmp_path)), held(tmp_path):
            pass
        ENDPOINTS.write(tmp_path)
        assert found(tmp_path) == ENDPOINTS
    with held(tmp_path):
        pass


def test_the_environment_is_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_BUCKET", "mine")
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST", raising=False)
    with ENDPOINTS.applied():
        assert os.environ["EARSHOT_BUCKET"] == ENDPOINTS.bucket
        assert os.environ["EARSHOT_SCRAPER_URL"] == "http://127.0.0.1:4/"
    assert os.environ["EARSHOT_BUCKET"] == "mine"
    assert "PUBSUB_EMULATOR_HOST" not in os.environ


def test_the_state_folder_is_named_or_in_the_environment_or_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EARSHOT_HOME", raising=False)
    assert home_folder() == tmp_path / ".earshot"
    monkeypatch.setenv("EARSHOT_HOME", str(tmp_path / "elsewhere"))
    assert home_folder() == tmp_path / "elsewhere"
    assert home_folder(tmp_path / "named") == tmp_path / "named"
