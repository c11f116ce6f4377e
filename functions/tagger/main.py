"""Tagger: the bucket has changed, so a recording is heard and what is in it becomes rows."""

from pathlib import Path

import functions_framework
from cloudevents.http import CloudEvent

from earshot import runtime, settings
from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.model_registry import ModelRegistry
from earshot.adapters.row_publisher import RowPublisher
from earshot.sound.limits_per_file import Limits
from earshot.tagging.current_models import CurrentModels
from earshot.tagging.handle_object_event import tag_object
from earshot.tagging.tag_in_process import IsolatedTagger, check_apart

SETTINGS = settings.Tagger()
runtime.start(SETTINGS)
BUCKET = google_clients.storage(SETTINGS.project).bucket(SETTINGS.bucket)
STORE = Bucket(BUCKET)
ROWS = RowPublisher(google_clients.publisher, SETTINGS.project, SETTINGS.rows_topic, commit=SETTINGS.commit)
MODELS = CurrentModels(SETTINGS.backends, ModelRegistry(BUCKET), Path(SETTINGS.models_folder), check=check_apart)
TAGGER = IsolatedTagger(MODELS, Limits(max_duration_s=SETTINGS.max_duration_s, wall_s=SETTINGS.tagging_timeout_s))


@functions_framework.cloud_event
def tagger(event: CloudEvent) -> None:
    """Process the notification of one object."""
    tag_object(
        event.data,
        store=STORE,
        predictions=ROWS.table("predictions"),
        removals=ROWS.removals("predictions"),
        tagger=TAGGER,
        max_bytes=SETTINGS.max_audio_bytes,
    )
