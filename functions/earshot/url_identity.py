"""The URL that identifies a recording: of a canonical URL, the same without cache busters and measurement prefixes.

A podcast's enclosure often leads through measurement services (`https://dts.podtrac.com/redirect.mp3/host/x.mp3`), and
players add parameters against caches (`x.mp3?_=1`). Both change while the recording stays the same. The result is only
ever compared, never fetched.

Prefixes: those that podcast hosts document (OP3, Podtrac, Blubrry, Chartable, Podsights, Podscribe, Magellan, …).
"""

from urllib.parse import unquote

MOST_PREFIXES = 12  # one behind the other; podcasts with seven have been seen
NEVER_IDENTIFY = frozenset(  # query parameters that no host uses to choose a recording
    (
        "_", "ver", "cb", "cachebuster", "cache_buster", "cachebust", "nocache", "no_cache", "rand", "random",
        "nonce", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "fbclid",
        "gclid", "msclkid", "mc_cid", "mc_eid", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
        "x-amz-expires", "x-amz-security-token", "x-amz-signature", "x-amz-signedheaders", "x-goog-algorithm",
        "x-goog-credential", "x-goog-date", "x-goog-expires", "x-goog-signature", "x-goog-signedheaders",
        "awsaccesskeyid", "googleaccessid", "key-pair-id", "policy",
    )
)  # fmt: skip
NEVER_IDENTIFY_A_FILE = NEVER_IDENTIFY | frozenset(  # further ones, where the path names an audio file
    (
        "t", "ts", "v", "timestamp", "time", "updated", "modified", "mtime", "dest-id", "aid", "awcollectionid",
        "awepisodeid", "awnetwork", "feed", "source", "src", "ref", "referrer", "from", "played_by", "player",
        "client", "platform", "in_playlist", "rss_browser", "download", "dl", "forcedownload", "force_download",
        "expires", "exp", "signature", "sig", "hdnea", "hdnts", "se", "sv", "sr", "sp", "st", "spr", "token",
        "nvb", "nva", "hash", "siteid", "sc", "partner", "origin", "context", "ctx", "adtest", "cid_tracking",
        "tracking", "trackingid", "s_source",
    )
)  # fmt: skip
PREFIXES: dict[str, tuple[str, ...]] = {  # host to the paths before the address behind it; * is any one segment
    "op3.dev": ("e", "e,*"),
    "dts.podtrac.com": ("redirect.mp3", "redirect.m4a", "redirect.aac", "redirect.ogg", "redirect.*"),
    "podtrac.com": ("pts/redirect.*",),
    "play.podtrac.com": ("*",),
    "chtbl.com": ("track/*",),
    "chrt.fm": ("track/*",),
    "pdst.fm": ("e",),
    "media.blubrry.com": ("*/p", "*"),
    "ins.blubrry.com": ("*/p", "*"),
    "pdcn.co": ("e",),
    "claritaspod.com": ("measure",),
    "clrtpod.com": ("m",),
    "arttrk.com": ("p/*",),
    "verifi.podscribe.com": ("rss/p", "rss/p/*"),
    "pscrb.fm": ("rss/p", "rss/p/*"),
    "mgln.ai": ("e/*",),
    "prfx.byspotify.com": ("e",),
    "pfx.vpixl.com": ("*",),
    "pfx.veritonicmetrics.com": ("*",),
    "tracking.swap.fm": ("track/*",),
    "swap.fm": ("track/*",),
    "tracking.feedpress.it": ("link/*/*", "link/*"),
    "2.gum.fm": ("",),
    "gum.fm": ("",),
    "r.zen.ai": ("r",),
    "pdrl.fm": ("*",),
    "flex.acast.com": ("",),
    "growx.podkite.com": ("https/*", "http/*"),
    "podkite.com": ("https/*",),
    "cohst.app": ("pdcst/*",),
    "ipfspodcasting.net": ("e",),
    "adbarker.com": ("stream/*",),
    "tracker.podtail.com": ("*",),
    "stats.podcorn.com": ("*",),
    "api.podcorn.com": ("analytics/*",),
    "backtracks.fm": ("*/pr",),
    "lpc.podvertise.fm": ("*",),
    "analytics.podcast.co": ("*",),
    "nyt.podtrac.com": ("*",),
    "track.podderapp.com": ("*",),
    "podderapp.com": ("track/*",),
    "rdr.podkite.com": ("*",),
    "tr.auddit.fm": ("*",),
    "measure.auddia.com": ("*",),
}


def identity_url(url: str, *, names_a_file: bool) -> str:
    """The URL that identifies the recording behind a canonical URL; `url` itself where nothing has to go.

    Args:
        names_a_file: its path ends in the name of an audio file, so that fewer parameters can matter.
    """
    for _ in range(MOST_PREFIXES):
        behind = _behind_prefix(url)
        if behind is None:
            break
        url = behind
    address, question, query = url.partition("?")
    if not question:
        return url
    ignored = NEVER_IDENTIFY_A_FILE if names_a_file else NEVER_IDENTIFY
    kept = [part for part in query.split("&") if part.partition("=")[0].lower() not in ignored]
    return f"{address}?{'&'.join(kept)}" if any(kept) else address


def _behind_prefix(url: str) -> str | None:
    """The address behind the measurement service that the URL leads to; None if it leads to none."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    known = PREFIXES.get(host) or (PREFIXES.get(host[4:]) if host.startswith("www.") else None)
    for prefix in known or ():
        wanted = prefix.split("/") if prefix else []
        segments = path.split("/", len(wanted))
        if len(segments) > len(wanted) and all(map(_is_like, segments, wanted)):
            behind = _address(segments[-1], scheme)
            if behind:
                return behind
    return None


def _is_like(segment: str, wanted: str) -> bool:
    start, star, _ = wanted.partition("*")
    return segment.startswith(start) and len(segment) > len(start) if star else segment == wanted


def _address(rest: str, scheme: str) -> str | None:
    """`host/path`, `https://host/path`, `https:/host/path` or the same escaped, as a URL; None if it is none."""
    if "%3a%2f" in rest[:12].lower() or "%2f" in rest.partition("/")[0].lower():
        rest = unquote(rest)
    for start in ("https", "http"):
        if rest.startswith((f"{start}:/", f"{start}/")):
            scheme, rest = start, rest[len(start) :].lstrip(":").lstrip("/")
            break
    host, slash, path = rest.partition("/")
    name = host.partition(":")[0]
    if not slash or not path or "." not in name or not name.rpartition(".")[2].isalpha():
        return None
    return f"{scheme}://{host.lower()}/{path}"
