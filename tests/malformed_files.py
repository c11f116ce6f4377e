"""Malformed inputs, made and never stored, each with the end it must come to: a row, or a refusal with its reason."""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from sounds import BY_FFMPEG, BY_LIBSNDFILE, encoded, joined, music, noise, silence, tone

ROW = "row"
CUT = ["wav", "aiff", "flac", "ogg", "opus", "mp3", "m4a", "webm", "wma", "amr", "aac", "mka", "avi", "wv"]


@dataclass(frozen=True)
class Malformed:
    """Bytes, and what must become of them: ROW or the reason of a refusal."""

    name: str
    made: Callable[[], bytes]
    ends: str | tuple[str, ...]
    """A tuple where either is right: what is left of a file cut short may hold a whole frame or none."""


def id3(body: bytes, size: int | None = None) -> bytes:
    """An ID3v2.3 tag; `size` may lie."""
    length = len(body) if size is None else size
    return b"ID3\x03\0\0" + bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0)) + body


def picture(length: int) -> bytes:
    """An ID3 frame that holds a cover picture of that many bytes."""
    body = b"\0image/jpeg\0\x03\0" + b"\xff\xd8\xff\xe0" + random.Random(0).randbytes(length)
    return b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body


def wav(rate_hz: int = 48000, channels: int = 1, bits: int = 16, *, kind: int = 1, data: bytes = bytes(96000)) -> bytes:
    """A WAV file with any header at all."""
    width = max(bits // 8, 1)
    form = struct.pack("<HHIIHH", kind, channels, rate_hz, rate_hz * channels * width & 0xFFFFFFFF,
                       channels * width & 0xFFFF, bits)  # fmt: skip
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(data))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + (struct.pack("<I", len(data)) + data)
    )


def with_data_size(size: int) -> bytes:
    """A second of sound whose data chunk claims another size."""
    file = encoded(noise(channels=2))
    at = file.index(b"data") + 4
    return file[:at] + struct.pack("<I", size) + file[at + 4 :]


def floats(*spoilt: float) -> bytes:
    """A float file in which some samples are none."""
    sound = tone()
    sound[1000 : 1000 + len(spoilt), 0] = spoilt
    with np.errstate(invalid="ignore"):
        return encoded(sound, "wavf32")


def cut(kind: str, share: float) -> bytes:
    """The first part of a file."""
    rate_hz, channels = (8000, 1) if kind == "amr" else (48000, 2)
    whole = encoded(noise(seconds=2, rate_hz=rate_hz, channels=channels), kind, rate_hz=rate_hz)
    return whole[: int(len(whole) * share)]


def scratched(kind: str) -> bytes:
    """A file with a run of bytes in its middle overwritten."""
    whole = bytearray(encoded(noise(seconds=3, channels=2), kind))
    middle = len(whole) // 2
    whole[middle : middle + 400] = random.Random(4).randbytes(400)
    return bytes(whole)


def of(kind: str, *, channels: int = 2, rate_hz: int = 48000, seconds: float = 1.0) -> bytes:
    """Plain noise in a container."""
    return encoded(noise(seconds=seconds, rate_hz=rate_hz, channels=channels), kind, rate_hz=rate_hz)


def bomb() -> bytes:
    """Twelve hours of silence in a megabyte of FLAC."""
    return encoded(silence(seconds=144, rate_hz=8000), "flac", rate_hz=8000) * 300


MALFORMED = [
    # nothing, and what is something else
    Malformed("no bytes", bytes, "empty"),
    Malformed("one zero byte", lambda: b"\0", "not_audio"),
    Malformed("a megabyte of zeros", lambda: bytes(1 << 20), "not_audio"),
    Malformed("random bytes", lambda: random.Random(1).randbytes(100_000), "not_audio"),
    Malformed("a page named mp3", lambda: b"<!DOCTYPE html><html><body>Not found</body></html>", "not_audio"),
    Malformed("an error in JSON", lambda: b'{"error": "quota"}', "not_audio"),
    Malformed("a bucket's error in XML", lambda: b"<?xml version='1.0'?><Error>NoSuchKey</Error>", "not_audio"),
    Malformed("a list of local files", lambda: b"#EXTM3U\n#EXTINF:1,x\n/etc/passwd\nfile:///etc/hosts\n", "not_audio"),
    Malformed("an HLS playlist", lambda: b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9.0,\nfile:///etc/passwd\n", "not_audio"),
    Malformed("a list for ffconcat", lambda: b"ffconcat version 1.0\nfile /etc/passwd\n", "not_audio"),
    Malformed("a PLS playlist", lambda: b"[playlist]\nFile1=file:///etc/passwd\n", "not_audio"),
    Malformed("a session description", lambda: b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", "not_audio"),
    Malformed("MIDI", lambda: b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0", "not_audio"),
    Malformed("a picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(5000), "not_audio"),
    Malformed("a zip", lambda: b"PK\x03\x04" + of("wav"), "not_audio"),
    # headers without sound
    Malformed("a WAV without samples", lambda: encoded(silence(seconds=0)), "empty"),
    Malformed("four bytes of a WAV", lambda: b"RIFF", "not_audio"),
    Malformed("twelve bytes of a WAV", lambda: of("wav")[:12], "undecodable"),
    Malformed("an Ogg page and no more", lambda: of("ogg")[:58], "undecodable"),
    Malformed("the head of a FLAC", lambda: of("flac")[:42], ("empty", "undecodable")),
    Malformed("the box type of an MP4", lambda: of("m4a")[:32], "undecodable"),
    Malformed("an ID3 tag and no more", lambda: id3(bytes(20_000)), "not_audio"),
    Malformed("an ID3 tag longer than its file", lambda: id3(bytes(10), size=1 << 24), "not_audio"),
    Malformed("an ID3 tag before a page", lambda: id3(bytes(9000)) + b"<html></html>", "not_audio"),
    Malformed("a video without sound", lambda: silent_film(), "undecodable"),
    # headers that lie
    Malformed("WAV data of size 0", partial(with_data_size, 0), ROW),
    Malformed("WAV data of size 2^32 - 1", partial(with_data_size, 0xFFFFFFFF), ROW),
    Malformed("WAV data of a size beyond the file", partial(with_data_size, 10**9), ROW),
    Malformed("WAV data of an odd size", partial(with_data_size, 10_001), ROW),
    Malformed("WAV at 0 Hz", partial(wav, 0), "undecodable"),
    Malformed("WAV at 1 Hz", partial(wav, 1), "undecodable"),
    Malformed("WAV at 2,147,483,647 Hz", partial(wav, 2**31 - 1), "undecodable"),
    Malformed("WAV of 0 channels", partial(wav, channels=0), "undecodable"),
    Malformed("WAV of 65,535 channels", partial(wav, channels=65535), "undecodable"),
    Malformed("WAV of 33 channels", partial(wav, channels=33, data=bytes(66_000)), "undecodable"),
    Malformed("WAV of 0 bits", partial(wav, bits=0), "undecodable"),
    Malformed("WAV of an unknown codec", partial(wav, kind=0x7777), "undecodable"),
    Malformed("FLAC of a claimed 2^36 - 1 frames", lambda: flac_claiming(2**36 - 1), ROW),
    Malformed("FLAC of unknown length", lambda: flac_claiming(0), ROW),
    Malformed("an MP3 called WAV inside", lambda: b"RIFF\xff\xff\xff\xffWAVE" + of("mp3"), "undecodable"),
    # cut short, scratched, glued
    *[Malformed(f"half of a {kind}", partial(cut, kind, 0.5), (ROW, "undecodable")) for kind in CUT],
    *[Malformed(f"a hundredth of a {kind}", partial(cut, kind, 0.01), (ROW, "undecodable", "empty", "not_audio"))
      for kind in CUT],
    *[Malformed(f"a scratched {kind}", partial(scratched, kind), ROW) for kind in ("mp3", "flac", "ogg", "aac", "wav")],
    Malformed("two sample rates in one MP3", lambda: of("lame") + of("lame", channels=1, rate_hz=24000), ROW),
    Malformed("two Oggs in a chain", lambda: of("ogg") + of("ogg"), ROW),
    Malformed("sound, then a page", lambda: of("mp3") + b"<html>" * 1000, ROW),
    Malformed("zero padding before an MP3", lambda: bytes(2000) + of("mp3"), ROW),
    Malformed("junk before a WAV", lambda: b"junk" + of("wav"), "not_audio"),
    # odd samples
    Malformed("NaN", lambda: floats(float("nan")), ROW),
    Malformed("infinities", lambda: floats(float("inf"), float("-inf")), ROW),
    Malformed("a sample of 10^38", lambda: floats(1e38, -1e38), ROW),
    Malformed("nothing but NaN", lambda: encoded(np.full((4800, 1), np.nan), "wavf32"), ROW),
    Malformed("denormal samples", lambda: encoded(1e-40 * noise(), "wavf64"), ROW),
    Malformed("one sample", lambda: encoded(np.array([[0.5]])), ROW),
    Malformed("one sample of FLAC", lambda: encoded(np.array([[0.5]]), "flac"), ROW),
    Malformed("digital silence", lambda: encoded(silence(seconds=2, channels=2)), ROW),
    Malformed("an offset and nothing else", lambda: encoded(silence() + 0.5), ROW),
    Malformed("full scale throughout", lambda: encoded(silence() + 1.0), ROW),
    Malformed("samples of 32,000 where 1 is full scale", lambda: encoded(32_000 * noise(), "wavf32"), ROW),
    # every shape
    *[Malformed(f"{kind} samples", partial(of, kind), ROW)
      for kind in ("wav8", "wav24", "wav32", "wavf32", "wavf64", "ulaw", "adpcm")],
    *[Malformed(f"{channels} channels", partial(of, "wav", channels=channels), ROW)
      for channels in (1, 2, 3, 4, 5, 6, 7, 8, 32)],
    *[Malformed(f"{rate_hz} Hz", partial(of, "wav", rate_hz=rate_hz), ROW)
      for rate_hz in (8000, 11025, 16000, 22050, 32000, 44100, 88200, 96000, 176400, 192000, 384000)],
    *[Malformed(f"a {kind} under another name", partial(of, kind), ROW)
      for kind in sorted((BY_FFMPEG.keys() | BY_LIBSNDFILE.keys()) - {"amr"})],
    Malformed("AMR", partial(of, "amr", channels=1, rate_hz=8000), ROW),
    Malformed("a cover picture of 5 MB", lambda: id3(picture(5_000_000)) + of("mp3"), ROW),
    Malformed("a film with sound", lambda: silent_film(with_sound=True), ROW),
    # too much
    Malformed("a bomb of twelve hours", bomb, "too_long"),
]  # fmt: skip


def flac_claiming(frames: int) -> bytes:
    """A FLAC whose header claims a length."""
    file = of("flac")
    return file[:21] + bytes([file[21] & 0xF0 | frames >> 32]) + (frames & 0xFFFF_FFFF).to_bytes(4) + file[26:]


def silent_film(*, with_sound: bool = False) -> bytes:
    """A second of grey pictures in an MP4."""
    from io import BytesIO

    import av
    from sounds import frames_of

    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        film = container.add_stream("mpeg4", rate=10)
        film.width, film.height, film.pix_fmt = 64, 64, "yuv420p"
        sound = container.add_stream("aac", rate=48000, layout="stereo") if with_sound else None
        for _ in range(10):
            picture_ = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, np.uint8), format="rgb24")
            container.mux(film.encode(picture_))
        container.mux(film.encode(None))
        if sound is not None:
            for frame in frames_of(joined(music(rate_hz=48000, seconds=1)).repeat(2, axis=1), "stereo", 48000):
                container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
    return file.getvalue()
