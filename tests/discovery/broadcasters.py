"""Public broadcasters, newspapers and archives."""

import base64
import json
from collections.abc import Iterator

from tests.discovery.shell import WORDS, Page, page


def pages() -> Iterator[Page]:
    """NPR-like, French, German, Swedish and Australian radio, newspapers with __NEXT_DATA__, libraries, wikis."""
    for n in (1, 2):
        yield _npr(n)
        yield _french_radio(n)
        yield _german_radio(n)
        yield _next_data(n)
    yield _nuxt()
    yield _swedish()
    yield _bare_names()
    yield _rdfa()
    yield _microdata()
    yield _wiki()
    yield _library()
    yield _internet_archive()
    yield _amp()
    yield _preloaded()
    yield _lying_types()
    yield _live_page()
    yield _australian_home()


def _npr(n: int) -> Page:
    path = f"https://ondemand.npr.example/anon.npr-mp3/npr/atc/2024/0{n}/2024010{n}_atc_the_sound_of_ice.mp3"
    played, download = f"{path}?size=3720000&d=232&e=1{n}", f"{path}?dl=1"
    data = {
        "uid": f"1{n}:2",
        "available": True,
        "duration": 232,
        "title": "The sound of ice",
        "audioUrl": base64.b64encode(played.encode()).decode(),
    }
    inner = f"""<div class="bucketwrap resaudio primaryaudio"><article class="audio-module"><div class="audio-module-controls-wrap"
data-audio='{json.dumps(data)}' data-audio-metrics='[]'></div><ul class="audio-module-tools"><li class="audio-tool audio-tool-download">
<a href="{download}" data-metrics='{{"action":"Click Download"}}'>Download</a></li><li class="audio-tool audio-tool-embed"><b>&lt;iframe src=
"https://www.npr.example/player/embed/{n}/2" width="100%"&gt;</b></li></ul></article></div><p>{WORDS * 4}</p>"""
    return page(f"npr-{n}", f"https://www.npr.example/2024/01/0{n}/ice", inner, {played, download}, title="Ice : NPR")


def _french_radio(n: int) -> Page:
    sets, buttons = [], ""
    for k in range(1, 7):
        file = f"https://media.radio{n}.example/podcast09/1345{k}-0{k}.0{n}.2024-ITEMA_2358{k}-2024F134{k}S0012.mp3"
        sets.append({file})
        buttons += f"""<li class="teaser"><a href="/emissions/jour/{k}">Émission {k}</a><button class="replay-button playable"
data-asset-source="{file}" data-asset-title="Émission {k}" data-asset-surtitle="Le jour" data-asset-xtname="{k}" data-duration-seconds="3312"
data-emission-uuid="ab-{k}">Écouter</button></li>"""
    live = f'<a class="live" data-live-url="https://icecast.radio{n}.example/radio-midfi.mp3" href="/direct">Direct</a>'
    return page(f"french-radio-{n}", f"https://www.radio{n}.example/emissions/jour", f"{live}<ul>{buttons}</ul>", *sets)


def _german_radio(n: int) -> Page:
    sets, rows = [], ""
    for k in range(1, 5):
        file = (
            f"https://ondemand-mp3.dlf{n}.example/file/dradio/2024/02/0{k}/beitrag_{k}_dlf_2024020{k}_1410_f6e1{k}.mp3"
        )
        sets.append({file})
        player = json.dumps({"audioid": k, "src": file, "title": f"Beitrag {k}", "duration": "08:1%d" % k}).replace(
            '"', "&quot;"
        )
        rows += f"""<article class="b-teaser"><h3>Beitrag {k}</h3><button class="js-audio-play" data-audio="{player}" data-audio-src="{file}"></button>
<a class="b-button-download" href="{file}" download aria-label="Beitrag {k} herunterladen">Herunterladen</a></article>"""
    return page(f"german-radio-{n}", f"https://www.dlf{n}.example/kultur-100.html", rows, *sets)


def _next_data(n: int) -> Page:
    file = f"https://audio.paper{n}.example/production/acast/24010{n}_audio.mp3"
    hls = f"https://vod.paper{n}.example/x/master.m3u8"
    data = {
        "props": {
            "pageProps": {
                "article": {
                    "headline": "The long read",
                    "audio": {
                        "title": "Listen",
                        "duration": 1210,
                        "sources": [{"type": "audio/mpeg", "url": file}, {"type": "application/x-mpegURL", "url": hls}],
                    },
                    "image": {"url": f"https://i.paper{n}.example/1.jpg", "type": "image/jpeg"},
                }
            },
            "page": "/[slug]",
            "buildId": "x",
        }
    }
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'
    return page(
        f"next-data-{n}",
        f"https://paper{n}.example/long-read",
        f"<div id=__next><p>{WORDS * 5}</p></div>{script}",
        {file},
    )


def _nuxt() -> Page:
    files = [f"https://cdn.nuxtradio.example/clips/2024/clip-{k}.mp3" for k in (1, 2)]
    listed = ",".join(
        f'{{id:{k},title:a,audioUrl:"{f}",poster:"https:\\u002F\\u002Fcdn.nuxtradio.example\\u002F{k}.jpg"}}'
        for k, f in enumerate(files)
    )
    script = listed.replace("https://cdn", "https:\\u002F\\u002Fcdn").replace("/clips/", "\\u002Fclips\\u002F")
    inner = f'<div id=__nuxt></div><script>window.__NUXT__=(function(a,b){{return {{data:[{{clips:[{script}]}}],error:b}}}}("Clip",null));</script>'
    return page("nuxt", "https://nuxtradio.example/clips", inner, *({f} for f in files))


def _swedish() -> Page:
    high, low = (
        "https://sr.example/laddahem/podradio/sr_p1_2024_a192.mp3",
        "https://sr.example/topsy/ljudfil/srapi/9142.mp3",
    )
    inner = f"""<div class="audio-episode" data-audio-id="9142" data-audio-type="episode"><h3>Avsnitt</h3>
<a href="{high}" class="audio-menu__download">Ladda ner</a><audio src="{low}"></audio></div>"""
    return page("swedish-radio", "https://sr.example/avsnitt/9142", inner, {high}, {low})


def _bare_names() -> Page:
    base = "http://media.culture.example/sons/emissions"
    names = [f"1087{k}-matinale.mp3" for k in range(4)]
    first = f'<a class="player" data-audiopath="{names[0]}" data-full="{base}/{names[0]}">Écouter</a>'
    others = "".join(
        f'<a class="player" data-audiopath="{name}" data-title="Matinale">Écouter</a>' for name in names[1:]
    )
    return page(
        "bare-names", "http://culture.example/matinales", first + others, *({f"{base}/{name}"} for name in names)
    )


def _rdfa() -> Page:
    file = "https://rdfa.example/media/4711"
    inner = """<div vocab="https://schema.org/" typeof="AudioObject"><h2 property="name">Dialect sample</h2>
<a property="contentUrl" href="/media/4711">listen</a><meta property="encodingFormat" content="audio/mpeg"><span property="duration" content="PT3M">3 min</span></div>"""
    return page("rdfa", "https://rdfa.example/sample", inner, {file})


def _microdata() -> Page:
    file = "https://talks.example/download/keynote-final.mp3"
    inner = f"""<div itemscope itemtype="http://schema.org/PodcastEpisode"><h1 itemprop="name">Keynote</h1><div itemprop="associatedMedia" itemscope
itemtype="http://schema.org/AudioObject"><meta itemprop="contentUrl" content="{file}"><meta itemprop="duration" content="PT41M2S"></div>
<iframe src="https://embed.talks.example/?url={file.replace(":", "%3A").replace("/", "%2F")}&color=red" width="100%"></iframe></div>"""
    return page("microdata-episode", "https://talks.example/keynote", inner, {file})


def _wiki() -> Page:
    ogg = "https://upload.wiki.example/commons/a/ab/Erithacus_rubecula.ogg"
    mp3 = "https://upload.wiki.example/commons/transcoded/a/ab/Erithacus_rubecula.ogg/Erithacus_rubecula.ogg.mp3"
    inner = f"""<audio id="mwe_player_0" controls preload="none" data-durationhint="41" data-mwtitle="Erithacus_rubecula.ogg" data-mwprovider="wikimediacommons">
<source src="{ogg}" type='audio/ogg; codecs="vorbis"'><source src="{mp3}" type="audio/mpeg"></audio>
<a href="/wiki/File:Erithacus_rubecula.ogg" class="internal">file page</a><a href="{ogg}">Original file</a>"""
    return page("wiki", "https://commons.wiki.example/wiki/Robin", inner, {ogg, mp3})


def _library() -> Page:
    rows, sets = "", []
    for k in (1, 2, 3):
        stem = f"https://www.archive.example/download/moby_01/mobydick_{k:02d}_melville"
        rows += f"""<tr><td><a href="{stem}_64kb.mp3" class="play-btn">Play 0{k}</a></td><td><a href="{stem}_64kb.mp3" class="chapter-name">Chapter {k}</a></td></tr>"""
        sets.append({f"{stem}_64kb.mp3"})
    extras = '<a href="https://www.archive.example/compress/moby_01/formats=64KBPS MP3">Download zip</a><a href="https://www.archive.example/download/moby_01/x.m4b">M4B</a>'
    return page(
        "library",
        "https://books.example/moby-dick/",
        f"<table class=chapter-download>{rows}</table>{extras}",
        *sets,
        {"https://www.archive.example/download/moby_01/x.m4b"},
    )


def _internet_archive() -> Page:
    base = "https://archive.example/download/gd77"
    listed = [
        {
            "title": f"{k}. Song",
            "duration": 301,
            "sources": [{"file": f"/download/gd77/gd77t0{k}.mp3", "type": "mp3", "height": "0"}],
        }
        for k in (1, 2)
    ]
    hidden = json.dumps(listed).replace('"', "&quot;")
    parts = "".join(
        f'<div itemprop="hasPart" itemscope itemtype="http://schema.org/AudioObject"><meta itemprop="name" content="{k}. Song">'
        f'<link itemprop="associatedMedia" href="{base}/gd77t0{k}.mp3"><link itemprop="associatedMedia" href="{base}/gd77t0{k}.flac"></div>'
        for k in (1, 2)
    )
    inner = f'<input class="js-play8-playlist" type="hidden" value="{hidden}">{parts}<a class="format-summary" href="/compress/gd77">VBR ZIP</a>'
    return page(
        "internet-archive",
        "https://archive.example/details/gd77",
        inner,
        *({f"{base}/gd77t0{k}.mp3", f"{base}/gd77t0{k}.flac"} for k in (1, 2)),
    )


def _amp() -> Page:
    file = "https://amp.example/audio/get/991"
    return page(
        "amp",
        "https://amp.example/story",
        f'<amp-audio width="auto" height="50" src="{file}"><div fallback>no audio</div></amp-audio>',
        {file},
    )


def _preloaded() -> Page:
    file = "https://api.letters.example/api/v1/audio/upload/9f0c-11/src"
    text = json.dumps(
        json.dumps(
            {
                "post": {
                    "title": "On rain",
                    "podcast_url": "https://letters.example/p.mp3",
                    "audio": [{"audio_url": file}],
                }
            }
        )
    )
    inner = f'<audio src="{file}" preload="auto"></audio><script>window._preloads = JSON.parse({text})</script>'
    return page("preloaded", "https://letters.example/p/on-rain", inner, {file}, {"https://letters.example/p.mp3"})


def _lying_types() -> Page:
    inner = """<audio controls><source src="/a/eins.mp3" type="text/html"></audio><audio><source src="/a/zwei.ogg" type="application/octet-stream"></audio>
<video src="/a/drei.mp3" controls></video><audio><source src="/play/4"></audio>"""
    base = "https://liar.example"
    return page(
        "lying-types",
        f"{base}/x",
        inner,
        {f"{base}/a/eins.mp3"},
        {f"{base}/a/zwei.ogg"},
        {f"{base}/a/drei.mp3"},
        {f"{base}/play/4"},
    )


def _live_page() -> Page:
    inner = """<audio id="live" src="https://icecast.station.example/live.mp3"></audio><audio src="https://hls.station.example/live/playlist.m3u8"></audio>
<audio src="#"></audio><audio src="{{ episode.url }}"></audio><audio src="about:blank"></audio><audio src=""></audio>
<a href="https://www.station.net.au/">Sister station</a><script>new Audio('/sounds/notification.mp3'); var t = "${url}/x.mp3";</script>"""
    return page("live-page", "https://station.example/live", inner)


def _australian_home() -> Page:
    inner = '<a href="https://www.abc.example.au/">Home</a><a href="https://www.abc.example.au">Home</a><a href="/listen/programs/x.mp3/">Program</a>'
    return page("australian-home", "https://www.abc.example.au/listen", inner)
