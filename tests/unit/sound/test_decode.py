"""Decoding: the whole file, at its own rate, whichever decoder; what its header claims has columns of its own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sounds import BY_FFMPEG, BY_LIBSNDFILE, Samples, encoded, joined, noise, tone, written

from earshot.sound.decode import opened
from earshot.sound.limits_per_file import Limits
from earshot.sound.measures import measure

LIMITS = Limits()
CODECS = {
    "wav": ("pcm_s16le", 16), "wav24": ("pcm_s24le", 24), "wav32": ("pcm_s32le", 32), "wav8": ("pcm_u8", 8),
    "wavf32": ("pcm_f32le", 32), "wavf64": ("pcm_f64le", 64), "ulaw": ("pcm_mulaw", None), "adpcm": ("adpcm_ms", None),
    "w64": ("pcm_s16le", 16), "rf64": ("pcm_s16le", 16), "aiff": ("pcm_s16be", 16), "au": ("pcm_s16be", 16),
    "caf": ("pcm_s16be", 16), "nist": ("pcm_s16le", 16), "voc": ("pcm_s16le", 16), "flac": ("flac", 16),
    "flac24": ("flac", 24), "ogg": ("vorbis", None), "mp3": ("mp3", None), "m4a": ("aac", None), "mp4": ("aac", None),
    "mov": ("pcm_s16be", 16), "alac": ("alac", 24), "3gp": ("aac", None), "aac": ("aac", None), "ac3": ("ac3", None),
    "mp2": ("mp2", None), "lame": ("mp3", None), "opus": ("opus", None), "webm": ("opus", None), "mka": ("flac", 16),
    "wma": ("wmav2", None), "amr": ("amr_nb", None), "avi": ("pcm_s16le", 16), "flv": ("aac", None),
    "ts": ("aac", None), "mpg": ("mp2", None), "wv": ("wavpack", 16), "tta": ("tta", 16),
}  # fmt: skip
LOSSLESS = [kind for kind, (_, bits) in CODECS.items() if bits and bits >= 16]


def decoded(path: Path) -> Samples:
    with opened(path, LIMITS) as decoding:
        return np.concatenate(list(decoding))


@pytest.mark.parametrize("kind", CODECS)
def test_codec_depth_rate_and_duration_are_reported(kind: str, tmp_path: Path) -> None:
    rate_hz, channels = (8000, 1) if kind == "amr" else (44100, 2)
    sound = tone(seconds=2, level_dbfs=-20, rate_hz=rate_hz, channels=channels)
    facts = measure(written(tmp_path / "a", sound, kind, rate_hz=rate_hz), limits=LIMITS)
    assert (facts["codec"], facts["bit_depth"]) == CODECS[kind]
    assert facts["channels"] == channels
    assert facts["sample_rate_hz"] == {"opus": 48000, "webm": 48000}.get(kind, rate_hz)
    padded = 0 if kind in ("m4a", "mp4", "3gp", "lame", "mp3", "opus", "webm") else 60  # to whole frames of the codec
    assert facts["duration_ms"] == pytest.approx(2000, abs=padded)
    assert facts["loudness"] == pytest.approx(-20, abs=2.5 if kind == "amr" else 0.5)
    assert facts["decode_fault"] is None


def test_every_kind_that_the_tests_can_write_is_decoded() -> None:
    assert CODECS.keys() == BY_FFMPEG.keys() | BY_LIBSNDFILE.keys()


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_files_give_the_samples_back(kind: str, tmp_path: Path) -> None:
    sound = np.round(noise(seconds=0.7, channels=2) * 2**15) / 2**15
    assert np.array_equal(decoded(written(tmp_path / "a", sound, kind)), sound.astype(np.float32))


@pytest.mark.parametrize("kind", ["wav", "flac", "alac", "aiff", "wv", "mka"])
def test_the_same_samples_have_the_same_hash_in_any_container(kind: str, tmp_path: Path) -> None:
    sound = np.round(noise(seconds=0.7, channels=2) * 2**15) / 2**15
    first = measure(written(tmp_path / "a", sound, "wav24"), limits=LIMITS)["pcm_sha256"]
    assert measure(written(tmp_path / "b", sound, kind), limits=LIMITS)["pcm_sha256"] == first


def test_another_rate_or_shape_has_another_hash(tmp_path: Path) -> None:
    sound = noise(channels=2)
    hashes = {
        measure(written(tmp_path / "a", sound), limits=LIMITS)["pcm_sha256"],
        measure(written(tmp_path / "b", sound, rate_hz=44100), limits=LIMITS)["pcm_sha256"],
        measure(written(tmp_path / "c", sound.reshape(-1, 1)), limits=LIMITS)["pcm_sha256"],
    }
    assert len(hashes) == 3


def with_length(flac: bytes, frames: int) -> bytes:
    """A FLAC file whose STREAMINFO claims another number of frames."""
    return flac[:21] + bytes([flac[21] & 0xF0 | frames >> 32]) + (frames & 0xFFFF_FFFF).to_bytes(4) + flac[26:]


def with_data(wav: bytes, size: int) -> bytes:
    """A WAV file whose data chunk claims another size."""
    at = wav.index(b"data") + 4
    return wav[:at] + size.to_bytes(4, "little") + wav[at + 4 :]


LIES: dict[str, tuple[str, Callable[[bytes], bytes], int | None]] = {
    "flac of unknown length, as streams have": ("flac", lambda flac: with_length(flac, 0), None),
    "flac that claims less": ("flac", lambda flac: with_length(flac, 4800), 100),
    "flac that claims 2^36 - 1": ("flac", lambda flac: with_length(flac, 2**36 - 1), 1431655765),
    "wav that claims nothing": ("wav", lambda wav: with_data(wav, 0), 2000),
    "wav written to a pipe": ("wav", lambda wav: with_data(wav, 0xFFFFFFFF), None),
    "wav that claims twice as much": ("wav", lambda wav: with_data(wav, 4 * 2 * 96000), 4000),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_header_that_lies_costs_nothing_and_is_reported(lie: str, tmp_path: Path) -> None:
    kind, change, claimed_ms = LIES[lie]
    path = tmp_path / "a"
    path.write_bytes(change(encoded(noise(seconds=2, channels=2), kind)))
    facts = measure(path, limits=LIMITS)
    assert (facts["duration_ms"], facts["header_duration_ms"]) == (2000, claimed_ms)
    assert facts["duration_difference_ms"] == (None if claimed_ms is None else 2000 - claimed_ms)


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg"])
def test_files_joined_end_to_end_are_measured_to_the_end(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(2 * encoded(noise(seconds=2, rate_hz=44100, channels=2), kind, rate_hz=44100))
    assert measure(path, limits=LIMITS)["duration_ms"] == pytest.approx(4000, abs=100)


def test_a_second_sample_rate_amid_the_stream_is_converted_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    first = encoded(noise(seconds=2, rate_hz=44100, channels=2), "lame", rate_hz=44100)
    path.write_bytes(first + encoded(noise(seconds=2, rate_hz=22050), "lame", rate_hz=22050))
    facts = measure(path, limits=LIMITS)
    assert facts["sample_rate_hz"] == 44100
    assert facts["duration_ms"] == pytest.approx(4000, abs=120)
    assert "changes of format" in str(facts["decode_fault"])


@pytest.mark.parametrize("kind", ["flac", "mp3", "ogg", "opus", "wav", "mka", "aac", "wv"])
def test_of_a_file_cut_short_what_is_there_is_measured(kind: str, tmp_path: Path) -> None:
    whole = encoded(noise(seconds=4, rate_hz=48000, channels=2), kind)
    path = tmp_path / "a"
    path.write_bytes(whole[: len(whole) // 2])
    assert 1000 < int(str(measure(path, limits=LIMITS)["duration_ms"])) < 3000


def test_loudspeakers_are_reported(tmp_path: Path) -> None:
    six = noise(channels=6)
    assert measure(written(tmp_path / "a", six, "mka"), limits=LIMITS)["channel_positions"] == "FL FR FC LFE BL BR"
    path = tmp_path / "b.wav"
    path.write_bytes(extensible(encoded(six), mask=0x60F))
    assert measure(path, limits=LIMITS)["channel_positions"] == "FL FR FC LFE SL SR"
    assert measure(written(tmp_path / "c.wav", six), limits=LIMITS)["channel_positions"] is None


def extensible(wav: bytes, mask: int) -> bytes:
    """A 16-bit WAV with a channel mask."""
    data = wav[wav.index(b"data") :]
    pcm = bytes.fromhex("0100000000001000800000aa00389b71")
    head = (0xFFFE).to_bytes(2, "little") + wav[22:36] + bytes([22, 0, 16, 0]) + mask.to_bytes(4, "little") + pcm
    body = b"WAVEfmt " + len(head).to_bytes(4, "little") + head + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def test_tags_are_reported(tmp_path: Path) -> None:
    sound = joined(noise(channels=2))
    for kind in ("flac", "ogg", "wav"):
        path = tmp_path / kind
        path.write_bytes(encoded(sound, kind, tags={"title": "Rain, at night", "artist": "A. Nobody"}))
        facts = measure(path, limits=LIMITS)
        assert (facts["tag_title"], facts["tag_artist"]) == ("Rain, at night", "A. Nobody")
    for kind in ("lame", "m4a", "mka", "opus"):
        path = tmp_path / kind
        path.write_bytes(encoded(sound, kind, tags={"title": "Rain\nat night", "copyright": "CC0"}))
        facts = measure(path, limits=LIMITS)
        assert (facts["tag_title"], facts["tag_copyright"]) == ("Rain at night", "CC0")


@pytest.mark.parametrize(("kind", "bits"), [("wav", 16 * 2 * 48000), ("wav24", 24 * 2 * 48000), ("mp2", 384_000)])
def test_bit_rate_is_that_of_the_audio(kind: str, bits: int, tmp_path: Path) -> None:
    facts = measure(written(tmp_path / "a", noise(seconds=3, channels=2), kind), limits=LIMITS)
    assert facts["bit_rate_bps"] == pytest.approx(bits, rel=0.02)


def test_only_the_edit_list_of_an_mp4_cuts_what_lies_behind_the_stated_end(tmp_path: Path) -> None:
    flac = bytearray(encoded(tone(seconds=1), "flac"))
    flac[21] = flac[21] & 0xF0  # STREAMINFO counts its samples in 36 bits: bytes 21 to 25, RFC 9639, 8.2
    flac[22:26] = (47_000).to_bytes(4)
    path = tmp_path / "a.flac"
    path.write_bytes(bytes(flac))
    with opened(path, LIMITS) as decoding:
        assert sum(len(block) for block in decoding) == 48_000
        assert decoding.stated.duration_s == pytest.approx(47 / 48, abs=1e-3)
