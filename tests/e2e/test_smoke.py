"""What follows a deployment, on the local stack: first rules and prices; a test of a house that works, and of one
that does not."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from earshot.cli import app
from earshot.cli.place import at
from earshot.cli.smoke import measured
from tests.e2e.conftest import House


def test_a_tone_comes_out_as_a_row_and_leaves_nothing_behind(house: House) -> None:
    result = CliRunner().invoke(app, ["smoke", "--data-dir", str(house.home), "--patience", "60"])
    assert result.exit_code == 0
    assert "-20.00 dBFS, 1000 ms, Medium Energy" in result.output
    assert list(house.bucket.list_blobs(prefix="audio/smoke-")) == []
    for table in ("audio_metadata", "analyses"):
        assert not [row for row in house.rows(table) if "audio/smoke-" in row["gcp_url"]]


def test_without_a_row_it_gives_up_and_takes_its_tone_away(house: House) -> None:
    # The analyser looks on its own shelf only.
    unheard = house.bucket.client.create_bucket(f"{house.bucket.name}-unheard")
    with at(house.home, cloud=False) as place:
        elsewhere = replace(place, desk=place.desk.model_copy(update={"bucket": unheard.name}))
        with pytest.raises(TimeoutError, match="no row of gs://"):
            measured(elsewhere, patience_s=0)
    assert list(unheard.list_blobs()) == []


def test_rules_and_prices_are_sown_once_and_what_people_changed_stays(house: House) -> None:
    dataset = f"{house.endpoints.project}.{house.endpoints.dataset}"
    house.bigquery.query(f"UPDATE `{dataset}.prices` SET usd = 7 WHERE item = 'request'").result()
    house.bigquery.query(f"DELETE FROM `{dataset}.prices` WHERE item = 'storage_class_b'").result()
    before = {row["item"]: row["usd"] for row in house.rows("prices")}
    result = CliRunner().invoke(app, ["seed", "--data-dir", str(house.home)])
    after = {row["item"]: row["usd"] for row in house.rows("prices")}
    house.bigquery.query(f"UPDATE `{dataset}.prices` SET usd = 0.0000004 WHERE item = 'request'").result()
    assert result.exit_code == 0
    assert after == before | {"storage_class_b": 0.0000004}
    assert after["request"] == 7
