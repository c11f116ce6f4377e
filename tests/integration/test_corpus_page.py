"""The corpus as the page reads it, over the small world of tests/recorded.py."""

from datetime import UTC, datetime

from earshot.adapters import corpus_sql
from earshot.adapters.annotations_table import AnnotationsTable
from earshot.adapters.corpus import Corpus
from earshot.audio import Annotation
from earshot.audio.corpus_filters import Filters
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
