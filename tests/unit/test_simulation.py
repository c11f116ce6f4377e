"""The bars of the write path, on a quarter of an hour of simulated full load."""

import pytest

from tests.simulation import grouped, landing
from tests.simulation.__main__ import FULL
from tests.simulation.limits import DML_PER_10_S
from tests.simulation.loads import Load

STATEMENTS = 3  # of a table in a round, at most


@pytest.mark.parametrize("table_rows", [1_000_000, 10_000_000, 100_000_000])
def test_five_million_rows_a_day_are_sustained_at_a_bounded_price(table_rows):
    load = Load(rows_per_s=FULL, duration_s=1800, table_rows=table_rows)
    report = landing.simulate(load)
    assert load.instances * load.vcpus <= 70
    assert len(report.freshness_s) / load.duration_s * 86_400 >= 5e6
    assert report.end_s - load.duration_s < 120
    assert report.percentile(0.95) <= 120
    assert report.refused == 0
    assert report.most_in_10_s() * STATEMENTS < DML_PER_10_S
    assert report.per_million(report.bigquery_usd) <= 10
    assert report.per_million(report.cloud_run_usd) <= 45


@pytest.mark.parametrize("table_rows", [1_000_000, 100_000_000])
def test_a_single_file_is_a_row_within_seconds(table_rows):
    report = landing.simulate(Load(rows_per_s=1 / 300, duration_s=30_000, table_rows=table_rows))
    assert report.percentile(0.95) <= 15


def test_the_design_before_sustained_a_thirtieth():
    report = grouped.simulate(Load(rows_per_s=0, duration_s=1800, table_rows=10_000_000, instances=10, requests=4))
    assert report.rows_per_s == pytest.approx(1.5, abs=0.2)
