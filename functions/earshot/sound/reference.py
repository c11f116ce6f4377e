"""Which recording is the clean one that another is compared with; pure questions to names and labels.

PESQ means something only against the very same speech before degradation, so nothing is guessed: a reference is named,
or it stands at the place that its name foretells, or the source itself says that one is a preview of the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, Protocol

PREFIX = "references/"
How = Literal["label", "prefix", "original"]


class Labels(Protocol):
    """What is pinned to a recording; `earshot.audio.Labels` is one."""

    @property
    def reference(self) -> str | None: ...
    @property
    def file_name(self) -> str | None: ...
    @property
    def source_id(self) -> str | None: ...
    @property
    def rendition(self) -> str | None: ...


class Shelf(Protocol):
    """What the resolver asks of the place where recordings lie."""

    def names(self, prefix: str) -> Iterable[str]:
        """Names of objects that begin so, in alphabetical order."""

    def original(self, source_id: str) -> str | None:
        """Name of the object with this `source_id` whose `rendition` is original."""


@dataclass(frozen=True)
class Reference:
    """A clean recording in the same bucket, and how it was found."""

    name: str
    how: How


def resolve(name: str, labels: Labels, *, bucket: str, shelf: Shelf) -> Reference | None:
    """The reference of a recording, or None.

    In this order: the label `reference` (`gs://bucket/name` of this bucket, or a name in it); an object under
    `references/` with the recording's name, or the name its file had, whatever its extension; for a preview, the
    original of the same `source_id`. What lies under `references/` has none, and nothing is its own.
    """
    if name.startswith(PREFIX):
        return None
    if labels.reference:
        return _named(labels.reference, name, bucket)
    for stem in dict.fromkeys(_stems(name, labels)):
        for candidate in shelf.names(f"{PREFIX}{stem}."):
            if PurePosixPath(candidate).stem == PurePosixPath(stem).name:
                return Reference(candidate, "prefix")
    if labels.source_id and labels.rendition == "preview":
        original = shelf.original(labels.source_id)
        if original and original != name:
            return Reference(original, "original")
    return None


def _named(label: str, name: str, bucket: str) -> Reference | None:
    """The object that a label names; another bucket's are out of reach for the analyser's identity."""
    wanted = label.removeprefix(f"gs://{bucket}/")
    if wanted.startswith("gs://") or not wanted or wanted == name:
        return None
    return Reference(wanted, "label")


def _stems(name: str, labels: Labels) -> Iterable[str]:
    """`noisy/p1_001.wav` stands for `references/noisy/p1_001.*`, then for `references/p1_001.*`."""
    yield str(PurePosixPath(name).with_suffix(""))
    yield PurePosixPath(name).stem
    if labels.file_name:
        yield PurePosixPath(labels.file_name).stem
