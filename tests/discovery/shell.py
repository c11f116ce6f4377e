"""What surrounds the audio on a page: navigation, sharing, analytics, pictures, pages about files, sounds of the page."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Page:
    """A page and the recordings on it, each with all URLs under which it may be published."""

    name: str
    url: str
    body: bytes
    recordings: list[set[str]] = field(default_factory=list)
    declared: str = "text/html; charset=utf-8"


WORDS = (
    "Field notes from the river, the marsh and the old town; recorded at dawn with two microphones and much patience. "
)


def page(
    name: str, url: str, inner: str, *recordings: set[str], head: str = "", title: str = "Recordings", noise: int = 3
) -> Page:
    """A whole document around `inner`, with what real pages carry beside it."""
    site = "/".join(url.split("/")[:3])
    menu = "".join(f'<li class="menu-item"><a href="{site}/{one}/">{one.title()}</a></li>' for one in MENU)
    settings = json.dumps(
        {"ajaxurl": f"{site}/ajax", "i18n": {"play": "Play audio", "mp3": "Download .mp3 file"}, "v": "6.4"}
    )
    related = "".join(
        f'<article class="card"><a href="{site}/post-{n}/"><img src="{site}/img/{n}.jpg" alt="Picture {n}" srcset="{site}/i/{n}.webp 2x">'
        f"<h3>Related post {n}</h3></a><p>{WORDS * 2}</p></article>"
        for n in range(noise)
    )
    share = (
        f'<a href="https://social.example/share?u={url}&amp;t=audio.mp3">Share</a><a href="mailto:?body={url}">Mail</a>'
        '<a href="#comments">3 comments</a><a href="javascript:void(0)">Top</a>'
    )
    html = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><link rel="canonical" href="{url}"><link rel="icon" href="/favicon.ico">
<link rel="alternate" type="application/rss+xml" href="{site}/feed/"><meta property="og:image" content="{site}/og.jpg">
<link rel="stylesheet" href="{site}/style.css?ver=6.4"><script src="{site}/js/jquery.min.js?ver=3.7"></script>
<script>window.siteSettings = {settings}; (function(w){{w.dl=w.dl||[];w.dl.push({{'event':'load'}});}})(window);</script>
{head}</head><body class="post single"><header><nav><ul>{menu}</ul></nav></header><main>{inner}{share}</main>
<aside>{related}</aside><footer><a href="{site}/imprint/">Imprint</a><p>{WORDS}</p></footer></body></html>"""
    return Page(name, url, html.encode(), list(recordings))


MENU = ("about", "podcast", "archive", "contact", "audio", "live", "press", "shop")
