"""A message that Pub/Sub gave up, as it was delivered the last time."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DeadLetter:
    """What it said, where it was on its way to, and how often that was tried."""

    id: str
    lease: str
    """Holds it while it is looked at."""
    topic: str
    """Short name of the topic that it was on."""
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    published_at: datetime
    attempts: int

    def as_event(self) -> dict[str, object]:
        """The data of the CloudEvent that a room receives."""
        return {"message": {"data": base64.b64encode(self.data).decode(), "attributes": dict(self.attributes)}}
