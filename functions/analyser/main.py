"""Analyser: on a change of an object in the bucket, measures the recording and writes its row."""

import functions_framework
from cloudevents.http import CloudEvent

from earshot import analysing, runtime, settings
from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.row_publisher import RowPublisher
from earshot.configured_measures import Measures

SETTINGS = settings.Analyser()
runtime.start(SETTINGS)
STORE = Bucket(google_clients.storage(SETTINGS.project).bucket(SETTINGS.bucket))
ROWS = RowPublisher(google_clients.publisher, SETTINGS.project, SETTINGS.rows_topic, commit=SETTINGS.commit)
MEASURES = Measures(SETTINGS)


@functions_framework.cloud_event
def analyser(event: CloudEvent) -> None:
    """Handle the notification of one object."""
    analysing.analyse(
        event.data,
        store=STORE,
        audio=ROWS.table("audio_metadata"),
        refusals=ROWS.table("refusals"),
        history=ROWS.table("analyses"),
        removals=ROWS.removals("audio_metadata"),
        measures=MEASURES,
        max_bytes=SETTINGS.max_audio_bytes,
    )
