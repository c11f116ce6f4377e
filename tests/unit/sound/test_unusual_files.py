"""Files that players play and decoders trip over: many channels, junk in front, rare containers, ends cut off."""

import random
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from malformed_files import id3, picture
from sounds import encoded, frames_of, noise, tone, written

from earshot.errors import GiveUp, NotAudio
from earshot.sound.decode import container_of, opened
from earshot.sound.limits_per_file import Limits
from earshot.sound.measures import measure
from earshot.sound.sniff_container import HEAD_BYTES, JUNK_BYTES, is_undecided, sniff

LIMITS = Limits()
JUNK = random.Random(7).randbytes(80_000).replace(b"\xff", b"\xfe")


def many_channels(path: Path, muxer: str, encoder: str, layout: str, channels: int) -> Path:
    """A file in which channel n is a tone of (n + 1) * 100 Hz."""
    sound = np.concatenate([tone(100 * (n + 1), level_dbfs=-20) for n in range(channels)], axis=1)
    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(encoder, rate=48000, layout=layout)
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=48000)
        for start in range(0, len(sound), 1024):
            packed = np.ascontiguousarray(sound[start : start + 1024], np.float32).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
            frame.sample_rate, frame.pts = 48000, start
            for converted in resampler.resample(frame):
                container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("muxer", "encoder", "layout", "channels"),
    [("flac", "flac", "7.1", 8), ("ipod", "aac", "7.1", 8), ("ogg", "libopus", "7.1", 8), ("wv", "wavpack", "7.1", 8)],
)
def test_eight_channels_are_decoded_each_with_its_own_sound(
    muxer: str, encoder: str, layout: str, channels: int, tmp_path: Path
) -> None:
    path = many_channels(tmp_path / "a", muxer, encoder, layout, channels)
    with opened(path, LIMITS) as decoding:
        samples = np.concatenate(list(decoding))
    assert samples.shape[1] == channels
    spectrum = np.abs(np.fft.rfft(samples[4800:43200] * np.hanning(38400)[:, None], axis=0))
    loudest = np.argmax(spectrum, axis=0) * 48000 / 38400
    tones = {round(float(hz), -2) for hz in loudest}
    assert tones >= {100.0 * (n + 1) for n in range(channels) if n != 3}  # AAC low-passes the LFE


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "ogg", "mp3"])
def test_any_container_behind_an_id3_tag_is_decoded(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(id3(picture(20_000)) + encoded(tone(level_dbfs=-20, seconds=2, channels=2), kind))
    facts = measure(path, limits=LIMITS)
    assert facts["duration_ms"] == pytest.approx(2000, abs=1)
    assert facts["loudness"] == pytest.approx(-20, abs=0.5)


@pytest.mark.parametrize("kind", ["mp3", "aac", "flac"])
@pytest.mark.parametrize("length", [5, 3000, 20_000, 65_000])
def test_junk_before_the_first_frame_is_stepped_over(kind: str, length: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(JUNK[:length] + encoded(noise(seconds=2, channels=2), kind))
    facts = measure(path, limits=LIMITS)
    assert facts["container"] == kind
    assert facts["duration_ms"] == pytest.approx(2000, abs=60)


@pytest.mark.parametrize("size", [b"\x80\x80\x80\x80", b"\x00\x00\x10\xf0", b"\x00\x00\x00\x20", b"\x7f\x7f\x7f\x7f"])
def test_an_mp3_behind_a_tag_whose_size_is_wrong_is_decoded(size: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"ID3\x03\0\0" + size + JUNK[:4000] + encoded(noise(seconds=2, channels=2), "mp3"))
    assert measure(path, limits=LIMITS)["duration_ms"] == pytest.approx(2000, abs=60)


def test_a_flac_stream_that_begins_at_a_frame_is_decoded(tmp_path: Path) -> None:
    whole = encoded(noise(seconds=4, channels=2), "flac")
    second = whole.index(b"\xff\xf8", whole.index(b"\xff\xf8") + 1000)
    path = tmp_path / "a"
    path.write_bytes(whole[second:])
    assert 2000 < int(str(measure(path, limits=LIMITS)["duration_ms"])) < 4000


def test_more_junk_than_64_kib_is_not_audio(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(JUNK[:78_000] + encoded(noise(seconds=2), "mp3"))
    with pytest.raises(NotAudio, match="unknown bytes"):
        container_of(path)


def test_a_head_is_undecided_only_while_more_bytes_could_decide() -> None:
    assert is_undecided(JUNK[:HEAD_BYTES])
    assert not is_undecided(JUNK[: HEAD_BYTES - 1])  # the whole of a short file
    assert not is_undecided(JUNK[:JUNK_BYTES])
    assert not is_undecided(b"<!doctype html>" + b" " * HEAD_BYTES)
    assert not is_undecided(encoded(noise(), "mp3")[:HEAD_BYTES])
    assert not is_undecided(b"")


def test_no_large_random_head_passes_for_audio() -> None:
    dice = random.Random(11)
    for _ in range(40):
        with pytest.raises(NotAudio):
            sniff(dice.randbytes(JUNK_BYTES))


def dsf(seconds: float = 0.5, rate_hz: int = 2_822_400) -> bytes:
    """Silence as DSD64 in DSF: one bits and zero bits in turns."""
    blocks = round(seconds * rate_hz / 8 / 4096)
    data = b"\x69" * (4096 * 2 * blocks)
    form = struct.pack("<4sQIIIIIIQII", b"fmt ", 52, 1, 0, 2, 2, rate_hz, 1, 4096 * 8 * blocks, 4096, 0)
    body = form + b"data" + struct.pack("<Q", 12 + len(data)) + data
    return b"DSD " + struct.pack("<QQQ", 28, 28 + len(body), 0) + body


@pytest.mark.parametrize(("rate_hz", "decoded_hz"), [(2_822_400, 352_800), (5_644_800, 705_600)])
def test_dsd_is_decoded_at_an_eighth_of_its_rate(rate_hz: int, decoded_hz: int, tmp_path: Path) -> None:
    path = tmp_path / "a.dsf"
    path.write_bytes(dsf(rate_hz=rate_hz))
    facts = measure(path, limits=LIMITS)
    assert (facts["container"], facts["sample_rate_hz"], facts["bit_depth"]) == ("dsf", decoded_hz, 1)
    assert facts["duration_ms"] == pytest.approx(500, abs=12)


def test_dsd_beyond_the_highest_rate_is_refused_by_its_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.dsf"
    path.write_bytes(dsf(rate_hz=11_289_600))
    with pytest.raises(GiveUp, match="sample rate is 1411200 Hz"):
        measure(path, limits=LIMITS)


@pytest.mark.parametrize("kind", ["wav", "flac", "alac", "tta"])
def test_a_file_cut_short_says_so(kind: str, tmp_path: Path) -> None:
    whole = encoded(noise(seconds=4, channels=2), kind)
    path = tmp_path / "a"
    path.write_bytes(whole if kind == "alac" else whole[: len(whole) // 2])
    fault = measure(path, limits=LIMITS)["decode_fault"]
    assert fault is None if kind == "alac" else "s of the 4.000 s that its header states" in str(fault)


def test_an_mp3_cut_short_says_so_where_its_header_counts_frames(tmp_path: Path) -> None:
    whole = encoded(noise(seconds=4, channels=2), "lame")
    path = tmp_path / "a"
    path.write_bytes(whole[: len(whole) // 2])
    assert "that its header states" in str(measure(path, limits=LIMITS)["decode_fault"])
    path.write_bytes(whole)
    assert measure(path, limits=LIMITS)["decode_fault"] is None


def test_a_piece_of_a_matroska_stream_lasts_as_long_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.mka"
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        for frame in frames_of(noise(seconds=4), "mono", 48000):
            (converted,) = av.AudioResampler(format="s16", layout="mono", rate=48000).resample(frame)
            converted.pts = frame.pts + 95_000 * 48_000
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    facts = measure(path, limits=LIMITS)
    assert (facts["duration_ms"], facts["header_duration_ms"]) == (4000, pytest.approx(4000, abs=30))


def test_a_whole_file_has_no_fault(tmp_path: Path) -> None:
    for kind in ("wav", "flac", "ogg", "opus", "lame", "m4a", "wv", "mka", "aiff"):
        assert (
            measure(written(tmp_path / "a", noise(seconds=2, channels=2), kind), limits=LIMITS)["decode_fault"] is None
        )
