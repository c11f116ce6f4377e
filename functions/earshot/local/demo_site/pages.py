"""The pages of the site: every way in which a page may point at audio, and two that lead nowhere."""

from html import escape

from earshot.local.demo_site.recordings import RECORDINGS

TITLES = {recording.path: escape(recording.title) for recording in RECORDINGS}
BROKEN = "/files/lost.wav"  # linked, and not there
DISGUISED = "/files/interview.mp3"  # a page that calls itself audio/mpeg
DISGUISE = b"<!doctype html><title>Please sign in</title><p>The interview is for members."


def _link(path: str, href: str | None = None) -> str:
    return f'<li><a href="{href or path}">{TITLES[path]}</a></li>'


FIELD = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Field recordings</title>
<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>
<body><h1>Field recordings</h1>
<ul>
{_link("/files/tone.wav")}
{_link("/files/brass.flac", "files/brass.flac")}
{_link("/files/rain.ogg", "/files/../files/rain.ogg#start")}
{_link("/files/night.opus")}
{_link("/files/left-running.wav")}
<li><a href="{DISGUISED}">Interview (members only)</a></li>
<li><a href="{BROKEN}">Lost tape</a></li>
</ul>
<p>The tone once more, so that you find it: <a href="/files/tone.wav">listen</a></p>
<p><a href="/music/">Music</a> · <a href="/voices/">Voices</a> · <a href="mailto:nobody@example.org">Write</a></p>
</body></html>"""

MUSIC = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Music</title><base href="/files/">
<meta property="og:audio" content="siren.wav"><meta property="og:audio:type" content="audio/wav"></head>
<body><h1>Music, by relative addresses</h1>
<figure><figcaption>{TITLES["/files/piano.mp3"]}</figcaption>
<audio controls><source src="piano.mp3" type="audio/mpeg"></audio></figure>
<ul>{_link("/files/lullaby.m4a", "lullaby.m4a")}</ul>
<p><a href="/">Back</a></p>
</body></html>"""

VOICES = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Voices, synthetic</title></head>
<body><h1>Voices that nobody spoke</h1>
<audio controls src="reading.mp3"></audio>
<ul>{_link("/voices/answer.ogg", "answer.ogg")}
{_link("/voices/whisper.flac", "./whisper.flac")}</ul>
</body></html>"""

PAGES = {"/": FIELD, "/music/": MUSIC, "/voices/": VOICES}
