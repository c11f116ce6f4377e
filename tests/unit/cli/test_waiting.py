"""Waiting for rows: bounded, whatever the warehouse does, and honest about withdrawn recordings."""

import threading
from types import SimpleNamespace

import pytest

from earshot.cli.waiting import Deadline, NotInTime, Outcome, explain_lost, wait_for_recordings, within


class Tables:
    """A target whose queries answer from a list, or hang."""

    settings = SimpleNamespace(poll_s=0.01)

    def __init__(self, *rows, hangs=False):
        self.rows = [{"key": key, "reason": reason} for key, reason in rows]
        self.hangs = hangs

    def query(self, sql, **parameters):
        if self.hangs:
            threading.Event().wait()
        return self.rows


def test_an_outcome_counts_rows_refusals_and_withdrawn_apart():
    target = Tables(("a", None), ("b", "source_gone"), ("c", "withdrawn"), ("c", "source_gone"), ("a", "not_audio"))
    outcome = wait_for_recordings(target, "abcd", Deadline(0, least_s=600))  # one query, however long it takes
    assert (outcome.rows, outcome.refusals, outcome.withdrawn, outcome.lost) == (
        {"a"},
        {"b": "source_gone"},
        {"c"},
        {"d"},
    )
    assert str(outcome) == "1 in audio_metadata, 1 in refusals, 1 withdrawn, 1 without either yet"


def test_a_warehouse_that_hangs_does_not_hold_the_wait():
    outcome = wait_for_recordings(Tables(hangs=True), "ab", Deadline(0.05, least_s=0.05))
    assert outcome.lost == {"a", "b"}


def test_a_call_is_bounded_and_its_error_is_raised_again():
    assert within(600, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(600, lambda: 1 / 0)
    with pytest.raises(NotInTime):
        within(0.01, threading.Event().wait)


def test_the_end_of_a_wait_names_the_way_out(capsys):
    explain_lost(Outcome(lost=frozenset("a")), Deadline(45))
    printed = " ".join(capsys.readouterr().err.split())
    assert "1 recording has neither row nor refusal after 45 s." in printed
    assert "earshot status" in printed
    assert "earshot classify --missing" in printed
