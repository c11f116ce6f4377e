"""Dead letters: what happened since to the recording they concern, and their redelivery."""

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from earshot.audio import Arrival, AudioFound, AudioObject, DeadLetter, Refusal
from earshot.errors import BadEvent


class DeadLetters(Protocol):
    """The dead letters of one topic: leased for a while, then redelivered or returned to the subscription."""

    def leased(self, limit: int) -> AbstractContextManager[Iterable[DeadLetter]]: ...
    def redeliver(self, dead_letter: DeadLetter) -> None: ...


class AudioStore(Protocol):
    """The bucket of recordings and refusals."""

    def find(self, audio_id: str) -> AudioObject | None: ...
    def describe(self, name: str) -> AudioObject | None: ...
    def refusal(self, audio_id: str) -> Refusal | None: ...


class Status(StrEnum):
    """What happened to the subject of a dead letter after it was given up."""

    UNSETTLED = "unsettled"
    """Nothing: the fault was in the project, the host or the network, and another delivery may succeed."""
    STORED = "stored"
    """Its link has been downloaded."""
    REFUSED = "refused"
    """Its link has been refused."""
    SUPERSEDED = "superseded"
    """A newer generation of its object exists."""
    GONE = "gone"
    """Its object has been deleted."""
    BAD_EVENT = "bad_event"
    """The message cannot be parsed."""


@dataclass(frozen=True)
class Case:
    """A dead letter, its subject (URL or gs:// address) and status."""

    dead_letter: DeadLetter
    subject: str
    status: Status


def examine(dead_letter: DeadLetter, store: AudioStore) -> Case:
    """Find the subject of a dead letter and its present status."""
    try:
        if dead_letter.topic == "audio-found":
            found = AudioFound.from_event(dead_letter.as_event())
            refusal = store.refusal(found.audio_id)
            status = Status.STORED if store.find(found.audio_id) else Status.REFUSED if refusal else Status.UNSETTLED
            return Case(dead_letter, found.source_url, status)
        if dead_letter.topic == "rows":
            return Case(dead_letter, _row_subject(dead_letter), Status.UNSETTLED)
        arrival = Arrival.from_event(dead_letter.as_event())
    except BadEvent as error:
        return Case(dead_letter, str(error), Status.BAD_EVENT)
    kept = store.describe(arrival.name)
    subject = f"gs://{arrival.bucket}/{arrival.name}"
    if kept is None:
        return Case(dead_letter, subject, Status.GONE)
    return Case(dead_letter, subject, Status.SUPERSEDED if kept.generation > arrival.generation else Status.UNSETTLED)


def _row_subject(dead_letter: DeadLetter) -> str:
    """Address of the row's object, and the reason why no table took it."""
    try:
        row = json.loads(dead_letter.data)
        address = str(row["gcp_url"])
    except (KeyError, TypeError, ValueError):
        address = f"a message of {len(dead_letter.data)} bytes"
    return f"{address}: {dead_letter.attributes.get('reason', 'delivered too often')}"


def list_dead_letters(dead_letters: DeadLetters, store: AudioStore, limit: int) -> list[Case]:
    """The dead letters of a topic, oldest first; they remain in the subscription."""
    with dead_letters.leased(limit) as leased:
        return sorted(
            (examine(dead_letter, store) for dead_letter in leased), key=lambda case: case.dead_letter.published_at
        )


def replay(
    dead_letters: DeadLetters, store: AudioStore, limit: int, statuses: Iterable[Status] = (), *, dry_run: bool = False
) -> int:
    """Redeliver dead letters on the topic they came from, all or those with certain statuses; returns their number.

    A message is published on its topic before it is acknowledged as a dead letter, so an interruption may deliver it
    twice, which is harmless, but never loses it.
    """
    wanted = set(statuses)
    replayed = 0
    with dead_letters.leased(limit) as leased:
        for dead_letter in leased:
            if not wanted or examine(dead_letter, store).status in wanted:
                replayed += 1
                if not dry_run:
                    dead_letters.redeliver(dead_letter)
    return replayed
