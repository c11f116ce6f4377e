"""Documents mixed at random of pieces that are dear to a reader, each timed: what costs more than its size allows.

    python tests/discovery/mixtures.py --seconds 60 --seed 1

A kind of document alone may be cheap, and dear behind another: a quote in a comment before a tag, many entries inside
of one that never ends. A mixture that takes more than a CPU second a MiB, or at four times the size more than twice as
long a byte, is printed and fails the run.
"""

import argparse
import random
import sys
import time
from dataclasses import dataclass

from tests.discovery.hostile import cpu_s

SMALL, BIG, MIB = 65_536, 262_144, 1024 * 1024
LEAST_S_A_MIB, MOST_S_A_MIB, MOST_GROWTH = 0.3, 1.0, 2.0
OPENINGS = (
    "", "<a href=x.mp3>", "<audio>", "<figure>", "<p data-src='/a.mp3'>", "<div itemscope itemtype=AudioObject>",
    "<div typeof=AudioObject property=a>", "<script>", '<script type=application/json>{"a":".mp3","b":[',
    '<script type=application/ld+json>["audio",', '<p onclick="', "<p data-x='", '<!-- <a b=" -->', "<title>",
    "<base href='/a/b/c/'>", "<svg>", "<table><tr><td>", "<select>", "<template>", "<iframe src='", "<a href='",
    "<textarea>", "<p data-a=/a.mp3><p data-b=/b.mp3><p data-c=/c.mp3>", "[audio ", "<embed flashvars='",
    "<?xml version='1.0'?><rss><channel>", "<rss><channel><item>", "<RSS><CHANNEL>", "<feed><entry>", "<urlset><url>",
    "<playlist><trackList><track>", "<asx><entry>", "<opml><body>", "#EXTM3U\n", "[playlist]\n", "[", '{"a":',
    '<!-- <a b=" --><b', "<script><a b='</script><b", "<rss><channel><item><enclosure", "<p", "<a b='<b",
    "<rss><channel><item><title>", '{"version":"https://jsonfeed.org/version/1","items":[', "<rss><channel><item><description><![CDATA[",
    "<rss><channel><item><podcast:alternateEnclosure type='audio/mpeg'>", "http://a/\n",
)  # fmt: skip
PIECES = (
    "<a href=%x.mp3>", "<a href=%x>", "<b>", "<p>", "<div>", "<audio src=%x>", "<source src=%x.mp3>", "</a>", "</p>",
    "<p data-src=/%x.mp3>", "<p data-%x=/a.mp3>", "<span itemprop=audio itemscope>", "<p id=%x>", "<p itemref='%x'>",
    "<span property=audio typeof=AudioObject>", '"/%x.mp3",', "'/%x.mp3'", "http://a/%x.mp3 ", '{"mp3":"/%x"},',
    '{"a":[', "[", '={"a":', "\\", "\\u002f", "&amp;", "&#46;mp3", ".mp3", "?a=%x.mp3&", "//%x.com.au/ ", "<script>",
    "</script>", "<title>", "<figure><audio src=%x>", "<a rel=license href=%x>", "<iframe src=?a=/%x.mp3>", "<!--",
    "<embed src=%x.mp3>", "<param name=src value=%x.mp3>", '= ">', "='>", "> ", "<", "aHR0cDovL2EvYi5tcDM= ", "-->",
    "<a download=%x.mp3 href=%x>", "<a type=audio/mpeg href=%x>", "<a href=%x.mp3><i></i><b>x</b></a>", "\n", "\0", "é",
    "\u0301", "<a href='?%x.mp3'>", " a%x=/b.mp3", " a%x='1'", '"', "'", "`", "url: 'a/%x.mp3',", "[audio /%x.mp3]",
    "<item>", "</item>", "<item/>", "<enclosure url='%x.mp3'/>", "<ENCLOSURE URL=%x.mp3>", "<enclosure", "<entry>",
    "<link href='%x.mp3'/>", "<guid>%x.mp3</guid>", "<description>", "</description>", "&lt;a href=%x.mp3&gt;",
    "<![CDATA[", "]]>", "&", "&copy;", "<br>", "<podcast:block id='a%x'>yes</podcast:block>", "<media:group>",
    "<media:content url='%x.mp3'/>", "<license>//é%x</license>", "<loc>%x.mp3</loc>", "<location>%x.mp3</location>",
    "<ref href='%x.mp3'/>", "<outline xmlUrl='%x'/>", "%x.mp3\n", "#EXTINF:1,%x\n", "File%x=%x.mp3\n", "]", "}",
    "<a:b%x>", "<b xmlns='urn:%x'>", "<?a ?>", "<!DOCTYPE", "/>",
)  # fmt: skip


@dataclass(frozen=True)
class Mixture:
    """An opening, and pieces behind each other in turns, or many of each and then of the next."""

    opening: str
    pieces: tuple[str, ...]
    in_turns: bool

    def document(self, size: int) -> bytes:
        """One of about so many bytes."""
        if self.in_turns:
            return (self.opening + _filled("".join(self.pieces), size)).encode()
        parts = [_filled(piece, size // len(self.pieces)) for piece in self.pieces]
        return (self.opening + "".join(parts)).encode()


def mixture(chance: random.Random) -> Mixture:
    """One by chance."""
    return Mixture(
        chance.choice(OPENINGS), tuple(chance.choices(PIECES, k=chance.randint(1, 3))), chance.random() < 0.5
    )


def fault(one: Mixture, readings: int = 1) -> str | None:
    """What is wrong with its cost, the least of so many readings; None if nothing is."""
    small = cost(one.document(SMALL), readings)
    if small < LEAST_S_A_MIB:
        return None
    big = cost(one.document(BIG), readings)
    if small > MOST_S_A_MIB or big > min(MOST_S_A_MIB, MOST_GROWTH * small):
        return f"{small:.2f} CPU seconds a MiB at 64 kB, {big:.2f} at 256 kB"
    return None


def cost(document: bytes, readings: int) -> float:
    """CPU seconds a MiB."""
    return min(cpu_s(document, times=1) for _ in range(readings)) * MIB / len(document)


def _filled(piece: str, size: int) -> str:
    number = 1 + size // len((piece % _numbers(piece, SMALL)).encode())
    return "".join(piece % _numbers(piece, one) for one in range(number)) if "%" in piece else piece * number


def _numbers(piece: str, number: int) -> tuple[int, ...]:
    return (number,) * piece.count("%x")


def main() -> int:
    """Try mixtures for so long; 1 if one costs too much."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    chance, end = random.Random(wanted.seed), time.monotonic() + wanted.seconds
    tried = faults = 0
    while time.monotonic() < end:
        one = mixture(chance)
        tried += 1
        if fault(one) and (found := fault(one, readings=4)):  # another process may have slowed the first
            faults += 1
            print(f"{one}: {found}")
    print(f"{tried} mixtures, {faults} too dear")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
