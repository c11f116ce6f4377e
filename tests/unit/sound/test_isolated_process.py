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
from earshot.sound import isolated_server
from earshot.sound.isolated_process import IsolatedProcess
from earshot.sound.limits_per_file import Limits

LIMITS = Limits(wall_s=60)
HARMLESS = "unsafe_calls:hoard"


@pytest.fixture
def isolated(monkeypatch: pytest.MonkeyPatch) -> Iterator[IsolatedProcess]:
    monkeypatch.chdir(Path(__file__).parents[2])  # where unsafe_calls is found
    isolated = IsolatedProcess()
    yield isolated
    isolated.stop()


def test_a_call_answers(isolated: IsolatedProcess) -> None:
    assert isolated.call(HARMLESS, LIMITS, bytes=7)["bytes"] == 7


def test_what_takes_long_is_done_once_before_the_first_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    isolated = IsolatedProcess(preload=["unsafe_calls:prepare"])
    try:
        server = isolated.start()
        called = isolated.call("unsafe_calls:prepared", LIMITS)
        assert called["prepared_by"] == [server]
        assert called["pid"] != server
    finally:
        isolated.stop()


def test_a_crash_is_a_refusal_and_the_next_call_answers(isolated: IsolatedProcess) -> None:
    with pytest.raises(Undecodable, match="crashed"):
        isolated.call("unsafe_calls:segfault", LIMITS)
    assert isolated.call(HARMLESS, LIMITS, bytes=7)


def test_a_call_stuck_in_c_is_ended(isolated: IsolatedProcess, tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match=r"took longer than 0\.5 s"):
        isolated.call("unsafe_calls:spin", Limits(wall_s=0.5), begun=tmp_path / "begun")
    assert isolated.call(HARMLESS, LIMITS, bytes=7)


def test_memory_is_bounded(isolated: IsolatedProcess) -> None:
    limits = Limits(wall_s=60, memory_bytes=64 << 20)
    with pytest.raises(Undecodable, match="needs more than 64 MiB"):
        isolated.call("unsafe_calls:hoard", limits, bytes=256 << 20)
    assert isolated.call("unsafe_calls:hoard", limits, bytes=16 << 20)["bytes"] == 16 << 20


def test_a_fault_of_ours_is_not_given_up(isolated: IsolatedProcess) -> None:
    with pytest.raises(EarshotError, match="ModuleNotFoundError") as caught:
        isolated.call("no_such_module:function", LIMITS)
    assert type(caught.value) is EarshotError


def test_a_number_that_is_none_is_a_fault_of_ours(isolated: IsolatedProcess) -> None:
    with pytest.raises(EarshotError, match="not JSON compliant") as caught:
        isolated.call("unsafe_calls:miscount", LIMITS)
    assert type(caught.value) is EarshotError


def test_many_threads_share_one_server(isolated: IsolatedProcess) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: isolated.call(HARMLESS, LIMITS, bytes=n), range(24)))
    assert [answer["bytes"] for answer in answers] == list(range(24))


def test_a_server_that_died_is_replaced(isolated: IsolatedProcess) -> None:
    first = isolated.start()
    os.kill(first, signal.SIGKILL)
    assert isolated.call(HARMLESS, LIMITS, bytes=7)
    assert isolated.start() != first


def test_children_end_with_their_server(isolated: IsolatedProcess, tmp_path: Path) -> None:
    parent = isolated.start()
    begun = tmp_path / "begun"
    caught: list[str] = []

    def spin() -> None:
        try:
            isolated.call("unsafe_calls:spin", LIMITS, begun=begun)
        except Undecodable as error:
            caught.append(str(error))

    spinning = threading.Thread(target=spin)
    spinning.start()
    while not begun.exists():
        time.sleep(0.01)
    child = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    isolated.stop()
    spinning.join()
    assert caught == ["crashed its process"]
    while Path(f"/proc/{child[0]}").exists():
        time.sleep(0.01)


def test_an_abort_ends_the_calls_of_other_threads_and_later_calls_answer(
    isolated: IsolatedProcess, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as threads:
        begun = [tmp_path / "one", tmp_path / "other"]
        calls = [threads.submit(isolated.call, "unsafe_calls:spin", LIMITS, begun=path) for path in begun]
        while not all(path.exists() for path in begun):
            time.sleep(0.01)
        isolated.abort()
        for call in calls:
            with pytest.raises(EarshotError, match="unsafe_calls:spin was aborted"):
                call.result()
    assert isolated.call(HARMLESS, LIMITS, bytes=7)["bytes"] == 7


def test_a_signal_to_the_callers_group_does_not_reach_the_server(isolated: IsolatedProcess) -> None:
    assert os.getpgid(isolated.start()) != os.getpgid(0)


def test_a_child_serves_the_next_call_too(isolated: IsolatedProcess) -> None:
    first = isolated.call("unsafe_calls:whoami", LIMITS)["pid"]
    assert isolated.call("unsafe_calls:whoami", LIMITS)["pid"] == first


def test_another_memory_limit_takes_another_child(isolated: IsolatedProcess) -> None:
    first = isolated.call("unsafe_calls:whoami", LIMITS)["pid"]
    assert isolated.call("unsafe_calls:whoami", Limits(wall_s=60, memory_bytes=256 << 20))["pid"] != first


@pytest.mark.parametrize("function", ["unsafe_calls:segfault", "unsafe_calls:refuse"])
def test_no_child_serves_another_call_after_one_without_facts(isolated: IsolatedProcess, function: str) -> None:
    first = isolated.call("unsafe_calls:whoami", LIMITS)["pid"]
    with pytest.raises(Undecodable):
        isolated.call(function, LIMITS)
    assert isolated.call("unsafe_calls:whoami", LIMITS)["pid"] != first


def test_a_child_that_an_earlier_call_damaged_costs_the_next_nothing(isolated: IsolatedProcess) -> None:
    isolated.call("unsafe_calls:damage", LIMITS)
    assert isolated.call("unsafe_calls:crash_if_damaged", LIMITS)["damaged"] is False


def test_a_child_ends_after_its_calls_and_when_it_has_grown(isolated: IsolatedProcess) -> None:
    pids = {isolated.call("unsafe_calls:whoami", LIMITS)["pid"] for _ in range(2 * isolated_server.MOST_CALLS)}
    assert len(pids) == 2
    first = isolated.call("unsafe_calls:grow", LIMITS, bytes=2 * isolated_server.MOST_GROWTH_BYTES)["pid"]
    assert isolated.call("unsafe_calls:whoami", LIMITS)["pid"] != first


def test_the_time_of_a_call_is_its_own_and_not_its_childs(isolated: IsolatedProcess, tmp_path: Path) -> None:
    isolated.call("unsafe_calls:whoami", LIMITS)
    with pytest.raises(Undecodable, match=r"took longer than 0\.5 s"):
        isolated.call("unsafe_calls:spin", Limits(wall_s=0.5), begun=tmp_path / "begun")
    assert isolated.call("unsafe_calls:nap", Limits(wall_s=60), seconds=0.6)["cpu_ms"] is not None
