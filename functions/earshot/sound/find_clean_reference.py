"""Which recording is the clean one that another is compared with; pure questions to names and metadata.

PESQ means something only against the very same speech before degradation, so nothing is guessed: a reference is named,
or it has the object name that follows from the recording's, or the source itself states that one is a preview of the
other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, Protocol

from earshot.audio import audio_id

PREFIX = "references/"
How = Literal["label", "prefix", "original"]


class ObjectMetadata(Protocol):
    """An object's custom metadata; `earshot.audio.Labels` is one."""

    @property
    def reference(self) -> str | None: ...
    @property
    def file_name(self) -> str | None: ...
    @property
    def original_url(self) -> str | None: ...


@dataclass(frozen=True)
class Reference:
    """A clean recording in the same bucket, and how it was found."""

    name: str
    how: How


def resolve(
    name: str,
    metadata: ObjectMetadata,
    *,
    bucket: str,
    names: Callable[[str], Iterable[str]],
) -> Reference | None:
    """The reference of a recording, or None.

    In this order: the label `reference` (`gs://bucket/name` of this bucket, or a name in it); an object under
    `references/` with the name that the recording's file had, else with the recording's own, whatever its extension;
    for a preview, the original that its source names, if that is kept too. What lies under `references/` has none, and
    nothing is its own.

    Args:
        names: the names in the bucket that begin so, in alphabetical order.
    """
    if name.startswith(PREFIX):
        return None
    if metadata.reference:
        return _named(metadata.reference, name, bucket)
    for stem in dict.fromkeys(_stems(name, metadata)):
        for candidate in names(f"{PREFIX}{stem}."):
            if PurePosixPath(candidate).stem == PurePosixPath(stem).name:
                return Reference(candidate, "prefix")
    if metadata.original_url:
        return next((Reference(kept, "original") for kept in names(f"audio/{audio_id(metadata.original_url)}")), None)
    return None


def _named(label: str, name: str, bucket: str) -> Reference | None:
    """The object that a label names; another bucket's are out of reach for the analyser's identity."""
    wanted = label.removeprefix(f"gs://{bucket}/")
    if wanted.startswith("gs://") or not wanted or wanted == name:
        return None
    return Reference(wanted, "label")


def _stems(name: str, metadata: ObjectMetadata) -> Iterable[str]:
    """Names under `references/` to look for.

    Of the upload `noisy/p1_001.wav` first `noisy/p1_001`, then `p1_001`; a download goes by the name that its file had.
    """
    if metadata.file_name:
        return [PurePosixPath(metadata.file_name).stem]
    return [str(PurePosixPath(name).with_suffix("")), PurePosixPath(name).stem]
