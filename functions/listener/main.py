"""Listener: the page on which people find, hear and correct recordings; an ASGI application, served by uvicorn."""

from pathlib import Path
from threading import Thread

from starlette.applications import Starlette

from earshot import page_settings, runtime
from earshot.adapters import google_clients
from earshot.adapters.annotations_table import AnnotationsTable
from earshot.adapters.bucket import Bucket
from earshot.adapters.corpus import Corpus
from earshot.adapters.iap_identity import identity_from
from earshot.adapters.model_registry import ModelRegistry
from earshot.adapters.object_bytes import ObjectBytes
from earshot.adapters.recording_detail import Recordings
from earshot.listening.app import Services, application
from earshot.tagging.current_models import CurrentModels
from earshot.tagging.tag_in_process import check_apart

SETTINGS = page_settings.Listener()
runtime.speak(SETTINGS)
WAREHOUSE = google_clients.bigquery(SETTINGS.project)
BUCKET = google_clients.storage(SETTINGS.project).bucket(SETTINGS.bucket)


def listener() -> Starlette:
    """The application."""
    corpus = Corpus(WAREHOUSE, SETTINGS.dataset)
    Thread(target=corpus.prepare, name="prepare", daemon=True).start()
    return application(
        Services(
            corpus=corpus,
            recordings=Recordings(corpus),
            objects=ObjectBytes(BUCKET),
            store=Bucket(BUCKET),
            annotations=AnnotationsTable(WAREHOUSE, SETTINGS.dataset),
            identity=identity_from(SETTINGS),
            models=CurrentModels(
                SETTINGS.backends, ModelRegistry(BUCKET), Path(SETTINGS.models_folder), check=check_apart
            ),
            settings=SETTINGS,
        )
    )


app = listener()
