"""What follows a deployment, on the local stack: first rules and prices; a test of a house that works, and of one
that does not."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from earshot.cli import app
from earshot.cli.smoke_test import measured
from earshot.cli.target import at
from tests.e2e.conftest import Stack


def test_a_tone_comes_out_as_a_row_and_leaves_nothing_behind(stack: Stack) -> None:
    result = CliRunner().invoke(app, ["smoke", "--data-dir", str(stack.home), "--patience", "60"])
    assert result.exit_code == 0
    assert "-20.00 dBFS, 1000 ms, Medium Energy" in result.output
    assert list(stack.bucket.list_blobs(prefix="audio/smoke-")) == []
    for table in ("audio_metadata", "analyses"):
        assert not [row for row in stack.rows(table) if "audio/smoke-" in row["gcp_url"]]


def test_without_a_row_it_gives_up_and_takes_its_tone_away(stack: Stack) -> None:
    # The analyser looks on its own shelf only.
    unheard = stack.bucket.client.create_bucket(f"{stack.bucket.name}-unheard")
    with at(stack.home, cloud=False) as place:
        elsewhere = replace(place, settings=place.settings.model_copy(update={"bucket": unheard.name}))
        with pytest.raises(TimeoutError, match="no row of gs://"):
            measured(elsewhere, patience_s=0)
    assert list(unheard.list_blobs()) == []


def test_rules_and_prices_are_sown_once_and_what_people_changed_stays(stack: Stack) -> None:
    dataset = f"{stack.endpoints.project}.{stack.endpoints.dataset}"
    stack.bigquery.query(f"UPDATE `{dataset}.prices` SET usd = 7 WHERE item = 'request'").result()
    stack.bigquery.query(f"DELETE FROM `{dataset}.prices` WHERE item = 'storage_class_b'").result()
    before = {row["item"]: row["usd"] for row in stack.rows("prices")}
    result = CliRunner().invoke(app, ["install-defaults", "--data-dir", str(stack.home)])
    after = {row["item"]: row["usd"] for row in stack.rows("prices")}
    stack.bigquery.query(f"UPDATE `{dataset}.prices` SET usd = 0.0000004 WHERE item = 'request'").result()
    assert result.exit_code == 0
    assert after == before | {"storage_class_b": 0.0000004}
    assert after["request"] == 7
