"""The tasks of the tagger and the labels of each: the only words that models, rows and pages use.

The instruments are the 20 of OpenMIC-2018 (Humphrey, Durand and McFee, ISMIR 2018).
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Task = Literal["content", "instruments", "loudness_class", "speech_quality"]

TASKS: Final[tuple[Task, ...]] = get_args(Task)

SILENCE: Final = "silence"
"""A label of `content` that a rule gives, never a model."""

CONTENT: Final = ("speech", "music", "singing", "noise")
INSTRUMENTS: Final = (
    "accordion",
    "banjo",
    "bass",
    "cello",
    "clarinet",
    "cymbals",
    "drums",
    "flute",
    "guitar",
    "mallet_percussion",
    "mandolin",
    "organ",
    "piano",
    "saxophone",
    "synthesizer",
    "trombone",
    "trumpet",
    "ukulele",
    "violin",
    "voice",
)
LOUDNESS_CLASSES: Final = ("quiet", "normal", "loud")
SPEECH_QUALITY: Final = ("speech",)

LABELS: Final[Mapping[Task, tuple[str, ...]]] = {
    "content": CONTENT,
    "instruments": INSTRUMENTS,
    "loudness_class": LOUDNESS_CLASSES,
    "speech_quality": SPEECH_QUALITY,
}
"""What a model of each task may answer with; a model may know fewer of them."""

EXCLUSIVE: Final[frozenset[Task]] = frozenset({"loudness_class"})
"""Tasks in which exactly one label holds at a time: the most probable, whatever the thresholds."""

VISUALS: Final = "visuals.bin"
"""The file with what a page shows of a recording, as `earshot.sound.visuals` writes it."""


def visuals_name(audio_id: str) -> str:
    """The object that holds it, beside the scores."""
    return f"tags/visuals/{audio_id}.bin"
