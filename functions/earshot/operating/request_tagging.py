"""A condition in; a notification to the tagger of every recording that it selects out."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

CHOSEN = """
SELECT recording.gcp_url, recording.generation
FROM (SELECT * FROM audio_metadata WHERE removed_at IS NULL AND (
{where}
)) AS recording
LEFT JOIN predictions AS heard
  ON heard.gcp_url = recording.gcp_url AND heard.generation = recording.generation AND heard.task = @task
WHERE @task = '' OR heard.gcp_url IS NULL OR heard.reason = 'model_refused'
  OR (@version != '' AND heard.model_version != @version)
ORDER BY recording.gcp_url
"""


class Queries(Protocol):
    """The warehouse; refuses what is not one SELECT."""

    def stream(self, sql: str, **parameters: str) -> Iterable[Mapping[str, Any]]: ...


class ObjectNotifications(Protocol):
    """Publisher of object notifications."""

    def publish(self, gcp_url: str, generation: int, only: str = "") -> None: ...
    def flush(self) -> None: ...


def tag(
    queries: Queries,
    notifications: ObjectNotifications,
    where: str,
    task: str | None = None,
    version: str | None = None,
) -> list[str]:
    """Publish a notification to the tagger, and to no other function, of every recording that the condition selects.

    Args:
        task: only recordings that have no row of it for their present generation, or one that says that the model was
            refused.
        version: of the task's model in use; recordings with a row by another version are selected too.

    Returns:
        The recordings' gcp_url.

    Raises:
        BadRequest: the condition makes it something else than one SELECT.
        ComeAgain: not all were accepted.
    """
    published = []
    for row in queries.stream(CHOSEN.format(where=where), task=task or "", version=version or ""):
        notifications.publish(row["gcp_url"], int(row["generation"] or 0), only="tagger")
        published.append(str(row["gcp_url"]))
    notifications.flush()
    return published
