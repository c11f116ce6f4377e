"""One row on its way to its table, with what the message that carries it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from earshot.audio.analysis import Scalar


@dataclass(frozen=True)
class QueuedRow:
    """A row that is leased from the subscription by `lease`; `error` says why it cannot be read, if so."""

    lease: str
    kind: str
    table: str
    row: Mapping[str, Scalar]
    error: str | None = None
    data: bytes = b""
    attributes: Mapping[str, str] = field(default_factory=dict)
