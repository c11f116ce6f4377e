"""Pages of services that publish podcasts for others, and of sites that embed their players."""

import json
from collections.abc import Iterator

from tests.discovery.shell import WORDS, Page, page


def pages() -> Iterator[Page]:
    """Castos, Buzzsprout, Podbean, Libsyn, Acast, Simplecast, Megaphone, Transistor and Spreaker in the wild."""
    yield _castos()
    yield _buzzsprout()
    yield _podbean()
    yield _libsyn()
    yield _acast()
    yield _simplecast()
    yield _megaphone()
    yield _transistor()
    yield _spreaker()
    yield _nuxt_data()
    yield _hugo_castanet()
    yield _sermons()
    yield _tracked_newspaper()


def _castos() -> Page:
    site = "https://show.example"
    played, download = (
        f"{site}/podcast-player/412/marsh-at-night.mp3",
        f"{site}/podcast-download/412/marsh-at-night.mp3",
    )
    inner = f"""<div class="castos-player dark-mode" tabindex="0" data-episode="412" id="a1"><div class="player"><div class="player__main">
<button title="Play" class="play-btn"><span class="screen-reader-text">Play Episode</span></button><audio preload="none" class="clip clip-412">
<source src="{played}"></audio><div class="ssp-progress" role="progressbar" title="Seek"></div></div></div></div>
<div class="podcast_meta"><aside><p><a href="{download}?ref=download" title="Marsh at night " class="podcast-meta-download">Download file</a>
| <a href="{played}?ref=new_window" target="_blank" class="podcast-meta-new-window">Play in new window</a> | <span>Duration: 23:41</span></p>
<p><a href="{site}/feed/podcast/">RSS Feed</a></p></aside></div><p>{WORDS}</p>"""
    names = {played, f"{played}?ref=new_window", download, f"{download}?ref=download"}
    return page("castos", f"{site}/podcast/marsh-at-night/", inner, names)


def _buzzsprout() -> Page:
    file = "https://www.buzzsprout.example/17011/episodes/14955233-the-heron-year"
    head = f"""<meta property="og:type" content="article"><meta name="twitter:card" content="player">
<meta name="twitter:player" content="https://www.buzzsprout.example/17011/episodes/14955233-the-heron-year?client_source=twitter_card&player_type=full_screen">
<meta name="twitter:player:stream" content="{file}.mp3?blob_id=10021&client_source=twitter_card"><meta name="twitter:player:stream:content_type" content="audio/mp3">"""
    inner = f"""<div id="buzzsprout-player-14955233"></div><script src="https://www.buzzsprout.example/17011/14955233-the-heron-year.js?container_id=buzzsprout-player-14955233&player=small" charset="utf-8"></script>
<div class="episode__actions"><button data-audio-player-url-param="{file}.mp3?client_source=buzzsprout_site" data-episode-id="14955233">Play</button>
<a href="{file}.mp3?download=true" data-turbo="false">Download</a><a href="/17011/episodes/14955233-the-heron-year/transcript">Transcript</a></div>"""
    queries = ("?blob_id=10021&client_source=twitter_card", "?client_source=buzzsprout_site", "?download=true", "")
    return page("buzzsprout", f"{file}.html", inner, {f"{file}.mp3{query}" for query in queries}, head=head)


def _podbean() -> Page:
    web = "https://mcdn.podbean.example/mf/web/x8kq2f/Episode_12_-_Owls9zq1c.mp3"
    download = "https://mcdn.podbean.example/mf/download/x8kq2f/Episode_12_-_Owls9zq1c.mp3"
    data = {
        "@context": "http://schema.org/",
        "@type": "PodcastEpisode",
        "url": "https://owls.podbean.example/e/episode-12-owls/",
        "name": "Episode 12 - Owls",
        "timeRequired": "PT32M",
        "associatedMedia": {"@type": "MediaObject", "contentUrl": web},
        "partOfSeries": {"@type": "PodcastSeries", "name": "Owls", "url": "https://owls.podbean.example"},
    }
    head = f'<meta property="og:audio" content="{web}"><script type="application/ld+json">{json.dumps(data)}</script>'
    inner = f"""<div class="p-player" data-uri="{web}" data-title="Episode 12"></div><a href="{download}" class="episode-download">Download 44</a>
<iframe title="Owls" src="https://www.podbean.example/player-v2/?i=x8kq2f-pb&from=embed&share=1" width="100%" height="150"></iframe>"""
    return page("podbean", "https://owls.podbean.example/e/episode-12-owls/", inner, {web, download}, head=head)


def _libsyn() -> Page:
    plain = "https://traffic.libsyn.example/riverwalks/Ep_88_The_Weir.mp3"
    secure = "https://traffic.libsyn.example/secure/riverwalks/Ep_88_The_Weir.mp3?dest-id=902"
    inner = f"""<div class="libsyn-item-player"><iframe title="Embed Player" style="border:none"
src="https://play.libsyn.example/embed/episode/id/29130338/height/90/theme/custom/thumbnail/yes/direction/backward/download/yes/" height="90"></iframe></div>
<div class="postDetails">Direct download: <a href="{plain}?dest-id=902">Ep_88_The_Weir.mp3</a><br><a href="{secure}" class="postlink">Listen</a></div>"""
    return page("libsyn", "https://riverwalks.libsyn.example/weir", inner, {plain, f"{plain}?dest-id=902", secure})


def _acast() -> Page:
    episodes, sets = [], []
    for k in range(4):
        file = f"https://sphinx.acast.example/p/open/s/6012ab/e/65f0{k}c77aa9d2e0016c2{k}f11/media.mp3"
        sets.append({file})
        episodes.append(
            {"id": f"65f0{k}", "title": f"Part {k}", "duration": 1201 + k, "url": file, "image": f"/{k}.jpg"}
        )
    data = {"props": {"pageProps": {"show": {"title": "Parts", "episodes": episodes}}}, "query": {"showId": "parts"}}
    inner = (
        f'<div id="__next">{WORDS}</div><script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'
    )
    return page("acast", "https://shows.acast.example/parts/episodes", inner, *sets)


def _simplecast() -> Page:
    path = "cdn.simplecast.example/audio/6e0c1a/episodes/9b1f22/audio/0a7b91/default_tc.mp3"
    enclosure, embed = f"https://{path}?aid=rss_feed&feed=Hx1", f"https://{path}?aid=embed"
    state = {"episode": {"title": "Tide", "duration": 1822, "enclosure_url": enclosure, "audio_file_url": embed}}
    inner = f"""<iframe height="200" width="100%" frameborder="no" src="https://player.simplecast.example/9b1f22?dark=false"></iframe>
<script>window.__INITIAL_STATE__ = {json.dumps(state)};</script><a href="https://{path}?nocache=1" rel="nofollow">Download</a>"""
    names = {enclosure, embed, f"https://{path}?nocache=1", f"https://{path}"}
    return page("simplecast", "https://tides.simplecast.example/episodes/tide", inner, names)


def _megaphone() -> Page:
    sets, rows = [], ""
    for k in range(3):
        file = f"https://traffic.megaphone.example/NSR81{k}4405.mp3"
        tracked = f"https://www.podtrac.com/pts/redirect.mp3/pdst.fm/e/chrt.fm/track/9A1/traffic.megaphone.example/NSR81{k}4405.mp3"
        sets.append({f"{file}?updated=171{k}", f"{tracked}?updated=171{k}", file, tracked})
        rows += f"""<li><h3>Story {k}</h3><div class="audio-player" data-src="{file}?updated=171{k}" data-title="Story {k}"></div>
<a href="{tracked}?updated=171{k}">MP3</a><iframe loading="lazy" src="https://playlist.megaphone.example/?e=NSR81{k}4405"></iframe></li>"""
    return page("megaphone", "https://stories.example/all", f"<ul>{rows}</ul>", *sets)


def _transistor() -> Page:
    file = "https://media.transistor.example/6f1f9b2c/a11c05d2.mp3"
    tracked = "https://2.gum.fm/op3.dev/e/media.transistor.example/6f1f9b2c/a11c05d2.mp3"
    head = f'<meta property="og:audio" content="{file}?src=share"><meta property="og:audio:type" content="audio/mpeg">'
    inner = f"""<div data-controller="player" data-player-track-value='{{"title":"Fen > Broad","trackable_media_url":"{tracked}","duration":1500}}'></div>
<a href="{tracked}?download=true" target="_blank">Download</a><input type="text" readonly value="https://share.transistor.example/s/6f1f9b2c">"""
    names = {file, f"{file}?src=share", tracked, f"{tracked}?download=true"}
    return page("transistor", "https://fen.transistor.example/episodes/fen", inner, names, head=head)


def _spreaker() -> Page:
    sets, rows = [], ""
    for k in range(3):
        download = f"https://api.spreaker.example/v2/episodes/5988{k}/download.mp3"
        sets.append({download, f"https://api.spreaker.example/download/episode/5988{k}/evening_{k}.mp3"})
        rows += (
            f'<div class="track" data-episode_id="5988{k}"><h4>Evening {k}</h4><a href="{download}">Download</a></div>'
        )
    return page("spreaker", "https://www.spreaker.example/show/evenings", rows, *sets)


def _nuxt_data() -> Page:
    files = [f"https://media.kiosk.example/audio/2024/0{k}/report-{k}.m4a" for k in (1, 2, 3)]
    data: list[object] = [["ShallowReactive", 1], {"data": 2}, {"items": 3}, [4, 7, 10]]
    for k, file in enumerate(files):
        data += [{"title": 5 + 3 * k, "audioUrl": 6 + 3 * k}, f"Report {k}", file]
    script = f'<script type="application/json" data-nuxt-data="nuxt-app" data-ssr="true" id="__NUXT_DATA__">{json.dumps(data)}</script>'
    return page(
        "nuxt-data", "https://kiosk.example/reports", f"<div id=__nuxt>{WORDS}</div>{script}", *({f} for f in files)
    )


def _hugo_castanet() -> Page:
    file = "media.arcast.example/episodes/arcast-12.mp3"
    tracked, plain = f"https://op3.dev/e/dts.podtrac.com/redirect.mp3/{file}", f"https://{file}"
    head = f'<meta property="og:audio" content="{plain}"><meta property="og:audio:type" content="audio/mpeg"><link rel="preload" as="audio" href="{plain}">'
    inner = f"""<h1>12: Peat</h1><audio id="player" class="podcast-audio" preload="none" controls><source src="{tracked}" type="audio/mpeg">
Your browser does not support audio.</audio><a href="{tracked}" class="podcast-download" download>Download (24.1MB)</a>
<div class="previous"><a href="/episode/11/">11: Reed</a></div>"""
    return page("hugo-castanet", "https://arcast.example/episode/12/", inner, {tracked, plain}, head=head)


def _sermons() -> Page:
    folder = "https://parish.example/wp-content/uploads/2024/05"
    named = f"{folder}/2024-05-12%20John%203%20%E2%80%93%20Pastor%20Ruth.mp3"
    inner = f"""<div class="wpfc-sermon-single-media"><div class="wpfc-sermon-single-audio player-mediaelement">
<audio controls preload="metadata" class="wpfc-sermon-player mejs__player"><source src="{folder}/2024-05-12 John 3 – Pastor Ruth.mp3" type="audio/mpeg"></audio>
<a class="wpfc-sermon-single-audio-download" href="{folder}/2024-05-12 John 3 – Pastor Ruth.mp3" download="2024-05-12 John 3 – Pastor Ruth.mp3" title="Download Audio File">
<svg><path d="M0 0"/></svg></a></div></div><div class="wpfc-sermon-attachments"><a href="{folder}/notes.pdf">Notes</a></div>
<article class="wpfc-sermon"><h3>Evening</h3><audio src="{folder}/2024-05-12-PM.m4a?ver=2"></audio></article>"""
    evening = {f"{folder}/2024-05-12-PM.m4a", f"{folder}/2024-05-12-PM.m4a?ver=2"}
    return page("sermons", "https://parish.example/sermons/john-3/", inner, {named}, evening)


def _tracked_newspaper() -> Page:
    query = "?awCollectionId=510&amp;awEpisodeId=9&amp;orgId=1&amp;d=512&amp;p=510&amp;story=9&amp;t=podcast&amp;e=9&amp;size=8198&amp;ft=pod&amp;f=510"
    file = "https://play.podtrac.com/nsr-510/traffic.news.example/nsr-510/20240502_short_b4b1.mp3"
    direct = "https://traffic.news.example/nsr-510/20240502_short_b4b1.mp3"
    inner = f"""<div class="audio-module" data-audio='{{"uid":"9","available":true,"duration":512,"title":"Short","audioUrl":"{file}{query}"}}'></div>
<a class="audio-module-listen" href="{direct}{query}"><b>Listen</b> <time>8:32</time></a><a href="{file}{query}" download>Download</a>"""
    plain = query.replace("&amp;", "&")
    return page("tracked-newspaper", "https://news.example/short", inner, {f"{file}{plain}", f"{direct}{plain}"})
