"""Group commit against a BigQuery that is a list with a lock: the real one's errors, none of its latency."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core.exceptions import BadRequest, InternalServerError, RetryError

from earshot.adapters.table import Table
from earshot.errors import ComeAgain

CONFLICT = "Could not serialize access to table recordings:earshot.audio_metadata due to concurrent update"
QUEUE_FULL = "Resources exceeded: Too many DML statements outstanding against table earshot.audio_metadata, limit is 20"


class Warehouse:
    """Takes MERGE statements; `faults` are raised one a statement first, `poison` whenever that row is in it."""

    project = "recordings"

    def __init__(self, faults=(), poison=None):
        self.faults = list(faults)
        self.poison = poison
        self.statements = []
        self.running = 0
        self.most_running = 0
        self.lock = threading.Lock()

    def query(self, sql, job_config):
        self.types = [parameter.to_api_repr()["parameterType"] for parameter in job_config.query_parameters]
        rows = [struct.struct_values for struct in job_config.query_parameters[0].values]
        with self.lock:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            if self.faults:
                raise self.faults.pop(0)
            if any(row["file_name"] == self.poison for row in rows):
                raise BadRequest("Invalid value")
            self.statements.append((sql, rows))
            return Job()
        finally:
            with self.lock:
                self.running -= 1


class Job:
    total_bytes_processed = 0

    def result(self):
        return None


PARAMETER_TYPES = {
    "STRING",
    "INT64",
    "FLOAT64",
    "BOOL",
    "TIMESTAMP",
}  # GoogleSQL's names, not those of a table's schema


def row(name, generation=1, version=1, **more):
    return {
        "gcp_url": f"gs://recordings/audio/{name}",
        "file_name": name,
        "duration_ms": 1,
        "loudness": -20.0,
        "classification": "Medium Energy",
        "shard": 7,
        "generation": generation,
        "analyser_version": version,
        **more,
    }


def table(warehouse, **options):
    return Table(warehouse, "earshot", "audio_metadata", schema="audio_metadata", **{"wait_s": 0.05} | options)


def test_a_statement_says_types_in_the_words_of_googlesql():
    warehouse = Warehouse()
    table(warehouse).upsert(row("a.wav", is_silent=False))
    (types,) = warehouse.types
    assert types["type"] == "ARRAY"
    assert {field["type"]["type"] for field in types["arrayType"]["structTypes"]} == PARAMETER_TYPES


def test_rows_that_come_together_share_a_merge():
    warehouse = Warehouse()
    store = table(warehouse, wait_s=0.3)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: store.upsert(row(f"{n}.wav")), range(16)))
    assert sum(len(rows) for _, rows in warehouse.statements) == 16
    assert len(warehouse.statements) <= 4


def test_an_instance_has_one_statement_in_flight():
    warehouse = Warehouse()
    store = table(warehouse, wait_s=0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.upsert(row(f"{n}.wav")), range(40)))
    assert warehouse.most_running == 1


def test_a_batch_has_one_row_a_key_and_it_is_the_newest():
    warehouse = Warehouse()
    store = table(warehouse, wait_s=0.3)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(store.upsert, [row("a.wav", generation=n) for n in (2, 4, 3, 1)]))
    newest = warehouse.statements[0][1]
    assert len({merged["gcp_url"] for merged in newest}) == len(newest)
    assert 4 in [merged["generation"] for _, rows in warehouse.statements for merged in rows]


def test_the_merge_names_the_shards_of_its_rows():
    warehouse = Warehouse()
    table(warehouse, wait_s=0).upsert(row("a.wav") | {"shard": 42})
    assert "kept.shard IN (42)" in warehouse.statements[0][0]


@pytest.mark.parametrize("words", [CONFLICT, QUEUE_FULL])
def test_a_statement_that_was_in_the_way_is_tried_again(words):
    warehouse = Warehouse(faults=[BadRequest(words)])
    table(warehouse).upsert(row("a.wav"))
    assert len(warehouse.statements) == 1


def test_patience_with_conflicts_ends():
    warehouse = Warehouse(faults=[BadRequest(CONFLICT)] * 99)
    with pytest.raises(ComeAgain, match="serialize"):
        table(warehouse, patience_s=0).upsert(row("a.wav"))


def test_a_conflict_that_outlasts_patience_is_not_looked_for_row_by_row():
    warehouse = Warehouse(faults=[BadRequest(CONFLICT)])
    store = table(warehouse, patience_s=0, wait_s=0.3)

    def upsert(name):
        with pytest.raises(ComeAgain):
            store.upsert(row(name))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upsert, ["a.wav", "b.wav"]))
    assert warehouse.statements == []


def test_a_bad_row_does_not_fail_its_neighbours():
    warehouse = Warehouse(poison="bad.wav")
    store = table(warehouse, wait_s=0.3)

    def upsert(name):
        try:
            store.upsert(row(name))
        except ComeAgain:
            return name
        return None

    with ThreadPoolExecutor(5) as pool:
        failed = set(pool.map(upsert, ["a.wav", "b.wav", "bad.wav", "c.wav", "d.wav"]))
    kept = {merged["file_name"] for _, rows in warehouse.statements for merged in rows}
    assert failed == {None, "bad.wav"}
    assert kept == {"a.wav", "b.wav", "c.wav", "d.wav"}


@pytest.mark.parametrize("fault", [InternalServerError("down"), RetryError("too long", None), RuntimeError("a bug")])
def test_every_caller_learns_that_the_warehouse_is_down(fault):
    warehouse = Warehouse(faults=[fault] * 9)
    store = table(warehouse, wait_s=0.2)

    def upsert(n):
        try:
            store.upsert(row(f"{n}.wav"))
        except ComeAgain:
            return "again"
        return "kept"

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(upsert, range(3))) == {"again"}


def test_a_row_that_does_not_fit_never_joins_a_batch():
    warehouse = Warehouse()
    with pytest.raises(ValueError, match="volume"):
        table(warehouse).upsert(row("a.wav", volume=11))
    assert warehouse.statements == []
