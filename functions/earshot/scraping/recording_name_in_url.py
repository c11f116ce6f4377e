"""What the URL of a file says about which recording it is: identity, folder, name without format and bit rate."""

import re
from dataclasses import dataclass
from functools import lru_cache

from earshot.scraping.media_types import AUDIO_EXTENSIONS, name_and_ending
from earshot.url_identity import identity_url

RATE = re.compile(r"[_.-]a?(\d{2,3})(?:k|kb|kbps|kbit)$", re.IGNORECASE)
RATE_ENDS = frozenset("0123456789kbpsit")  # what a rate can end with
MARKED = re.compile(
    r"[_.-](?:vbr|hq|lq|hi|lo|low|high|hifi|med|medium|tc|web|mono|stereo|mp3|ogg|m4a|aac)$", re.IGNORECASE
)
RATES = frozenset(("64", "96", "128", "192", "256", "320"))  # in kbit/s, as names of folders
MOVING = frozenset((".mp4", ".webm", ".m4v", ".mov"))  # may hold the same recording as an audio file of that name
RANDOM = re.compile(  # 14 of A to Z, a to z, 0 to 9 with two, two and one of each; a UUID; a long number
    r"^(?:(?=[^A-Z]*[A-Z][^A-Z]*[A-Z])(?=[^a-z]*[a-z][^a-z]*[a-z])(?=[^0-9]*[0-9])[A-Za-z0-9]{14,64}|"
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{9,20}[_-]?[0-9]{4,20})"
)
ANY_NAME = frozenset(  # of files, that say nothing about which recording it is
    (
        "", "audio", "download", "file", "stream", "play", "playback", "listen", "media", "default", "index",
        "get", "track", "episode", "podcast", "sound", "source", "src", "original", "redirect", "embed", "preview",
        "voice", "output", "intro", "outro", "introduction", "part1", "part2", "live", "show", "song", "test",
        "demo", "full", "master",
    )
)  # fmt: skip
ANY_SEGMENT = frozenset(  # of paths, that say how a file is delivered, not which it is
    (
        "", "download", "downloads", "play", "player", "stream", "web", "webplayer", "embed", "feed", "rss",
        "file", "files", "s", "c", "mf", "secure", "website", "episode", "podcast-player", "podcast-download",
        "podcast", "audio", "media", "select-show", "select-button", "p", "e", "rss2", "mp3", "ogg", "opus", "m4a",
        "aac", "flac", "wav", "hq", "lq", "transcoded", "preview", "previews", "original", "originals", "http",
        "https", "direct", "content", "raw", "proto", "opengraph", "buttonlist",
    )
)  # fmt: skip


@dataclass(slots=True)
class NamedFile:
    """A candidate's URL taken apart."""

    identity: str
    address: str
    """Identity without its scheme."""
    host: str
    folder: str
    stem: str
    ending: str
    is_nameless: bool
    """The path ends in no name: its last segments are folders too."""
    is_random: bool
    """The name is an identifier that no second file has by chance."""

    @property
    def segments(self) -> tuple[str, ...]:
        """Folders that can tell one file from another."""
        if self.is_nameless:
            return tuple(self.address.partition("?")[0].partition("/")[2].lower().split("/"))
        is_audio = self.ending in AUDIO_EXTENSIONS
        return tuple(
            name for one in self.folder.lower().split("/") if (name := _segment(one, is_audio=is_audio)) is not None
        )


def named_file(url: str) -> NamedFile:
    """Take a canonical URL apart."""
    name, ending = name_and_ending(url)
    identity = identity_url(url, names_a_file=ending in AUDIO_EXTENSIONS)
    address = identity.partition("://")[2]
    host, _, rest = (address.partition("?")[0] if "?" in address else address).partition("/")
    folder = rest.rpartition("/")[0]
    is_random = 16 < len(name) < 70 and RANDOM.fullmatch(name.partition(".")[0]) is not None
    return NamedFile(identity, address, host.removeprefix("www."), folder, _stem(name), ending, not name, is_random)


@lru_cache(maxsize=16_384)
def _segment(segment: str, *, is_audio: bool) -> str | None:
    """A folder without marks of quality; None if it only says how the file is delivered, or at which bit rate."""
    if segment in ANY_SEGMENT or (is_audio and segment in RATES):
        return None
    return MARKED.sub("", segment) if "-" in segment or "_" in segment else segment


def _stem(name: str) -> str:
    """The name of a file without its endings, its bit rate and its marks of quality; in lower case."""
    name = name.lower()
    while (dot := name.rfind(".")) > 0 and (name[dot:] in AUDIO_EXTENSIONS or name[dot:] in MOVING):
        name = name[:dot]
    rate = RATE.search(name[-12:]) if name[-1:] in RATE_ENDS else None
    if rate and int(rate[1]) in (24, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320):
        name = name[: len(name) - len(rate[0])]
    if "-" not in name and "_" not in name and "." not in name:
        return name
    mark = MARKED.search(name[-12:])
    return name[: len(name) - len(mark[0])] if mark else name


def is_telling(stem: str) -> bool:
    """Whether a name is unlikely to be given to two recordings."""
    return len(stem) >= 8 and stem not in ANY_NAME and any(map(str.isalnum, stem))
