"""Each view over a small world whose answers are known, on the embedded engine and on the stricter one."""

import random
from datetime import timedelta
from typing import Any

import pytest

from earshot.adapters.default_policies_and_prices import defaults, insert_missing_defaults
from earshot.adapters.schema import views
from earshot.sound.fingerprint_bands import bands, codes_hex
from tests.recorded import DAY, RECORDINGS, A, B, fill, recording


def name(row: dict[str, Any]) -> str:
    return str(row["gcp_url"]).rsplit("/", 1)[1]


@pytest.mark.parametrize("view", views())
def test_every_view_answers(world, view):
    assert world.view(view) is not None


def test_a_recording_stands_until_it_is_removed(world):
    standing = {name(row): row["source_host"] for row in world.view("recordings")}
    assert standing == {
        "one.flac": "a.example.org",
        "low.wav": "a.example.org",
        "copy.mp3": "b.example.org",
        "silence.wav": "b.example.org",
        "noisy.wav": "b.example.org",
        "dropped.wav": None,
    }


def test_the_plain_collection_has_six_columns_and_only_what_stands(world):
    rows = world.view("audio_info")
    assert len(rows) == 6
    assert list(rows[0]) == ["id", "title", "file_path", "duration", "pesq_score", "quality_label"]


def test_a_metric_has_the_name_of_its_column_and_true_counts_one(world):
    metrics = {(name(row), row["metric"]): row["value"] for row in world.view("audio_metrics")}
    assert metrics["silence.wav", "is_silent"] == 1.0
    assert metrics["silence.wav", "loudness"] == -120.0
    assert metrics["silence.wav", "pesq"] is None
    assert metrics["noisy.wav", "pesq"] == 1.5
    assert not [key for key in metrics if key[0] == "gone.wav"]


def test_a_verdict_says_why(world):
    verdicts = {
        name(row): (row["verdict"], row["reasons"]) for row in world.view("audio_verdicts", where="policy = 'default'")
    }
    assert verdicts == {
        "one.flac": ("accept", None),
        "copy.mp3": ("accept", None),
        "low.wav": ("review", "low_sample_rate,too_quiet"),
        "noisy.wav": ("review", "poor_quality"),
        "silence.wav": ("reject", "silent,too_quiet"),
        "dropped.wav": ("reject", "too_short"),
    }


def test_a_rule_of_the_users_own_judges_at_once(world):
    rules = (
        "('tidy', 'pesq', 'missing', NULL, 'review', 'no_score'),"
        " ('tidy', 'duration_ms', '>=', 60000, 'reject', 'long')"
    )
    world.ask(f"INSERT INTO `${{d}}.policies` (name, metric, op, threshold, verdict, reason) VALUES {rules}")
    verdicts = {
        name(row): (row["verdict"], row["reasons"]) for row in world.view("audio_verdicts", where="policy = 'tidy'")
    }
    world.ask("DELETE FROM `${d}.policies` WHERE name = 'tidy'")
    assert verdicts["one.flac"] == ("reject", "long,no_score")
    assert verdicts["noisy.wav"] == ("reject", "long")
    assert verdicts["silence.wav"] == ("review", "no_score")


def test_a_refusal_is_over_once_something_later_succeeded(world):
    still = {(row["stage"], row["reason"], row["source_url"]) for row in world.view("open_refusals")}
    assert still == {
        ("downloader", "source_gone", f"{A}/broken.mp3"),
        ("downloader", "withdrawn", f"{A}/never.mp3"),
        ("analyser", "undecodable", f"{B}/torn.ogg"),
        ("analyser", "too_long", f"{A}/one.flac"),
    }


def test_withdrawn_names_what_was_and_what_never_was(world):
    rows = world.view("withdrawn")
    assert {(row["gcp_url"], row["removed_because"]) for row in rows} == {
        ("gs://recordings/audio/gone.wav", "withdrawn"),
        (None, "withdrawn"),
    }
    assert all(row["audio_id"] and row["removed_at"] for row in rows)


def test_the_same_bytes_are_one_group_and_the_original_is_the_best_copy(world):
    groups = {name(row): row for row in world.view("duplicate_groups")}
    assert groups["one.flac"]["group_id"] == groups["copy.mp3"]["group_id"]
    assert len({row["group_id"] for row in groups.values()}) == 5
    assert [groups[copy]["place"] for copy in ("one.flac", "copy.mp3")] == [1, 2]
    assert {name(row) for row in groups.values() if not row["is_best_copy"]} == {"copy.mp3"}
    assert groups["copy.mp3"]["best_gcp_url"] == "gs://recordings/audio/one.flac"
    assert {name(row): row["copies"] for row in groups.values() if row["copies"] > 1} == {"one.flac": 2, "copy.mp3": 2}


def test_copies_are_known_by_bytes_by_samples_and_by_sound(own):
    sound = "AQAD" * 30
    rows = [
        recording("best.wav", content_sha256="1", pcm_sha256="p", fingerprint=sound, bandwidth_hz=20_000),
        recording("older.wav", content_sha256="1", bandwidth_hz=10_000),  # measured before samples were hashed
        recording("other.flac", content_sha256="2", pcm_sha256="p", bandwidth_hz=20_000, decode_fault="an early end"),
        recording("lossy.mp3", content_sha256="3", pcm_sha256="q", fingerprint=sound, bandwidth_hz=16_000),
        recording("beep.wav", content_sha256="4", pcm_sha256="r", fingerprint="AQAAAA"),
        recording("boop.wav", content_sha256="5", pcm_sha256="s", fingerprint="AQAAAA"),
    ]
    fill(own.client, own.name, "audio_metadata", rows)
    found = {name(row): (row["copies"], row["place"], row["same_as_best"]) for row in own.view("duplicate_groups")}
    assert found == {
        "best.wav": (4, 1, None),
        "lossy.mp3": (4, 2, "fingerprint"),
        "older.wav": (4, 3, "bytes"),
        "other.flac": (4, 4, "samples"),
        "beep.wav": (1, 1, None),
        "boop.wav": (1, 1, None),
    }
    before = {name(row): row["group_id"] for row in own.view("duplicate_groups")}
    fill(own.client, own.name, "audio_metadata", [recording("aaa.wav", content_sha256="1", bandwidth_hz=22_000)])
    after = {name(row): row["group_id"] for row in own.view("duplicate_groups")}
    assert {key: after[key] for key in before} == before
    assert after["aaa.wav"] == before["best.wav"]


def test_a_rate_that_promises_too_much_is_suspect_and_the_codec_says_of_what(own):
    rows = [
        recording("true.wav", codec="pcm_s16le", fake_rate=False),
        recording("up.wav", codec="pcm_s16le", fake_rate=True, sample_rate_hz=48_000, cutoff_hz=8_000),
        recording("was_mp3.flac", codec="flac", fake_rate=True, cutoff_hz=16_021),
        recording("mirrored.flac", codec="flac", fake_rate=True, cutoff_hz=16_000),
        recording("mirrored.mp3", codec="mp3", fake_rate=True, cutoff_hz=8_000),
        recording("talk.mp3", codec="mp3", fake_rate=True, cutoff_hz=11_025),
    ]
    fill(own.client, own.name, "audio_metadata", rows)
    suspects = {
        name(row): (row["likely"], row["true_rate_hz"], row["used_share"]) for row in own.view("fake_rate_suspects")
    }
    assert suspects == {
        "up.wav": ("upsampled", 16_000, pytest.approx(1 / 3)),
        "was_mp3.flac": ("once a lossy file", 32_042, pytest.approx(16_021 / 22_050)),
        "mirrored.flac": ("upsampled", 32_000, pytest.approx(16_000 / 22_050)),
        "mirrored.mp3": ("upsampled", 16_000, pytest.approx(8_000 / 22_050)),
        "talk.mp3": ("low-passed by its codec", 22_050, 0.5),
    }


def test_each_step_of_the_funnel_adds_up_to_what_came_through_the_one_before(world):
    rows = world.view("funnel")
    count: dict[tuple[str, bool], int] = {}
    for row in rows:
        key = row["step"], row["outcome"] != "lost"
        count[key] = count.get(key, 0) + row["recordings"]
    assert count == {
        ("1 fetched", True): 8,
        ("1 fetched", False): 2,
        ("2 measured", True): 7,
        ("2 measured", False): 1,
        ("3 not removed", True): 6,
        ("3 not removed", False): 1,
        ("4 judged", True): 6,
    }
    judged = {(row["source_host"], row["outcome"], row["reason"]) for row in rows if row["step"] == "4 judged"}
    assert ("a.example.org", "review", "low_sample_rate,too_quiet") in judged
    assert (None, "reject", "too_short") in judged
    lost = {row["reason"] for row in rows if row["step"] == "1 fetched" and row["outcome"] == "lost"}
    assert lost == {"source_gone", "withdrawn"}


def test_a_yield_curve_gives_the_hours_at_or_above_each_threshold(world):
    rows = world.view("yield_curve", where="metric = 'duration_ms'")
    standing = [row for row in RECORDINGS if not row.get("removed_at")]
    thresholds = {row["threshold"] for row in rows}
    assert thresholds <= {float(row["duration_ms"]) for row in standing}
    assert len(thresholds) >= 4
    for threshold in thresholds:
        at = [row for row in rows if row["threshold"] == threshold]
        kept = [row["duration_ms"] for row in standing if row["duration_ms"] >= threshold]
        assert sum(row["recordings_at_or_above"] for row in at) == len(kept)
        assert sum(row["hours_at_or_above"] for row in at) == pytest.approx(sum(kept) / 3.6e6)
        lost = [row["duration_ms"] for row in standing if row["duration_ms"] < threshold]
        assert sum(row["hours_below"] for row in at) == pytest.approx(sum(lost) / 3.6e6)
    assert {(row["source_host"], row["license"]) for row in rows} >= {("a.example.org", "CC0-1.0"), (None, None)}


def test_a_licence_says_what_it_allows_and_an_unknown_one_says_nothing(world):
    terms = ("allows_commercial_use", "allows_derivatives", "needs_attribution", "must_share_alike")
    rows = {row["license"]: row for row in world.view("licence_matrix")}
    assert {license: tuple(row[term] for term in terms) for license, row in rows.items()} == {
        "CC0-1.0": (True, True, False, False),
        "CC-BY-4.0": (True, True, True, False),
        "CC-BY-SA-4.0": (True, True, True, True),
        "CC-BY-NC-4.0": (False, True, True, False),
        "unknown": (None, None, None, None),
    }
    assert (rows["unknown"]["recordings"], rows["unknown"]["hosts"]) == (2, 1)
    assert rows["CC-BY-SA-4.0"]["hours"] == pytest.approx(120 / 3600)
    assert rows["CC-BY-NC-4.0"]["without_author"] == 1
    assert rows["CC-BY-4.0"]["read_from"] == "feed"


def test_a_hosts_health_is_what_it_gave_and_what_it_refused(world):
    hosts = {row["source_host"]: row for row in world.view("host_health")}
    assert hosts.keys() == {"a.example.org", "b.example.org"}
    good, other = hosts["a.example.org"], hosts["b.example.org"]
    assert (good["recordings"], good["refused"], good["refused_share"]) == (2, 3, 0.6)
    assert good["reasons"] == "source_gone 1, too_long 1, withdrawn 1"
    assert (other["mean_fetch_ms"], other["slowest_fetch_ms"]) == (pytest.approx(2500 / 3), 1500)
    assert other["mean_mb_per_s"] == pytest.approx(5000 / 2500)


def test_a_page_is_as_fresh_as_its_newest_link(world):
    (page,) = world.view("crawl_freshness")
    assert (page["page_url"], page["recordings"], page["refused"]) == (f"{A}/", 5, 4)
    assert page["hours_since_found"] >= 0
    assert str(page["last_fetched_at"]) == "2026-11-01 01:00:00+00:00"


def test_the_cost_is_what_was_used_times_the_price(world):
    price = {str(row["item"]): float(str(row["usd"])) for row in defaults("prices")}
    cost = {row["item"]: row for row in world.view("cost")}
    assert cost.keys() == price.keys() | {"total once"}
    assert cost["analyser_vcpu_s"]["usd"] == pytest.approx(6 * 0.2 * price["analyser_vcpu_s"])
    assert cost["downloader_s"]["amount"] == pytest.approx(3.5)
    assert cost["storage_gib_month"]["amount"] == pytest.approx(8_000_000 / 1024**3)
    once = sum(row["usd"] for item, row in cost.items() if item in price and not row["is_monthly"])
    assert cost["total once"]["usd"] == pytest.approx(once)
    assert cost["total once"]["usd_per_1000_files"] == pytest.approx(once / 6 * 1000)
    assert cost["total once"]["usd_per_audio_hour"] == pytest.approx(once / (280_400 / 3.6e6))


def test_seeds_come_once_and_never_over_a_change(world):
    world.ask("UPDATE `${d}.policies` SET threshold = 700 WHERE reason = 'too_short'")
    world.ask("DELETE FROM `${d}.policies` WHERE reason = 'too_quiet'")
    insert_missing_defaults(world.client, world.dataset)
    rows = world.view("policies", where="name = 'default'")
    thresholds = {row["reason"]: row["threshold"] for row in rows}
    world.ask("DELETE FROM `${d}.policies` WHERE TRUE")
    insert_missing_defaults(world.client, world.dataset)
    assert thresholds["too_short"] == 700
    assert "too_quiet" not in thresholds
    assert len(world.view("policies")) == len(defaults("policies"))


SILENCE = 0x256DF977  # Chromaprint's code of zeros, of a constant, and of noise under the last bit


def fingerprinted(
    seed: int, *, first: int = 0, codes: int = 200, flipped: float = 0.0, silent: int = 0
) -> dict[str, str]:
    """The columns of a made-up fingerprint: from a code on, some of its bits flipped, and silent codes behind them."""
    dice = random.Random(seed)
    whole = [dice.getrandbits(32) for _ in range(1000)][first : first + codes]
    noise = random.Random(seed + first + 1)
    damaged = [
        code ^ sum((noise.random() < flipped / 2) << bit for bit in range(32)) * (noise.random() < 0.5)
        for code in whole
    ]
    return columns(damaged + [SILENCE] * silent)


def columns(codes: list[int]) -> dict[str, str]:
    return {"fingerprint_codes": codes_hex(codes), "fingerprint_bands": bands(codes)}


def test_fingerprints_of_silence_and_of_held_tones_make_no_copies(own):
    string = "AQAA3VGS" + "A" * 119  # of 221 codes, all alike
    bits = [random.Random(seed) for seed in (1, 2)]
    hums = [[0x056DF17B ^ dice.getrandbits(3) for _ in range(220)] for dice in bits]  # beside noise: some bits change
    rows = [
        recording("zeros.wav", content_sha256="1", fingerprint=string, **columns([SILENCE] * 221)),
        recording("offset.wav", content_sha256="2", fingerprint=string, **columns([SILENCE] * 221)),
        recording("longer.wav", content_sha256="3", **columns([SILENCE] * 463)),
        recording("old.wav", content_sha256="4", fingerprint=string, is_silent=True),
        recording("older.wav", content_sha256="5", fingerprint=string, is_silent=True),
        recording("same_samples.flac", content_sha256="6", pcm_sha256="p", **columns([SILENCE] * 221)),
        recording("same_samples.wav", content_sha256="7", pcm_sha256="p", **columns([SILENCE] * 221)),
        recording("hum.wav", content_sha256="8", **columns(hums[0])),
        recording("other_hum.wav", content_sha256="9", **columns(hums[1])),
    ]
    fill(own.client, own.name, "audio_metadata", rows)
    found = {name(row): row["copies"] for row in own.view("duplicate_groups")}
    assert {copy for copy in found if found[copy] > 1} == {"same_samples.flac", "same_samples.wav"}


def test_silence_that_two_recordings_share_is_no_likeness(own):
    rows = [
        recording("word.wav", content_sha256="1", **fingerprinted(1, codes=30, silent=400)),
        recording("word.mp3", content_sha256="2", **fingerprinted(1, codes=30, silent=400, flipped=0.1)),
        recording("word_alone.wav", content_sha256="3", **fingerprinted(1, codes=30)),
        recording("other_word.wav", content_sha256="4", **fingerprinted(2, codes=30, silent=400)),
    ]
    fill(own.client, own.name, "audio_metadata", rows)
    found = {name(row): row["copies"] for row in own.view("duplicate_groups")}
    assert found == {"word.wav": 3, "word.mp3": 3, "word_alone.wav": 3, "other_word.wav": 1}


def test_copies_by_another_codec_or_cut_are_grouped_by_what_their_fingerprints_share(own):
    rows = [
        recording("whole.flac", content_sha256="1", fetched_at=DAY, **fingerprinted(1, codes=400)),
        recording(
            "lossy.mp3",
            content_sha256="2",
            fetched_at=DAY + timedelta(days=1),
            **fingerprinted(1, codes=400, flipped=0.1),
        ),
        recording(
            "cut.ogg",
            content_sha256="3",
            fetched_at=DAY + timedelta(days=1),
            **fingerprinted(1, first=41, codes=300, flipped=0.1),
        ),
        recording("other.flac", content_sha256="4", fetched_at=DAY, **fingerprinted(2, codes=400)),
        recording(
            "worse.mp3",
            content_sha256="5",
            fetched_at=DAY + timedelta(days=1),
            **fingerprinted(2, codes=400, flipped=0.6),
        ),
        recording(
            "end.ogg", content_sha256="6", fetched_at=DAY + timedelta(days=1), **fingerprinted(1, first=390, codes=400)
        ),
        recording("old.wav", content_sha256="7", fetched_at=DAY),
    ]
    fill(own.client, own.name, "audio_metadata", rows)
    found = {name(row): row for row in own.view("duplicate_groups")}
    groups = [found[copy]["group_id"] for copy in ("whole.flac", "lossy.mp3", "cut.ogg")]
    assert len(set(groups)) == 1
    assert {copy: found[copy]["copies"] for copy in found} == {
        "whole.flac": 3, "lossy.mp3": 3, "cut.ogg": 3, "other.flac": 1, "worse.mp3": 1, "end.ogg": 1, "old.wav": 1
    }  # fmt: skip


def test_a_recording_that_joins_two_groups_gives_the_later_one_the_id_of_the_earlier(own):
    later = DAY + timedelta(days=1)
    fill(own.client, own.name, "audio_metadata", [
        recording("start.flac", content_sha256="1", fetched_at=DAY, **fingerprinted(3, codes=200)),
        recording("end.flac", content_sha256="2", fetched_at=later, **fingerprinted(3, first=200, codes=200)),
    ])  # fmt: skip
    before = {name(row): row["group_id"] for row in own.view("duplicate_groups")}
    assert before["start.flac"] != before["end.flac"]
    fill(own.client, own.name, "audio_metadata", [
        recording("whole.flac", content_sha256="3", fetched_at=DAY + timedelta(days=1), **fingerprinted(3, codes=400)),
    ])  # fmt: skip
    after = {name(row): row["group_id"] for row in own.view("duplicate_groups")}
    assert set(after.values()) == {before["start.flac"]}


def test_energy_is_ranked_within_the_host_that_a_recording_came_from(own):
    rows = [
        recording("a.wav", f"{A}/a.wav", loudness=-30.0, classification="Low Energy"),
        recording("b.wav", f"{A}/b.wav", loudness=-20.0),
        recording("c.wav", f"{A}/c.wav", loudness=-10.0),
        recording("d.wav", f"{B}/d.wav", loudness=-40.0),
        recording("up.wav", loudness=-12.0),
        recording("low.wav", loudness=-70.0),
    ]
    fill(own.client, own.name, "audio_metadata", rows)
    found = {name(row): (row["corpus"], row["energy_percentile"]) for row in own.view("energy_percentiles")}
    assert found == {
        "a.wav": ("a.example.org", 0.0), "b.wav": ("a.example.org", 50.0), "c.wav": ("a.example.org", 100.0),
        "d.wav": ("b.example.org", 0.0), "up.wav": (None, 100.0), "low.wav": (None, 0.0)
    }  # fmt: skip
