"""What the page draws and says: outline, spectrogram, lanes, verdicts, the state of the corpus."""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earshot.audio.corpus_filters import FACETS, SORTS, Filters, Measure
from earshot.cli.report import histogram
from earshot.listening.display import amount, edge
from earshot.listening.growing_file import GrowingFile
from earshot.listening.lanes import MOST_SEGMENTS, compact_segments, sparkline
from earshot.listening.policy_verdicts import verdicts
from earshot.listening.rendering import ENVIRONMENT, as_json
from earshot.listening.samples_to_events import WAITING, Microphone
from earshot.sound.mel_columns import MELS, MelColumns
from earshot.sound.palette_png import png
from earshot.sound.peaks import MOST_BINS, Peaks
from earshot.sound.visuals import OVERVIEW, Visuals, read_header

RATE_HZ = 16_000


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0:00.00"), (250, "0:00.25"), (7250.9, "0:07.25"), (59_999, "0:59.99"), (3_723_500, "1:02:03.50")],
)
def test_the_edge_of_a_segment_is_shown_to_a_hundredth_of_a_second(milliseconds: float, text: str) -> None:
    assert edge(milliseconds) == text


@pytest.mark.parametrize(
    ("hours", "text"), [(None, "—"), (0, "0.0 min"), (1.5 / 60, "1.5 min"), (0.1, "0.1 h"), (1234.56, "1,234.6 h")]
)
def test_an_amount_of_sound_is_shown_in_minutes_or_hours(hours: float | None, text: str) -> None:
    assert amount(hours) == text


def noise(seconds: float, level: float = 0.1) -> np.ndarray:
    return (level * np.random.default_rng(1).standard_normal((round(seconds * RATE_HZ), 1))).astype(np.float32)


@pytest.mark.parametrize("cut", [160, 1000, 12_345])
def test_the_outline_does_not_depend_on_how_the_samples_came(cut: int) -> None:
    sound = noise(60)
    whole, pieces = Peaks(RATE_HZ), Peaks(RATE_HZ)
    whole.add(sound)
    for start in range(0, len(sound), cut):
        pieces.add(sound[start : start + cut])
    assert len(whole.outline()) <= MOST_BINS + 1
    assert np.array_equal(whole.outline().max(), pieces.outline().max())
    assert abs(len(whole.outline()) - len(pieces.outline())) <= 1


def test_clipped_parts_have_their_times() -> None:
    sound = noise(3, 0.05)
    sound[RATE_HZ : RATE_HZ + 100] = 1.0
    peaks = Peaks(RATE_HZ)
    for start in range(0, len(sound), 1024):
        peaks.add(sound[start : start + 1024])
    assert peaks.clipped_ms() == [[1000, 1007]]


def test_a_tone_is_palest_in_the_band_that_holds_it() -> None:
    time = np.arange(2 * RATE_HZ) / RATE_HZ
    columns = MelColumns(RATE_HZ).add((0.5 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32))
    mel = 2595 * np.log10(1 + 1000 / 700)
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (40, 12_000))
    assert abs(int(columns[50].argmax()) - ((mel - low) / (high - low) * (MELS + 1) - 1)) <= 1


def test_a_picture_is_a_png_that_holds_its_levels() -> None:
    levels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    data = png(levels)
    assert struct.unpack(">II", data[16:24]) == (4, 3)
    start = data.index(b"IDAT") + 4
    (size,) = struct.unpack(">I", data[start - 8 : start - 4])
    lines = np.frombuffer(zlib.decompress(data[start : start + size]), np.uint8).reshape(3, 5)
    assert np.array_equal(lines[:, 1:], levels)


def test_the_file_of_visuals_has_what_its_header_says(tmp_path: Path) -> None:
    visuals = Visuals(RATE_HZ, 1)
    for _ in visuals.watch([noise(95)]):
        pass
    visuals.write(tmp_path / "visuals")
    data = (tmp_path / "visuals").read_bytes()
    header, start = read_header(data)
    assert (header["duration_ms"], len(header["tiles"])) == (95_000, 4)
    for offset, size in [header["overview"], *header["tiles"]]:
        assert data[start + offset : start + offset + 4] == b"\x89PNG"
        assert data[start + offset + size - 8 : start + offset + size - 4] == b"IEND"
    width = struct.unpack(">I", data[start + header["overview"][0] + 16 : start + header["overview"][0] + 20])[0]
    assert width <= OVERVIEW + 1
    assert header["overview_ms"] == pytest.approx(95_000, abs=200)


def test_the_file_of_visuals_says_where_sound_drops_out(tmp_path: Path) -> None:
    sound = np.array(noise(2))
    sound[RATE_HZ // 2 : RATE_HZ // 2 + RATE_HZ // 20] = 0
    visuals = Visuals(RATE_HZ, 1)
    for block in np.array_split(sound, 7):
        visuals.add(block)
    visuals.write(tmp_path / "visuals")
    assert read_header((tmp_path / "visuals").read_bytes())[0]["dropouts_ms"] == [[500, 550]]


def test_too_many_segments_are_cut_to_the_longest() -> None:
    labels: list[str] = []
    many = [
        {"start_ms": at * 10, "end_ms": at * 10 + 5 + at % 2, "label": "a", "score": 1.0}
        for at in range(2 * MOST_SEGMENTS)
    ]
    kept = compact_segments(many, labels)
    assert len(kept) == MOST_SEGMENTS
    assert {end - start for start, end, _, _ in kept} == {6}
    assert kept == sorted(kept)


def test_a_sparkline_is_coloured_by_what_is_heard() -> None:
    outline = np.tile(np.array([[-64, 64]], np.int8), (600, 1)).tobytes()
    drawn = sparkline(outline, 1000, [{"start_ms": 0, "end_ms": 500, "label": "speech"}])
    assert drawn.count("<rect") == 60
    assert drawn.count("#4a86b8") == 30


def test_verdicts_say_which_rule_fired_with_value_and_threshold() -> None:
    rules = [
        {
            "name": "default",
            "metric": "snr_db",
            "op": "<",
            "threshold": 10,
            "verdict": "review",
            "reason": "noisy",
            "note": "",
        },
        {
            "name": "asr",
            "metric": "speech_ratio",
            "op": "missing",
            "threshold": None,
            "verdict": "review",
            "reason": "unknown",
            "note": "",
        },
        {
            "name": "asr",
            "metric": "duration_ms",
            "op": "<",
            "threshold": 1000,
            "verdict": "reject",
            "reason": "too_short",
            "note": "",
        },
    ]
    found = verdicts(rules, {"snr_db": 12.0, "speech_ratio": None, "duration_ms": 500.0})
    assert [(one.policy, one.verdict) for one in found] == [("default", "accept"), ("asr", "reject")]
    assert (found[1].rules[0].reason, found[1].rules[0].value) == ("too_short", 500.0)


def test_the_state_of_the_corpus_is_its_address_and_nothing_else() -> None:
    filters = Filters.read(
        [
            ("heard", "music"),
            ("heard", "speech"),
            ("q", " rain "),
            ("measures", "snr_db > 20 and pesq>=3"),
            ("sort", "snr.asc"),
            ("evil", "x"),
            ("policy", "asr"),
        ]
    )
    assert filters.measures == (Measure("snr_db", ">", 20), Measure("pesq", ">=", 3))
    again = Filters.read([tuple(part.split("=", 1)) for part in _decoded(filters.query()[1:])])  # type: ignore[misc]
    assert again == filters
    assert "music" not in Filters.read([("heard", "music")]).with_value("heard", "music")


@pytest.mark.parametrize("text", ["snr_db >", "1 > 2", "snr_db > 1; DROP TABLE x", "x" * 400, "a > 1 or b < 2"])
def test_what_of_measures_cannot_be_read_is_named(text: str) -> None:
    assert Filters.read([("measures", text)]).unread


def test_json_in_a_page_cannot_end_its_element() -> None:
    text = as_json({"title": "</script><script>alert(1)</script>\u2028"})
    assert "<" not in text
    assert json.loads(text)["title"].startswith("</script>")


def test_a_hostile_text_is_escaped_in_every_template_that_shows_one() -> None:
    rows = [{"address": "<img src=x>", "stage": "s", "reason": "r", "detail": "<script>", "last_seen": None}]
    shown = ENVIRONMENT.get_template("refusals.html").render(rows=rows, nonce="n", person="<b>", path="/refusals")
    assert "<img src=x>" not in shown
    assert "<script>" not in shown
    assert "<b>" not in shown


def test_a_growing_file_is_read_as_it_comes(tmp_path: Path) -> None:
    path, done = tmp_path / "bytes", tmp_path / "complete"
    path.write_bytes(b"ab")
    file = GrowingFile(path, done)
    assert file.read1(10) == b"ab"
    path.write_bytes(b"abcd")
    assert file.read1(10) == b"cd"
    done.touch()
    assert file.read1(10) == b""


def test_the_oldest_blocks_are_dropped_and_counted() -> None:
    import threading

    entered, release, sizes = threading.Event(), threading.Event(), []

    class Slow:
        def skip(self, samples: int) -> list[dict[str, Any]]:
            return []

        def add(self, samples: Any) -> list[dict[str, Any]]:
            sizes.append(len(samples))
            entered.set()
            release.wait(10)
            return [{"kind": "decision"}]

    events: list[dict[str, Any]] = []
    microphone = Microphone(Slow(), events.append)  # type: ignore[arg-type]
    microphone.put(np.zeros(1, np.float32))
    entered.wait(10)
    for size in range(2, WAITING + 7):
        microphone.put(np.zeros(size, np.float32))
    assert microphone.dropped == 5
    release.set()
    microphone.end()


def test_a_distribution_counts_every_value_once() -> None:
    found = histogram([1.0, 2.0, 2.0, None, 10.0])
    assert sum(bar["count"] for bar in found["bars"]) == 4
    assert (found["low"], found["high"], found["unknown"]) == (1.0, 10.0, 1)
    assert histogram([3.0])["bars"][0]["count"] == 1
    assert histogram([None])["bars"] == []


def _decoded(text: str) -> list[str]:
    from urllib.parse import unquote_plus

    return [unquote_plus(part) for part in text.split("&")]


class Page:
    """What the corpus reads, as the template sees it."""

    def __init__(self, recordings: int, rows: list[dict[str, Any]]) -> None:
        self.recordings, self.rows, self.hours = recordings, rows, 0.5
        self.facets = {name: [] for name in FACETS}
        self.policies, self.sql, self.after, self.before = ["default"], "SELECT 1", "", ""
        self.hints, self.unknown = [("snr_db > 500", "3 match without it")], []


@pytest.mark.parametrize("recordings", [0, 1, 2])
@pytest.mark.parametrize("query", [[], [("measures", "snr_db > 500")], [("q", "<b>"), ("heard", "speech")]])
def test_the_corpus_is_drawn_in_every_state(recordings: int, query: list[tuple[str, str]]) -> None:
    row = {
        "audio_id": "0" * 32, "gcp_url": "gs://b/o", "title": "<script>", "duration_ms": 1000.0, "heard": "speech",
        "heard_share": None, "is_judged": False, "loudness": None, "licence": "unknown", "verdict": "accept",
        "reasons": "", "integrated_lufs": None,
    }  # fmt: skip
    shown = ENVIRONMENT.get_template("corpus.html").render(
        filters=Filters.read(query), found=Page(recordings, [row] * recordings), facets=FACETS, sorts=SORTS, few=8,
        totals={"recordings": 3, "hours": 1.0}, command="earshot export", nonce="n", person="me", path="/",
    )  # fmt: skip
    assert f"{recordings} recording" in shown
    assert "<b>" not in shown.split("<main")[1].replace("<b>on</b>", "").replace("<b>&lt;b&gt;</b>", "").replace(
        "<b>snr_db", ""
    ).replace("<b>speech", "")
    assert 'title="<script>' not in shown
