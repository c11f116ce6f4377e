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
    def deliver(self, dead_letter: DeadLetter) -> None: ...


class AudioStore(Protocol):
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

    dead_letter: DeadLetter
    subject: str
    reason: Since


def examine(dead_letter: DeadLetter, store: AudioStore) -> Case:
    """What a dead letter is about, and what became of that since."""
    try:
        if dead_letter.topic == "audio-found":
            found = AudioFound.from_event(dead_letter.as_event())
            refusal = store.refusal(found.audio_id)
            reason = Since.STORED if store.find(found.audio_id) else Since.REFUSED if refusal else Since.UNSETTLED
            return Case(dead_letter, found.source_url, reason)
        arrival = Arrival.from_event(dead_letter.as_event())
    except BadEvent as error:
        return Case(dead_letter, str(error), Since.BAD_EVENT)
    kept = store.describe(arrival.name)
    subject = f"gs://{arrival.bucket}/{arrival.name}"
    if kept is None:
        return Case(dead_letter, subject, Since.GONE)
    return Case(dead_letter, subject, Since.SUPERSEDED if kept.generation > arrival.generation else Since.UNSETTLED)


def listed(dead_letters: Letters, store: AudioStore, limit: int) -> list[Case]:
    """The dead letters of a topic, oldest first; they stay where they are."""
    with dead_letters.taken(limit) as taken:
        return sorted(
            (examine(dead_letter, store) for dead_letter in taken), key=lambda case: case.dead_letter.published_at
        )


def replay(
    dead_letters: Letters, store: AudioStore, limit: int, reasons: Iterable[Since] = (), *, dry_run: bool = False
) -> int:
    """Deliver dead letters again, those of some reasons or all; how many those were.

    A letter is on its old topic before it leaves the dead ones: one interrupted may be delivered twice, which is
    harmless, but never not at all.
    """
    wanted = set(reasons)
    replayed = 0
    with dead_letters.taken(limit) as taken:
        for dead_letter in taken:
            if not wanted or examine(dead_letter, store).reason in wanted:
                replayed += 1
                if not dry_run:
                    dead_letters.deliver(dead_letter)
    return replayed
