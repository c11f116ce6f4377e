"""The test after a deployment, on the local stack: what it says of a house that works, and of one that does not."""

import pytest

from earshot.cli.smoke import main, smoke
from tests.e2e.conftest import House


def test_a_tone_comes_out_as_a_row_and_leaves_nothing_behind(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--project", house.endpoints.project, "--patience-s", "60"])
    assert "-20.00 dBFS, 1000 ms, Medium Energy" in capsys.readouterr().out
    assert list(house.bucket.list_blobs(prefix="audio/smoke-")) == []
    assert not [row for row in house.rows("audio_metadata") if "audio/smoke-" in row["gcp_url"]]


def test_without_a_row_it_gives_up_and_takes_its_tone_away(house: House) -> None:
    storage = house.bucket.client
    unheard = storage.create_bucket(f"{house.bucket.name}-unheard")  # the analyser looks on its own shelf only
    table = f"{house.endpoints.project}.{house.endpoints.dataset}.audio_metadata"
    with pytest.raises(TimeoutError, match="no row of gs://"):
        smoke(storage, house.bigquery, bucket=unheard.name, table=table, patience_s=0)
    assert list(unheard.list_blobs()) == []
