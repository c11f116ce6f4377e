import json
import threading

import pytest

from earshot.adapters.shared_request_quota import OwnMemory, RequestQuota
from earshot.errors import ComeAgain


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def made(store: OwnMemory, clock: Clock, per_minute: int = 60, per_day: int = 2000) -> RequestQuota:
    return RequestQuota(store, per_minute=per_minute, per_day=per_day, clock=clock, sleep=lambda seconds: None)


def test_no_minute_sees_more_than_it_is_allowed() -> None:
    clock = Clock()
    quota = made(OwnMemory(), clock, per_minute=3)
    for _ in range(3):
        quota.take()
        clock.now += 10
    with pytest.raises(ComeAgain) as caught:
        quota.take()
    assert caught.value.retry_after_s == pytest.approx(30)
    clock.now += 30
    quota.take()
    with pytest.raises(ComeAgain):
        quota.take()


def test_no_day_does_either() -> None:
    clock = Clock()
    quota = made(OwnMemory(), clock, per_day=2)
    quota.take()
    clock.now += 3600
    quota.take()
    clock.now += 3600
    with pytest.raises(ComeAgain) as caught:
        quota.take()
    assert caught.value.retry_after_s == pytest.approx(86_400 - 7200)
    clock.now += 86_400 - 7200
    quota.take()


def test_what_is_past_is_forgotten() -> None:
    clock, store = Clock(), OwnMemory()
    quota = made(store, clock)
    quota.take()
    clock.now += 86_401
    quota.take()
    assert json.loads(store.read()[0]) == [clock.now]


def test_instances_share_what_there_is() -> None:
    store, clock = OwnMemory(), Clock()
    taken, refused = [], []

    def spend(quota: RequestQuota) -> None:
        for _ in range(10):
            try:
                quota.take()
            except ComeAgain:
                refused.append(1)
            else:
                taken.append(1)

    threads = [threading.Thread(target=spend, args=(made(store, clock, per_minute=25),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (25, 15)


class Contended(OwnMemory):
    """Somebody else is always a moment earlier."""

    def write(self, text: bytes, generation: int) -> bool:
        super().write(b"[]", generation)
        return super().write(text, generation)


def test_a_budget_that_too_many_write_comes_again() -> None:
    with pytest.raises(ComeAgain, match="too many at once"):
        made(Contended(), Clock()).take()
