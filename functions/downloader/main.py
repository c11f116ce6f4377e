"""Downloader: a link is found, its bytes land on the shelf."""

from datetime import timedelta

import functions_framework
from cloudevents.http import CloudEvent

from earshot import downloading, runtime, settings
from earshot.adapters import clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.budget import freesound_budget
from earshot.adapters.polite import PoliteWeb

SETTINGS = settings.Downloader()
runtime.start(SETTINGS)
SHELF = Bucket(clients.storage(SETTINGS.project).bucket(SETTINGS.bucket))
BUDGETS = {SETTINGS.freesound_url: freesound_budget(SETTINGS)}
WEB = PoliteWeb.told(SETTINGS, holds=True, keys=SETTINGS.keys, budgets=BUDGETS)


@functions_framework.cloud_event
def downloader(event: CloudEvent) -> None:
    """Settle one AudioFound message."""
    downloading.download(
        event.data,
        web=WEB,
        shelf=SHELF,
        max_bytes=SETTINGS.max_audio_bytes,
        timeout_s=SETTINGS.download_timeout_s,
        remember=timedelta(hours=SETTINGS.recheck_after_h),
        respect=SETTINGS.respect,
        last_try=runtime.delivery_attempt() >= SETTINGS.source_attempts,
    )
