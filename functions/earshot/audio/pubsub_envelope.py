"""The envelope that Pub/Sub puts around a message."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from earshot.audio.bounded import utc
from earshot.clean_text import clean
from earshot.errors import BadEvent


def pubsub_message(data: Any) -> Mapping[str, Any]:
    """The `message` of a Pub/Sub push or CloudEvent.

    Raises:
        BadEvent: there is none.
    """
    message = data.get("message") if isinstance(data, Mapping) else None
    if not isinstance(message, Mapping):
        raise BadEvent(f"no Pub/Sub message in {clean(json.dumps(data, default=str), 200)}")
    return message


def published_at(data: Any) -> datetime | None:
    """When the message of a Pub/Sub push or CloudEvent was published, UTC; None where it does not say."""
    message = data.get("message") if isinstance(data, Mapping) else None
    text = (message.get("publishTime") or message.get("publish_time")) if isinstance(message, Mapping) else None
    try:
        return utc(datetime.fromisoformat(text)) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
