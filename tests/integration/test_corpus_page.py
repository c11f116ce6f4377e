"""The corpus as the page reads it, over the small world of tests/recorded.py."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from earshot.adapters import corpus_sql
from earshot.adapters.annotations_table import AnnotationsTable
from earshot.adapters.corpus import Corpus
from earshot.audio import Annotation
from earshot.audio.corpus_filters import FACETS, Filters
from tests.recorded import PREDICTIONS, RECORDINGS, fill


def corpus(world) -> Corpus:
    return Corpus(world.client, world.name)


def test_facets_and_verdicts_count_as_the_views_do(world) -> None:
    page = corpus(world).page(Filters())
    verdicts = world.ask(
        "SELECT verdict, COUNT(*) AS recordings FROM `${d}.audio_verdicts` WHERE policy = 'default' GROUP BY verdict"
    )
    assert {one.value: one.recordings for one in page.facets["verdict"]} == {
        row["verdict"]: row["recordings"] for row in verdicts
    }
    for facet in ("heard", "energy", "licence"):
        rows = world.ask(f"SELECT {facet} AS value, COUNT(*) AS recordings FROM `${{d}}.corpus` GROUP BY {facet}")
        assert {one.value: one.recordings for one in page.facets[facet]} == {
            row["value"]: row["recordings"] for row in rows
        }
    assert page.recordings == len(page.rows)


class Watched:
    """The client of a world, which notes each statement and whether it was a dry run."""

    def __init__(self, client) -> None:
        self._client, self.project = client, client.project
        self.asked: list[tuple[str, bool]] = []

    def query(self, sql: str, job_config, **options):
        self.asked.append((sql, bool(job_config.dry_run)))
        return self._client.query(sql, job_config=job_config, **options)


@pytest.mark.parametrize("filters", [Filters(), Filters(facets={"heard": ("music",)})])
def test_the_first_page_asks_what_was_prepared_by_dry_runs(world, filters) -> None:
    client = Watched(world.client)
    reader = Corpus(client, world.name)
    reader.prepare()
    prepared = {sql for sql, is_dry in client.asked if is_dry}
    assert {sql for sql, is_dry in client.asked if not is_dry} == {sql for sql, _ in client.asked if " policies" in sql}
    del client.asked[:]
    assert reader.page(filters).recordings
    asked = {sql for sql, _ in client.asked if " policies" not in sql}
    assert asked
    assert asked <= prepared


def test_a_page_that_cannot_be_prepared_starts_all_the_same(world, caplog) -> None:
    caplog.set_level("INFO")
    Corpus(world.client, "no_such_dataset").prepare()
    assert "the first page is not prepared" in caplog.text


def test_pages_go_through_every_recording_once_and_back(world, monkeypatch) -> None:
    monkeypatch.setattr(corpus_sql, "PAGE", 2)
    reader, seen, filters = corpus(world), [], Filters(sort="loudness")
    while True:
        page = reader.page(filters)
        seen.append([row["gcp_url"] for row in page.rows])
        if not page.after:
            break
        filters = Filters(sort="loudness", after=page.after)
    flat = [url for urls in seen for url in urls]
    assert len(flat) == len(set(flat)) == page.recordings
    back = reader.page(Filters(sort="loudness", before=page.before))
    assert [row["gcp_url"] for row in back.rows] == seen[-2]


def test_a_filter_narrows_all_facets_but_its_own(world) -> None:
    whole = corpus(world).page(Filters())
    chosen = whole.facets["heard"][0]
    page = corpus(world).page(Filters(facets={"heard": (chosen.value,)}))
    assert page.recordings == chosen.recordings
    assert {one.value: one.recordings for one in page.facets["heard"]} == {
        one.value: one.recordings for one in whole.facets["heard"]
    }
    assert sum(one.recordings for one in page.facets["energy"]) == chosen.recordings


@pytest.mark.parametrize(
    "facets",
    [
        {"heard": ("music", "speech"), "energy": ("Medium Energy",)},
        {"fault": ("none",), "licence": ("CC0-1.0", "CC-BY-4.0")},
        {"fault": ("silent", "clip+ped"), "host": ("a.example.org",)},
        {"instrument": ("none", "piano"), "verdict": ("review", "accept")},
    ],
)
def test_chosen_facets_count_what_the_lines_of_the_view_count(world, facets) -> None:
    page = corpus(world).page(Filters(facets=facets))
    verdicts = {
        row["gcp_url"]: row["verdict"]
        for row in world.ask("SELECT gcp_url, verdict FROM `${d}.audio_verdicts` WHERE policy = 'default'")
    }
    lines = [row | {"verdict": verdicts[row["gcp_url"]]} for row in world.ask("SELECT * FROM `${d}.corpus`")]

    def values(line, facet: str) -> set[str]:
        several = facet in corpus_sql.SEVERAL
        return (set(filter(None, line[facet].split(","))) or {"none"}) if several else {line[facet]}

    def those(leaving_out: str):
        chosen = {name: set(wanted) for name, wanted in facets.items() if name != leaving_out}
        return [line for line in lines if all(values(line, name) & wanted for name, wanted in chosen.items())]

    assert page.recordings == len(those("")) == len(page.rows)
    for facet in FACETS:
        counts = Counter(value for line in those(facet) for value in values(line, facet))
        assert {one.value: one.recordings for one in page.facets[facet] if one.recordings} == counts, facet


def test_a_judgement_changes_what_is_heard_and_the_verdict_and_the_latest_holds(own) -> None:
    for table, rows in (("audio_metadata", RECORDINGS), ("predictions", PREDICTIONS)):
        fill(own.client, own.name, table, rows)
    reader = corpus(own)
    (row,) = [one for one in reader.page(Filters()).rows if one["gcp_url"].endswith("one.flac")]
    assert row["heard"] == "music"
    for second, label in ((1, "speech"), (2, "noise"), (3, "")):
        judgement = Annotation(
            gcp_url=row["gcp_url"],
            task="content",
            label=label,
            start_ms=0,
            end_ms=int(row["duration_ms"]),
            annotator="a@example.org",
            created_at=datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC),
        )
        AnnotationsTable(own.client, own.name).append([judgement])
        (shares,) = own.ask(
            "SELECT heard, speech_ratio, noise_ratio, music_ratio FROM `${d}.corpus` WHERE gcp_url LIKE '%one.flac'"
        )
        assert shares["heard"] == (label or "nothing")
        assert (shares["speech_ratio"], shares["music_ratio"]) == (1.0 if label == "speech" else 0.0, 0.0)
