"""Calling a function in a process that may hang or die without harm."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from earshot.errors import EarshotError, Undecodable
from earshot.sound.limits import Limits
from earshot.sound.nursery import Nursery

LIMITS = Limits(wall_s=60)
HARMLESS = "unsafe_calls:hoard"


@pytest.fixture
def nursery(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nursery]:
    monkeypatch.chdir(Path(__file__).parents[2])  # where unsafe_calls is found
    nursery = Nursery()
    yield nursery
    nursery.stop()


def test_a_call_answers(nursery: Nursery) -> None:
    assert nursery.call(HARMLESS, LIMITS, bytes=7)["bytes"] == 7


def test_a_crash_is_a_refusal_and_the_next_call_answers(nursery: Nursery) -> None:
    with pytest.raises(Undecodable, match="crashed"):
        nursery.call("unsafe_calls:segfault", LIMITS)
    assert nursery.call(HARMLESS, LIMITS, bytes=7)


def test_a_call_stuck_in_c_is_ended(nursery: Nursery, tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match=r"took longer than 0\.5 s"):
        nursery.call("unsafe_calls:spin", Limits(wall_s=0.5), begun=tmp_path / "begun")
    assert nursery.call(HARMLESS, LIMITS, bytes=7)


def test_memory_is_bounded(nursery: Nursery) -> None:
    limits = Limits(wall_s=60, memory_bytes=64 << 20)
    with pytest.raises(Undecodable, match="needs more than 64 MiB"):
        nursery.call("unsafe_calls:hoard", limits, bytes=256 << 20)
    assert nursery.call("unsafe_calls:hoard", limits, bytes=16 << 20)["bytes"] == 16 << 20


def test_a_fault_of_ours_is_not_given_up(nursery: Nursery) -> None:
    with pytest.raises(EarshotError, match="ModuleNotFoundError") as caught:
        nursery.call("no_such_module:function", LIMITS)
    assert type(caught.value) is EarshotError


def test_many_threads_share_one_nursery(nursery: Nursery) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: nursery.call(HARMLESS, LIMITS, bytes=n), range(24)))
    assert [answer["bytes"] for answer in answers] == list(range(24))


def test_a_nursery_that_died_is_replaced(nursery: Nursery) -> None:
    first = nursery.start()
    os.kill(first, signal.SIGKILL)
    assert nursery.call(HARMLESS, LIMITS, bytes=7)
    assert nursery.start() != first


def test_children_end_with_their_nursery(nursery: Nursery, tmp_path: Path) -> None:
    parent = nursery.start()
    begun = tmp_path / "begun"
    caught: list[str] = []

    def spin() -> None:
        try:
            nursery.call("unsafe_calls:spin", LIMITS, begun=begun)
        except Undecodable as error:
            caught.append(str(error))

    spinning = threading.Thread(target=spin)
    spinning.start()
    while not begun.exists():
        time.sleep(0.01)
    child = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    nursery.stop()
    spinning.join()
    assert caught == ["crashed its process"]
    while Path(f"/proc/{child[0]}").exists():
        time.sleep(0.01)


def test_a_signal_to_the_callers_group_spares_the_nursery(nursery: Nursery) -> None:
    assert os.getpgid(nursery.start()) != os.getpgid(0)
