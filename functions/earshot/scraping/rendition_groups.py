"""Which mentions of a document are of one recording, by their URLs, the groups that the document makes, their texts."""

import re
from collections.abc import Hashable, Sequence

from earshot.audio import MAX_ALTERNATIVES
from earshot.scraping.candidates import Candidate
from earshot.scraping.media_types import AUDIO_EXTENSIONS
from earshot.scraping.recording_name_in_url import ANY_NAME, MOVING, NamedFile, is_telling

NUMBER = re.compile(r"(?<!\d)\d{9,20}(?!\d)")  # of an episode, in the names of its player's and its download's files
DATED = re.compile(r"[_-]{0,4}\d{6,20}$")  # when a format was uploaded
NUMBERED = re.compile(r"\d{4}")  # in a folder or a name: of a day, of an upload
MOST_FOLDERS = 12  # that a service puts before the path of a file which it delivers
MOST_NAMES = 1000  # of a page with players; directories of files have more
PLAYERS = frozenset(("audio", "source", "og:audio", "twitter:player", "json-ld", "microdata"))


def grouped(candidates: Sequence[Candidate], files: Sequence[NamedFile]) -> list[list[int]]:
    """Numbers of the mentions of each recording, in order of first mention.

    Args:
        candidates: mentions in the order of the document.
        files: their URLs taken apart.
    """
    if len(files) == 1:  # as of a list of URLs
        return [[0]]
    owner = list(range(len(files)))
    first_of: dict[Hashable, int] = {}
    named: dict[str, list[int]] = {}
    for number, (candidate, file) in enumerate(zip(candidates, files, strict=True)):
        first = first_of.setdefault(file.address, number)
        if first != number:
            _unite(owner, first, number)
        if candidate.group is not None:
            first = first_of.setdefault(("group", candidate.group), number)
            if first != number:
                _unite(owner, first, number)
        named.setdefault(file.stem, []).append(number)
    namesakes = [numbers for numbers in named.values() if len(numbers) > 1]
    for numbers in namesakes:
        _unite_namesakes(owner, files, numbers)
    for numbers in namesakes:
        _unite_formats(owner, files, numbers)
    if len(named) <= MOST_NAMES:
        _unite_pairs(owner, candidates, files, [numbers[0] for numbers in named.values()])
    by_root: dict[int, list[int]] = {}
    for number in range(len(files)):
        by_root.setdefault(_root(owner, number), []).append(number)
    return list(by_root.values())


def _unite_pairs(
    owner: list[int], candidates: Sequence[Candidate], files: Sequence[NamedFile], numbers: Sequence[int]
) -> None:
    """Unite two files of different names: a player's and the download beside it, or two formats of one link text.

    The first share the number of an episode on one host, the second a folder and a name but for when it was uploaded.
    """
    by_number: dict[tuple[str, str], list[int]] = {}
    by_text: dict[tuple[str, str, str, str], list[int]] = {}
    for number in numbers:
        file = files[number]
        if file.ending not in AUDIO_EXTENSIONS:
            continue
        for digits in set(NUMBER.findall(file.stem[:200])):
            by_number.setdefault((file.host, digits), []).append(number)
        if (text := candidates[number].columns.get("link_text")) and (dated := DATED.search(file.stem[-30:])):
            stem = file.stem[: len(file.stem) - len(dated[0])]
            by_text.setdefault((file.host, file.folder, stem, text.partition("(")[0]), []).append(number)
    for pair in by_number.values():
        if len(pair) == 2 and len({candidates[number].found_by in PLAYERS for number in pair}) == 2:
            _unite(owner, *pair)
    for pair in by_text.values():
        if len(pair) == 2 and len({files[number].ending for number in pair}) == 2:
            _unite(owner, *pair)


def _unite_namesakes(owner: list[int], files: Sequence[NamedFile], numbers: list[int]) -> None:
    """Unite files of one name in one folder, and those of which the folders are only ways to deliver them."""
    first_of: dict[Hashable, int] = {}
    stem = files[numbers[0]].stem
    for number in numbers:
        file = files[number]
        keys: list[Hashable] = []
        if file.is_random:
            keys.append("random")
        if stem not in ANY_NAME and (file.ending in AUDIO_EXTENSIONS or file.ending in MOVING):
            keys.append(("folder", file.host, file.folder))
            if is_telling(stem):
                keys.append(file.segments)
        elif any(len(one) >= 12 and any(map(str.isdigit, one)) for one in file.segments):
            keys.append(file.segments)
        for key in keys:
            first = first_of.setdefault(key, number)
            if first != number:
                _unite(owner, first, number)
    if len({files[number].host for number in numbers}) > 1:
        _unite_deliveries(owner, files, numbers)


def _unite_deliveries(owner: list[int], files: Sequence[NamedFile], numbers: list[int]) -> None:
    """Unite files of one name on several hosts where the whole path of one is the end of the other's.

    A service that delivers a site's files, to measure them or to put advertisements in, keeps their paths.
    """
    whole: dict[str, int] = {}
    for number in numbers:
        file = files[number]
        if "/" in file.folder and (NUMBERED.search(file.folder) or NUMBERED.search(file.stem)):
            whole.setdefault(file.folder.lower(), number)
    for number in numbers:
        path = files[number].folder.lower()
        for _ in range(MOST_FOLDERS):
            if (first := whole.get(path)) is not None and files[first].host != files[number].host:
                _unite(owner, first, number)
            path = path.partition("/")[2]


def _unite_formats(owner: list[int], files: Sequence[NamedFile], numbers: list[int]) -> None:
    """Unite files of one telling name on one host that lie in different folders, if no format is there twice."""
    if not is_telling(files[numbers[0]].stem):
        return
    hosts: dict[str, dict[int, set[str]]] = {}
    for number in numbers:
        file = files[number]
        if file.ending in AUDIO_EXTENSIONS:
            hosts.setdefault(file.host, {}).setdefault(_root(owner, number), set()).add(file.ending)
    for formats in hosts.values():
        if 1 < len(formats) <= MAX_ALTERNATIVES and sum(map(len, formats.values())) == len(
            set().union(*formats.values())
        ):
            first, *others = formats
            for other in others:
                _unite(owner, first, other)


def _root(owner: list[int], number: int) -> int:
    while owner[number] != number:
        owner[number] = owner[owner[number]]
        number = owner[number]
    return number


def _unite(owner: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(owner, one), _root(owner, other)))
    owner[second] = first
