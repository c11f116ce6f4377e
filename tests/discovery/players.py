"""Shops of musicians, sound libraries, players in JavaScript, plain directories, hand-made pages, feeds and playlists."""

import json
from collections.abc import Iterator

from tests.discovery.shell import WORDS, Page, page


def pages() -> Iterator[Page]:
    """Bandcamp-like, Freesound-like, hosts of podcasts, jPlayer, Howler, Amplitude, directories, old pages, documents."""
    for n in (1, 2):
        yield _band(n)
        yield _sounds(n)
        yield _directory(n)
        yield _old_page(n)
        yield _host(n)
    yield _jplayer()
    yield _howler()
    yield _amplitude()
    yield _custom_element()
    yield _json_ld_list()
    yield _bird_sounds()
    yield _download_script()
    yield _several_formats()
    yield _click_handlers()
    yield _forge()
    yield _feed_undeclared()
    yield _feed_renditions()
    yield _feed_channel()
    yield _atom()
    yield _rdf()
    yield _json_feed()
    yield _playlist()
    yield _sitemap()
    yield _no_audio()


def _band(n: int) -> Page:
    tracks = [
        {
            "title": f"Track {k}",
            "duration": 201.3,
            "file": {"mp3-128": f"https://t4.bc.example/stream/9f{n}{k}/mp3-128/55{n}{k}?p=0&ts=17&t=a&token=17_{k}"},
        }
        for k in (1, 2, 3)
    ]
    data = (
        json.dumps({"artist": "Duo", "trackinfo": tracks, "art_id": 7, "url": f"https://duo{n}.example/album/lake"})
        .replace("&", "&amp;")
        .replace('"', "&quot;")
    )
    head = f'<script type="text/javascript" src="/tralbum.js" data-tralbum="{data}" data-band="{{&quot;id&quot;:1}}"></script>'
    rows = "".join(
        f'<tr class="track_row_view"><td><a href="/track/track-{k}">Track {k}</a></td><td>3:21</td></tr>'
        for k in (1, 2, 3)
    )
    return page(
        f"band-{n}",
        f"https://duo{n}.example/album/lake",
        f"<table id=track_table>{rows}</table>",
        *({t["file"]["mp3-128"]} for t in tracks),
        head=head,
    )


def _sounds(n: int) -> Page:
    players, sets = "", []
    for k in (1, 2, 3):
        base = f"https://cdn.sounds.example/previews/{n}{k}/{n}{k}4217_711{k}-"
        urls = {f"{base}{quality}.{ending}" for quality in ("hq", "lq") for ending in ("mp3", "ogg")}
        sets.append(urls)
        players += f"""<div class="bw-player" data-sound-id="{k}" data-mp3="{base}lq.mp3" data-ogg="{base}lq.ogg" data-title="rain {k}.wav"
data-waveform="https://cdn.sounds.example/displays/{k}_wave.png" data-duration="12.1"></div><a href="/people/ann/sounds/{k}/">rain {k}</a>"""
    head = (
        f'<meta property="og:audio" content="{sorted(sets[0])[0]}"><meta property="og:audio:type" content="audio/mpeg">'
    )
    return page(f"sounds-{n}", f"https://sounds{n}.example/search?q=rain", players, *sets, head=head)


def _directory(n: int) -> Page:
    names = ["2024-05-01%20Lake%20(stereo).WAV", "fox.flac", "owl%23a.mp3", f"chorus{n}.ogg", "old.aif"]
    rows = "".join(
        f'<tr><td><a href="{name}">{name[:20]}..&gt;</a></td><td align="right">2024-05-0{k} 06:11</td><td>4{k}M</td></tr>'
        for k, name in enumerate(names)
    )
    body = f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><html><head><title>Index of /rec{n}</title></head><body><h1>Index of /rec{n}</h1>
<table><tr><th><a href="?C=N;O=D">Name</a></th></tr><tr><td><a href="/">Parent Directory</a></td></tr>{rows}
<tr><td><a href="fox.flac.md5">fox.flac.md5</a></td></tr><tr><td><a href="notes.txt">notes.txt</a></td></tr><tr><td><a href="mp3/">mp3/</a></td></tr></table></body></html>"""
    url = f"https://files{n}.example/rec{n}/"
    return Page(f"directory-{n}", url, body.encode(), [{url + name.replace("(", "(")} for name in names])


def _old_page(n: int) -> Page:
    names = [f"teil{k}.mp3" for k in range(3)] + ["h%F6rspiel.mp3"]
    body = "<html><body bgcolor=white><center>" + "".join(f"<a href={name}>H\u00f6ren</a><br>" for name in names[:3])
    body += f"<a href=h\u00f6rspiel{n}.mp3>H\u00f6rspiel</a><embed src=intro.mid autostart=true><bgsound src=welle{n}.wav loop=1><img src=a.gif>"
    url = f"http://alt{n}.example/seite.htm"
    sets = [{f"http://alt{n}.example/{name}"} for name in names[:3]]
    sets += [{f"http://alt{n}.example/h%C3%B6rspiel{n}.mp3"}, {f"http://alt{n}.example/welle{n}.wav"}]
    return Page(f"old-page-{n}", url, body.encode("latin-1"), sets, "text/html")


def _host(n: int) -> Page:
    file = f"https://www.host{n}.example/1234{n}/8765-the-guest.mp3"
    inner = f"""<div id="player" data-download="{file}?download=true"><audio preload=none><source src="{file}?client_source=large_player" type="audio/mpeg"></audio></div>
<a href="{file}?download=true" class="dl">Download</a><script>window.player = {json.dumps({"episode": {"title": "The guest", "audio_url": file, "hls_url": file + ".m3u8"}})};</script>"""
    head = f'<meta property="twitter:player:stream" content="{file}"><meta name="twitter:player:stream:content_type" content="audio/mpeg">'
    return page(
        f"host-{n}",
        f"https://www.host{n}.example/1234/8765",
        inner,
        {file, f"{file}?download=true", f"{file}?client_source=large_player"},
        head=head,
    )


def _jplayer() -> Page:
    script = """<script>$(document).ready(function(){ new jPlayerPlaylist({jPlayer:"#jp1"},[
{title:"Cro Magnon", mp3:"http://www.jp.example/audio/cro_magnon.mp3", oga:"http://www.jp.example/audio/cro_magnon.ogg"},
{title:"Your Face", free:true, mp3:'http://www.jp.example/audio/your_face.mp3'}],{swfPath:"/js", supplied:"oga, mp3"}); });</script>"""
    return page(
        "jplayer",
        "http://jp.example/",
        script,
        {f"http://www.jp.example/audio/cro_magnon.{e}" for e in ("mp3", "ogg")},
        {"http://www.jp.example/audio/your_face.mp3"},
    )


def _howler() -> Page:
    script = "<script>var s = new Howl({src: ['https://h.example/snd/bell-tower.webm', 'https://h.example/snd/bell-tower.mp3']}); var base='//h.example/x.js';</script>"
    return page("howler", "https://h.example/tower", script, {"https://h.example/snd/bell-tower.mp3"})


def _amplitude() -> Page:
    songs = [
        {"name": f"S{k}", "artist": "A", "url": f"/songs/{k}-night.mp3", "cover_art_url": "/c.jpg"} for k in (1, 2)
    ]
    inner = f"<script>Amplitude.init({json.dumps({'songs': songs, 'debug': False})});</script>"
    return page(
        "amplitude", "https://amp2.example/", inner, *({f"https://amp2.example/songs/{k}-night.mp3"} for k in (1, 2))
    )


def _custom_element() -> Page:
    inner = '<podcast-player src="/ep/44.mp3" poster="/a.jpg"></podcast-player><x-waveform url="https://c.example/peaks/tone.wav" color="red"></x-waveform>'
    return page(
        "custom-element",
        "https://c.example/44",
        inner,
        {"https://c.example/ep/44.mp3"},
        {"https://c.example/peaks/tone.wav"},
    )


def _json_ld_list() -> Page:
    files = [f"https://cdn.list.example/e/{k}/media.mp3?sig=x&k={k}" for k in (1, 2, 3)]
    episodes = [
        {
            "@type": "PodcastEpisode",
            "name": f"E{k}",
            "associatedMedia": {"@type": "MediaObject", "contentUrl": f.replace("&", "&amp;")},
        }
        for k, f in enumerate(files)
    ]
    script = "\n".join(json.dumps(e) for e in episodes)
    return page(
        "json-ld-list",
        "https://list.example/",
        f'<script type="application/ld+json">{script}</script>',
        *({f} for f in files),
    )


def _bird_sounds() -> Page:
    files = [f"https://xc.example/sounds/uploaded/AB/XC77{k}-Wren.mp3" for k in (1, 2)]
    rows = "".join(
        f"""<tr><td><div class="jp-type-single" data-xc-id="77{k}" data-xc-filepath="//{f.removeprefix("https://")}"></div></td>
<td><a href="/77{k}/download"><img title="Wren.mp3" src="/dl.png"></a></td></tr>"""
        for k, f in enumerate(files, 1)
    )
    return page("bird-sounds", "https://xc.example/species/wren", f"<table>{rows}</table>", *({f} for f in files))


def _download_script() -> Page:
    inner = '<a href="/download.php?file=lesung.mp3">Herunterladen</a><a href="/files/8812" download="abend.wav">abend</a><a href="/search?q=.mp3">Search</a>'
    return page(
        "download-script",
        "https://d.example/",
        inner,
        {"https://d.example/download.php?file=lesung.mp3"},
        {"https://d.example/files/8812"},
    )


def _several_formats() -> Page:
    inner, sets = "", []
    for k in (1, 2):
        urls = {f"https://fmt.example/show/episode-{k}0.{e}" for e in ("mp3", "ogg", "opus", "flac")}
        sets.append(urls)
        inner += (
            f"<h3>Show {k}</h3>"
            + "".join(f'<a href="{url}">{url[-4:]}</a> ' for url in sorted(urls))
            + f'<audio src="{sorted(urls)[1]}"></audio>'
        )
    return page("several-formats", "https://fmt.example/show/", inner, *sets)


def _click_handlers() -> Page:
    inner = """<button onclick="playAudio('https://k.example/words/apfel.mp3')">Apfel</button><span @click="play('/words/birne.mp3')">Birne</span>
<img data-src-mp3="https://k.example/words/cherry.mp3" src="/i.png">"""
    return page(
        "click-handlers",
        "https://k.example/fruit",
        inner,
        *({f"https://k.example/words/{w}.mp3"} for w in ("apfel", "birne", "cherry")),
    )


def _forge() -> Page:
    inner = """<a href="/ann/birds/blob/main/samples/wren.wav">wren.wav</a> <a href="/ann/birds/raw/main/samples/wren.wav">Raw</a>
<a href="/ann/birds/issues/3">wren.mp3 does not play</a>"""
    return page(
        "forge", "https://forge.example/ann/birds", inner, {"https://forge.example/ann/birds/raw/main/samples/wren.wav"}
    )


def _document(name: str, url: str, body: str, *recordings: set[str], declared: str = "application/xml") -> Page:
    return Page(name, url, body.encode(), list(recordings), declared)


def _feed_undeclared() -> Page:
    items = "".join(
        f"""<item><title>A & B {k}</title><itunes:duration>00:20:00</itunes:duration><description>One <br> two &nbsp; {WORDS}</description>
<enclosure url="https://f.example/{k}.mp3?a=1&b=2" type="mp3" length="1"/></item>"""
        for k in (1, 2)
    )
    return _document(
        "feed-undeclared",
        "https://f.example/feed",
        f"<?xml version='1.0'?><!-- {'x' * 5000} --><rss><channel><title>T</title>{items}</channel></rss>",
        *({f"https://f.example/{k}.mp3?a=1&b=2"} for k in (1, 2)),
    )


def _feed_renditions() -> Page:
    body = """<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T</title>
<item><title>1</title><enclosure url="https://op3.dev/e/cdn.r.example/one.mp3" type="audio/mpeg" length="9000000"/><media:content url="https://cdn.r.example/one.mp3" medium="audio"/>
<podcast:alternateEnclosure type="audio/opus" bitrate="32000"><podcast:source uri="https://cdn.r.example/one-32k.opus"/></podcast:alternateEnclosure></item>
<item><title>2</title><podcast:alternateEnclosure type="audio/mpeg"><podcast:source uri="https://cdn.r.example/two"/></podcast:alternateEnclosure></item></channel></rss>"""
    one = {
        "https://op3.dev/e/cdn.r.example/one.mp3",
        "https://cdn.r.example/one.mp3",
        "https://cdn.r.example/one-32k.opus",
    }
    return _document("feed-renditions", "https://r.example/feed", body, one, {"https://cdn.r.example/two"})


def _feed_channel() -> Page:
    body = """<rss><channel><title>T</title><enclosure>https://ch.example/all.mp3</enclosure><item><enclosure url="/x.ogg" type="application/octet-stream"/></item>
<item><enclosure url="/film.mp4" type="video/mp4"/></item></channel></rss>"""
    return _document(
        "feed-channel", "https://ch.example/feed", body, {"https://ch.example/all.mp3"}, {"https://ch.example/x.ogg"}
    )


def _atom() -> Page:
    body = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>1</title><link rel="enclosure" href="/one.ogg"/></entry>
<entry><title>2</title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><a href="/two.flac">two</a></div></content></entry></feed>"""
    return _document(
        "atom", "https://at.example/feed", body, {"https://at.example/one.ogg"}, {"https://at.example/two.flac"}
    )


def _rdf() -> Page:
    body = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:enc="http://purl.oclc.org/net/rss_2.0/enc#">
<channel><title>T</title></channel><item><title>1</title><enc:enclosure rdf:resource="https://rdf.example/one.mp3" enc:type="audio/mpeg" enc:length="5"/></item></rdf:RDF>"""
    return _document("rdf", "https://rdf.example/feed", body, {"https://rdf.example/one.mp3"})


def _json_feed() -> Page:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"attachments": [{"url": "/1.m4a", "mime_type": "file"}]}],
    }
    return _document(
        "json-feed",
        "https://jf.example/feed.json",
        json.dumps(feed),
        {"https://jf.example/1.m4a"},
        declared="application/json",
    )


def _playlist() -> Page:
    return _document(
        "playlist",
        "https://pl.example/a.pls",
        "[Playlist]\nFile1=http://a.example:8000/\nFile2=two.mp3\n",
        {"http://a.example:8000/"},
        {"https://pl.example/two.mp3"},
        declared="audio/x-scpls",
    )


def _sitemap() -> Page:
    body = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://s.example/p</loc><image:image><image:loc>/i.png</image:loc></image:image></url><url><loc>https://s.example/a.mp3</loc></url></urlset>'
    return _document("sitemap", "https://s.example/sitemap.xml", body, {"https://s.example/a.mp3"})


def _no_audio() -> Page:
    inner = '<p>Our .mp3 files are gone.</p><a href="/about.mp3.html">why</a><a href="/cart?add=loop.mp3">Buy</a><video><source src="/tour.mp4" type="video/mp4"></video>'
    return page("no-audio", "https://none.example/", inner, noise=20)
