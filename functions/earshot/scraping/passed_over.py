"""A link or a part of a document that is not published, and why."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PassedOver:
    """A link that could be taken for audio, or a document, of which something is not published."""

    url: str
    reason: str
    """A code, such as bad_url, stream, live_stream, interface_sound, placeholder, unreadable, too_many_links."""
    detail: str
