"""Decoding a stream: the samples of the file, as its bytes come."""

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from sounds import BY_FFMPEG, BY_LIBSNDFILE, Samples, encoded, noise, tone

from earshot.errors import Empty, NotAudio, Undecodable
from earshot.sound.decode import container_of, opened
from earshot.sound.decode_stream import STREAMED, opened_stream
from earshot.sound.limits_per_file import Limits

COPIED = ("m4a", "mp4", "mov", "alac", "3gp", "wv", "caf")  # what needs the end of a file first
PADDED = ("lame", "mp3")  # FFmpeg finds the padding at a file's end by seeking


class Pipe:
    """A stream that gives at most `most` bytes at a time, and counts them."""

    def __init__(self, data: bytes, most: int = 700) -> None:
        self._file, self._most, self.given = io.BytesIO(data), most, 0

    def read1(self, size: int = -1, /) -> bytes:
        data = self._file.read(min(size, self._most))
        self.given += len(data)
        return data


def whole(path: Path) -> Samples:
    with opened(path, Limits()) as decoding:
        return np.concatenate(list(decoding))


@pytest.mark.parametrize("kind", sorted(BY_FFMPEG.keys() | BY_LIBSNDFILE.keys()))
def test_a_stream_gives_the_samples_of_the_file_and_begins_before_its_end(kind: str, tmp_path: Path) -> None:
    rate_hz = {"opus": 48_000, "webm": 48_000, "amr": 8_000}.get(kind, 44_100)
    sound = noise(seconds=12 if kind == "amr" else 4, rate_hz=rate_hz, channels=1 if kind == "amr" else 2)
    data = encoded(sound, kind, rate_hz=rate_hz)
    path = tmp_path / "sound"
    path.write_bytes(data)
    pipe, blocks, begun_at = Pipe(data), [], 0
    with opened_stream(pipe) as decoding:
        for block in decoding:
            begun_at = begun_at or pipe.given
            blocks.append(block)
    got, wanted = np.concatenate(blocks), whole(path)
    assert decoding.fault is None
    if kind not in PADDED:
        assert len(got) == len(wanted)
    np.testing.assert_allclose(got[: len(wanted)], wanted, atol=1e-6)  # Vorbis is decoded by another library
    assert (container_of(path).demuxer in STREAMED) is (kind not in COPIED)
    if kind not in COPIED:
        assert begun_at < 0.6 * len(data)
        assert max(map(len, blocks)) <= -(-rate_hz // 20)


@pytest.mark.parametrize(("bits", "dtype"), [(8, "u1"), (16, "<i2"), (32, "<i4")])
def test_plain_wav_is_decoded_after_the_first_4_kib(bits: int, dtype: str) -> None:
    """`arecord` records 8 kHz with 8 bits unless told otherwise: FFmpeg's demuxer would wait for eight seconds."""
    sound = tone(seconds=4, rate_hz=8_000)[:, 0]
    scaled = sound * 2 ** (bits - 1) + (128 if bits == 8 else 0)
    raw = np.round(scaled).clip(0 if bits == 8 else None).astype(dtype).tobytes()
    rate = 8_000 * bits // 8
    header = b"fmt \x10\0\0\0\1\0\1\0" + (8_000).to_bytes(4, "little") + rate.to_bytes(4, "little")
    header += (bits // 8).to_bytes(2, "little") + bits.to_bytes(2, "little")
    data = b"RIFF\xff\xff\xff\xffWAVE" + header + b"data\xff\xff\xff\xff" + raw
    pipe, begun_at, blocks = Pipe(data), 0, []
    with opened_stream(pipe) as decoding:
        for block in decoding:
            begun_at = begun_at or pipe.given
            blocks.append(block[:, 0])
    assert begun_at <= 2 * 4096
    np.testing.assert_allclose(np.concatenate(blocks), sound, atol=2.0 ** (1 - bits) + 1e-6)


def test_what_follows_the_samples_of_a_wav_file_is_no_sound() -> None:
    data = encoded(tone(seconds=1), "wav") + b"LIST" + (40_000).to_bytes(4, "little") + b"\x7f" * 40_000
    with opened_stream(Pipe(data)) as decoding:
        assert sum(map(len, decoding)) == 48_000


def test_an_id3_tag_longer_than_the_head_is_stepped_over(tmp_path: Path) -> None:
    tag = b"ID3\x04\0\0" + bytes([0, 1, 0x40, 0]) + bytes((1 << 14) + (0x40 << 7))
    data = tag + encoded(tone(seconds=2), "mp3")
    path = tmp_path / "sound"
    path.write_bytes(data)
    with opened_stream(Pipe(data)) as decoding:
        got = np.concatenate(list(decoding))
    assert np.array_equal(got[: 2 * 48_000], whole(path)[: 2 * 48_000])


def test_samples_come_while_the_pipe_is_open() -> None:
    """The writer waits for the reader: were the pipe read to its end first, neither would go on."""
    data = encoded(tone(seconds=10, rate_hz=16_000), "wav", rate_hz=16_000)
    read_end, write_end = os.pipe()
    heard = threading.Event()
    waited: list[bool] = []

    def write() -> None:
        with os.fdopen(write_end, "wb", buffering=0) as pipe:
            pipe.write(data[:40_000])
            waited.append(heard.wait(60))
            pipe.write(data[40_000:])

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(read_end, "rb") as pipe, opened_stream(pipe) as decoding:
        frames = 0
        for block in decoding:
            frames += len(block)
            heard.set()
    writer.join()
    assert waited == [True]
    assert frames == 160_000


def test_a_broken_stream_ends_with_its_reason() -> None:
    with pytest.raises(Empty):
        opened_stream(Pipe(b"")).__enter__()
    with pytest.raises(NotAudio, match="HTML"):
        opened_stream(Pipe(b"<!doctype html><title>Log in</title>" * 100)).__enter__()
    with pytest.raises((Undecodable, Empty)):
        opened_stream(Pipe(b"fLaC\0\0\0\x22" + bytes(9000))).__enter__()
