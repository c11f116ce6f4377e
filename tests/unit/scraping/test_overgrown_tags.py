"""Start tags of too many attributes are cut out of markup, wherever the parser sees them, and nothing else is."""

import random

import pytest

from earshot.scraping.html_tree import parsed
from earshot.scraping.overgrown_tags import MOST_ATTRIBUTES, SHORTEST, without_overgrown_tags

BEFORE = (
    "", "<p>", "<!-- <a b=\" -->", "<!-- <a b=' -->", "<script><a b=\"</script>", "<title><a b='</title>",
    "<style>a[b=\"</style>", "<textarea><a b=\"</textarea>", "</a b=\">", "<?a <a b=\" >", "<!a <a b=\" >", "<a b=\"",
    "<a b='", "<a b = '<i>", "<a =\"", "<a /=\"x", "<a" + "<a" * 900 + " ", "x" * 2000, "= \"", "<a b=\"'\" c='\"' ",
)  # fmt: skip
ATTRIBUTES = ("%x", "a%x=1", "a%x='>'", 'a%x=">"', "a%x = '\"'", 'a%x=">\'<b "', "a%x=`>`", "a%x=''")


def most_attributes(markup: bytes) -> int:
    root = parsed(markup)
    return 0 if root is None else max(len(element.attrib) for element in root.iter("*"))


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_no_tag_keeps_more_attributes_than_the_limit(before: str, attribute: str) -> None:
    flood = "<b " + " ".join(attribute % number for number in range(2 * MOST_ATTRIBUTES))
    for end in ("", ">", " z='>'>", ' z=">">text'):
        assert most_attributes(without_overgrown_tags(f"{before}{flood}{end}".encode())) <= MOST_ATTRIBUTES


def test_no_tag_keeps_more_attributes_in_markup_that_is_put_together_at_random() -> None:
    chance = random.Random(1)
    for _ in range(300):
        parts = [chance.choice((*BEFORE, "-->", "'", '"', ">", "</script>")) for _ in range(chance.randrange(8))]
        for _ in range(2):
            attribute, between = chance.choice(ATTRIBUTES), chance.choice((" ", "\n", "/", "\t "))
            flood = between.join(attribute % number for number in range(chance.choice((600, 750, 1500))))
            parts.insert(chance.randrange(len(parts) + 1), f"<b{between}{flood}")
        assert most_attributes(without_overgrown_tags("".join(parts).encode())) <= MOST_ATTRIBUTES, parts


@pytest.mark.parametrize(
    "markup",
    [
        b"<p>text</p>" * 400,
        b"<a title='a > b' href=\"x\">" * 400,
        b"<script>var a = '<b>';" + b'if (i<n) { j = "x" }' * 80 + b"</script>",
        b"<div data-x='" + b'{"a": "<b>c</b>"}, ' * 400 + b"'>text</div>",
        b"<p" + b"".join(b" a%d" % number for number in range(MOST_ATTRIBUTES)) + b">",
        b"<p>" + b"word " * SHORTEST,
        b"<img src='data:image/png;base64," + b"AbC=" * SHORTEST + b"'>",
    ],
)
def test_markup_without_such_a_tag_stays_as_it_is(markup: bytes) -> None:
    assert without_overgrown_tags(markup) == markup


def test_what_stands_around_such_a_tag_is_kept() -> None:
    flood = b"".join(b" a%d='>'" % number for number in range(MOST_ATTRIBUTES + 1))
    markup = b"<p>before</p><b" + flood + b">inside</b><a href=x.mp3>behind</a>"
    assert without_overgrown_tags(markup) == b"<p>before</p><a>inside</b><a href=x.mp3>behind</a>"
