"""The least rate of a source, by a clock of the test's own: no machine is too busy for these tests."""

from types import SimpleNamespace

import pytest

from earshot.adapters.streamed_response import StreamedResponse
from earshot.errors import SourceFails


class Source:
    """A response whose blocks arrive at given seconds since the request; it is its own deadline."""

    def __init__(self, *arrivals: tuple[float, int]) -> None:
        self.arrivals = list(arrivals)
        self.now = 0.0
        self.status_code, self.headers = 200, {}
        self.raw = SimpleNamespace(read1=self.read1)

    def read1(self, _most: int, *, decode_content: bool) -> bytes:
        if not self.arrivals:
            return b""
        self.now, size = self.arrivals.pop(0)
        return bytes(size)

    def taken_s(self) -> float:
        return self.now

    def left_s(self) -> float:
        return 600.0 - self.now


def received(*arrivals: tuple[float, int]) -> int:
    source = Source(*arrivals)
    response = StreamedResponse(
        ["https://example.org/a"], source, source, 10**9, least_bytes_per_s=1000, slow_start_s=10.0
    )
    return len(response.content())


def test_a_slow_start_is_forgiven() -> None:
    assert received((9.9, 1), (10.5, 20_000)) == 20_001


def test_a_source_above_the_least_rate_is_read_to_its_end() -> None:
    assert received(*((float(second), 1001) for second in range(1, 100))) == 99 * 1001


def test_a_source_below_the_least_rate_is_given_up_after_its_slow_start() -> None:
    with pytest.raises(SourceFails, match="too slow: 9990 bytes in 10 s"):
        received(*((float(second), 999) for second in range(1, 10)), (10.1, 999), (11.0, 10**6))
