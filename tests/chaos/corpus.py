"""What is worked on: recordings of several containers, each of another level, and among them files that poison."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.sounds import encoded, silence, tone

CONTAINERS = ("wav", "flac", "ogg", "mp3")
RATE_HZ = 16000


@dataclass(frozen=True)
class Corpus:
    """Bodies by path of the web, and files uploaded by hand, each in its versions."""

    web: Mapping[str, bytes | None]
    by_hand: Mapping[str, tuple[bytes, ...]]


def corpus(links: int, by_hand: int) -> Corpus:
    """So many links, every fifth of them poison, and so many files by hand, every second replaced by another."""
    web: dict[str, bytes | None] = {}
    for number in range(links):
        if number % 5 == 4:
            path, body = poison(number // 5)
            web[path] = body
        else:
            kind = CONTAINERS[number % len(CONTAINERS)]
            web[f"/{number}.{kind}"] = sound(number, kind)
    if links >= 50:
        web["/long.wav"] = encoded(tone(440, level_dbfs=-30, seconds=25, rate_hz=48000, channels=2))  # several chunks
    versions = {
        f"audio/by hand {number}.wav": tuple(
            sound(200 + 2 * number + version, "wav") for version in range(1 + number % 2)
        )
        for number in range(by_hand)
    }
    return Corpus(web, versions)


def sound(number: int, kind: str) -> bytes:
    """A tone that no other number has."""
    return encoded(tone(300 + 10 * number, level_dbfs=-10 - number % 37, seconds=0.3, rate_hz=RATE_HZ), kind)


def poison(number: int) -> tuple[str, bytes | None]:
    """A path, and what is there: nothing, or what only pretends to be audio."""
    bodies: tuple[tuple[str, bytes | None], ...] = (
        ("gone.mp3", None),
        ("page.mp3", b"<!doctype html><title>Log in</title>"),
        ("empty.ogg", b""),
        ("torn.flac", encoded(silence(seconds=0.3, rate_hz=RATE_HZ), "flac")[:60]),
        ("header.wav", sound(0, "wav")[:44]),
    )
    name, body = bodies[number % len(bodies)]
    return f"/poison/{number}/{name}", body
