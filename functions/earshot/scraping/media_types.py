"""Decides by file name and declared media type whether a link is audio; no bytes are fetched."""

import re
from functools import lru_cache
from urllib.parse import unquote

AUDIO_EXTENSIONS = frozenset(
    (
        ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".au", ".caf", ".flac", ".m4a", ".m4b", ".mka",
        ".mp2", ".mp3", ".mpga", ".oga", ".ogg", ".opus", ".ra", ".snd", ".spx", ".tta", ".voc", ".w64", ".wav",
        ".wave", ".weba", ".wma", ".wv",
    )
)  # fmt: skip
AUSTRALIAN = tuple(f".{kind}.au" for kind in ("com", "net", "org", "gov", "edu", "asn", "id"))  # hosts, not files
BY_NAME = (  # sites whose pages are the names of people and stations, such as `abcnews.au`
    "facebook.com", "twitter.com", "x.com", "instagram.com", "youtube.com", "tiktok.com", "linkedin.com", "threads.net",
)  # fmt: skip
LOSSLESS = frozenset((".aif", ".aifc", ".aiff", ".ape", ".caf", ".flac", ".tta", ".w64", ".wav", ".wave", ".wv"))
MAY_BE_VIDEO = frozenset((".ogg", ".ra"))
NO_RECORDING = frozenset(  # what a player may name besides audio, and what lies beside audio
    (
        ".asp", ".bmp", ".css", ".doc", ".docx", ".epub", ".gif", ".htm", ".html", ".ico", ".jpeg", ".jpg", ".js",
        ".json", ".mid", ".midi", ".pdf", ".png", ".rss", ".srt", ".svg", ".swf", ".torrent", ".txt", ".vtt",
        ".webp", ".xhtml", ".xml", ".zip",
    )
)  # fmt: skip
PLAYLIST_EXTENSIONS = frozenset((".m3u", ".pls", ".xspf", ".asx", ".ram", ".wpl"))
MANIFESTS = {".m3u8": "HLS", ".mpd": "DASH", ".ism": "Smooth Streaming", ".f4m": "HDS"}
MANIFEST_TYPES = {
    "application/vnd.apple.mpegurl": "HLS",
    "application/x-mpegurl": "HLS",
    "application/dash+xml": "DASH",
    "application/vnd.ms-sstr+xml": "Smooth Streaming",
}
PLAYLIST_TYPES = frozenset(  # registered under audio/, but text that names audio
    ("audio/mpegurl", "audio/x-mpegurl", "audio/x-scpls", "audio/scpls", "audio/x-pn-realaudio-plugin")
)
AUDIO_TYPES = frozenset(("application/ogg", "application/x-flac", "application/x-ogg"))
FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"))
FILE_PAGE = re.compile(  # a wiki's page about a file: the name of its namespace before the name of the file
    r"(?:File|Image|Media|Special|Datei|Bild|Spezial|Fichier|Archivo|Imagen|Ficheiro|Arquivo|Imagem|Bestand|Afbeelding|"
    r"Plik|Grafika|Fil|Tiedosto|Kuva|Soubor|Súbor|Slika|Datoteka|Dosya|Fájl|Fișier|Berkas|Tập[ _]tin|Файл|Изображение|"
    r"Датотека|Слика|Αρχείο|קובץ|ملف|پرونده|चित्र|ไฟล์|파일|ファイル|画像|文件|檔案|图像|User|Talk|Category|Wikipedia|Help)"
    r":[^ /].*",
    re.IGNORECASE | re.DOTALL,
)
PARAMETERS = re.compile(r"[;&?]")  # of a path, or behind a question mark that was left out or escaped
LONGEST_URL = 65_536  # characters that are looked at
MOST_OF_A_TYPE = 300  # characters of a media type
MOST_OF_A_NAME = 2048  # characters of a name that are looked at


def media_type(declared: str | None) -> str:
    """`Audio/MPEG; codecs="mp3"` as `audio/mpeg`; empty when nothing was declared."""
    return (declared or "")[:MOST_OF_A_TYPE].partition(";")[0].strip().lower()


def is_audio_type(declared: str | None) -> bool:
    """Whether a declared media type means audio itself, not a playlist of it."""
    kind = media_type(declared)
    return kind in AUDIO_TYPES or (kind.startswith("audio/") and kind not in PLAYLIST_TYPES)


def is_stated_audio(declared: str) -> bool:
    """Whether what was declared means audio, be it a media type or, wrongly, a name such as `mp3`."""
    return is_audio_type(declared) or _names_audio(media_type(declared))


def _names_audio(kind: str) -> bool:
    return kind in ("audio", "mpeg") or f".{kind}" in AUDIO_EXTENSIONS


def is_feed_type(declared: str | None) -> bool:
    """Whether a declared media type means a feed."""
    return media_type(declared) in FEED_TYPES


def has_audio_extension(url: str) -> bool:
    """Whether the last segment of the path is the name of an audio file; pages about a file do not count."""
    return extension(url) in AUDIO_EXTENSIONS and not is_page_about_a_file(url)


def is_page_about_a_file(url: str) -> bool:
    """Whether a URL that ends like a file's is a wiki's page (`File:…`) or a forge's view (`/o/r/blob/ref/…`) of it."""
    colons = url.count(":") - url.startswith(("http://", "https://"))
    return (colons > 0 or "%3" in url or "/blob/" in url) and _is_page_about_a_file(url)


@lru_cache(maxsize=4096)
def _is_page_about_a_file(url: str) -> bool:
    address, _, query = _without_origin(url)[:MOST_OF_A_NAME].partition("?")
    segments = address.strip("/").split("/")
    if len(segments) >= 5 and segments[2] == "blob":
        return "raw=" not in query
    if "/-/blob/" in address:
        return True
    name = segments[-1]
    return (":" in name or "%3A" in name or "%3a" in name) and FILE_PAGE.fullmatch(unquote(name)) is not None


def manifest(url: str, declared: str | None = None) -> str | None:
    """What kind of streaming manifest a link is by type or name (HLS, DASH, …); None if it is none."""
    return MANIFEST_TYPES.get(media_type(declared)) or MANIFESTS.get(extension(url))


def extension(url: str) -> str:
    """`.mp3`, in lower case, or nothing: of the last segment of the path; host, query and fragment do not count."""
    return name_and_ending(url)[1]


def file_name(url: str) -> str:
    """The last segment of the path, escapes decoded; empty where the path ends with a slash or there is none."""
    return name_and_ending(url)[0]


@lru_cache(maxsize=16_384)  # each URL is asked about several times in a row
def name_and_ending(url: str) -> tuple[str, str]:
    """The last segment of the path, escapes decoded, and its ending in lower case; each empty where there is none."""
    if len(url) > LONGEST_URL:
        return "", ""
    address = url.partition("#")[0].partition("?")[0]
    start = address.find("://")
    folder, _, name = address.rpartition("/")
    if (start >= 0 and len(folder) < start + 3) or (start < 0 and folder == "/"):  # a host, and nothing behind it
        return "", ""
    name = unquote(name) if "%" in name else name
    dot = name.rfind(".")
    ending = name[dot:].lower() if 0 < dot < len(name) - 1 else ""
    if ending == ".au" and (name.lower().endswith(AUSTRALIAN) or folder[start + 3 :].endswith(BY_NAME)):
        return name, ""
    if (
        len(ending) > 4
        and (parameters := PARAMETERS.search(ending))
        and ending[: parameters.start()] in AUDIO_EXTENSIONS
    ):
        ending = ending[: parameters.start()]
    return name, ending


def is_audio(url: str, declared: str | None, *, player: bool = False, is_link: bool = False) -> bool:
    """Whether a link means audio. A type that lies does not hide a name that tells the truth, nor the other way round.

    Args:
        url: canonical.
        declared: its media type, if any was given; `mp3`, `file` or `application/octet-stream` say nothing.
        player: it is the source of an element or property that only audio belongs to.
        is_link: it is an ordinary link, on which `text/html` means a page about the file.
    """
    kind, ending = media_type(declared) if declared else "", extension(url)
    if ending in MANIFESTS or ending in PLAYLIST_EXTENSIONS or (kind in MANIFEST_TYPES or kind in PLAYLIST_TYPES):
        return False
    if kind and is_audio_type(kind):
        return True
    if ending in AUDIO_EXTENSIONS and not is_page_about_a_file(url):
        if kind.startswith("video/"):
            return ending not in MAY_BE_VIDEO
        return not (is_link and kind in ("text/html", "application/xhtml+xml"))
    if kind and "/" in kind and kind not in ("application/octet-stream", "binary/octet-stream"):
        return False
    if _names_audio(kind):
        return ending not in NO_RECORDING
    return player and ending not in NO_RECORDING


def _without_origin(url: str) -> str:
    """Path and query; of a relative URL, all of it."""
    start = url.find("://")
    if start < 0:
        return url[url.find("/", 2) if url.startswith("//") and url.find("/", 2) > 0 else 0 :]
    slash = url.find("/", start + 3)
    return url[slash:] if slash >= 0 else ""
