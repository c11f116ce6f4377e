"""What the local BigQuery does otherwise than the emulator as it comes."""

import pytest
from google.api_core.exceptions import BadRequest


@pytest.mark.parametrize("world", ["embedded"], indirect=True)
def test_a_query_for_an_earlier_state_of_a_table_is_refused(own):
    with pytest.raises(BadRequest, match="keeps no earlier states"):
        own.ask(
            "SELECT * FROM `${d}.annotations`"
            " FOR SYSTEM_TIME AS OF TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 SECOND)"
        )
