import pytest
from pydantic import ValidationError

from earshot import settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch):
    for name in ("GOOGLE_CLOUD_PROJECT", "EARSHOT_BUCKET", "EARSHOT_CONTACT_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_function_reads_the_environment(monkeypatch):
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "tests")
    monkeypatch.setenv("EARSHOT_BUCKET", "recordings")
    monkeypatch.setenv("EARSHOT_HIGH_ENERGY_DBFS", "-10.5")
    read = settings.Analyser()
    assert (read.project, read.bucket, read.high_energy_dbfs) == ("tests", "recordings", -10.5)


def test_a_missing_variable_is_named():
    with pytest.raises(ValidationError, match="GOOGLE_CLOUD_PROJECT"):
        settings.Downloader(bucket="recordings")


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_audio_bytes", 0), ("download_timeout_s", 541), ("log_level", "LOUD"), ("bucket", "")],
)
def test_a_value_out_of_range_is_named(name, value):
    with pytest.raises(ValidationError, match=name):
        settings.Downloader(**{"project": "tests", "bucket": "recordings", name: value})


@pytest.mark.parametrize(
    "wrong",
    [{"high_energy_dbfs": -30.0}, {"medium_energy_dbfs": -14.0}, {"good_pesq": 4.5}, {"fair_pesq": 3.0}],
)
def test_thresholds_descend(wrong):
    with pytest.raises(ValidationError, match="must lie above"):
        settings.Analyser(project="tests", bucket="recordings", **wrong)


def test_the_user_agent_names_who_crawls():
    read = settings.Scraper(project="tests", contact_url="https://example.org/crawler")
    assert read.user_agent == "earshot/0.2 (+https://example.org/crawler)"
