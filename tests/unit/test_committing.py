"""Rounds of commits, on a queue and tables in memory."""

from dataclasses import dataclass, field
from threading import Event, Thread

import pytest

from earshot.audio import QueuedRow
from earshot.committing import Rounds, commit_rows
from earshot.committing.commit_rows import MOST_ROWS, Round
from earshot.committing.rounds import LONGEST_WAIT_S, USD_PER_BYTE
from earshot.errors import ComeAgain


@dataclass
class Queue:
    waiting: list[QueuedRow]
    acknowledged: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    dead: dict[str, str] = field(default_factory=dict)

    def pull(self, most):
        pulled, self.waiting = self.waiting[: min(most, 700)], self.waiting[min(most, 700) :]
        return pulled

    def acknowledge(self, rows):
        self.acknowledged += [row.lease for row in rows]

    def release(self, rows):
        self.released += [row.lease for row in rows]

    def reject(self, row, reason):
        self.dead[row.lease] = reason


@dataclass
class Rejection:
    position: int
    reason: str


@dataclass
class Table:
    rows: list[dict] = field(default_factory=list)
    bad: str = ""
    is_down: bool = False
    billed_bytes: int = 0
    log: list[str] = field(default_factory=list)
    name: str = ""

    def commit(self, rows):
        if self.is_down:
            raise ComeAgain("down")
        self.log.append(self.name)
        self.billed_bytes += 7
        self.rows += [row for row in rows if row["gcp_url"] != self.bad]
        return [Rejection(n, "too loud") for n, row in enumerate(rows) if row["gcp_url"] == self.bad]


def queued(lease, table="audio_metadata", kind=None, error=None):
    return QueuedRow(lease=lease, kind=kind or table, table=table, row={"gcp_url": lease}, error=error)


def test_all_rows_that_wait_are_committed_and_acknowledged():
    queue, table = Queue([queued(str(n)) for n in range(1500)]), Table()
    done = commit_rows(queue, {("audio_metadata", "audio_metadata"): table})
    assert (done.rows, done.rejected, done.billed_bytes, done.is_full) == (1500, 0, 7, False)
    assert len(table.rows) == len(queue.acknowledged) == 1500
    assert len(table.log) == 1


def test_a_round_takes_no_more_rows_than_memory_holds():
    queue, table = Queue([queued(str(n)) for n in range(MOST_ROWS + 1)]), Table()
    assert commit_rows(queue, {("audio_metadata", "audio_metadata"): table}).is_full
    assert len(queue.waiting) == 1


def test_a_row_that_its_table_rejects_is_a_dead_letter_with_the_reason_and_its_neighbours_are_committed():
    queue, table = Queue([queued("a"), queued("b"), queued("c")]), Table(bad="b")
    assert commit_rows(queue, {("audio_metadata", "audio_metadata"): table}).rejected == 1
    assert queue.dead == {"b": "too loud"}
    assert queue.acknowledged == ["a", "c"]


def test_a_message_that_cannot_be_read_or_has_no_table_is_a_dead_letter():
    queue, table = Queue([queued("a", error="no JSON"), queued("b"), queued("c", table="moods")]), Table()
    commit_rows(queue, {("audio_metadata", "audio_metadata"): table})
    assert queue.dead == {"a": "no JSON", "c": "no table 'moods' is committed here"}
    assert [row["gcp_url"] for row in table.rows] == ["b"]


def test_rows_of_a_table_that_is_down_wait_and_those_of_the_others_are_committed():
    queue = Queue([queued("a"), queued("b", table="refusals")])
    refusals = Table()
    tables = {("audio_metadata", "audio_metadata"): Table(is_down=True), ("refusals", "refusals"): refusals}
    with pytest.raises(ComeAgain):
        commit_rows(queue, tables)
    assert (queue.released, queue.acknowledged) == (["a"], ["b"])


def test_marks_are_set_after_the_rows_that_came_with_them():
    log: list[str] = []
    queue = Queue([queued("a", kind="removals"), queued("b"), queued("c", table="refusals")])
    tables = {
        ("removals", "audio_metadata"): Table(log=log, name="marks"),
        ("audio_metadata", "audio_metadata"): Table(log=log, name="rows"),
        ("refusals", "refusals"): Table(log=log, name="refusals"),
    }
    commit_rows(queue, tables)
    assert log[-1] == "marks"
    assert len(log) == 3


class Time:
    def __init__(self):
        self.now = 0.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def rounds(results, time, usd_per_hour=1.0):
    """Rounds that have these results, and the moments at which they began."""
    began = []

    def run():
        began.append(time.now)
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    return Rounds(run, usd_per_hour=usd_per_hour, gather_s=1.0, clock=lambda: time.now, sleep=time.sleep), began


EMPTY = Round(0, 0, 0)


def test_a_round_begins_once_rows_have_gathered():
    several, began = rounds([EMPTY], Time())
    several.handle_delivery("1")
    assert began == [1.0]


def test_rounds_follow_until_one_finds_no_rows():
    results = [Round(MOST_ROWS, 0, 0), Round(3, 0, 0), EMPTY]
    several, began = rounds(results, Time())
    several.handle_delivery("2")
    assert (results, began) == ([], [1.0, 2.0, 3.0])


def test_what_a_round_was_billed_for_sets_the_pause_after_it():
    cent = round(0.01 / USD_PER_BYTE)
    several, began = rounds([Round(1, 0, cent), EMPTY], Time(), usd_per_hour=1.0)
    several.handle_delivery("3")
    assert began[1] - began[0] == pytest.approx(36, rel=1e-3)


def test_a_pause_that_outlasts_a_request_lets_the_delivery_come_again():
    time = Time()
    several, _ = rounds([Round(1, 0, round(1 / USD_PER_BYTE)), EMPTY], time)
    with pytest.raises(ComeAgain, match="more rows may wait"):
        several.handle_delivery("4")
    with pytest.raises(ComeAgain, match="next round begins in"):
        several.handle_delivery("5")
    time.now += 3600
    several.handle_delivery("6")


def test_a_round_that_fails_fails_its_delivery_and_the_next_one_runs():
    results = [ComeAgain("down"), EMPTY]
    several, _ = rounds(results, Time())
    with pytest.raises(ComeAgain):
        several.handle_delivery("7")
    several.handle_delivery("8")
    assert results == []


def test_the_first_delivery_of_a_process_waits_for_rows_that_a_dead_one_had_leased():
    time = Time()
    several, began = rounds([Round(1, 0, 0), EMPTY, EMPTY, EMPTY, Round(2, 0, 0), EMPTY, EMPTY], time)
    several.lease_s = 3.5
    several.handle_delivery("9")
    assert began == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    several.handle_delivery("10")
    assert began[6:] == [7.0]


def test_while_one_delivery_waits_for_the_next_round_others_return_at_once():
    began, may_end = Event(), Event()
    ran = []

    def run():
        ran.append(1)
        began.set()
        assert may_end.wait(LONGEST_WAIT_S)
        return Round(len(ran) % 2, 0, 0)

    several = Rounds(run, usd_per_hour=1, gather_s=0)
    threads = [Thread(target=several.handle_delivery, args=(f"thread {n}",), daemon=True) for n in range(2)]
    threads[0].start()
    assert began.wait(30)
    threads[1].start()
    while not several.awaited.locked():
        pass
    for n in range(100):
        several.handle_delivery(f"at once {n}")
    for n in range(2):
        with pytest.raises(ComeAgain, match="being handled"):
            several.handle_delivery(f"thread {n}")
    assert ran == [1]
    may_end.set()
    for thread in threads:
        thread.join(30)
    assert len(ran) == 2
    several.handle_delivery("at once 7")
    several.handle_delivery("thread 0")
    assert len(ran) == 2
