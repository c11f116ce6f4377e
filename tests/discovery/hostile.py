"""Documents and texts that are made to cost a reader more than their size allows."""

import gzip
import time
from collections.abc import Callable

from earshot.audio import now
from earshot.scraping.document_types import read

AT = now()


def _filled(start: bytes, piece: bytes, end: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: start + piece * max(1, (size - len(start) - len(end)) // len(piece)) + end


def _numbered(start: bytes, piece: bytes, end: bytes) -> Callable[[int], bytes]:
    return lambda size: start + b"".join(piece % (n, n) for n in range(size // (len(piece) + 4))) + end


def _counted(start: bytes, piece: bytes, end: bytes = b"") -> Callable[[int], bytes]:
    """Pieces that carry their number, in the fewest digits, once or several times."""
    times = piece.count(b"%x")

    def make(size: int) -> bytes:
        pieces, length = [start], len(start) + len(end)
        while length < size:
            pieces.append(piece % ((len(pieces),) * times))
            length += len(pieces[-1])
        return b"".join(pieces) + end

    return make


def _grouped(start: bytes, piece: bytes, end: bytes, pieces_a_group: int) -> Callable[[int], bytes]:
    """Groups of numbered pieces, each between `start` and `end`."""

    def make(size: int) -> bytes:
        made, number, length = [], 0, 0
        while length < size:
            made.append(start + b"".join(piece % one for one in range(number, number + pieces_a_group)) + end)
            number, length = number + pieces_a_group, length + len(made[-1])
        return b"".join(made)

    return make


def _beside(start: bytes, repeated: bytes, middle: bytes, piece: bytes, end: bytes = b"") -> Callable[[int], bytes]:
    """One long text of half the size, and numbered pieces that it is about."""

    def make(size: int) -> bytes:
        return _counted(start + repeated * (size // 2 // len(repeated)) + middle, piece, end)(size)

    return make


ALTERNATE = b"<item><podcast:alternateEnclosure type='"
LONG_FOLDERS, ESCAPED_FOLDERS = b"<base href='/%b'>" % (b"a-b/" * 480), b"<base href='/%b'>" % (b"%C3%A9/.a/" * 180)
RSS, END = b"<?xml version='1.0'?><rss><channel>", b"</channel></rss>"
DOCUMENTS: dict[str, Callable[[int], bytes]] = {
    "unclosed entities": _filled(b"<?xml version='1.0'?><!DOCTYPE rss [", b"<!ENTITY ", b"<rss><channel>"),
    "unclosed entities in a feed": _filled(RSS, b"<!ENTITY ", END),
    "empty items": _filled(RSS, b"<item/>", END),
    "items within a broken item": _beside(RSS + b"<item>", b"<a/>", b"", b"<item/>"),
    "groups of an item": _counted(
        RSS + b"<item>", b"<media:group><media:content url='%x.mp3'/></media:group>", b"</item>" + END
    ),
    "groups of a broken item": _counted(RSS + b"<item>", b"<media:group><media:content url='%x.mp3'/></media:group>"),
    "nested items": _filled(RSS, b"<item><title>x"),
    "xml attributes": _numbered(RSS + b"<item ", b"a%d='%d' ", b"/>" + END),
    "undeclared prefixes": _numbered(RSS, b"<p%d:x>%d</x>", END),
    "ampersands": _filled(RSS + b"<item><title>", b"&a&;&#", b"</title></item>" + END),
    "unclosed cdata": _filled(RSS, b"<![CDATA[x", END),
    "brackets in a doctype": _filled(b"<!DOCTYPE rss [", b"]]]", b"<rss/>"),
    "unclosed comments": _filled(b"", b"<!--"),
    "formatting tags in a feed": _filled(RSS + b"<item><description>", b"<br ", END),
    "players": _filled(b"<figure>", b"<audio src=a.mp3></audio>"),
    "sources of one player": _numbered(b"<audio>", b"<source src=a%d.mp3 title=x%d>", b""),
    "xml attributes of an enclosure": _counted(RSS + b"<enclosure", b" a%x='1'", b"/>" + END),
    "xml attributes without quotes": _counted(RSS + b"<ENCLOSURE", b" a%x=1", b"/>" + END),
    "xml attributes of one name": _counted(RSS + b"<enclosure", b" a%x:url=''", b"/>" + END),
    "xml attributes of a rendition": _counted(RSS + b"<media:content", b" a%x='1'", b"/>" + END),
    "xml attributes of a playlist": _counted(b"<asx><entry><ref", b" a%x=1", b"/></entry></asx>"),
    "html attributes": _numbered(b"<a ", b"a%d='>%d' ", b">"),
    "data attributes": _numbered(b"<p ", b"data-a%d='/b%d.mp3' ", b">"),
    "data attributes of many tags": _grouped(b"<p ", b"data-a%d='/b.mp3' ", b">", 900),
    "empty elements in what has data": _filled(b"<div data-x='/b.mp3'>" * 250, b"<p>"),
    "nested elements with data": _grouped(b"", b"<div data-x='/%d.mp3'>", b"</div>" * 250, 250),
    "links within links": _grouped(b"", b"<div><a href=%d.mp3><div>", b"</div></a></div>" * 50, 50),
    "nested microdata": _grouped(b"<div itemscope>", b"<div itemprop=name><!--%d-->", b"</div>" * 251, 250),
    "items that refer": _filled(
        b"<div id=a>" + b"<link itemprop=contentUrl href=/x.mp3>" * 500 + b"</div>", b"<p itemscope itemref=a></p>"
    ),
    "members of a gzip file": _filled(b"", gzip.compress(b"", mtime=0)),
    "a list in an attribute": _filled(b"<p data-src='", b"/a.mp3,", b"'>"),
    "braces in an attribute": _filled(b"<p data-x='.mp3", b'{"', b"'>"),
    "endings in a script": _filled(b"<script>var a='", b".mp3-", b"'</script>"),
    "quotes in a script": _filled(b"<script>.mp3", b'"/a.mp3', b"</script>"),
    "objects in a script": _filled(b"<script>.mp3", b'={"a":[', b"</script>"),
    "escapes in a script": _filled(b"<script>'http://a/.mp3", b"\\u00", b"'</script>"),
    "commas in json-ld": _filled(b"<script type='application/ld+json'>[1", b", " * 20, b"x]</script>"),
    "quotes in json-ld": _filled(b"<script type='application/ld+json'>", b'{"\\', b"</script>"),
    "percent signs in a link": _filled(b"<a href='", b"%", b".mp3'>"),
    "slashes and dots in a link": _filled(b"<a href='", b"/..", b"/a.mp3'>"),
    "many links": _numbered(b"", b"<a href='/%d/../x%d.mp3'>y</a>", b""),
    "one name in many folders": _numbered(b"", b"<a href='/%d/a-long-name.mp3?%d'>y</a>", b""),
    "parameters of a player": _filled(b"<iframe src='/p?", b"a=/b.mp3&", b"'>"),
    "microdata": _filled(b"", b"<div itemscope itemprop=audio itemtype=b>"),
    "microdata of no audio": _filled(b"", b"<div itemscope itemprop=a itemtype=b>"),
    "rdfa": _filled(b"", b"<div typeof=audio property=b>"),
    "rdfa of no audio": _filled(b"", b"<div typeof=a property=b>"),
    "lines of a playlist": _filled(b"#EXTM3U\n", b"#EXTINF:1"),
    "pls": _filled(b"[playlist]\nfile1=", b" \n file1 "),
    "unclosed locations": _filled(b"<urlset>", b"<url><loc>"),
    "json": _filled(b'{"a":', b'[{"b":'),
    "short links": _counted(b"", b"<a href=%x.mp3>"),
    "links to hosts of their own": _counted(b"", b"<a href=//%x/a.mp3>"),
    "links to international hosts": _counted(b"", "<a href=//é%x/a.mp3>".encode()),
    "links to no host": _counted(b"", b"<a href=//%%/%x.mp3>"),
    "links with parameters": _counted(b"", b"<a href=%x.mp3?_=1>"),
    "links with line breaks": _counted(b"", b"<a download=x.mp3 href='<p>\n%x'>"),
    "links with markup": _counted(b"", b"<a href='<i></i><b>%x.mp3'>"),
    "links with escapes": _counted(b"", b"<a href=%%41%x.mp3>"),
    "links in two formats": _counted(b"", b"<a href=abcdefgh%x.ogg><a href=abcdefgh%x.mp3>"),
    "frames with parameters": _counted(b"", b"<iframe src=?a=/%x.mp3></iframe>"),
    "parameters of objects": _counted(b"", b"<param name=src value=?a=%x.mp3>"),
    "scripts": _counted(b"", b"<script>'/%x.mp3'</script>"),
    "json in attributes": _counted(b"", b'<p data-x=\'{"src":"/%x.mp3"}\'>'),
    "json-ld nodes": _filled(b'<script type=application/ld+json>["audio",', b"{},", b"1]</script>"),
    "json-ld of no audio": _filled(b"", b"<script type='application/ld+json'>[{}]</script>"),
    "objects of urls in json": _counted(b'{"a":[', b'{"type":"audio/a","title":"a","url":"/%x"},', b"0]}"),
    "objects without urls in json": _counted(b'{"a":[', b'{"title":"a.b","url":"/%x","c":{}},', b"0]}"),
    "objects within each other in json": _grouped(
        b'<script type=application/json>{"a":1', b',"b":{"audioUrl":"/%x","title":"a"', b"}" * 51 + b"</script>", 50
    ),
    "dots in json": _filled(b'{"a":["a', b".", b'"]}'),
    "texts in json": _filled(b'{"a":[', b'"%",', b"0]}"),
    "schemes in a script": _filled(b"<script>'", b"http:// .mp3", b"'</script>"),
    "schemes and quotes in a script": _filled(b"<script>", b"https://'.mp3 ", b"'</script>"),
    "urls in an event handler": _counted(b"<p onclick='", b'"/%x.mp3"', b"'>"),
    "urls in a script": _counted(b"<script>", b"'/%x.mp3'", b"</script>"),
    "endings far apart in a script": _filled(b"<script>", b"url: 'a/" + b"a " * 1200 + b".mp3", b"'</script>"),
    "keys of urls in a script": _filled(b"<script>", b"src='.mp3=\"", b"</script>"),
    "attributes of many elements": _counted(b"<p data-a='/a.mp3'><p data-b='/a.mp3'>", b"<p data-a=%x data-b=.mp>"),
    "attributes of hosts in australia": _counted(b"", b"<p data-a='//%x.com.au/a.au'>"),
    "links of other types": _counted(b"", b"<a href=%x type=text/html download=%x>"),
    "hosts in a playlist": _counted(b"#EXTM3U\n", b"//%x\n"),
    "lines of a letter": _counted(b"#EXTM3U\n", b"%x\n"),
    "hosts in a sitemap": _counted(b"<urlset>", "<url><loc>//é%x</loc></url>".encode(), b"</urlset>"),
    "feed entries with html": _counted(
        RSS, b"<item><description><![CDATA[<a href=%x.mp3>]]></description></item>", END
    ),
    "feed entries with html escaped twice": _counted(
        RSS, b"<item><description>&amp;lt;a href=%x.mp3&amp;gt;</description></item>", END
    ),
    "feed entries with enclosures": _counted(RSS, b"<item><enclosure url='%x.mp3'/></item>", END),
    "blocked feed entries": _counted(
        RSS, b"<item><enclosure url='%x.mp3'/><itunes:block>yes</itunes:block></item>", END
    ),
    "sources of one enclosure": _counted(
        RSS + b"<item><podcast:alternateEnclosure type='audio/mpeg'>",
        b"<source uri='%x'/>",
        b"</podcast:alternateEnclosure></item>" + END,
    ),
    "players with a long title": _beside(b"<audio title='", b"a ", b"'>", b"<source src=%x>"),
    "tested attributes": _filled(
        b"".join(b"<p data-a%d=/b.mp3>" % number for number in range(28)), b"<p a b c d e f g h i j k l m n o p>"
    ),
    "attributes of tags just below the limit": _grouped(b"<p", b" %x", b">", 690),
    "attributes behind a quote in a comment": _counted(b'<!-- <a b=" --><b', b" %x", b' c=">" >'),
    "attributes behind a quote in a script": _counted(b"<script><a b='</script><b", b" %x", b" c='>' >"),
    "attributes behind a quote in a title": _counted(b"<title><a b='</title><b", b" %x='>'", b">"),
    "attributes behind a quote in an instruction": _counted(b'<?a <a b=" ><b', b" %x", b' c=">" >'),
    "attributes in an attribute": _grouped(b"<a b='<b", b" c%x='>'", b">", 1000),
    "tags within a name": _filled(b"<a", b"<a"),
    "tags within values": _filled(b"<a b='", b"<a b='"),
    "tags within values that end": _filled(b"", b"<a b='>\"<a c=\">'"),
    "quotes that may open a value": _filled(b'<a b="', b'= ">'),
    "spaces between an equals sign and a quote": _filled(b"", b"=" + b" " * 400 + b"'>"),
    "a quote behind much white space": _filled(b"='", b" " * 1500 + b"'>"),
    "urls with spaces": _counted(b"<p data-src='", b"/%x a.mp3 ", b"'>"),
    "files with spaces": _counted(b"", b"<p data-src='a b c d e f g h i j k l m n o p q r s t u v w x y z %x.mp3'>"),
    "functions of a handler": _counted(b'<p onclick="', b"p('a/%x.mp3')", b'">'),
    "namesakes on two hosts": _counted(b"", b"<a href=//a/2024/%x/b.mp3><a href=//b/2024/%x/b.mp3>"),
    "namesakes in deep folders": _counted(b"", b"<a href=//h%x/" + b"a1b/" * 11 + b"2024/b.mp3>"),
    "attributes for audio": _counted(b"", b"<p data-audio-url=http://a/%x>"),
    "names of attributes for audio": _filled(b"", b"data-audiourl"),
    "properties of open graph": _counted(b"", b"<meta property=og:audio:secure_url content=//a/%x>"),
    "references beside each other": _counted(b"<asx><entry>", b"<ref href='%x.mp3'/>", b"</entry></asx>"),
    "references with a long title": _beside(b"<asx><entry><title>", b"a ", b"</title>", b"<ref href='%x.mp3'/>"),
    "tracks under a licence on an international host": _filled(
        "<playlist><license>//é.x/</license><trackList>".encode(), b"<track/>", b"</trackList></playlist>"
    ),
    "files of one long media type": _beside(
        b"<script type='application/ld+json'>{'@type':'AudioObject','encodingFormat':'".replace(b"'", b'"').replace(
            b'"application/ld+json"', b"'application/ld+json'"
        ),
        b"aB",
        b'","contentUrl":[',
        b'"/%x",',
        b'""]}</script>',
    ),
    "files of empty media types": _beside(
        b'<script type=application/ld+json>{"@type":"AudioObject","encodingFormat":[',
        b'"",',
        b'""],"contentUrl":[',
        b'"/%x",',
        b'""]}</script>',
    ),
    "licences in json-ld": _counted(
        b"<script type=application/ld+json>[", '{"license":"//é%x/"},'.encode(), b"1]</script>"
    ),
    "licences of a page": _counted(b"<a href=a.mp3>", "<a rel=license href=//é%x>".encode()),
    "licences of feed entries": _counted(
        RSS, "<item><license>//é%x</license><enclosure url='a.mp3'/></item>".encode(), END
    ),
    "sources of a long type": _beside(RSS + ALTERNATE, b"a B", b"'>", b"<source uri='%x.mp3'/>", b"</item>" + END),
    "json under a long key": _beside(b'{"', b"kK", b'":[', b"{},", b"0]}"),
    "a long namespace": _beside(b"<rss xmlns='", b"a", b"'><channel>", b"<a/>", END),
    "elements in a broken feed": _filled(RSS + b"<item>", b"<a/>", b"</item></channel>&</rss>"),
    "descriptions within descriptions": _filled(
        RSS + b"<item>" + b"<description>" * 200, b"<b/>", b"</description>" * 200 + b"</item>" + END
    ),
    "attributes in the html of a feed": _counted(
        RSS + b"<item><description><![CDATA[.mp3<a", b" a%x", b">]]></description></item>" + END
    ),
    "names in punycode": _filled(b"<meta charset=punycode>a-", b"9a"),
    "a feed in punycode": _filled(b"<?xml version='1.0' encoding='punycode'?><rss><channel><item>-", b"abc", END),
    "shortcodes within each other": _grouped(b"<p>", b"[audio '/%x.mp3' ", b"]", 110),
    "document types": _filled(b"", b"<!DOCTYPE>", b"<rss/>"),
    "items that refer to empty elements": _filled(b"<p itemscope itemref='" + b"a " * 100 + b"'><div id=a>", b"<b>"),
    "files of a long identifier": _beside(
        b'{"metadata":{"identifier":"', "é".encode(), b'"},"files":[', b'{"name":"%x.mp3"},', b"1]}"
    ),
    "links to hosts of many labels": _counted(b"", "<a href='//{}%x/a.mp3'>".format("é." * 80).encode()),
    "links that end as too long": _counted(b"", "<a href='{}%x.mp3'>".format("aé" * 3000).encode()),
    "links of a page in a long folder": _counted(LONG_FOLDERS, b"<a href=%x/telling-name.mp3>"),
    "parameters of a page in an escaped folder": _counted(ESCAPED_FOLDERS, b"<a href=?%x.mp3>"),
    "pages in an escaped folder": _counted(ESCAPED_FOLDERS, b"<a href=a.mp3><a href=%%41%x>"),
    "one line of a playlist": _filled(b"#EXTM3U\n", b"a\n"),
    "generic links": _counted(b"", b"<a href=%x.mp3>mp3</a>"),
    "generic links among words": _counted(b"<li>", b"<b>a word</b><a href=%x.mp3>mp3</a>"),
    "items of generic links": _grouped(b"<li><p>" + b"<b>to</b>" * 60, b"<a href=%x.mp3>mp3</a>", b"</li>", 3),
    "rows of generic links": _counted(b"<table>", b"<tr>" + b"<td>1" * 12 + b"<td><a href=%x.mp3>mp3</a></tr>"),
    "rows of long cells": _counted(b"<table>", b"<tr><td>" + b"<b>" * 90 + b"<td><a href=%x.mp3>mp3</a></tr>"),
    "headings and generic links": _counted(b"", b"<h2>a word</h2><a href=%x.mp3>mp3</a>"),
    "headings apart and generic links": _counted(b"", b"<li><h2>a</h2></li>" * 4 + b"<a href=%x.mp3>mp3</a>"),
    "nested blocks of generic links": _grouped(b"", b"<div><a href=%x.mp3>mp3</a>", b"</div>" * 200, 200),
    "deep generic links": _grouped(b"<div>" * 200, b"<a href=%x.mp3>mp3</a>", b"</div>" * 200, 200),
    "players without a text": _counted(b"", b"<div>" + b"<i>a</i>" * 30 + b"<audio src=%x.mp3></audio></div>"),
    "players with links to themselves": _counted(b"", b"<audio src=%x.mp3><a href=%x.mp3>http://a/%x.mp3</a></audio>"),
    "data of one element": _counted(b"<h1>a word</h1><p data-src='", b"/%x.mp3,", b"'>mp3</p>"),
    "links of one text": _counted(b"", b"<p>a word <b>%x</b> <a href=%x.mp3>one text</a></p>"),
    "a long text before a generic link": _beside(b"<p>", b"a word ", b"", b"<a href=%x.mp3>mp3</a>"),
    "entities in titles of json": _counted(b'{"a":[', b'{"title":"&amp;&lt;&nbsp;","audioUrl":"/%x"},', b"0]}"),
    "short words in links": _counted(b"", b"<a href=%x.mp3>a b c d e f g h i j k l m n o p q r s %x</a>"),
    "html in a json feed": _counted(
        b'{"version":"https://jsonfeed.org/version/1","items":[', b'{"content_html":"<a href=%x.mp3>"},', b"{}]}"
    ),
}


def cpu_s(document: bytes, *, times: int = 2) -> float:
    """CPU time of this thread for one document; the least of several."""
    taken = []
    for _ in range(times):
        started = time.thread_time()
        read(document, url="https://example.org/x/y", at=AT, max_bytes=100_000_000, declared="text/html")
        taken.append(time.thread_time() - started)
    return min(taken)
