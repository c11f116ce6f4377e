"""First bytes in, container out; or an error that names what they are instead."""

import random

import pytest
from sounds import BY_FFMPEG, BY_LIBSNDFILE, encoded, tone

from earshot.errors import Empty, NotAudio
from earshot.sound.sniff_container import HEAD_BYTES, JUNK_BYTES, after_id3, is_undecided, sniff

CONTAINERS = {
    "wav": ("wav", ".wav", "audio/wav"),
    "wavf64": ("wav", ".wav", "audio/wav"),
    "adpcm": ("wav", ".wav", "audio/wav"),
    "w64": ("w64", ".w64", "audio/x-w64"),
    "rf64": ("rf64", ".wav", "audio/wav"),
    "aiff": ("aiff", ".aiff", "audio/aiff"),
    "au": ("au", ".au", "audio/basic"),
    "caf": ("caf", ".caf", "audio/x-caf"),
    "nist": ("nist", ".sph", "audio/x-nist"),
    "voc": ("voc", ".voc", "audio/x-voc"),
    "flac": ("flac", ".flac", "audio/flac"),
    "ogg": ("ogg", ".ogg", "audio/ogg"),
    "opus": ("ogg", ".opus", "audio/ogg"),
    "mp3": ("mp3", ".mp3", "audio/mpeg"),
    "lame": ("mp3", ".mp3", "audio/mpeg"),
    "mp2": ("mp2", ".mp2", "audio/mpeg"),
    "aac": ("aac", ".aac", "audio/aac"),
    "ac3": ("ac3", ".ac3", "audio/ac3"),
    "m4a": ("mp4", ".m4a", "audio/mp4"),
    "alac": ("mp4", ".m4a", "audio/mp4"),
    "mp4": ("mp4", ".mp4", "video/mp4"),
    "mov": ("mov", ".mov", "video/quicktime"),
    "3gp": ("3gp", ".3gp", "video/3gpp"),
    "webm": ("webm", ".webm", "audio/webm"),
    "mka": ("matroska", ".mka", "audio/matroska"),
    "wma": ("asf", ".wma", "audio/x-ms-wma"),
    "amr": ("amr", ".amr", "audio/amr"),
    "avi": ("avi", ".avi", "video/x-msvideo"),
    "flv": ("flv", ".flv", "video/x-flv"),
    "ts": ("mpegts", ".ts", "video/mp2t"),
    "mpg": ("mpeg", ".mpg", "video/mpeg"),
    "wv": ("wavpack", ".wv", "audio/x-wavpack"),
    "tta": ("tta", ".tta", "audio/x-tta"),
}

FOREIGN = {
    "html": (b"<!DOCTYPE html><html><head><title>404</title></head></html>", "an HTML page"),
    "html after a comment": (b"\xef\xbb\xbf\n<!-- cached --><HTML><body>gone</body>", "an HTML page"),
    "html in latin-1": (b"<html><body>Caf\xe9 d\xe9j\xe0 vu" + b" etc" * 30, "an HTML page"),
    "xhtml": (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"></html>', "an HTML page"),
    "json": (b'{"error": {"code": 403, "message": "Forbidden"}}', "JSON"),
    "json cut off": (b'[{"text": "' + b"a" * HEAD_BYTES, "JSON"),
    "xml": (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "XML"),
    "rss": (b'<?xml version="1.0"?>\n<rss version="2.0"><channel/></rss>', "an RSS feed"),
    "m3u": (b"#EXTM3U\n#EXTINF:1,A\nfile:///etc/passwd\n", "an M3U playlist"),
    "m3u8": (b"\xef\xbb\xbf#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\nseg0.ts\n", "an M3U playlist"),
    "m3u of links": (b"http://example.org/a.mp3\nhttp://example.org/b.mp3\n", "a list of links"),
    "pls": (b"[playlist]\nFile1=http://example.org/a.mp3\n", "a PLS playlist"),
    "xspf": (b'<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"></playlist>', "an XSPF playlist"),
    "asx": (b'<ASX version="3.0"><entry></entry></ASX>', "an ASX playlist"),
    "ffconcat": (b"ffconcat version 1.0\nfile /etc/passwd\n", "an ffconcat list of files"),
    "text": (b"Just a moment, please.\n", "text"),
    "text in utf-16": ("Not found, sorry".encode("utf-16"), "text"),
    "zip": (b"PK\x03\x04\x14\0\0\0", "a zip archive"),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", "gzip data"),
    "pdf": (b"%PDF-1.7\n", "a PDF document"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a JPEG image"),
    "webp": (b"RIFF\x24\0\0\0WEBPVP8 ", "a WebP image"),
    "avif": (b"\0\0\0\x20ftypavif\0\0\0\0", "a HEIF or AVIF image"),
    "midi": (b"MThd\0\0\0\x06\0\x01", "MIDI notes"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG image"),
    "zero bytes": (bytes(HEAD_BYTES), "zero bytes"),
    "random bytes": (random.Random(5).randbytes(HEAD_BYTES), "unknown bytes"),
    "two bytes of a sync word": (b"\xff\xfb", "unknown bytes"),
    "another RIFF": (b"RIFF\x24\0\0\0sfbkLIST", "a RIFF file of form b'sfbk'"),
}


def id3(size: int) -> bytes:
    """An ID3v2.3 tag of `size` bytes behind its ten of header, all padding."""
    return b"ID3\x03\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)


def sound(kind: str) -> bytes:
    rate_hz, channels = (8000, 1) if kind == "amr" else (44100, 2)
    return encoded(tone(rate_hz=rate_hz, channels=channels), kind, rate_hz=rate_hz)


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_container_is_known_by_its_first_bytes(kind: str) -> None:
    found = sniff(sound(kind)[:HEAD_BYTES])
    assert (found.name, found.extension, found.content_type) == CONTAINERS[kind]


def test_every_kind_that_the_tests_can_write_is_sniffed() -> None:
    same_container = {"wav24", "wav32", "wav8", "wavf32", "ulaw", "flac24"}
    assert (BY_FFMPEG.keys() | BY_LIBSNDFILE.keys()) - CONTAINERS.keys() == same_container


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_not_audio_is_called_by_its_name(case: str) -> None:
    head, name = FOREIGN[case]
    with pytest.raises(NotAudio, match=name):
        sniff(head)


def test_no_bytes_are_empty() -> None:
    with pytest.raises(Empty):
        sniff(b"")


def test_an_id3_tag_within_the_head_is_stepped_over() -> None:
    found = sniff((id3(500) + id3(300) + sound("mp3"))[:HEAD_BYTES])
    assert (found.name, found.offset, found.is_certain) == ("mp3", 820, True)


def test_a_tag_ends_behind_its_footer_where_its_flag_says_so() -> None:
    plain, footed = id3(300), b"ID3\x04\0\x10" + id3(300)[6:] + b"3DI\x04\0\x10" + id3(300)[6:10]
    assert (after_id3(plain + b"sound"), after_id3(footed + b"sound")) == (310, 320)
    assert after_id3(b"RIFF" + footed + b"sound", 4) == 324


@pytest.mark.parametrize("broken", [b"ID3\xff\0\0\0\0\0\x05", b"ID3\x03\0\0\0\0\x80\x05", b"ID3\x03\0\0\x80\0\0\x05"])
def test_what_no_tag_begins_with_is_not_stepped_over(broken: bytes) -> None:
    assert after_id3(broken + bytes(20)) == 0


def test_a_tag_that_fills_the_head_leaves_the_sound_to_be_looked_for_behind_it() -> None:
    found = sniff(id3(HEAD_BYTES - 10))
    assert (found.name, found.offset, found.is_certain) == ("mp3", HEAD_BYTES, False)


def test_unknown_bytes_are_undecided_until_as_many_as_junk_may_have_are_there() -> None:
    junk = random.Random(5).randbytes(JUNK_BYTES)
    sizes = (HEAD_BYTES - 1, HEAD_BYTES, JUNK_BYTES - 1, JUNK_BYTES)
    assert [is_undecided(junk[:size]) for size in sizes] == [False, True, True, False]
    assert not is_undecided(b"%PDF-1.7\n" + junk[:HEAD_BYTES])
    assert not is_undecided(sound("mp3")[:HEAD_BYTES])
    assert not is_undecided(b"")


@pytest.mark.parametrize("size", [1200, HEAD_BYTES + 200])
def test_of_two_streams_in_junk_the_first_is_taken(size: int) -> None:
    junk, mp3, flac = b"\x01\x02" * (size // 2), sound("mp3"), sound("flac")
    assert (sniff(junk + mp3 + flac).name, sniff(junk + flac + mp3).name) == ("mp3", "flac")
    assert sniff(junk + flac + mp3).offset == len(junk)


def test_flac_behind_an_id3_tag_is_flac() -> None:
    found = sniff((id3(100) + sound("flac"))[:HEAD_BYTES])
    assert (found.name, found.offset) == ("flac", 110)


def test_a_tag_larger_than_the_head_is_taken_for_mp3_for_now() -> None:
    found = sniff((id3(100_000) + sound("mp3"))[:HEAD_BYTES])
    assert (found.name, found.offset, found.is_certain) == ("mp3", 100_010, False)


@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_frames_behind_zero_padding_are_found(kind: str) -> None:
    assert sniff((bytes(700) + sound(kind))[:HEAD_BYTES]).offset == 700


def test_a_radio_stream_that_begins_amid_a_frame_is_found() -> None:
    stream = sound("mp3")[600:]
    cut = random.Random(1).randbytes(300) + stream[stream.index(b"\xff\xfb") :]
    found = sniff(cut[:HEAD_BYTES])
    assert (found.name, found.offset) == ("mp3", 300)


def test_two_sync_words_in_junk_are_no_mp3() -> None:
    junk = bytearray(random.Random(2).randbytes(HEAD_BYTES))
    junk[1000:1004] = b"\xff\xfb\x90\x00"
    junk[1417:1421] = b"\xff\xfb\x90\x00"
    with pytest.raises(NotAudio, match="unknown bytes"):
        sniff(bytes(junk))


def test_no_random_head_of_a_thousand_passes_for_audio() -> None:
    dice = random.Random(3)
    passed = 0
    for _ in range(1000):
        try:
            sniff(dice.randbytes(HEAD_BYTES))
        except NotAudio:
            continue
        passed += 1
    assert passed == 0


def test_other_junk_before_a_wav_is_not_audio() -> None:
    with pytest.raises(NotAudio):
        sniff(b"\x01\x02\x03" + sound("wav")[: HEAD_BYTES - 3])
