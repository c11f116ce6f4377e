"""A short run of `make chaos`: the same work without faults and under one seed of faults ends in the same tables."""

import sys

import pytest

from tests.chaos.compare import differing
from tests.chaos.corpus import corpus
from tests.chaos.plan import RATES, Plan
from tests.chaos.scenario import scenario
from tests.chaos.sources import Sources
from tests.chaos.stack_under_faults import TABLES, StackUnderFaults


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="kills workers by way of /proc")
def test_chaos_ends_in_the_same_tables_as_calm(tmp_path, bigquery_embedded):
    given = corpus(links=10, by_hand=3)
    plan = Plan(seed=7)
    with Sources(given.web) as sources, StackUnderFaults(tmp_path, bigquery_embedded).open() as stack:
        calm = scenario(stack, sources, given, Plan(None))
        chaos = scenario(stack, sources, given, plan)
    counts = {table: len(rows) for table, rows in calm.items()}
    assert counts == {"audio_metadata": 11, "refusals": 4, "analyses": 11, "predictions": 44}  # four tasks a recording
    assert [line for table in TABLES for line in differing(table, calm[table], chaos[table])] == []
    assert sum(plan.struck[kind] for kind in RATES if kind.startswith("killed")) >= 1
    assert plan.struck.total() >= 20


def test_what_is_lost_doubled_or_changed_is_reported():
    kept = {"gcp_url": "gs://b/a", "loudness": -20.0, "generation": 1, "removed_at": None}
    other = kept | {"gcp_url": "gs://b/c"}
    assert differing("audio_metadata", [kept], [kept | {"generation": 2}]) == []
    assert differing("audio_metadata", [kept, other], [kept]) == ["audio_metadata: gs://b/c is lost"]
    assert differing("audio_metadata", [kept], [kept, kept]) == ["audio_metadata: gs://b/a is there 2 times, not 1"]
    assert differing("audio_metadata", [kept], [kept, other]) == ["audio_metadata: gs://b/c should not be there"]
    assert differing("audio_metadata", [kept], [kept | {"loudness": -21.0}]) == [
        "audio_metadata: gs://b/a: loudness is -21.0, not -20.0"
    ]
