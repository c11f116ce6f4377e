"""Analyser: the shelf has changed, so a recording is measured and its row is kept."""

import functions_framework
from cloudevents.http import CloudEvent

from earshot import analysing, runtime, settings
from earshot.adapters import clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.removals import Removals
from earshot.adapters.table import Table
from earshot.measuring import Measures

SETTINGS = settings.Analyser()
runtime.start(SETTINGS)
SHELF = Bucket(clients.storage(SETTINGS.project).bucket(SETTINGS.bucket))
BIGQUERY = clients.bigquery(SETTINGS.project)
AUDIO = Table.told(SETTINGS, BIGQUERY, SETTINGS.audio_table, schema="audio_metadata")
REFUSALS = Table.told(SETTINGS, BIGQUERY, SETTINGS.refusals_table, schema="refusals")
HISTORY = Table.told(SETTINGS, BIGQUERY, SETTINGS.analyses_table, schema="analyses")
REMOVALS = Removals.told(SETTINGS, BIGQUERY, SETTINGS.audio_table, schema="audio_metadata")
MEASURES = Measures(SETTINGS)


@functions_framework.cloud_event
def analyser(event: CloudEvent) -> None:
    """Settle the news of one object."""
    analysing.analyse(
        event.data,
        shelf=SHELF,
        audio=AUDIO,
        refusals=REFUSALS,
        history=HISTORY,
        removals=REMOVALS,
        measures=MEASURES,
        max_bytes=SETTINGS.max_audio_bytes,
    )
