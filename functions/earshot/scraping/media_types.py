"""Decides by file name or declared media type whether a link is audio; no bytes are fetched."""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

AUDIO_EXTENSIONS = frozenset(
    (
        ".aac",
        ".ac3",
        ".aif",
        ".aifc",
        ".aiff",
        ".amr",
        ".ape",
        ".au",
        ".caf",
        ".flac",
        ".m4a",
        ".m4b",
        ".mka",
        ".mp2",
        ".mp3",
        ".mpga",
        ".oga",
        ".ogg",
        ".opus",
        ".ra",
        ".snd",
        ".spx",
        ".tta",
        ".voc",
        ".w64",
        ".wav",
        ".wave",
        ".weba",
        ".wma",
        ".wv",
    )
)
PLAYLIST_TYPES = frozenset(  # registered under audio/, but text that names audio
    ("audio/mpegurl", "audio/x-mpegurl", "audio/x-scpls", "audio/scpls", "audio/x-pn-realaudio-plugin")
)
AUDIO_TYPES = frozenset(("application/ogg", "application/x-flac", "application/x-ogg"))


FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"))
PAGES = re.compile(r"/[^/]+:[^/]*$|/blob/")  # a wiki's page about a file (File:…), a forge's view of one


def media_type(declared: str | None) -> str:
    """`Audio/MPEG; codecs="mp3"` as `audio/mpeg`; empty when nothing was declared."""
    return (declared or "").partition(";")[0].strip().lower()


def is_audio_type(declared: str | None) -> bool:
    """Whether a declared media type means audio itself, not a playlist of it."""
    kind = media_type(declared)
    return kind in AUDIO_TYPES or (kind.startswith("audio/") and kind not in PLAYLIST_TYPES)


def is_feed_type(declared: str | None) -> bool:
    """Whether a declared media type means a feed."""
    return media_type(declared) in FEED_TYPES


def has_audio_extension(url: str) -> bool:
    """Whether the path ends like an audio file's; pages about a file, which end so too, do not count."""
    return extension(url) in AUDIO_EXTENSIONS and not PAGES.search(_path(url))


def extension(url: str) -> str:
    """`.mp3`, in lower case, or nothing; query and fragment do not count."""
    return PurePosixPath(_path(url)).suffix.lower()


def _path(url: str) -> str:
    return unquote(re.split(r"[?#]", url, maxsplit=1)[0])
