"""Messages that Pub/Sub gave up: what became of their subject since, and their delivery once more."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from earshot.audio import Arrival, AudioFound, AudioObject, DeadLetter, Refusal
from earshot.errors import BadEvent


class Letters(Protocol):
    """The dead letters of one topic: taken for a while, then each delivered again or left."""

    def taken(self, limit: int) -> AbstractContextManager[Iterable[DeadLetter]]: ...
    def deliver(self, letter: DeadLetter) -> None: ...


class Shelf(Protocol):
    """Where recordings and refusals lie."""

    def find(self, audio_id: str) -> AudioObject | None: ...
    def describe(self, name: str) -> AudioObject | None: ...
    def refusal(self, audio_id: str) -> Refusal | None: ...


class Since(StrEnum):
    """What became of a dead letter's subject since."""

    UNSETTLED = "unsettled"
    """Nothing: the fault was ours, the host's or the network's, and another delivery may do."""
    STORED = "stored"
    """Its link has been fetched."""
    REFUSED = "refused"
    """Its link was given up for good."""
    SUPERSEDED = "superseded"
    """A newer generation of its object is there."""
    GONE = "gone"
    """Its object is not there any more."""
    BAD_EVENT = "bad_event"
    """It cannot be read, and never will."""


@dataclass(frozen=True)
class Case:
    """A dead letter and what stands in its way, if anything."""

    letter: DeadLetter
    subject: str
    reason: Since


def examine(letter: DeadLetter, shelf: Shelf) -> Case:
    """What a dead letter is about, and what became of that since."""
    try:
        if letter.topic == "audio-found":
            found = AudioFound.from_event(letter.as_event())
            refusal = shelf.refusal(found.audio_id)
            reason = Since.STORED if shelf.find(found.audio_id) else Since.REFUSED if refusal else Since.UNSETTLED
            return Case(letter, found.source_url, reason)
        arrival = Arrival.from_event(letter.as_event())
    except BadEvent as error:
        return Case(letter, str(error), Since.BAD_EVENT)
    kept = shelf.describe(arrival.name)
    subject = f"gs://{arrival.bucket}/{arrival.name}"
    if kept is None:
        return Case(letter, subject, Since.GONE)
    return Case(letter, subject, Since.SUPERSEDED if kept.generation > arrival.generation else Since.UNSETTLED)


def listed(letters: Letters, shelf: Shelf, limit: int) -> list[Case]:
    """The dead letters of a topic, oldest first; they stay where they are."""
    with letters.taken(limit) as taken:
        return sorted((examine(letter, shelf) for letter in taken), key=lambda case: case.letter.published_at)


def replay(letters: Letters, shelf: Shelf, limit: int, reasons: Iterable[Since] = (), *, dry_run: bool = False) -> int:
    """Deliver dead letters again, those of some reasons or all; how many those were.

    A letter is on its old topic before it leaves the dead ones: one interrupted may be delivered twice, which is
    harmless, but never not at all.
    """
    wanted = set(reasons)
    replayed = 0
    with letters.taken(limit) as taken:
        for letter in taken:
            if not wanted or examine(letter, shelf).reason in wanted:
                replayed += 1
                if not dry_run:
                    letters.deliver(letter)
    return replayed
