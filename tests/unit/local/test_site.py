"""The built-in site is what it declares of itself."""

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from pesq import pesq

from earshot.audio import now
from earshot.local.demo_site import speech
from earshot.local.demo_site.pages import BROKEN, DISGUISE, PAGES
from earshot.local.demo_site.recordings import DEGRADED, HIGH, LOW, MEDIUM, RECORDINGS, Recording, write_pairs
from earshot.local.demo_site.sounds import Samples, rms_dbfs
from earshot.scraping.extracted_links import Resolver
from earshot.scraping.html_page import read_html
from earshot.settings import Analyser

TOLERANCE_DB = {".wav": 0.01, ".flac": 0.01, ".mp3": 0.5, ".ogg": 0.5, ".m4a": 0.5, ".opus": 1.0}
SETTINGS = Analyser(project="tests", bucket="tests-audio")


def decoded(recording: Recording) -> Samples:
    """The samples of a file of the site, one channel."""
    if recording.path.endswith(".m4a"):
        with av.open(BytesIO(recording.file())) as container:
            return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]).astype(float)
    return soundfile.read(BytesIO(recording.file()))[0]


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.path)
def test_a_recording_has_the_level_it_claims(recording: Recording) -> None:
    samples = decoded(recording)
    assert np.max(np.abs(samples)) <= 1.0
    if recording.level_dbfs is None:
        assert not samples.any()
        return
    extension = Path(recording.path).suffix
    assert rms_dbfs(samples) == pytest.approx(recording.level_dbfs, abs=TOLERANCE_DB[extension])


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.path)
def test_a_level_belongs_to_the_energy_class_it_claims(recording: Recording) -> None:
    level = -120.0 if recording.level_dbfs is None else recording.level_dbfs
    high, medium = SETTINGS.high_energy_dbfs, SETTINGS.medium_energy_dbfs
    assert recording.energy == (HIGH if level >= high else MEDIUM if level >= medium else LOW)


def test_the_tone_reads_minus_twenty() -> None:
    tone = next(recording for recording in RECORDINGS if recording.path == "/files/tone.wav")
    assert rms_dbfs(decoded(tone)) == pytest.approx(-20.0, abs=0.001)


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.path)
def test_a_recording_is_the_same_every_time(recording: Recording) -> None:
    np.testing.assert_array_equal(decoded(recording), decoded(recording))


@pytest.mark.parametrize(("name", "label"), [(name, label) for name, (label, _) in DEGRADED.items()])
def test_a_degraded_version_earns_its_label(tmp_path: Path, name: str, label: str) -> None:
    reference, versions = write_pairs(tmp_path)
    clean, rate_hz = soundfile.read(reference, dtype="float32")
    version, _ = soundfile.read(next(path for path in versions if path.name == name), dtype="float32")
    score = pesq(rate_hz, clean, version, "wb")
    excellent, good, fair = SETTINGS.excellent_pesq, SETTINGS.good_pesq, SETTINGS.fair_pesq
    found = "Excellent" if score >= excellent else "Good" if score >= good else "Fair" if score >= fair else "Poor"
    assert found == label


def test_speech_has_pauses() -> None:
    phrases = speech.speech(6.0, 1)
    loud = np.abs(phrases.reshape(-1, 160)).max(axis=1) > 0.001  # 10 ms each
    quiet_run = max(len(run) for run in "".join("x" if frame else " " for frame in loud).split("x"))
    assert quiet_run * 0.01 >= speech.PAUSE_S * 0.9


def test_every_recording_is_linked_and_two_links_lead_nowhere() -> None:
    found = {
        link.source_url.removeprefix("http://127.0.0.1:8000")
        for path, page in PAGES.items()
        for link in read_html(
            page.encode(), Resolver(f"http://127.0.0.1:8000{path}"), at=now(), declared="text/html; charset=utf-8"
        ).found
    }
    assert found == {recording.path for recording in RECORDINGS} | {"/files/interview.mp3", BROKEN}
    assert DISGUISE.startswith(b"<!doctype html>")
