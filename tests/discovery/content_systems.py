"""Blogs and podcasts of content management systems and site generators."""

import json
from collections.abc import Iterator

from tests.discovery.shell import WORDS, Page, page


def pages() -> Iterator[Page]:
    """WordPress with its players, Podlove, Drupal, Hugo, Jekyll, Ghost, Squarespace, Wix, Joomla, TYPO3."""
    for n in (1, 2):
        yield _wordpress_shortcode(n)
        yield _powerpress(n)
        yield _podlove(n)
        yield _drupal(n)
        yield _hugo(n)
        yield _jekyll(n)
    yield _wordpress_playlist()
    yield _simple_podcasting()
    yield _ghost()
    yield _squarespace()
    yield _wix()
    yield _joomla()
    yield _typo3()
    yield _old_flash_player()
    yield _elementor()


def _wordpress_shortcode(n: int) -> Page:
    file = f"https://wp{n}.example/wp-content/uploads/2024/0{n}/evening-walk-{n}.mp3"
    block = f"https://wp{n}.example/wp-content/uploads/2024/0{n}/Interview-with-Ann-{n}.m4a"
    inner = f"""<article><h1>Evening walk</h1><p>{WORDS}</p><!--[if lt IE 9]><script>document.createElement('audio');</script><![endif]-->
<audio class="wp-audio-shortcode" id="audio-{n}-1" preload="none" style="width: 100%;" controls="controls"><source type="audio/mpeg"
src="{file}?_={n}" /><a href="{file}">{file}</a></audio><figure class="wp-block-audio"><audio controls src="{block}"></audio>
<figcaption>Ann speaks</figcaption></figure></article>"""
    return page(
        f"wordpress-shortcode-{n}", f"https://wp{n}.example/2024/evening-walk/", inner, {file, f"{file}?_={n}"}, {block}
    )


def _powerpress(n: int) -> Page:
    direct = f"https://cdn.show{n}.example/episodes/show-{n}07.mp3"
    behind = f"https://media.blubrry.com/show{n}/{direct.removeprefix('https://')}"
    tracked = f"https://dts.podtrac.com/redirect.mp3/{behind.removeprefix('https://')}"
    inner = f"""<div class="entry-content"><p>{WORDS}</p><div class="powerpress_player" id="powerpress_player_{n}">
<audio class="wp-audio-shortcode" id="audio-9-{n}" preload="none" controls><source type="audio/mpeg" src="{behind}?_={n}" />
<a href="{behind}">{behind}</a></audio></div><p class="powerpress_links powerpress_links_mp3">Podcast:
<a href="{tracked}" class="powerpress_link_pinw" target="_blank" onclick="return powerpress_pinw('https://show{n}.example/?powerpress_pinw=7-podcast');"
rel="nofollow">Play in new window</a> | <a href="{tracked}" class="powerpress_link_d" rel="nofollow" download="show-{n}07.mp3">Download</a>
(Duration: 41:07 — 37.7MB)</p></div>"""
    head = f'<meta property="og:audio" content="{direct}"><meta property="og:audio:type" content="audio/mpeg">'
    return page(
        f"powerpress-{n}",
        f"https://show{n}.example/episode-{n}07/",
        inner,
        {direct, behind, f"{behind}?_={n}", tracked},
        head=head,
    )


def _podlove(n: int) -> Page:
    sets, players, first = [], "", 100 * n
    for episode in (1, 2, 3):
        stem = f"fsk{n}{episode:02d}-nachtgespraech"
        urls, sources, config = set(), "", []
        for number, (ending, kind) in enumerate((("mp3", "audio/mpeg"), ("m4a", "audio/mp4"), ("opus", "audio/ogg"))):
            ident = first + 10 * episode + number
            base = f"https://fsk{n}.example/podlove/file/{ident}/s"
            web, down = f"{base}/webplayer/c/website/{stem}.{ending}", f"{base}/download/c/select-show/{stem}.{ending}"
            urls |= {web, down}
            sources += f'<option value="{down}" data-raw-url="{down}">{ending.upper()} (41 MB)</option>'
            config.append({"url": web, "mimeType": kind, "size": 41_000_000, "title": f"{ending} Audio"})
        sets.append(urls)
        data = json.dumps(
            {
                "version": 5,
                "show": {"title": "Nacht"},
                "title": f"Folge {episode}",
                "duration": "01:02:03",
                "audio": config,
            }
        )
        players += f"""<article><h2>Folge {episode}</h2><div class="podlove-web-player intrinsic-ignore" id="player-{episode}"
data-template="/wp-content/t"></div><script>podlovePlayerCache.add([{{"url":"https://fsk{n}.example/api/{episode}","data":{data}}}]);</script>
<form action="https://fsk{n}.example"><select name="podlove_downloads">{sources}</select></form></article>"""
    return page(f"podlove-{n}", f"https://fsk{n}.example/", players, *sets)


def _drupal(n: int) -> Page:
    files = [f"https://drupal{n}.example/sites/default/files/2023-0{k}/lecture_{n}_{k}.mp3" for k in (1, 2, 3)]
    rows = "".join(
        f"""<div class="views-row"><div class="field field--name-field-audio field--type-file"><div class="field__item">
<audio controls="controls" preload="none"><source src="{f.removeprefix(f"https://drupal{n}.example")}" type="audio/mpeg"></audio>
<span class="file file--mime-audio-mpeg file--audio"><a href="{f}" type="audio/mpeg; length=23456789">Lecture</a></span></div></div></div>"""
        for f in files
    )
    return page(f"drupal-{n}", f"https://drupal{n}.example/lectures", rows, *({f} for f in files))


def _hugo(n: int) -> Page:
    file = f"https://hugo{n}.example/audio/episode-0{n}.mp3"
    head = f"""<script type="application/ld+json">{{"@context":"https://schema.org/","@type":"PodcastEpisode","url":"https://hugo{n}.example/{n}/",
"name":"Episode {n}","datePublished":"2024-01-0{n}","timeRequired":"PT38M","associatedMedia":{{"@type":"MediaObject","contentUrl":"{file}"}},
"partOfSeries":{{"@type":"PodcastSeries","name":"Hugo talks","url":"https://hugo{n}.example/"}},}}</script>"""
    inner = f"""<h1>Episode {n}</h1><audio preload="metadata" controls><source src="/audio/episode-0{n}.mp3" type="audio/mpeg">
Your browser does not support audio.</audio><p><a class="btn" href="/audio/episode-0{n}.mp3" download>Download</a></p><p>{WORDS * 3}</p>"""
    return page(f"hugo-{n}", f"https://hugo{n}.example/{n}/", inner, {file}, head=head)


def _jekyll(n: int) -> Page:
    posts, sets = "", []
    for k in range(1, 5):
        file = (
            f"https://archive.jekyll{n}.example/Ep%20{k}%3A%20hello.mp3"
            if k == 1
            else f"https://archive.jekyll{n}.example/ep{k}.mp3"
        )
        sets.append({file})
        shown = file.replace("%20", " ").replace("%3A", ":") if k == 1 else file
        posts += f'<li><a href="/episodes/{k}">Episode {k}</a> <a href="{shown}"><i class="icon"></i></a> <small>12:3{k}</small></li>'
    if sets:
        sets[0].add(f"https://archive.jekyll{n}.example/Ep%201:%20hello.mp3")
    return page(f"jekyll-{n}", f"https://jekyll{n}.example/", f"<ul class=episodes>{posts}</ul>", *sets)


def _wordpress_playlist() -> Page:
    files = [f"https://wpl.example/wp-content/uploads/track-{k}.mp3" for k in (1, 2, 3)]
    tracks = [
        {
            "src": f,
            "type": "audio/mpeg",
            "title": f"Track {k}",
            "caption": "",
            "meta": {"length_formatted": "3:0%d" % k},
        }
        for k, f in enumerate(files)
    ]
    data = json.dumps({"type": "audio", "tracklist": True, "images": True, "tracks": tracks}).replace("/", "\\/")
    inner = f"""<div class="wp-playlist wp-audio-playlist"><audio controls="controls" preload="none" width="640"></audio>
<noscript><ol>{"".join(f"<li><a href='{f}'>track</a></li>" for f in files)}</ol></noscript>
<script type="application/json" class="wp-playlist-script">{data}</script></div>"""
    return page("wordpress-playlist", "https://wpl.example/album/", inner, *({f} for f in files))


def _simple_podcasting() -> Page:
    play, down = (
        "https://ssp.example/podcast-player/412/night-trains.mp3",
        "https://ssp.example/podcast-download/412/night-trains.mp3",
    )
    inner = f"""<div class="castos-player dark-mode" data-player_id="5"><audio preload="none" class="clip clip-412"><source src="{play}"></audio>
<a href="{down}?ref=download" title="Download" download>Download file</a><a href="{down}?ref=new_window" target="_blank">Play in new window</a>
<input value="&lt;blockquote&gt;&lt;a href=&quot;https://ssp.example/x&quot;&gt;Night trains" readonly></div>"""
    urls = {play, f"{down}?ref=download", f"{down}?ref=new_window"}
    return page("simple-podcasting", "https://ssp.example/podcast/night-trains/", inner, urls)


def _ghost() -> Page:
    file = "https://ghost.example/content/media/2023/11/voice-memo.mp3"
    inner = f"""<div class="kg-card kg-audio-card"><img src="" alt="audio-thumbnail" class="kg-audio-hide"><div class="kg-audio-player-container">
<audio src="{file}" preload="metadata"></audio><div class="kg-audio-title">Voice memo</div><button class="kg-audio-play-icon">play</button>
<span>/<span class="kg-audio-duration">92.4</span></span></div></div>"""
    return page("ghost", "https://ghost.example/voice-memo/", inner, {file})


def _squarespace() -> Page:
    file = "https://static1.squarespace.example/static/5f/t/65/1700000000000/Sermon+Oct+8.mp3/original/Sermon+Oct+8.mp3"
    inner = f"""<div class="sqs-block audio-block"><div class="sqs-audio-embed" data-url="{file}" data-mime-type="audio/mpeg" data-title="Sermon"
data-author="Rev. X" data-show-download="true" data-design-style="legacy" data-duration-in-ms="1820000" data-color-theme="dark"></div></div>"""
    return page("squarespace", "https://church.example/sermons/oct-8", inner, {file})


def _wix() -> Page:
    file = "https://static.wixstatic.example/mp3/a27d24_9f1c2b7d.mp3"
    data = json.dumps(
        {
            "props": {
                "render": {
                    "compProps": {
                        "comp-k1": {"tracks": [{"id": "1", "trackName": "Song", "artistName": "Duo", "audioUrl": file}]}
                    }
                }
            }
        }
    )
    return page(
        "wix",
        "https://duo.example/music",
        f'<div id="comp-k1"></div><script type="application/json" id="wix-warmup-data">{data}</script>',
        {file},
    )


def _joomla() -> Page:
    files = [f"https://joomla.example/images/mp3/predigt_2022_0{k}.mp3" for k in (1, 2)]
    rows = "".join(
        f'<tr><td>{k}. Advent</td><td><a class="jce_file" href="/images/mp3/predigt_2022_0{k}.mp3" target="_blank"><img src="/media/mp3.png">'
        f"Predigt</a> (12 MB)</td></tr>"
        for k in (1, 2)
    )
    return page("joomla", "https://joomla.example/index.php/predigten", f"<table>{rows}</table>", *({f} for f in files))


def _typo3() -> Page:
    file = "https://uni.example/fileadmin/user_upload/Audio/Ringvorlesung_WS23.mp3"
    inner = """<div class="csc-default"><a href="fileadmin/user_upload/Audio/Ringvorlesung_WS23.mp3" class="download">Ringvorlesung (MP3)</a>
<a href="fileadmin/user_upload/Audio/Ringvorlesung_WS23.pdf">Folien</a></div>"""
    return page(
        "typo3", "https://uni.example/index.php?id=12", inner, {file}, head='<base href="https://uni.example/">'
    )


def _old_flash_player() -> Page:
    first, second = "http://old.example/mp3/live-1999.mp3", "http://old.example/mp3/live-2001.mp3"
    inner = f"""<object type="application/x-shockwave-flash" data="http://old.example/player.swf" id="audioplayer1" height="24" width="290">
<param name="movie" value="http://old.example/player.swf"><param name="FlashVars" value="playerID=1&amp;bg=0xf8f8f8&amp;soundFile={first}">
<param name="quality" value="high"></object><embed src="/swf/mp3player.swf?file={second}&amp;autostart=false" width="200" height="20">"""
    return page("flash-player", "http://old.example/live.html", inner, {first}, {second})


def _elementor() -> Page:
    file = "https://elementor.example/wp-content/uploads/2022/hymn.ogg"
    data = json.dumps({"playlist": [{"mp3_url": file, "track": "Hymn"}]}).replace('"', "&quot;")
    inner = f'<div class="elementor-widget" data-settings="{data}"><div class="audio-player" x-data="player(\'{file}\')"></div></div>'
    return page("elementor", "https://elementor.example/music/", inner, {file})
