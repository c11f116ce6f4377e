"""A dead letter: a message that Pub/Sub gave up, as it was delivered the last time."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DeadLetter:
    """Its data, the topic that it was published to, and how often it was delivered."""

    id: str
    lease: str
    """Acknowledgement id, valid while the message is leased."""
    topic: str
    """Short name of the topic that it was published to."""
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    published_at: datetime
    attempts: int
    given_up_by: str = ""
    """Short name of the subscription whose deliveries failed: a push subscription has its function's name."""

    def as_event(self) -> dict[str, object]:
        """The data of the CloudEvent that a function receives."""
        return {"message": {"data": base64.b64encode(self.data).decode(), "attributes": dict(self.attributes)}}
