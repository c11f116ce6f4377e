"""The steps after a deployment, on the local stack: default policies and prices, and the smoke test."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from earshot.cli import app
from earshot.cli.smoke_test import measure_tone
from earshot.cli.target import at
from tests.e2e.conftest import Stack


def test_a_tone_gets_a_row_and_leaves_nothing_behind(stack: Stack) -> None:
    result = CliRunner().invoke(app, ["smoke", "--data-dir", str(stack.home), "--wait", "300"])
    assert result.exit_code == 0
    assert "-20.00 dBFS, 1000 ms, Medium Energy" in result.output
    assert list(stack.bucket.list_blobs(prefix="audio/smoke-")) == []
    for table in ("audio_metadata", "analyses"):
        assert not [row for row in stack.rows(table) if "audio/smoke-" in row["gcp_url"]]


def test_without_a_row_it_fails_and_deletes_its_tone(stack: Stack) -> None:
    # The analyser reads its own bucket only.
    unheard = stack.bucket.client.create_bucket(f"{stack.bucket.name}-unheard")
    with at(stack.home, cloud=False) as place:
        elsewhere = replace(place, settings=place.settings.model_copy(update={"bucket": unheard.name}))
        with pytest.raises(TimeoutError, match="no row of gs://"):
            measure_tone(elsewhere, patience_s=0)
    assert list(unheard.list_blobs()) == []


def test_defaults_are_inserted_once_and_changed_rows_stay(stack: Stack) -> None:
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
