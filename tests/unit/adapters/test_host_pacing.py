from dataclasses import dataclass, field

import pytest

from earshot.adapters.host_pacing import HostPacing
from earshot.errors import SourceAsksToWait


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> HostPacing:
    return HostPacing(clock=clock, sleep=clock.sleep)


def test_the_second_request_to_a_host_waits(pace: HostPacing, clock: Clock) -> None:
    for _ in range(3):
        pace.wait("a.example", 2)
    pace.wait("b.example", 2)
    assert clock.slept == [2, 2]


def test_time_that_has_passed_is_not_waited_for(pace: HostPacing, clock: Clock) -> None:
    pace.wait("a.example", 2)
    clock.now += 1.5
    pace.wait("a.example", 2)
    clock.now += 10
    pace.wait("a.example", 2)
    assert clock.slept == [0.5]


def test_holding_lasts_until_the_host_is_free_and_reserves_nothing(pace: HostPacing, clock: Clock) -> None:
    pace.wait("a.example", 2)
    pace.hold("a.example")
    pace.hold("a.example")
    pace.hold("b.example")
    pace.wait("a.example", 2)
    assert clock.slept == [2]


def test_a_host_that_asks_for_a_pause_is_asked_nothing_so_long(pace: HostPacing, clock: Clock) -> None:
    pace.pause("a.example", 60)
    pace.pause("a.example", 10)
    with pytest.raises(SourceAsksToWait) as caught:
        pace.wait("a.example", 2)
    assert caught.value.retry_after_s == 60
    pace.wait("b.example", 2)
    clock.now += 60
    pace.wait("a.example", 2)
    assert clock.slept == []


def test_hosts_whose_moment_has_passed_are_forgotten(pace: HostPacing, clock: Clock) -> None:
    for number in range(10_001):
        clock.now += 1
        pace.wait(f"{number}.example", 0.5)
    assert len(pace._free_at) < 10
