"""The DAG, parsed by Airflow and run against the local stack, in the environment that `make test-airflow` makes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from earshot.local.demo_site.server import Site
from tests.e2e.conftest import Stack

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]
RUN_BY_AIRFLOW = Path(__file__).parents[1] / "run_by_airflow.py"
Airflow = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Parse or run the DAG; the answer, with all that Airflow printed under `output`."""
    python = os.environ.get("EARSHOT_AIRFLOW")
    if not python:
        pytest.skip("EARSHOT_AIRFLOW names no Python with Airflow; make test-airflow makes one")
    home = tmp_path_factory.mktemp("airflow")
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).parents[2] / "functions" / "conductor"),
    }
    migrate = [Path(python).parent / "airflow", "db", "migrate"]
    subprocess.run(migrate, env=os.environ | own, check=True, capture_output=True)

    def call(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [python, RUN_BY_AIRFLOW, *arguments],
            env=os.environ | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-5000:]
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        sys.stdout.write(f"DAG read in {answer['read_s']} s, all in {answer['all_s']} s\n")
        return answer | {"output": done.stdout}

    return call


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def request(*pages: str, **params: Any) -> str:
    """A run's parameters: two levels of a site, and no patience."""
    crawl = {"pages": pages, "depth": 1}
    return json.dumps({"crawl": crawl, "quiet_s": 2, "patience_s": 30, "poke_s": 0.3} | params)


def test_airflow_reads_it_as_the_seed_asks(airflow: Airflow) -> None:
    seen = airflow("parse")
    assert seen["errors"] == {}
    assert seen["edges"] == [["classify", "tag"], ["crawl", "load"], ["load", "classify"], ["load", "tag"]]
    assert seen["retries"] == [1, 1, 1, 1]
    assert seen["retry_delay_s"] == 300
    assert (seen["schedule"], seen["catchup"], seen["max_active_runs"]) == ("@daily", False, 1)
    assert not seen["earshot_is_here"]


def test_a_run_ends_when_every_recording_is_a_row_or_a_refusal(airflow: Airflow, stack: Stack, site: Site) -> None:
    ran = airflow("run", request(site.url))
    assert ran["state"] == "success", ran["output"][-5000:]
    assert ran["classified"] == {"rows": 11, "refused": 2, "measured_again": 0}
    assert len(stack.rows("recordings")) >= 11


def test_objects_without_a_row_and_stale_rows_are_measured(airflow: Airflow, stack: Stack, site: Site) -> None:
    assert airflow("run", request(site.url))["state"] == "success"
    lost, stale = (stack.row("audio_metadata", link_text=name) for name in ("Rain on a roof", "A whisper"))
    table = f"`{stack.endpoints.project}.{stack.endpoints.dataset}.audio_metadata`"
    stack.bigquery.query(f"DELETE FROM {table} WHERE gcp_url = '{lost['gcp_url']}'").result()
    stack.bigquery.query(f"UPDATE {table} SET analyser_version = 0 WHERE gcp_url = '{stale['gcp_url']}'").result()
    ran = airflow("run", request(site.url))
    assert ran["state"] == "success", ran["output"][-5000:]
    assert ran["classified"] == {"rows": 11, "refused": 2, "measured_again": 1}
    for before in (lost, stale):
        after = stack.row("audio_metadata", gcp_url=before["gcp_url"])
        assert (after["loudness"], after["analyser_version"]) == (before["loudness"], before["analyser_version"])


def test_too_many_refusals_fail_the_run_loudly(airflow: Airflow, stack: Stack, site: Site) -> None:
    ran = airflow("run", request(site.url, most_refused=0.1))
    assert ran["state"] == "failed"
    assert ran["tasks"] == {"crawl": "success", "load": "success", "classify": "failed", "tag": "upstream_failed"}
    assert "2 of 13 refused" in ran["output"]


def test_a_crawl_that_reads_no_page_fails_the_run(airflow: Airflow, stack: Stack, site: Site) -> None:
    ran = airflow("run", request(site.url + "nowhere"))
    assert ran["tasks"]["crawl"] == "failed"
    assert "nothing could be read" in ran["output"]


def test_a_run_without_pages_says_what_is_wrong(airflow: Airflow, stack: Stack, site: Site) -> None:
    ran = airflow("run", request())
    assert ran["state"] == "failed"
    assert "the scraper answers" in ran["output"]
