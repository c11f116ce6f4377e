"""The links of Ogg files, and what decoding makes of them."""

from pathlib import Path

import pytest
from sounds import encoded, joined, noise, silence, tone, written

from earshot.sound.limits_per_file import Limits
from earshot.sound.measures import measure
from earshot.sound.ogg_links import links

LIMITS = Limits()


def test_a_vorbis_file_is_one_link_of_as_many_samples_as_were_coded(tmp_path: Path) -> None:
    (link,) = links(written(tmp_path / "a.ogg", noise(seconds=2, rate_hz=44100, channels=2), "ogg", rate_hz=44100))
    assert (link.vorbis, link.granule, link.streams) == ((44100, 2), 88200, 1)
    assert link.is_ended
    assert link.is_whole
    assert 0 < link.audio_bytes < link.end


def test_what_is_no_ogg_file_has_no_links(tmp_path: Path) -> None:
    assert links(written(tmp_path / "a.wav", noise())) == []


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.99])
def test_a_link_cut_short_is_not_whole_or_not_ended(kept: float, tmp_path: Path) -> None:
    whole = encoded(noise(seconds=3, channels=2), "ogg")
    path = tmp_path / "a.ogg"
    path.write_bytes(whole[: int(kept * len(whole))])
    (link,) = links(path)
    assert not (link.is_whole and link.is_ended)


def test_links_of_other_rates_and_channels_are_measured_to_the_end(tmp_path: Path) -> None:
    parts = [  # FFmpeg gives each side of one channel 3 dB less
        encoded(tone(level_dbfs=-20, seconds=2, rate_hz=44100, channels=2), "ogg", rate_hz=44100),
        encoded(tone(level_dbfs=-17, seconds=3, rate_hz=22050), "ogg", rate_hz=22050),
        encoded(tone(level_dbfs=-20, seconds=1, rate_hz=48000, channels=2), "ogg", rate_hz=48000),
    ]
    path = tmp_path / "a.ogg"
    path.write_bytes(b"".join(parts))
    assert [link.vorbis for link in links(path)] == [(44100, 2), (22050, 1), (48000, 2)]
    facts = measure(path, limits=LIMITS)
    assert (facts["sample_rate_hz"], facts["channels"], facts["header_duration_ms"]) == (44100, 2, 6000)
    assert facts["duration_ms"] == pytest.approx(6000, abs=10)
    assert facts["loudness"] == pytest.approx(-20, abs=0.5)
    assert facts["decode_fault"] == "2 changes of format"


@pytest.mark.parametrize("frames", [300, 1000, 4592, 8250, 30_000])
@pytest.mark.parametrize("rate_hz", [22050, 44100])
def test_short_vorbis_has_as_many_samples_as_were_coded(frames: int, rate_hz: int, tmp_path: Path) -> None:
    sound = noise(seconds=1.5, rate_hz=rate_hz)[:frames]
    path = written(tmp_path / "a.ogg", sound, "ogg", rate_hz=rate_hz)
    facts = measure(path, limits=LIMITS)
    assert facts["duration_ms"] == round(1000 * frames / rate_hz)
    assert (facts["codec"], facts["container"], facts["channel_positions"]) == ("vorbis", "ogg", "FC")
    assert 0 < int(str(facts["bit_rate_bps"])) < 8 * path.stat().st_size * rate_hz / frames


def test_vorbis_with_a_damaged_page_is_measured_as_far_as_possible(tmp_path: Path) -> None:
    whole = bytearray(encoded(joined(noise(seconds=3), silence(), noise(seconds=3)), "ogg"))
    pages = [at for at in range(len(whole)) if whole[at : at + 4] == b"OggS"]
    del whole[pages[4] : pages[5]]
    path = tmp_path / "a.ogg"
    path.write_bytes(whole)
    (link,) = links(path)
    assert not link.is_whole
    assert 3000 < int(str(measure(path, limits=LIMITS)["duration_ms"])) < 8000


def test_the_header_of_opus_states_the_duration_without_its_pre_skip(tmp_path: Path) -> None:
    facts = measure(written(tmp_path / "a.opus", noise(seconds=2.345), "opus"), limits=LIMITS)
    assert (facts["duration_ms"], facts["header_duration_ms"]) == (2345, pytest.approx(2345, abs=1))


@pytest.mark.parametrize("delay_ns", [0, 3_250_000, 6_500_000])
def test_opus_in_matroska_loses_its_whole_pre_skip_whatever_its_codec_delay(delay_ns: int, tmp_path: Path) -> None:
    path = written(tmp_path / "a.webm", noise(seconds=2), "webm")
    body = path.read_bytes()
    at = body.index(b"\x56\xaa\x83") + 3  # CodecDelay, of three bytes
    assert int.from_bytes(body[at : at + 3]) == 6_500_000
    path.write_bytes(body[:at] + delay_ns.to_bytes(3) + body[at + 3 :])
    assert measure(path, limits=LIMITS)["duration_ms"] == 2000


def test_the_same_vorbis_file_gives_the_same_samples_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ogg", noise(seconds=1), "ogg")
    hashes = {measure(path, limits=LIMITS)["pcm_sha256"] for _ in range(2)}
    assert len(hashes) == 1
