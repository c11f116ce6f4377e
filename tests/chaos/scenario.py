"""What happens in each run: links come twice, files are uploaded, replaced and deleted, late notifications come."""

from collections.abc import Mapping
from typing import Any

from earshot.adapters import google_clients
from earshot.adapters.resend_notification import ObjectNotifications
from tests.chaos.corpus import Corpus
from tests.chaos.plan import Plan
from tests.chaos.sources import Sources
from tests.chaos.stack_under_faults import TABLES, StackUnderFaults

Tables = Mapping[str, list[dict[str, Any]]]


def scenario(stack: StackUnderFaults, sources: Sources, corpus: Corpus, plan: Plan) -> Tables:
    """Run it under a plan, in an empty stack; returns the tables when all has come to rest."""
    stack.clear()
    stack.plan = sources.plan = plan
    stack.find(sources.urls())
    for name, versions in corpus.by_hand.items():
        for body in versions:
            stack.bucket.blob(name).upload_from_string(body)
    for topic in ("audio-found", "audio-stored"):
        stack.publish(topic, b"not what is expected here")
    stack.find(sources.urls())
    stack.rest()
    _late_notifications(stack, sorted(corpus.by_hand)[: len(corpus.by_hand) // 3])
    stack.rest()
    tables = {table: stack.rows(table) for table in TABLES}
    current = {f"gs://{blob.bucket.name}/{blob.name}": int(blob.generation) for blob in stack.bucket.list_blobs()}
    for row in tables["audio_metadata"] + tables["predictions"]:
        if row["removed_at"] is None and row["generation"] != current[row["gcp_url"]]:
            row["generation_is"] = "not the newest"  # a difference, wherever it comes from
    return tables


def _late_notifications(stack: StackUnderFaults, gone: list[str]) -> None:
    """Some files are deleted; then notifications of their arrival and of older generations of others come again."""
    before = {blob.name: int(blob.generation) for blob in stack.bucket.list_blobs(prefix="audio/")}
    for name in gone:
        stack.bucket.blob(name).delete()
    notifications = ObjectNotifications(google_clients.publisher, stack.endpoints.project, "audio-stored")
    for name in sorted(before)[::3] + gone:
        for generation in (before[name], before[name] - 1):
            notifications.publish(f"gs://{stack.bucket.name}/{name}", generation)
    notifications.flush()
    notifications.client.stop()
