"""The list of settings, and what is said of wrong ones."""

import json

import pytest
from typer.testing import CliRunner

from earshot import settings
from earshot.cli import app
from earshot.cli.known_settings import classes, faults, known_settings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("EARSHOT_") or name == "GOOGLE_CLOUD_PROJECT"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_every_setting_of_every_function_is_listed_with_its_meaning() -> None:
    listed = {(setting.function, setting.name) for setting in known_settings()}
    for function in (settings.Scraper, settings.Downloader, settings.Analyser):
        for name in function.model_fields.keys() - {"project"}:
            assert (function.__name__.lower(), f"EARSHOT_{name.upper()}") in listed
    assert [setting.name for setting in known_settings() if not setting.meaning] == []


def test_a_setting_says_its_unit_value_and_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_READ_TIMEOUT_S", "7")
    monkeypatch.setenv("EARSHOT_FREESOUND_TOKEN", "secret")
    found = {
        setting.name: setting for setting in known_settings({"EARSHOT_BUCKET": "b"}) if setting.function == "scraper"
    }
    read = found["EARSHOT_READ_TIMEOUT_S"]
    assert (read.type, read.default, read.unit, read.value, read.source) == ("float", "30.0", "s", "7", "environment")
    assert (found["EARSHOT_BUCKET"].value, found["EARSHOT_BUCKET"].source) == ("b", "local stack")
    assert found["EARSHOT_FREESOUND_TOKEN"].value == "***"
    assert found["EARSHOT_MAX_REDIRECTS"].source == "default"


def test_a_misspelt_name_and_a_wrong_value_are_one_sentence_each(monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults() == []
    monkeypatch.setenv("EARSHOT_MAX_AUDIO_BYTE", "7")
    monkeypatch.setenv("EARSHOT_MAX_PAGES", "many")
    assert faults() == [
        "EARSHOT_MAX_AUDIO_BYTE is no setting; did you mean EARSHOT_MAX_AUDIO_BYTES?",
        "EARSHOT_MAX_PAGES: Input should be a valid integer, unable to parse string as an integer",
    ]
    for command in ("up", "demo", "settings"):
        result = CliRunner().invoke(app, [command])
        assert result.exit_code == 1
        assert "did you mean EARSHOT_MAX_AUDIO_BYTES?" in " ".join(result.stderr.split())
        assert "Traceback" not in result.output


def test_changed_settings_of_one_function_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_MAX_AUDIO_BYTES", "1000")
    result = CliRunner().invoke(app, ["settings", "analyser", "--changed", "--format", "json"])
    assert [row["name"] for row in json.loads(result.stdout)] == ["EARSHOT_MAX_AUDIO_BYTES"]
    assert CliRunner().invoke(app, ["settings", "analyzer"]).exit_code == 2


def test_no_two_classes_share_a_function() -> None:
    names = [found.__name__ for found in classes()]
    assert len(names) == len(set(names))
