import json

import pytest

from earshot.crawl_job import at_most_every, main
from earshot.scraping import CrawlReport

REPORT = CrawlReport(traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01")


def test_progress_is_reported_at_most_once_in_the_interval() -> None:
    moments = iter([0.0, 1.0, 29.9, 30.0, 30.0, 59.0, 61.0, 61.0])
    reported: list[CrawlReport] = []
    throttled = at_most_every(reported.append, 30.0, clock=lambda: next(moments))
    counts = []
    for _ in range(5):
        throttled(REPORT)
        counts.append(len(reported))
    assert counts == [0, 0, 1, 1, 2]


@pytest.mark.parametrize("request_", ["{}", "", '{"pages": ["x"], "depth": 99}'])
def test_a_wrong_request_is_not_worth_another_try(
    request_: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "tests")
    assert main([request_]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["severity"], json.loads(line)["message"]) == ("ERROR", "wrong request")
