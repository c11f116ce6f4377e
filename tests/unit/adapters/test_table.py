"""The statements of a commit, against a BigQuery that is a list: the real one's errors, none of its latency."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core.exceptions import BadRequest, Forbidden, InternalServerError, RetryError, ServiceUnavailable

from earshot.adapters.schema import key_hash
from earshot.adapters.shared_commit import SharedCommit
from earshot.adapters.table import FEW, Table
from earshot.errors import ComeAgain

CONFLICTS = [
    BadRequest("Could not serialize access to table recordings:earshot.audio_metadata due to concurrent update"),
    BadRequest("Resources exceeded: Too many DML statements outstanding against table earshot.audio_metadata"),
    BadRequest("Exceeded rate limits: too many table update operations for this table"),
    Forbidden("Quota exceeded: Your table exceeded quota for total number of dml jobs writing to a table"),
]


class Warehouse:
    """Runs statements; `faults` are raised one a statement first, `poison` at each load with that row in it."""

    project = "recordings"

    def __init__(self, faults=(), poison=(), poisoned=BadRequest, known=()):
        self.faults = list(faults)
        self.poison = set(poison)
        self.poisoned = poisoned
        self.known = set(known)
        self.staged = {}
        self.statements = []
        self.parameters = []
        self.merged = set()

    def load_table_from_json(self, rows, table, job_config, timeout):
        if any(row["file_name"] in self.poison for row in rows):
            raise self.poisoned("Invalid value")
        self.staged[table] = rows
        return Job()

    def query(self, sql, job_config, job_retry, timeout):
        if self.faults:
            raise self.faults.pop(0)
        values = {parameter.name: parameter.values for parameter in job_config.query_parameters}
        (rows,) = (rows for name, rows in self.staged.items() if name in sql)
        self.statements.append(sql)
        self.parameters.append(values)
        if sql.lstrip("-").find("MERGE `") == -1:
            return Job([{"key_hash": row["key_hash"]} for row in rows if row["key_hash"] in self.known])
        inside = "NOT IN UNNEST(@keys)" not in sql
        self.merged |= {row["file_name"] for row in rows if (row["key_hash"] in values["keys"]) == inside}
        return Job()


class Job:
    total_bytes_billed = 10
    job_id = "job"

    def __init__(self, rows=()):
        self.rows = rows

    def result(self, timeout):
        return self.rows


class Endless(Job):
    cancelled = False

    def result(self, timeout):
        raise TimeoutError

    def cancel(self, timeout):
        self.cancelled = True


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


def rows(count):
    return [row(f"{n}.wav") | {"shard": n} for n in range(count)]


def table(warehouse, **options):
    return Table(warehouse, "earshot", "audio_metadata", schema="audio_metadata", **options)


def kinds(warehouse):
    return [re.search("(MERGE|SELECT DISTINCT)", sql)[1] for sql in warehouse.statements]


def test_a_few_rows_are_upserted_by_one_statement_over_their_partitions():
    warehouse = Warehouse()
    assert table(warehouse).commit(rows(FEW)) == []
    assert kinds(warehouse) == ["MERGE"]
    assert warehouse.parameters[0]["shards"] == list(range(FEW))
    assert len(warehouse.merged) == FEW


def test_many_new_rows_are_inserted_without_an_update_clause():
    warehouse = Warehouse()
    assert table(warehouse).commit(rows(100)) == []
    assert kinds(warehouse) == ["SELECT DISTINCT", "MERGE"]
    assert "UPDATE" not in warehouse.statements[1].split("MERGE `")[1]
    assert len(warehouse.merged) == 100


def test_of_many_rows_only_those_of_known_keys_are_upserted_and_in_their_partitions():
    known = rows(100)[3:5]
    warehouse = Warehouse(known=[key_hash(one, "audio_metadata") for one in known])
    assert table(warehouse).commit(rows(100)) == []
    assert kinds(warehouse) == ["SELECT DISTINCT", "MERGE", "MERGE"]
    assert warehouse.parameters[2]["shards"] == [3, 4]
    assert len(warehouse.merged) == 100


def test_the_text_of_a_statement_does_not_depend_on_the_rows():
    warehouse = Warehouse()
    store = table(warehouse)
    store.commit([row("a.wav")])
    store.commit([row("b.wav") | {"shard": 9}])
    assert warehouse.statements[0] == warehouse.statements[1]


def test_a_batch_has_one_row_a_key_and_it_is_the_newest():
    warehouse = Warehouse()
    table(warehouse).commit([row("a.wav", generation=n, codec=str(n)) for n in (2, 4, 3, 1)])
    (staged,) = warehouse.staged.values()
    assert [(one["generation"], one["codec"]) for one in staged] == [(4, "4")]


@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda error: error.message[:30])
def test_a_statement_that_was_in_conflict_is_repeated_and_not_bisected(conflict):
    warehouse = Warehouse(faults=[conflict])
    assert table(warehouse).commit(rows(8)) == []
    assert len(warehouse.statements) == 1


@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda error: error.message[:30])
def test_a_conflict_that_outlasts_patience_is_not_looked_for_row_by_row(conflict):
    warehouse = Warehouse(faults=[conflict] * 99)
    with pytest.raises(ComeAgain):
        table(warehouse, patience_s=0).commit(rows(16))
    assert len(warehouse.faults) == 98


@pytest.mark.parametrize("fault", [BadRequest, InternalServerError, RuntimeError])
def test_a_bad_row_does_not_fail_its_neighbours(fault):
    warehouse = Warehouse(poison=["3.wav", "11.wav"], poisoned=fault)
    rejected = table(warehouse).commit(rows(16))
    assert sorted(one.position for one in rejected) == [3, 11]
    assert "Invalid value" in rejected[0].reason
    assert len(warehouse.merged) == 14


@pytest.mark.parametrize("fault", [BadRequest, InternalServerError, RuntimeError])
def test_when_no_row_is_taken_all_come_again(fault):
    warehouse = Warehouse(poison=[f"{n}.wav" for n in range(8)], poisoned=fault)
    with pytest.raises(ComeAgain, match="takes none of 8 rows"):
        table(warehouse).commit(rows(8))


def test_a_row_that_comes_alone_is_rejected_by_a_bad_request_only():
    assert [one.position for one in table(Warehouse(poison=["0.wav"])).commit(rows(1))] == [0]
    with pytest.raises(ComeAgain):
        table(Warehouse(poison=["0.wav"], poisoned=InternalServerError)).commit(rows(1))


@pytest.mark.parametrize("fault", [ServiceUnavailable("down"), RetryError("too long", None), ConnectionError("cut")])
def test_an_outage_is_not_looked_for_row_by_row(fault):
    warehouse = Warehouse(faults=[fault] * 9)
    with pytest.raises(ComeAgain):
        table(warehouse).commit(rows(16))
    assert len(warehouse.faults) == 8


def test_a_statement_that_does_not_end_is_cancelled_and_its_rows_come_again():
    warehouse = Warehouse()
    endless = Endless()
    warehouse.query = lambda sql, job_config, job_retry, timeout: endless
    with pytest.raises(ComeAgain, match="did not end in 5 s"):
        table(warehouse, statement_timeout_s=5).commit(rows(3))
    assert endless.cancelled


def test_a_row_that_does_not_fit_is_rejected_before_it_is_loaded():
    warehouse = Warehouse()
    rejected = table(warehouse).commit([row("a.wav", volume=11), row("b.wav")])
    assert [(one.position, "volume" in one.reason) for one in rejected] == [(0, True)]
    assert warehouse.merged == {"b.wav"}


def test_what_statements_were_billed_for_is_summed():
    store = table(Warehouse())
    store.commit(rows(100))
    assert store.billed_bytes == 20


def test_rows_of_several_threads_share_commits():
    warehouse = Warehouse(poison=["bad.wav"])
    shared = SharedCommit(table(warehouse))

    def upsert(name):
        try:
            shared.upsert(row(name))
        except ValueError:
            return name
        return None

    names = [f"{n}.wav" for n in range(40)]
    with ThreadPoolExecutor(16) as pool:
        failed = set(pool.map(upsert, [*names, "bad.wav"]))
    assert failed == {None, "bad.wav"}
    assert warehouse.merged == set(names)


def test_every_thread_learns_that_the_warehouse_is_down():
    shared = SharedCommit(table(Warehouse(faults=[ServiceUnavailable("down")] * 99)))

    def upsert(n):
        with pytest.raises(ComeAgain):
            shared.upsert(row(f"{n}.wav"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upsert, range(8)))
