"""A mention of audio in a document, before mentions of one recording are brought together."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from lxml.etree import _Element as Element


@dataclass(slots=True)
class Candidate:
    """A mention of audio in a document."""

    url: str
    """Canonical."""
    found_by: str
    columns: dict[str, Any]
    """Columns of an `AudioFound`, without those above."""
    group: Hashable = None
    """Equal for mentions of which the document itself says that they are one recording."""
    element: Element | None = None
    """Where it was found on a page; what is around it may be its title."""
