"""Operations on a warehouse with known rows: the SQL is real, bucket and topics are small doubles."""

import json
from dataclasses import dataclass, field

import pytest

from earshot.adapters.default_policies_and_prices import defaults
from earshot.adapters.erase_withdrawn_rows import WithdrawnRows
from earshot.adapters.mark_removed_rows import Removals
from earshot.adapters.queries import Queries
from earshot.audio import AudioFound, ObjectMetadata, Refusal, audio_id, now, shard
from earshot.errors import BadRequest, ComeAgain
from earshot.operating.backfill import backfill, plan
from earshot.operating.compare_versions import differences
from earshot.operating.forget import find_recordings, forget
from earshot.operating.retry import retry
from tests.recorded import RECORDINGS, REFUSALS, A, B, fill, refusal
from tests.unit.fakes import WAV, AudioStore


@dataclass
class Sent:
    """A topic of either kind."""

    pending: list = field(default_factory=list)
    accepted: list = field(default_factory=list)

    def publish(self, *message):
        self.pending.append(message)

    def flush(self):
        self.accepted += self.pending
        self.pending = []


def test_a_backfill_estimates_hours_and_cost(world):
    planned = plan(world.queries, "duration_ms >= 60000")
    price = {row["item"]: row["usd"] for row in defaults("prices")}
    each = price["request"] + price["pubsub_message"] + 3 * price["storage_class_b"] + 2 * price["bigquery_merge"]
    assert (planned.recordings, planned.hours, planned.cpu_s) == (3, pytest.approx(240 / 3600), pytest.approx(0.6))
    assert planned.usd == pytest.approx(0.6 * price["analyser_vcpu_s"] + 3 * each)


def test_a_backfill_of_nothing_is_nothing(world):
    planned = plan(world.queries, "duration_ms < 0")
    assert (planned.recordings, planned.hours, planned.cpu_s, planned.usd) == (0, 0, 0, 0)


def test_a_backfill_publishes_present_recordings_that_the_condition_selects(world):
    notifications = Sent()
    assert (
        backfill(world.queries, notifications, "license LIKE 'CC-BY%' OR source_url IS NULL OR removed_at IS NOT NULL")
        == 4
    )
    names = ("copy.mp3", "dropped.wav", "low.wav", "noisy.wav")
    assert notifications.accepted == [(f"gs://recordings/audio/{name}", 10) for name in names]


def test_a_condition_may_end_in_a_comment(world):
    assert (
        backfill(world.queries, Sent(), "author = 'Bo' -- all of hers")
        == plan(world.queries, "author = 'Bo' #").recordings
    )


@pytest.mark.parametrize("where", ["TRUE); DELETE FROM prices WHERE (TRUE", "TRUE); DROP TABLE prices; SELECT (1"])
def test_a_condition_that_would_change_something_is_not_run(world, where):
    with pytest.raises(BadRequest, match="SELECT"):
        backfill(world.queries, Sent(), where)
    assert len(world.view("prices")) == len(defaults("prices"))


def stored_refusal(url, reason="source_gone"):
    found = AudioFound(source_url=url, page_title="Talks")
    stage = "person" if reason == "withdrawn" else "downloader"
    return Refusal(
        audio_id=found.audio_id,
        source_url=url,
        stage=stage,
        reason=reason,
        first_seen=now(),
        last_seen=now(),
        found=found,
    )


def test_a_retry_publishes_links_as_they_were_found_and_measures_files(world):
    store, topic, notifications = AudioStore(), Sent(), Sent()
    refused = stored_refusal(f"{A}/broken.mp3")
    store.refuse(refused)
    reasons = ["source_gone", "undecodable", "withdrawn"]
    done = retry(world.queries, store, topic, notifications, reasons=reasons)
    assert (done.links, done.files, done.kept) == (1, 1, 0)
    assert topic.accepted == [(refused.found.model_copy(update={"despite": refused.last_seen}),)]
    assert notifications.accepted == [("gs://recordings/audio/torn.ogg", 10)]


def test_a_retry_can_be_limited_to_a_host_and_a_number_and_to_counting(world):
    store, topic, notifications = AudioStore(), Sent(), Sent()
    reasons = ["source_gone", "undecodable", "too_long"]
    of_b = retry(world.queries, store, topic, notifications, reasons=reasons, hosts=["b.example.org"], dry_run=True)
    assert (of_b.links, of_b.files, of_b.kept) == (0, 1, 0)
    first = retry(world.queries, store, topic, notifications, reasons=reasons, limit=1, dry_run=True)
    assert first.files == 1
    unknown = retry(world.queries, store, topic, notifications, reasons=["source_gone"])
    assert (unknown.links, unknown.kept) == (0, 1)
    assert (topic.accepted, notifications.accepted) == ([], [])


def test_a_retry_of_what_a_source_can_change_needs_no_reason(own):
    rows = [
        refusal("refused/a.json", f"{A}/broken.mp3", reason="source_gone", retryable=True),
        refusal("audio/torn.ogg", f"{B}/torn.ogg", reason="undecodable", stage="analyser", retryable=False),
    ]
    fill(own.client, own.name, "refusals", rows)
    store, topic, notifications = AudioStore(), Sent(), Sent()
    store.refuse(stored_refusal(f"{A}/broken.mp3"))
    done = retry(own.queries, store, topic, notifications, retryable=True)
    assert (done.links, done.files) == (1, 0)


def analysis(name, version, **measures):
    url = f"gs://recordings/audio/{name}"
    return {
        "gcp_url": url,
        "shard": shard(url),
        "generation": 1,
        "analyser_version": version,
        "analysed_at": now(),
        "measures": json.dumps(measures),
    }


def test_versions_are_compared_over_what_both_have_measured(own):
    rows = [
        analysis("a", 2, loudness=-20.0, codec="mp3", pesq=None, is_silent=False),
        analysis("a", 3, loudness=-21.0, codec="mp3", pesq=3.0, is_silent=False, snr_db=30.0),
        analysis("b", 2, loudness=-30.0, codec="wav", pesq=2.0, is_silent=False),
        analysis("b", 3, loudness=-33.0, codec="pcm_s16le", pesq=2.0, is_silent=True, snr_db=None),
        analysis("c", 2, loudness=-1.0),  # by one version only
    ]
    fill(own.client, own.name, "analyses", rows)
    found = {difference.measure: difference for difference in differences(own.queries, 2, 3)}
    assert {measure: (d.compared, d.changed) for measure, d in found.items()} == {
        "loudness": (2, 2), "codec": (2, 1), "pesq": (2, 1), "is_silent": (2, 1), "snr_db": (2, 1),
    }  # fmt: skip
    assert (found["loudness"].mean, found["loudness"].largest) == (-2.0, -3.0)
    assert found["loudness"].largest_in == "gs://recordings/audio/b"
    assert (found["pesq"].appeared, found["pesq"].numbers) == (1, 1)
    assert found["codec"].examples == {"wav -> pcm_s16le": 1}


def withdraw(own, store, target):
    recordings = find_recordings(own.queries, store, "recordings", target)
    removals = Removals(own.client, own.name, "audio_metadata", schema="audio_metadata")
    forget(
        recordings,
        target,
        bucket="recordings",
        store=store,
        removals=removals,
        withdrawn_rows=WithdrawnRows(own.client, own.name),
    )
    return {recording.gcp_url for recording in recordings}


def present(own):
    return {row["gcp_url"].rsplit("/", 1)[1] for row in own.view("recordings", "gcp_url")}


def test_a_withdrawn_recording_is_deleted_and_its_texts_are_erased(own):
    fill(own.client, own.name, "audio_metadata", RECORDINGS)
    fill(own.client, own.name, "refusals", REFUSALS)
    fill(own.client, own.name, "analyses", [analysis("noisy.wav", 2, tag_artist="Bo"), analysis("other.wav", 2, x=1)])
    store = AudioStore()
    store.drop("audio/noisy.wav", WAV, ObjectMetadata(source_url=f"{B}/noisy.wav"))
    assert withdraw(own, store, f"{B.upper()}/noisy.wav") == {"gs://recordings/audio/noisy.wav"}
    assert store.describe("audio/noisy.wav") is None
    assert store.refusals[audio_id(f"{B}/noisy.wav")].reason == "withdrawn"
    assert "noisy.wav" not in present(own)
    (row,) = own.view("audio_metadata", where="gcp_url = 'gs://recordings/audio/noisy.wav'")
    assert (row["removed_because"], row["source_url"], row["author"], row["pesq"]) == ("withdrawn", None, None, 1.5)
    (refused,) = own.view("refusals", where="gcp_url = 'gs://recordings/audio/noisy.wav'")
    assert (refused["source_url"], refused["reason"]) == (None, "undecodable")
    history = {row["gcp_url"]: row["measures"] for row in own.view("analyses")}
    assert history == {"gs://recordings/audio/noisy.wav": None, "gs://recordings/audio/other.wav": '{"x": 1}'}


def test_withdrawing_a_host_takes_its_subdomains_and_nothing_else(own):
    fill(own.client, own.name, "audio_metadata", RECORDINGS)
    fill(own.client, own.name, "refusals", REFUSALS)
    store = AudioStore()
    withdraw(own, store, "A.example.org")
    assert store.hosts == {"a.example.org"}
    assert present(own) == {"copy.mp3", "silence.wav", "noisy.wav", "dropped.wav"}
    assert audio_id(f"{A}/broken.mp3") in store.refusals  # known from a refusal only
    withdraw(own, store, "example.org")
    assert present(own) == {"dropped.wav"}


@dataclass
class FailsToDeleteOnce(AudioStore):
    """One of its objects cannot be deleted the first time."""

    stuck: set = field(default_factory=lambda: {"audio/silence.wav"})

    def delete(self, name):
        if name in self.stuck:
            self.stuck = set()
            raise ComeAgain(name)
        super().delete(name)


def test_a_host_withdrawn_in_two_attempts_leaves_no_rows_either(own):
    fill(own.client, own.name, "audio_metadata", RECORDINGS)
    names = [row["gcp_url"].rsplit("/", 1)[1] for row in RECORDINGS]
    fill(own.client, own.name, "analyses", [analysis(name, 2, tag_artist="Bo") for name in names])
    store = FailsToDeleteOnce()
    with pytest.raises(ComeAgain):
        withdraw(own, store, "example.org")
    withdraw(own, store, "example.org")
    assert present(own) == {"dropped.wav"}
    left = own.view("analyses", where="measures IS NOT NULL")
    assert [row["gcp_url"] for row in left] == ["gs://recordings/audio/dropped.wav"]


def test_an_unknown_url_is_withdrawn_in_advance(own):
    store = AudioStore()
    assert withdraw(own, store, "https://c.example.org/later.mp3") == {None}
    assert store.refusals.keys() == {audio_id("https://c.example.org/later.mp3")}


def test_an_object_is_withdrawn_with_the_link_it_came_from(own):
    store = AudioStore()
    store.drop("audio/x.wav", WAV, ObjectMetadata(source_url=f"{A}/x.wav"))
    assert withdraw(own, store, "gs://recordings/audio/x.wav") == {"gs://recordings/audio/x.wav"}
    assert (store.refusals.keys(), store.objects.get("audio/x.wav")) == ({audio_id(f"{A}/x.wav")}, None)


TRACKED = "https://dts.podtrac.com/redirect.mp3/" + A.removeprefix("https://") + "/x.wav?_=1"


def test_a_recording_is_withdrawn_by_the_url_that_it_was_fetched_from_whatever_identifies_it(own):
    store, found = AudioStore(), ObjectMetadata(source_url=TRACKED, identity_url=f"{A}/x.wav")
    kept = store.drop(f"audio/{found.audio_id}.wav", WAV, found)
    row = RECORDINGS[0] | {"gcp_url": kept.gcp_url, "audio_id": found.audio_id, "source_url": TRACKED}
    fill(own.client, own.name, "audio_metadata", [row])
    assert kept.gcp_url in withdraw(own, store, TRACKED)
    assert store.find(found.audio_id) is None
    assert store.refusals.keys() == {found.audio_id, audio_id(TRACKED)}


def test_an_object_of_another_bucket_is_refused(world):
    with pytest.raises(BadRequest, match="bucket"):
        find_recordings(world.queries, AudioStore(), "recordings", "gs://other/audio/x.wav")


def test_only_a_select_is_a_question(world):
    with pytest.raises(BadRequest, match="DELETE"):
        Queries(world.client, world.name).rows("DELETE FROM prices WHERE TRUE")
    assert [row["n"] for row in world.queries.rows("SELECT COUNT(*) AS n FROM prices")] == [len(defaults("prices"))]
