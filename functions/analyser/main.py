"""Analyser: on a change of an object in the bucket, measures the recording and writes its row."""

import functions_framework
from cloudevents.http import CloudEvent

from earshot import analysing, runtime, settings
from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.removals import Removals
from earshot.adapters.table import Table
from earshot.configured_measures import Measures

SETTINGS = settings.Analyser()
runtime.start(SETTINGS)
STORE = Bucket(google_clients.storage(SETTINGS.project).bucket(SETTINGS.bucket))
BIGQUERY = google_clients.bigquery(SETTINGS.project)
AUDIO = Table.from_settings(SETTINGS, BIGQUERY, SETTINGS.audio_table, schema="audio_metadata")
REFUSALS = Table.from_settings(SETTINGS, BIGQUERY, SETTINGS.refusals_table, schema="refusals")
HISTORY = Table.from_settings(SETTINGS, BIGQUERY, SETTINGS.analyses_table, schema="analyses")
REMOVALS = Removals.from_settings(SETTINGS, BIGQUERY, SETTINGS.audio_table, schema="audio_metadata")
MEASURES = Measures(SETTINGS)


@functions_framework.cloud_event
def analyser(event: CloudEvent) -> None:
    """Handle the notification of one object."""
    analysing.analyse(
        event.data,
        store=STORE,
        audio=AUDIO,
        refusals=REFUSALS,
        history=HISTORY,
        removals=REMOVALS,
        measures=MEASURES,
        max_bytes=SETTINGS.max_audio_bytes,
    )
