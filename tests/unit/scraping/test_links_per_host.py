import pytest

from earshot.audio import AudioFound
from earshot.scraping import links_per_host
from earshot.scraping.crawl_request import CrawlReport, CrawlRequest
from earshot.scraping.links_per_host import LinksPerHost
from earshot.scraping.publishing import AudioFoundPublisher
from tests.unit.scraping.fakes import PublishedLinks


def test_a_week_holds_what_is_fetched_in_nine_tenths_of_it() -> None:
    assert LinksPerHost(retention_s=7 * 86_400, seconds_per_link=2).most == 272_160
    assert LinksPerHost(retention_s=31 * 86_400, seconds_per_link=2).most == 1_205_280


def test_links_of_one_host_beyond_that_are_refused_with_the_arithmetic_and_those_of_others_are_not() -> None:
    report, topic = CrawlReport(traceparent="t"), PublishedLinks()
    limited = LinksPerHost(retention_s=100, seconds_per_link=30)
    publisher = AudioFoundPublisher(CrawlRequest(pages=["https://a.example/"]), report, topic, limited)
    for number in range(6):
        publisher.offer(AudioFound(source_url=f"https://a.example/{number}.mp3"))
    publisher.offer(AudioFound(source_url="https://b.example/0.mp3"))
    assert (report.published, report.refusals, len(topic.found)) == (4, 3, 4)
    (refused,) = report.refused
    assert (refused.url, refused.reason) == ("https://a.example/3.mp3", "too_many_of_host")
    assert "more than 3 links" in refused.detail
    assert "30 s each" in refused.detail


def test_a_refusal_names_the_days_that_the_topic_keeps_links() -> None:
    limited = LinksPerHost(retention_s=7 * 86_400, seconds_per_link=10_000_000)
    assert limited.add("a.example") is None
    assert "90% of the 7 days" in str(limited.add("a.example"))


def test_millions_of_hosts_are_counted_in_bounded_memory() -> None:
    limited = LinksPerHost(retention_s=1000, seconds_per_link=1)
    for number in range(250_000):
        limited.add(f"{number}.example")
        if number % 1000 == 0:
            limited.add("large.example")
    assert len(limited._counts) <= 100_001
    assert limited._counts["large.example"] == 250


def test_the_smaller_half_of_the_hosts_is_forgotten_and_the_larger_is_still_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(links_per_host, "HOSTS", 10)
    limited = LinksPerHost(retention_s=1000, seconds_per_link=100)
    for number in range(10):
        for _ in range(9 if number < 4 else 1):
            assert limited.add(f"{number}.example") is None
    limited.add("one.more.example")
    assert [limited.add(f"{number}.example") is not None for number in range(10)] == [True] * 4 + [False] * 6
