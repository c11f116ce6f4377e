"""Committer: on the push of a row's message, commits all rows that wait in the pull subscription of the same topic."""

import functions_framework
from cloudevents.http import CloudEvent

from earshot import runtime, settings
from earshot.adapters import google_clients
from earshot.adapters.mark_removed_rows import Removals
from earshot.adapters.row_queue import RowQueue
from earshot.adapters.schema import MARKED, ORDER, REMOVALS
from earshot.adapters.table import Table
from earshot.committing import Rounds, commit_rows

SETTINGS = settings.Committer()
runtime.start(SETTINGS)
BIGQUERY = google_clients.bigquery(SETTINGS.project)
QUEUE = RowQueue(
    google_clients.subscriber,
    google_clients.publisher,
    SETTINGS.project,
    SETTINGS.rows_topic,
    lease_s=SETTINGS.row_lease_s,
)
TABLES = {(name, name): Table.from_settings(SETTINGS, BIGQUERY, name, schema=name) for name in ORDER}
MARKS = {(REMOVALS, name): Removals.from_settings(SETTINGS, BIGQUERY, name, schema=name) for name in MARKED}
ROUNDS = Rounds(
    lambda: commit_rows(QUEUE, {**TABLES, **MARKS}),
    usd_per_hour=SETTINGS.statements_usd_per_hour,
    gather_s=SETTINGS.commit_wait_ms / 1000,
    lease_s=SETTINGS.row_lease_s,
)


@functions_framework.cloud_event
def committer(event: CloudEvent) -> None:
    """Commit the rows that wait, unless a round that will do so is due."""
    ROUNDS.handle_delivery(event["id"])
