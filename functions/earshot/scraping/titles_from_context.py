"""Titles of recordings whose own text is none ("Download", a URL, nothing): from what is around their elements.

In this order: the own text of a list item or table row without a heading; a heading that is of no other recording; the
text beside the element; a heading that a few recordings share. A heading is one of the item or article that the element
is in, else one before it. Each element takes a bounded number of steps, and the headings of a page are passed once.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from lxml.etree import _Element as Element

from earshot.audio import clean
from earshot.scraping.candidates import Candidate
from earshot.scraping.generic_titles import is_title, title_of
from earshot.scraping.media_types import file_name
from earshot.scraping.text_around_element import HEADINGS, Beside, own_label, text_beside
from earshot.scraping.words_in_element import TEXT_BYTES, text_of
from earshot.scraping.work_budget import WorkBudget

MOST_SHARING = 3  # recordings under one heading; one of more is the title of a list
ITEMS = frozenset(("li", "tr", "dd", "article", "section", "figure", "details"))
WITH_TEXT = ("li", "tr", "dd")
APART = ITEMS | {"aside", "nav", "footer", "table", "ul", "ol", "dl", "blockquote"}
"""A heading within one of these is no heading of what is outside."""
PLAYERS = ("audio", "video", "object", "amp-audio")
DEEPEST = 16  # elements around one
NEAR = 5  # the number of the element around a place up to which the headings in it are of that place
MOST_BEFORE = 4  # headings before an element that are tried
UNITS_OF_PLACE, HEADINGS_A_UNIT = 4, 8  # of work
Reaches = dict[Element, list[Element]]


def add_titles(candidates: Sequence[Candidate], groups: Sequence[Sequence[int]], work: WorkBudget) -> None:
    """Drop texts of a page's mentions that are no title, and add titles from the context where none is left.

    Args:
        candidates: mentions in the order of the document.
        groups: numbers of the mentions of each recording.
        work: from which the search takes its part; beyond it, no title is looked for.
    """
    for candidate in candidates:
        _take_own_title(candidate)
    texts = Counter(candidates[numbers[0]].columns.get("link_text") for numbers in groups)
    shared = {text for text, times in texts.items() if text and times >= MOST_SHARING}
    untitled: list[tuple[int, Sequence[int]]] = []
    for numbers in groups:
        texts_of_it = (candidates[number].columns.get("link_text") for number in numbers)
        if any(text and text not in shared for text in texts_of_it):
            continue
        placed = next((number for number in numbers if candidates[number].element is not None), None)
        if placed is not None:
            untitled.append((placed, numbers))
    elements = [_outermost(candidates[number].element) for number, _ in untitled]
    titles = _titles(elements, work)
    times = Counter(titles)
    for (number, numbers), title in zip(untitled, titles, strict=True):
        if title is None or (times[title] > 1 and any("link_text" in candidates[one].columns for one in numbers)):
            continue
        for one in numbers:
            _set_title(candidates[one], title if one == number else None)


def _take_own_title(candidate: Candidate) -> None:
    """Drop a text that is no title; take the element's label, if that is one."""
    text = candidate.columns.get("link_text")
    if text is None or (title := title_of(text, name := file_name(candidate.url))) == text:
        return
    if title is None and candidate.element is not None and (label := own_label(candidate.element)):
        title = title_of(label, name)
    _set_title(candidate, title)


def _set_title(candidate: Candidate, title: str | None) -> None:
    columns = dict(candidate.columns)  # which several mentions may share
    columns.pop("link_text", None)
    candidate.columns = columns | {"link_text": title} if title else columns


def _outermost(element: Element) -> Element:
    """The player that an element is in, such as a link for browsers without one; else itself."""
    return next(element.iterancestors(*PLAYERS), element)


class _Place:
    """Where an element is in the page, and what may be the title of its recording."""

    __slots__ = ("around", "beside", "element", "heading", "item", "own")

    def __init__(self, element: Element) -> None:
        self.element = element
        self.around = list(islice(element.iterancestors(), DEEPEST))
        self.item = next((one for one in self.around if one.tag in ITEMS), None)
        self.own: str | None = None
        self.heading: Element | None = None
        self.beside: str | None = None


def _titles(elements: Sequence[Element], work: WorkBudget) -> list[str | None]:
    """The title that the context of each element gives; one may occur several times, if it names several recordings."""
    times = Counter(elements)
    places = {one: _Place(one) for one in times if times[one] <= MOST_SHARING} if work.left > 0 else {}
    items = Counter(place.item for place in places.values())
    before, after = _headings_around(places, work)
    beside, known = Beside(work), Reaches()
    for one, place in places.items():
        if work.left > 0:
            headings = before.get(one, ())
            if len(places) == 1:
                headings = tuple(sorted(headings, key=lambda heading: heading.tag))
            _look_around(place, headings, after.get(one), known, beside, is_shared=items[place.item] > MOST_SHARING)
            work.charge_of_rest(UNITS_OF_PLACE)
    uses = Counter(place.heading for place in places.values() for _ in range(times[place.element]))
    texts = {heading: _title_in(heading) for heading in uses if heading is not None and uses[heading] <= MOST_SHARING}
    titles = {}
    for one, place in places.items():
        text = texts.get(place.heading)
        titles[one] = place.own or (text if uses[place.heading] == 1 else None) or place.beside or text
    same = Counter(titles.get(one) for one in elements)
    return [title if same[title := titles.get(one)] <= MOST_SHARING else None for one in elements]


def _headings_around(
    wanted: Collection[Element], work: WorkBudget
) -> tuple[dict[Element, tuple[Element, ...]], dict[Element, Element]]:
    """The last few headings before each element, the nearest first, with the last `h1`; and the one behind it."""
    before: dict[Element, tuple[Element, ...]] = {}
    after: dict[Element, Element] = {}
    waiting: list[Element] = []
    last: tuple[Element, ...] = ()
    first: tuple[Element, ...] = ()
    passed = 0
    top = next(iter(wanted)).getroottree().getroot() if wanted else None
    for element in top.iter(*HEADINGS, *{str(one.tag) for one in wanted}) if top is not None else ():
        passed += 1
        if element.tag in HEADINGS:
            last = (element, *last[: MOST_BEFORE - 1])
            first = (element,) if element.tag == "h1" else first
            after.update(dict.fromkeys(waiting, element))
            waiting.clear()
        elif element in wanted:
            waiting.append(element)
            before[element] = last + first
    work.charge_of_rest(passed // HEADINGS_A_UNIT)
    return before, after


def _look_around(
    place: _Place, before: Sequence[Element], after: Element | None, known: Reaches, beside: Beside, *, is_shared: bool
) -> None:
    """Note the heading and the texts of a place.

    Args:
        place: of one element.
        before: headings before it, the nearest first.
        after: the heading behind it.
        known: elements that a heading is of, the nearest first; those of headings that are not in it are added.
        beside: reads the texts.
        is_shared: the item around it holds many recordings, so that it is no item of one.
    """
    level_of = {one: number for number, one in enumerate(place.around)} if before or after is not None else {}
    of_before, level = None, DEEPEST
    for heading in before:
        common = _common(heading, level_of, known)
        if common is not None and (common <= NEAR or heading.tag == "h1"):
            of_before, level = heading, common
            break
    of_item = -1 if place.item is None or is_shared else place.around.index(place.item)
    if level <= of_item:
        place.heading = of_before
    elif after is not None and (behind := _common(after, level_of, known)) is not None and behind <= of_item:
        place.heading = after
    elif place.item is not None and not is_shared and place.item.tag in WITH_TEXT:
        place.own = beside.of_item(place.item, place.element)
    if place.own is None:
        place.heading = place.heading if place.heading is not None else of_before
        place.beside = text_beside(place.element, place.around, beside)


def _common(heading: Element, level_of: Mapping[Element, int], known: Reaches) -> int | None:
    """Number of the nearest element around a heading and another, if the heading is of both."""
    if heading not in known:
        reach = known[heading] = []
        for one in islice(heading.iterancestors(), DEEPEST):
            reach.append(one)
            if one.tag in APART:
                break
    return next((level_of[one] for one in known[heading] if one in level_of), None)


def _title_in(heading: Element) -> str | None:
    text = clean(text_of(heading), TEXT_BYTES)
    return text if text and is_title(text) else None
