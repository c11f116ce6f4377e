"""Archives and collections of sounds, broadcasters' libraries, audio books, plain directories."""

import html
import json
from collections.abc import Iterator

from tests.discovery.shell import WORDS, Page, page


def pages() -> Iterator[Page]:
    """Pages of items, files, chapters and species; programmes in GraphQL state; listings of web servers."""
    yield _archive_item()
    yield _commons_file()
    yield _audio_book()
    yield _embeds_only()
    yield _shared_sound()
    yield _species_list()
    yield _programme_downloads()
    yield _hidden_inputs()
    yield _graphql_library()
    yield _swiss_programme()
    yield _album()
    yield _nginx_listing()
    yield _oral_history()


def _archive_item() -> Page:
    base = "https://archive.example/download/gd1977-05-08"
    sets, parts, playlist, files = [], "", [], ""
    for k, title in enumerate(("Minglewood", "Loser", "El Paso"), 1):
        name = f"gd77-05-08d1t0{k}"
        sets.append({f"{base}/{name}.{ending}" for ending in ("flac", "mp3", "ogg")})
        parts += f"""<div itemprop="hasPart" itemscope itemtype="http://schema.org/AudioObject"><meta itemprop="name" content="{title}">
<meta itemprop="duration" content="PT0M31{k}S"><link itemprop="associatedMedia" href="{base}/{name}.mp3"><link itemprop="associatedMedia" href="{base}/{name}.ogg"></div>"""
        source = {"file": f"/download/gd1977-05-08/{name}.mp3", "type": "mp3", "height": "0", "width": "0"}
        playlist.append(
            {"title": title, "orig": f"{name}.flac", "image": f"/{name}.png", "duration": 310 + k, "sources": [source]}
        )
        files += f"""<a class="stealth download-pill" href="/download/gd1977-05-08/{name}.flac" title="38.1M">{title} <span>download</span></a>
<a class="stealth download-pill" href="/download/gd1977-05-08/{name}.mp3" title="7M">{title}</a>"""
    inner = f"""<div itemscope itemtype="http://schema.org/AudioObject"><h1 itemprop="name">Concert</h1>{parts}</div>
<input class="js-play8-playlist" type="hidden" value='{json.dumps(playlist)}'/><div class="format-group">
<a class="format-summary download-pill" href="/download/gd1977-05-08/gd1977-05-08_vbr.m3u">VBR M3U</a><a href="/compress/gd1977-05-08/formats=VBR MP3&file=/gd1977-05-08.zip">ZIP</a>
<a class="download-pill" href="/download/gd1977-05-08/gd1977-05-08_archive.torrent">TORRENT</a>{files}</div>"""
    return page("archive-item", "https://archive.example/details/gd1977-05-08", inner, *sets)


def _commons_file() -> Page:
    base, name = "https://upload.wiki.example/commons", "Turdus_merula_song_at_dawn.ogg"
    original, mp3 = f"{base}/a/ab/{name}", f"{base}/transcoded/a/ab/{name}/{name}.mp3"
    inner = f"""<div class="fullImageLink" id="file"><audio id="mwe_player_0" controls preload="none" data-mw-tmh class="mw-file-element" width="600" data-durationhint="33"
data-mwtitle="{name}" data-mwprovider="local"><source src="//{original[8:]}" type="audio/ogg; codecs=&quot;vorbis&quot;" data-width="0" data-height="0">
<source src="//{mp3[8:]}" type="audio/mpeg" data-transcodekey="mp3" data-width="0" data-height="0"></audio></div>
<div class="fullMedia"><p><bdi dir="ltr"><a href="{original}" class="internal" title="{name}">Original file</a></bdi> <span>(Ogg Vorbis sound file, length 33 s, 86 kbps)</span></p></div>
<table class="filehistory"><tr><td><a href="{original}?20240102030405">03:04, 2 January 2024</a></td><td><a href="/wiki/User:Ann">Ann</a></td></tr></table>
<table class="mw_transcodestatus"><tr><td><a href="{mp3}" title="Download derivative">MP3</a></td></tr></table><a href="{original}?download">Download</a>
<ul class="gallery"><li><a href="/wiki/File:Turdus_philomelos.ogg" title="File:Turdus philomelos.ogg">Turdus philomelos.ogg</a></li></ul>
<a href="/wiki/File:Turdus_merula_song_at_dawn.ogg">File</a><a href="https://creativecommons.org/licenses/by-sa/4.0/" rel="license">CC</a>"""
    one = {original, f"{original}?20240102030405", f"{original}?download", mp3}
    return page("commons-file", f"https://commons.wiki.example/wiki/File:{name}", inner, one)


def _audio_book() -> Page:
    base = "https://www.archive.example/download/emma_1011_reader"
    sets: list[set[str]] = [{f"{base}/Emma_reader.m4b"}]
    rows = ""
    for k in range(1, 4):
        file = f"{base}/emma_0{k}_austen_64kb.mp3"
        sets.append({file, file.replace("_64kb", "_128kb"), file.replace("_64kb", "")})
        rows += f"""<tr><td><a href="{file}" class="play-btn">Play</a> 0{k}</td><td><a href="{file}" class="chapter-name">Chapter {k}</a></td>
<td><a href="/reader/12{k}">Sherry</a></td><td>00:17:0{k}</td></tr>"""
    inner = f"""<div class="book-page-sidebar"><a href="{base}/emma_1011_reader_64kb_mp3.zip" class="book-download-btn">Download</a>
<a href="{base}/Emma_reader.m4b">M4B Audiobook (101MB)</a><a href="https://reader.example/rss/4311">RSS Feed</a><a href="{base}/emma.torrent">Torrent</a></div>
<table class="chapter-download"><tbody>{rows}</tbody></table>"""
    return page("audio-book", "https://reader.example/emma-by-jane-austen/", inner, *sets)


def _embeds_only() -> Page:
    inner = """<iframe width="100%" height="166" scrolling="no" allow="autoplay" src="https://w.sounds.example/player/?url=https%3A//api.sounds.example/tracks/1204433&color=%23ff5500&auto_play=false&visual=true"></iframe>
<iframe style="border-radius:12px" src="https://open.streams.example/embed/episode/4rOoJ6Egrf8K2IrywzwOMk?utm_source=generator" width="100%" height="352"></iframe>
<blockquote data-audio-id="12" data-sound="on"><a href="https://sounds.example/ann/wren-mp3">Wren (mp3)</a></blockquote>
<audio class="hidden" src=""></audio><audio id="ping"><source src="/assets/notification.mp3"></audio><video src="blob:https://x.example/9f"></video>"""
    return page("embeds-only", "https://blog.example/embeds/", inner)


def _shared_sound() -> Page:
    previews = "https://cdn.freesound.org/previews/12/12345_67"
    head = f"""<meta property="og:type" content="song"><meta property="og:audio" content="{previews}-hq.mp3"><meta property="og:audio:title" content="Wren">
<meta property="og:audio:artist" content="ann"><meta name="twitter:player" content="https://freesound.org/embed/sound/iframe/12345/simple/medium/">"""
    inner = f"""<div class="bw-player" data-bookmark="true" data-sound-id="12345" data-size="big" data-title="Wren" data-duration="63.213" data-num-samples="2787"
data-mp3="{previews}-lq.mp3" data-ogg="{previews}-lq.ogg" data-waveform="https://cdn.freesound.org/displays/12/12345_67_wave_bw_L.png" data-spectrum="https://cdn.freesound.org/12345_67_spec_L.jpg"></div>
<a class="btn-primary sound-download-button" href="/people/ann/sounds/12345/download/12345__ann__wren.wav" title="Download this sound">Download</a>
<textarea readonly>&lt;iframe src="https://freesound.org/embed/sound/iframe/12345/simple/medium/"&gt;</textarea>"""
    one = {f"{previews}-{end}" for end in ("hq.mp3", "lq.mp3", "lq.ogg")}
    return page("shared-sound", "https://freesound.org/people/ann/sounds/12345/", inner, one, head=head)


def _species_list() -> Page:
    sets, rows = [], ""
    for k in range(3):
        file = f"https://xc.example/sounds/uploaded/ZNCDXTUOFL/XC8103{k}-Bird%20{k}.mp3"
        sets.append({file, f"https://xc.example/8103{k}/download"})
        rows += f"""<tr><td><div class="xc-mini-player jp-type-single" data-xc-id="8103{k}" data-xc-filepath="//{file[8:]}"></div></td><td>0:4{k}</td>
<td><a href="https://xc.example/8103{k}/download" title="Download file 'XC8103{k} - Bird.mp3'"><img src="/static/img/download.png" alt="download"></a></td></tr>"""
    return page(
        "species-list", "https://xc.example/species/Turdus-merula", f'<table class="results">{rows}</table>', *sets
    )


def _programme_downloads() -> Page:
    stem = "//open.live.bc.example/mediaselector/6/redir/version/2.0/mediaset/audio-nondrm-download"
    high, low = f"{stem}/proto/https/vpid/p0j8xyz1.mp3", f"{stem}-low/proto/https/vpid/p0j8xyz1.mp3"
    state = {
        "programmes": {
            "current": {"id": "p0j8xyz0", "urn": "urn:bc:radio:episode:p0j8xyz0", "duration": {"value": 1620}}
        }
    }
    inner = f"""<div class="programme__download"><ul class="list-unstyled"><li><a href="{high}" class="link-complex" download="Science, Fens - p0j8xyz1.mp3">Higher quality (128kbps)</a></li>
<li><a href="{low}" class="link-complex" download="Science, Fens - p0j8xyz1.mp3">Lower quality (64kbps)</a></li></ul></div>
<script>window.__PRELOADED_STATE__ = {json.dumps(state)};</script><a href="/sounds/play/live:bc_radio_four">Live</a>"""
    return page(
        "programme-downloads", "https://www.bc.example/programmes/p0j8xyz0", inner, {f"https:{high}", f"https:{low}"}
    )


def _hidden_inputs() -> Page:
    file = "https://radio-download.wave.example/Events/dira/mp3/eng/FA21B4C7_2_dwdownload.mp3"
    inner = f"""<div class="mediaItem audio" data-media-id="47112"><input type="hidden" name="media_id" value="47112"><input type="hidden" name="file_name" value="{file}">
<input type="hidden" name="preview_image" value="/image/47112_303.jpg"><h2>The last ferry</h2><div class="audioPlayer"></div></div><p>{WORDS}</p>"""
    return page("hidden-inputs", "https://www.wave.example/en/ferry/av-47112", inner, {file})


def _graphql_library() -> Page:
    nodes, sets = [], []
    for k in range(5):
        file = f"https://media.neuland.example/file/2084{k}/c/feed/die-folge-{k}.mp3"
        sets.append({file, f"{file}?download=true"})
        audio = {
            "url": file,
            "mimeType": "audio/mpeg",
            "allowDownload": True,
            "downloadUrl": f"{file}?download=true",
            "__typename": "Audio",
        }
        picture = {"url": f"https://api.example/image/{k}?w={{width}}", "__typename": "Image"}
        nodes.append({"id": f"1{k}", "title": f"Folge {k}", "duration": 1500, "image": picture, "audios": [audio]})
    data = {"props": {"pageProps": {"initialData": {"data": {"result": {"items": {"nodes": nodes}}}}}}}
    inner = (
        f'<div id="__next">{WORDS}</div><script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'
    )
    return page("graphql-library", "https://www.audiothek.example/sendung/folgen/1", inner, *sets)


def _swiss_programme() -> Page:
    file = "https://download-media.rf.example/world/audio/Echo-radio_20240512_180000_0cd4a6_1715530000.mp3"
    player = {
        "urn": "urn:rf:audio:0cd4a6",
        "assetId": "0cd4a6",
        "title": "Echo",
        "streams": [{"url": "https://rfvod.example/x/master.m3u8"}],
    }
    inner = f"""<div class="js-media" data-assetid="urn:rf:audio:0cd4a6" data-json="{html.escape(json.dumps(player))}"></div>
<a class="button button--download" href="{file}?d=ap&amp;assetId=0cd4a6" download>Download</a><a href="https://podcasts.rf.example/echo_mpx.xml" type="application/rss+xml">RSS</a>"""
    return page("swiss-programme", "https://www.rf.example/audio/echo/1", inner, {f"{file}?d=ap&assetId=0cd4a6", file})


def _album() -> Page:
    tracks, sets = [], []
    for k in range(1, 4):
        file = f"https://t4.bits.example/stream/{k}f00c55e9d{k}/mp3-128/2841{k}?p=0&ts=1715500{k}&t=ab{k}&token=1715500_{k}"
        sets.append({file})
        tracks.append(
            {"track_num": k, "title": f"Side {k}", "duration": 201.5, "streaming": 1, "file": {"mp3-128": file}}
        )
    tracks.append({"track_num": 4, "title": "Bonus", "duration": 12.0, "streaming": 0, "file": None})
    data = html.escape(
        json.dumps({"trackinfo": tracks, "hasAudio": True, "url": "https://ann.camp.example/album/sides"})
    )
    inner = f'<script type="text/javascript" src="/tralbum.js" data-tralbum="{data}" data-cart="{{}}"></script><div id="player"><div class="inline_player"></div></div>'
    return page("album", "https://ann.camp.example/album/sides", inner, *sets)


def _nginx_listing() -> Page:
    base, rows, sets = "https://mirror.example/pub/audio/", "", []
    for name in ("01%20-%20Dusk%20%26%20Dawn", "02%20-%20A%23", "03-wren"):
        sets.append({f"{base}{name}.flac", f"{base}{name}.mp3"})
        for ending in ("flac", "mp3"):
            rows += f'<a href="{name}.{ending}">{name[:20]}..&gt;</a>   12-May-2024 18:00   21034771\n'
    body = f'<html>\r\n<head><title>Index of /pub/audio/</title></head>\r\n<body>\r\n<h1>Index of /pub/audio/</h1><hr><pre><a href="../">../</a>\n<a href="covers/">covers/</a>\n{rows}<a href="folder.jpg">folder.jpg</a>\n</pre><hr></body></html>'
    return Page("nginx-listing", base, body.encode(), sets, "text/html")


def _oral_history() -> Page:
    sets, clips = [], ""
    for k in range(1, 4):
        stem = f"https://lib.example/sites/default/files/oh/OH_1998_0{k}_master"
        sets.append({f"{stem}.wav", f"{stem}.mp3"})
        clips += f"""<div class="audio-file__wrap" data-index="{k}"><audio controls><source src="{stem}.mp3" type="audio/mpeg"></audio>
<a href="{stem}.wav" type="audio/x-wav; length=190{k}">Master (WAV)</a> <a href="/transcripts/OH_1998_0{k}.pdf">Transcript</a></div>"""
    live = '<audio id="live" src="https://stream.lib.example:8443/live"></audio>'
    return page("oral-history", "https://lib.example/oral-history/1998", clips + live, *sets)
