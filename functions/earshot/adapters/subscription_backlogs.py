"""Messages that wait in subscriptions: from Cloud Monitoring, or from the local stand-in of Pub/Sub."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from google.api_core.exceptions import NotFound

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import SubscriberClient

MONITORING = "https://monitoring.googleapis.com/v3"
METRIC = "pubsub.googleapis.com/subscription/num_undelivered_messages"
RECENT = timedelta(minutes=10)  # the metric is written each minute, and arrives minutes late
UNDELIVERED = "num_undelivered_messages"  # label by which the stand-in reports it
CALL_S = 10.0


class Session(Protocol):
    """An authorised HTTP session, such as google.auth.transport.requests.AuthorizedSession."""

    def get(self, url: str, *, params: dict[str, str], timeout: float) -> Any: ...


def of_stand_in(subscriber: "SubscriberClient", project: str, names: Iterable[str]) -> dict[str, int]:
    """Unacknowledged messages by subscription; one that does not exist is left out."""
    sizes = {}
    for name in names:
        path = f"projects/{project}/subscriptions/{name}"
        try:
            described = subscriber.get_subscription(request={"subscription": path}, timeout=CALL_S)
        except NotFound:
            continue
        sizes[name] = int(described.labels.get(UNDELIVERED, 0))
    return sizes


def of_monitoring(session: Session, project: str, *, address: str = MONITORING) -> dict[str, int]:
    """Unacknowledged messages by subscription, a few minutes old.

    Raises:
        requests.RequestException: the service does not respond, or refuses.
    """
    now = datetime.now(UTC)
    params = {
        "filter": f'metric.type = "{METRIC}"',
        "interval.startTime": (now - RECENT).isoformat(),
        "interval.endTime": now.isoformat(),
    }
    response = session.get(f"{address}/projects/{project}/timeSeries", params=params, timeout=CALL_S)
    response.raise_for_status()
    return {
        series["resource"]["labels"]["subscription_id"]: int(series["points"][0]["value"]["int64Value"])
        for series in response.json().get("timeSeries", [])
        if series.get("points")
    }
