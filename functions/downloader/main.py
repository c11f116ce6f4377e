"""Downloader: a link is found, its bytes land on the shelf."""

from datetime import timedelta

import functions_framework
from cloudevents.http import CloudEvent

from earshot import downloading, runtime, settings
from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.polite_web import PoliteWeb
from earshot.adapters.shared_request_quota import freesound_quota

SETTINGS = settings.Downloader()
runtime.start(SETTINGS)
STORE = Bucket(google_clients.storage(SETTINGS.project).bucket(SETTINGS.bucket))
QUOTAS = {SETTINGS.freesound_url: freesound_quota(SETTINGS)}
WEB = PoliteWeb.from_settings(SETTINGS, holds=True, keys=SETTINGS.keys, quotas=QUOTAS)


@functions_framework.cloud_event
def downloader(event: CloudEvent) -> None:
    """Settle one AudioFound message."""
    downloading.download(
        event.data,
        web=WEB,
        store=STORE,
        max_bytes=SETTINGS.max_audio_bytes,
        timeout_s=SETTINGS.download_timeout_s,
        remember=timedelta(hours=SETTINGS.recheck_after_h),
        respect=SETTINGS.respect,
        last_try=runtime.delivery_attempt() >= SETTINGS.source_attempts,
    )
