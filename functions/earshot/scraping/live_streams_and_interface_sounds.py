"""Audio on pages that is no recording: live streams, which never end, and sounds of the page itself."""

import re
from functools import lru_cache

from earshot.scraping.media_types import extension, file_name

INTERFACE_SOUND = "interface_sound"
INTERFACE_NAME = re.compile(
    r"(?:(?:\d{1,4}[-_ ]?(?:s|ms|sec|secs|second|seconds)?[-_ ]?(?:of)?[-_ ]?)?silen(?:ce|t)|blank|empty|beep|"
    r"ding|click|pop|notif(?:y|ication)|chime|alert|bell|swoosh|whoosh)(?:[-_ ]?(?:sound|tone|audio|\d{1,3}))?",
    re.IGNORECASE,
)
OF_INTERFACE = re.compile(
    r"/(?:assets?|static|plugins|themes|dist)/(?:[\w.-]{1,60}/){0,4}(?:sounds?|sfx|misc)/[^/]{1,200}$"
)
OF_ASSISTANT = re.compile(r"/(?:googleassistant|google-assistant|alexa)/")
INTERFACE_WORDS = frozenset(
    (
        "ring", "join", "leave", "mute", "unmute", "deafen", "undeafen", "alarm", "error", "success", "close", "open",
        "start", "stop", "result", "message", "notification", "notify", "hangup", "connect", "disconnect", "tick",
        "hover", "select", "correct", "wrong", "alert", "click", "beep", "timer",
    )
)  # fmt: skip
STREAM_HOST = re.compile(
    r"(?:direct|ice|icecast|shout|shoutcast|live|livestream|stream|streams|streaming|streamer|radio|edge)\d{0,4}"
)
STREAM_SERVICES = (  # hosts that carry live radio
    "streamguys.com", "streamguys1.com", "streamguys2.com", "streamtheworld.com", "radiojar.com", "zeno.fm",
    "streamon.fm", "securenetsystems.net", "mediahubaustralia.com", "radio.co", "radioca.st", "torontocast.stream",
    "akacast.akamaistream.net", "airtime.pro", "radioking.com", "infomaniak.ch", "icecast.radiofrance.fr",
    "icecast.omroep.nl", "cdnstream1.com", "live-icy.dr.dk", "sharp-stream.com", "musicradio.com", "antfarm.co.za",
)  # fmt: skip
ON_DEMAND = re.compile(
    r"\d{5}|episodes?/|podcasts?/|downloads?/|archives?/|on-?demand|uploads?/|anon\.|/20\d\d/|[0-9a-f]{8}-[0-9a-f]{4}"
)
WORDS = re.compile(r"[\W_]")
LABELS = re.compile(r"[.-]")
NUMBERED = re.compile(r"\d{3}")
LIVE_NAMES = frozenset(
    ("live", "stream", "listen", "livestream", ";", ";stream", ";stream.nsv", "radio", "onair", "on-air")
)


def why_none(url: str) -> tuple[str, str] | None:
    """Reason code and explanation of why the audio behind a canonical URL is no recording; None if it may be one."""
    name = file_name(url)
    stem = name.rpartition(".")[0] or name
    if len(stem) < 60 and INTERFACE_NAME.fullmatch(stem):
        return INTERFACE_SOUND, "a sound of the page itself"
    if OF_INTERFACE.search(url[-400:]) and not INTERFACE_WORDS.isdisjoint(WORDS.split(stem[:200].lower())):
        return INTERFACE_SOUND, "a sound of the page itself, by its folder and name"
    if OF_ASSISTANT.search(url[-400:]):
        return INTERFACE_SOUND, "a jingle for a voice assistant"
    if _is_live(url, stem):
        return "live_stream", "a live stream, which has no end"
    return None


def _is_live(url: str, stem: str) -> bool:
    host, slash, path = url.partition("://")[2].partition("?")[0].partition("/")
    path = slash + path
    is_service, at_service, is_odd_port = _serves_streams(host)
    if not (is_service or at_service or is_odd_port or path in ("", "/")):
        return False
    if ON_DEMAND.search(path[:500] + "/") or path.count("/") > 4:
        return False
    if stem.lower() in LIVE_NAMES or path.endswith("/;") or path in ("", "/"):
        return at_service or is_odd_port or (path in ("", "/") and not extension(url))
    return is_service or (
        at_service
        and not NUMBERED.search(stem.replace("128", "").replace("192", "").replace("320", ""))
        and path.count("/") <= 2
    )


@lru_cache(maxsize=1024)
def _serves_streams(host: str) -> tuple[bool, bool, bool]:
    """Whether a host, given with its port, is one of a service of live radio, is one by its name, has a port for it."""
    name, _, port = host.partition(":")
    is_service = name.endswith(STREAM_SERVICES)
    at_service = is_service or any(STREAM_HOST.fullmatch(label) for label in LABELS.split(name)[:-1][:3])
    return is_service, at_service, port.isdecimal() and len(port) == 4 and 7000 <= int(port) <= 9999
